package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/returns"
)

// axisColumns is the width of the intervals that are drawn beside the numbers.
const axisColumns = 24

// showInsights prints the parts of a report, each with what it means in words.
func (a *app) showInsights(r insights.Report) error {
	used := 0
	for _, n := range r.Screened {
		used += n
	}
	a.say("What past experiments teach about %s: %s usable effects of %s; not used: %s.", r.Metric, render.Thousands(float64(r.Effects-used)),
		render.Plural(r.Experiments, "experiment", "experiments"), screenedText(r.Screened))
	for _, part := range []func(insights.Report) error{a.showShipped, a.showWins, a.showTail, a.showGroups, a.showNorthStar, a.showRules} {
		if err := part(r); err != nil {
			return err
		}
	}
	if len(r.Missing) > 0 {
		a.heading("What the history cannot answer, and how to supply it")
		for _, m := range r.Missing {
			a.say("%s: %s", m.What, m.Why)
		}
	}
	return nil
}

func screenedText(by map[string]int) string {
	if len(by) == 0 {
		return "none"
	}
	var all []string
	for _, v := range sortedKeys(by) {
		all = append(all, fmt.Sprintf("%s: %s", v, render.Thousands(float64(by[v]))))
	}
	return strings.Join(all, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// say prints a paragraph.
func (a *app) say(format string, args ...any) {
	for _, line := range render.Wrap(fmt.Sprintf(format, args...), a.width()) {
		fmt.Fprintln(a.out, line)
	}
}

func (a *app) heading(title string) {
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, strings.ToUpper(title)))
}

// total is a line of what shipped brought.
type total struct {
	name string
	insights.Amount
	exact bool // it has no interval
}

func (a *app) showShipped(r insights.Report) error {
	s := r.Shipped
	by := "by the imported decisions"
	if s.By == "rule" {
		by = fmt.Sprintf("taken to be those with a significantly positive arm, one-sided p < %g", r.Alpha)
	}
	a.heading("What shipped brought")
	a.say("%s of %s experiments shipped an arm, %s. Sums of relative lifts:", render.Thousands(float64(s.Count)), render.Thousands(float64(s.Experiments)), by)
	rows := []total{{"as measured", insights.Amount{Value: s.Measured, Interval: stats.Interval{Low: s.Measured, High: s.Measured}}, true}, {"by posterior means", s.Posterior, false}}
	if s.LeeShen != nil {
		rows = append(rows, total{"less the winner's curse (Lee & Shen)", *s.LeeShen, false})
	}
	var ends []float64
	for _, t := range rows {
		ends = append(ends, t.Interval.Low, t.Interval.High)
	}
	axis := render.AxisFor(axisColumns, ends...)
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[total]{
		{Title: "TOTAL", Text: func(t total) string { return t.name }},
		{Title: "LIFT", Right: true, Text: func(t total) string { return render.Lift(t.Value) }},
		{Title: "95% INTERVAL", Right: true, Text: func(t total) string {
			if t.exact {
				return ""
			}
			return liftInterval(t.Interval)
		}},
		{Title: axis.Ruler(render.Lift), Drawn: true, Text: func(t total) string { return axis.Interval(t.Interval.Low, t.Value, t.Interval.High) }},
	}, rows)
	if err == nil && s.Measured > 0 {
		if luck := 1 - s.Posterior.Value/s.Measured; luck > 0 {
			a.say("About %s of the measured total is luck: what ships is chosen for looking good.", render.Percent(luck))
		}
	}
	return err
}

func liftInterval(i stats.Interval) string { return render.Lift(i.Low) + " … " + render.Lift(i.High) }

func (a *app) showWins(r insights.Report) error {
	w := r.Wins
	a.heading("Wins")
	a.say("%s of %s arms won (%s; were no idea to do anything, %s would). Of the wins about %s, that is %s, are expected to do nothing or harm. By the fitted distribution of true lifts %s of all ideas have one above 0.",
		render.Thousands(float64(w.Won)), render.Thousands(float64(w.Arms)), render.Percent(w.Rate), render.Thousands(math.Round(w.Expected)), tenth(w.FalseWins), render.Percent(w.FalseShare), render.Percent(w.Positive))
	return nil
}

// tenth prints an expected count: 10.6.
func tenth(x float64) string { return fmt.Sprintf("%.1f", x) }

