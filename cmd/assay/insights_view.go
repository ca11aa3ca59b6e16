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
)

// axisColumns is the width of the intervals that are drawn beside the numbers.
const axisColumns = 24

// showInsights prints the parts of a report, each with what it means in words.
func (a *app) showInsights(r insights.Report) error {
	a.say("What past experiments teach about %s (%s): %s usable effects, one for each treatment arm, of %s; effects not used: %s.", r.Metric, r.Reason,
		render.Thousands(float64(r.Usable)), render.Plural(r.Experiments, "experiment", "experiments"), screenedText(r.Screened))
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
		switch luck := 1 - s.Posterior.Value/s.Measured; {
		case luck >= 1:
			a.say("All of the measured total may be luck: what ships is chosen for looking good.")
		case luck > 0:
			a.say("About %s of the measured total is luck: what ships is chosen for looking good.", render.Percent(luck))
		}
	}
	return err
}

func liftInterval(i stats.Interval) string { return intervalOf(i, render.Lift) }

func intervalOf(i stats.Interval, text func(float64) string) string {
	return text(i.Low) + " … " + text(i.High)
}

func (a *app) showWins(r insights.Report) error {
	w := r.Wins
	a.heading("Wins")
	a.say("A win is a treatment arm that is significantly positive, one-sided p < %g: %s of %s arms won (%s; were no idea to do anything, %s would). Of the wins about %s, that is %s, are expected to do nothing or harm. By the fitted distribution of true lifts %s of all arms have one above 0.",
		r.Alpha, render.Thousands(float64(w.Won)), render.Thousands(float64(w.Arms)), render.Percent(w.Rate), expected(w.Expected), tenth(w.FalseWins), render.Percent(w.FalseShare), render.Percent(w.Positive))
	if len(w.Periods) < 2 {
		return nil
	}
	var ends []float64
	for _, p := range w.Periods {
		ends = append(ends, p.Interval.Low, p.Interval.High)
	}
	type period = insights.Period
	axis := render.AxisFor(axisColumns, ends...)
	return render.Table(a.out, a.styles(), a.width(), []render.Column[period]{
		{Title: "ENDED", Text: func(p period) string { return p.Name }},
		{Title: "ARMS", Right: true, Text: func(p period) string { return render.Thousands(float64(p.Arms)) }},
		{Title: "WON", Right: true, Text: func(p period) string { return render.Thousands(float64(p.Won)) }},
		{Title: "FALSE", Right: true, Text: func(p period) string { return tenth(p.FalseWins) }},
		{Title: "RATE", Right: true, Text: func(p period) string { return render.Percent(p.Rate) }},
		{Title: intervalTitle(r), Right: true, Text: func(p period) string { return intervalOf(p.Interval, render.Percent) }},
		{Title: axis.Ruler(render.Percent), Drawn: true, Text: func(p period) string { return axis.Interval(p.Interval.Low, p.Rate, p.Interval.High) }},
	}, w.Periods)
}

// expected prints a number of wins: 53, 0.4.
func expected(n float64) string {
	if n < 10 {
		return tenth(n)
	}
	return render.Thousands(math.Round(n))
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
	return fmt.Sprintf("The tail index (degrees of freedom of a t fitted to true lifts) is %.1f, 95%% interval %.1f to %s; p of a normal tail %.2g. %s",
		t.DF, t.Interval.Low, high, t.NormalP, t.Meaning())
}

func splitText(t insights.Tail) string {
	text := fmt.Sprintf("The users of all %s experiments, %s, split evenly over more or fewer tests of such ideas; THEY BRING is the expected sum of lifts shipped under the fitted tail, against that of as many tests as there were, and drawn; IF NORMAL the same under the normal that fits best. ",
		render.Thousands(float64(t.Ideas)), render.Count(t.Users))
	if text += t.Advice() + " "; !(t.Fat.Gain > 0) {
		return strings.TrimSpace(text)
	}
	text += fmt.Sprintf("Of 1 to %s tests the best is %s of %s users each, shipping below a one-sided p of %.2g. ",
		render.Thousands(float64(t.Most)), render.Thousands(float64(t.Fat.Tests)), render.Count(t.Fat.UsersEach), t.Fat.PCut)
	switch {
	case t.Edge && t.Fat.Tests == t.Most:
		text += "That is the edge of what is searched: by this model still more and smaller tests would bring more, so take it as a direction and not as a number. "
	case t.Edge:
		text += "That is the edge of what is searched: one test has all users. "
	}
	if wide := float64(t.NearHigh) / float64(t.NearLow); wide >= 2 {
		text += fmt.Sprintf("The choice is flat: %s to %s tests bring 95%% of that or more. ", render.Thousands(float64(t.NearLow)), render.Thousands(float64(t.NearHigh)))
	} else {
		text += fmt.Sprintf("%s to %s tests bring 95%% of that or more. ", render.Thousands(float64(t.NearLow)), render.Thousands(float64(t.NearHigh)))
	}
	normal := fmt.Sprintf("Were the tail normal, the best would be %s tests of %s users", render.Thousands(float64(t.Normal.Tests)), render.Count(t.Normal.UsersEach))
	switch {
	case t.Normal.Tests == t.Fat.Tests:
		text += "For a normal tail it would be the same: the tail does not matter to the choice. "
	case t.NormalLoss < 0.05:
		text += normal + fmt.Sprintf(", which loses %s of what the best split brings: the tail hardly matters to the choice. ", render.Percent(t.NormalLoss))
	default:
		text += normal + fmt.Sprintf(", which loses %s of what the best split brings: the tail matters. ", render.Percent(t.NormalLoss))
	}
	return text + "Ideas are taken as free: each costs machines, and there must be as many."
}

func (a *app) showGroups(r insights.Report) error {
	if len(r.Groups) == 0 {
		return nil
	}
	a.heading("Which kinds of idea win")
	a.say("EFFECTS are usable ones, one for each treatment arm; WON those that are significantly positive. MEAN is the mean true lift, drawn towards all kinds where its own effects leave it open, with its interval; SPREAD the standard deviation within the kind; UPSIDE what its next idea brings on average if it ships exactly when it is good.")
	var ends []float64
	for _, g := range r.Groups {
		ends = append(ends, g.Mean.Interval.Low, g.Mean.Interval.High)
	}
	err := render.Table(a.out, a.styles(), a.width(), groupColumns(render.AxisFor(16, ends...)), r.Groups)
	if t := r.Tail; err == nil && t != nil && t.DF < 2 {
		a.say("Careful: with a tail index of %.1f a single huge idea makes most of the spread of its kind, and of its upside.", t.DF)
	}
	return err
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