func (a *app) showTail(r insights.Report) error {
	t := r.Tail
	if t == nil {
		return nil
	}
	a.heading("Tail of ideas, and the size of tests")
	a.say("%s", tailText(*t))
	var now insights.Split
	for _, s := range t.Splits {
		if s.Times == 1 {
			now = s
		}
	}
	axis := render.AxisFor(axisColumns, 0, t.Splits[len(t.Splits)-1].Fat)
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[insights.Split]{
		{Title: "TESTS", Right: true, Text: func(s insights.Split) string { return fmt.Sprintf("%g ×", s.Times) }},
		{Title: "USERS EACH", Right: true, Text: func(s insights.Split) string { return render.Count(s.UsersEach) }},
		{Title: "THEY BRING", Right: true, Text: func(s insights.Split) string { return times(s.Fat, now.Fat) }},
		{Title: "IF NORMAL", Right: true, Text: func(s insights.Split) string { return times(s.Normal, now.Normal) }},
		{Title: "fitted tail", Drawn: true, Text: func(s insights.Split) string { return axis.Interval(0, s.Fat, s.Fat) }},
	}, t.Splits)
	a.say("%s", splitText(*t))
	return err
}

func times(x, of float64) string {
	if !(of > 0) {
		return "–"
	}
	return fmt.Sprintf("%.2f ×", x/of)
}

func tailText(t insights.Tail) string {
	high := fmt.Sprintf("%.1f", t.Interval.High)
	if t.Interval.High >= 1000 {
		high = "no upper end"
	}
	what := "True lifts are as good as normal: no idea stands far out."
	switch {
	case t.Interval.High < 3:
		what = "That is fat: few ideas bring most, and the first users of a test are worth most."
	case t.Interval.Low > 3 && t.Interval.High < 1000:
		what = "That is fatter than a normal, but thin enough that a test needs some users before it is worth its while."
	case t.Interval.High < 1000 || t.NormalP < 0.05:
		what = "That is fatter than a normal; the interval holds 3, below which the first users of a test are worth most."
	}
	return fmt.Sprintf("The tail index (degrees of freedom of a t fitted to true lifts) is %.1f, 95%% interval %.1f to %s; p of a normal tail %.2g. %s",
		t.DF, t.Interval.Low, high, t.NormalP, what)
}

func splitText(t insights.Tail) string {
	return fmt.Sprintf("The same users, %s in all, split evenly over more or fewer tests of such ideas, against the %s there were. Up to ten times as many, the best is %s tests of %s users, shipping below a one-sided p of %.2g; for a normal tail it would be %s of %s. Ideas are taken as free: each costs machines, and there must be as many.",
		render.Count(t.Users), render.Thousands(float64(t.Ideas)), render.Thousands(float64(t.Fat.Tests)), render.Count(t.Fat.UsersEach), t.Fat.PCut,
		render.Thousands(float64(t.Normal.Tests)), render.Count(t.Normal.UsersEach))
}

func (a *app) showGroups(r insights.Report) error {
	if len(r.Groups) == 0 {
		return nil
	}
	a.heading("Which kinds of idea win")
	a.say("MEAN is the mean true lift, drawn towards all kinds where its own effects leave it open; SPREAD the standard deviation within the kind; UPSIDE what its next idea brings on average if it ships exactly when it is good.")
	var ends []float64
	for _, g := range r.Groups {
		ends = append(ends, g.Mean.Interval.Low, g.Mean.Interval.High)
	}
	return render.Table(a.out, a.styles(), a.width(), groupColumns(render.AxisFor(16, ends...)), r.Groups)
}

func groupColumns(axis render.Axis) []render.Column[insights.Group] {
	type group = insights.Group
	number := func(name, title string, f func(group) float64, text func(float64) string) render.Column[group] {
		return render.Column[group]{Name: name, Title: title, Right: true, Value: func(g group) any { return f(g) }, Text: func(g group) string { return text(f(g)) }}
	}
	columns := []render.Column[group]{
		{Name: "by", Title: "BY", Value: func(g group) any { return g.By }},
		{Name: "name", Title: "KIND", Grow: true, Value: func(g group) any { return g.Name }},
		number("effects", "EFFECTS", func(g group) float64 { return float64(g.Effects) }, render.Thousands),
		number("wins", "WON", func(g group) float64 { return float64(g.Wins) }, render.Thousands),
		number("mean", "MEAN", func(g group) float64 { return g.Mean.Value }, render.Lift),
		number("mean_low", "", func(g group) float64 { return g.Mean.Interval.Low }, render.Lift),
		number("mean_high", "", func(g group) float64 { return g.Mean.Interval.High }, render.Lift),
	}
	if axis.Columns > 0 {
		columns = append(columns, render.Column[group]{Title: axis.Ruler(render.Lift), Drawn: true, Text: func(g group) string { return axis.Interval(g.Mean.Interval.Low, g.Mean.Value, g.Mean.Interval.High) }})
	}
	return append(columns,
		number("spread", "SPREAD", func(g group) float64 { return g.Spread }, render.Percent),
		number("upside", "UPSIDE", func(g group) float64 { return g.Upside }, render.Lift),
		number("positive", "", func(g group) float64 { return g.Positive }, render.Percent))
}

func (a *app) showNorthStar(r insights.Report) error {
	n := r.NorthStar
	if n == nil {
		return nil
	}
	a.heading("North star: which metric says what another will do")
	axis := render.Axis{Low: -1, High: 1, Columns: 21}
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[insights.Proxy]{
		{Title: "A LIFT OF", Grow: true, Text: func(p insights.Proxy) string { return p.Short }},
		{Title: "SAYS OF", Grow: true, Text: func(p insights.Proxy) string { return p.Long }},
		{Title: "TESTS", Right: true, Text: func(p insights.Proxy) string { return render.Thousands(float64(p.Arms)) }},
		{Title: "CORR.", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Correlation) }},
		{Title: axis.Ruler(hundredth), Drawn: true, Text: func(p insights.Proxy) string {
			return axis.Interval(p.CorrelationInterval.Low, p.Correlation, p.CorrelationInterval.High)
		}},
		{Title: "SHARE", Right: true, Text: func(p insights.Proxy) string { return fmt.Sprintf("%.0f%%", 100*p.R2) }},
		{Title: "SLOPE", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Slope) }},
		{Title: "NAIVE", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Naive) }},
		{Title: "USERS", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Users.Value) }},
	}, n.Pairs)
	a.say("CORR. is the correlation of true lifts (positive is better in both) with its interval; SHARE how much of the other's variance it explains; SLOPE the other's lift for each unit; NAIVE the correlation of estimates, which has the noise of both; USERS the correlation of users' values that was taken out, %s.", usersText(n.Pairs))
	if x := n.Index; x != nil {
		var parts []string
		for i, m := range x.Metrics {
			parts = append(parts, hundredth(x.Weights[i])+" "+m)
		}
		a.say("Best index of %s: %s. It explains %.0f%% of the variance of true lifts; shipping by its sign agrees with shipping by that of %s in %.0f%% of tests.", r.Metric, strings.Join(parts, ", "), 100*x.R2, r.Metric, 100*x.Agreement)
	}
	return err
}

func hundredth(x float64) string { return fmt.Sprintf("%+.2f", x) }

func usersText(pairs []insights.Proxy) string {
	stated := 0
	for _, p := range pairs {
		if p.Users.From == "stated" {
			stated++
		}
	}
	switch stated {
	case 0:
		return "estimated from tests that are nearly A/A tests"
	case len(pairs):
		return "as stated"
	}
	return "as stated, or estimated from tests that are nearly A/A tests"
}

func (a *app) showRules(r insights.Report) error {
	if r.Rules == nil {
		return nil
	}
	a.heading("What ship rules would have returned")
	var ends []float64
	for _, row := range r.Rules.Rows {
		ends = append(ends, row.Gain.Interval.Low, row.Gain.Interval.High)
	}
	axis := render.AxisFor(axisColumns, ends...)
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[returns.Row]{
		{Title: "RULE", Grow: true, Text: func(row returns.Row) string { return row.Rule }},
		{Title: "SHIPS", Right: true, Text: func(row returns.Row) string { return render.Thousands(math.Round(row.Shipped)) }},
		{Title: "RETURN", Right: true, Text: func(row returns.Row) string { return render.Lift(row.Total.Value) }},
		{Title: "GAIN", Right: true, Text: func(row returns.Row) string {
			if row.Rule == r.Rules.Current {
				return "in use"
			}
			return render.Lift(row.Gain.Value)
		}},
		{Title: axis.Ruler(render.Lift), Drawn: true, Text: func(row returns.Row) string {
			return axis.Interval(row.Gain.Interval.Low, row.Gain.Value, row.Gain.Interval.High)
		}},
	}, r.Rules.Rows)
	a.say("RETURN is the sum of true lifts that the rule would have shipped, decided on %.0f%% of each experiment's information and scored on the rest; GAIN is over the rule %s, with its 95%% interval. Priors are fitted to the other experiments.", 100*r.Rules.Rows[0].Information, r.Rules.Current)
	return err
}
