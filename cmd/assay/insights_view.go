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
	a.say("A win is a treatment arm that is significantly positive, one-sided p < %g: %s of %s arms won (%s; were no idea to do anything, %s would). Of the wins about %s, that is %s, are expected to do nothing or harm. By the fitted distribution of true lifts %s of all arms have one above 0.",
		r.Alpha, render.Thousands(float64(w.Won)), render.Thousands(float64(w.Arms)), render.Percent(w.Rate), render.Thousands(math.Round(w.Expected)), tenth(w.FalseWins), render.Percent(w.FalseShare), render.Percent(w.Positive))
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
	text := fmt.Sprintf("The users of all %s experiments, %s, split evenly over more or fewer tests of such ideas; THEY BRING is the expected sum of lifts shipped under the fitted tail, against that of as many tests as there were, and drawn; IF NORMAL the same under the normal that fits best. ",
		render.Thousands(float64(t.Ideas)), render.Count(t.Users))
	if !(t.Fat.Gain > 0) {
		return text + "No split brings anything: no test would change what is done untested."
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
	a.say("The north star is %s: %s.", n.Target, n.Reason)
	axis := render.Axis{Low: -1, High: 1, Columns: 15}
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[insights.Proxy]{
		{Title: "A LIFT OF", Grow: true, Text: func(p insights.Proxy) string { return p.Short }},
		{Title: "SAYS OF", Grow: true, Text: func(p insights.Proxy) string { return p.Long }},
		{Title: "EXPERIMENTS", Right: true, Text: func(p insights.Proxy) string { return render.Thousands(float64(p.Experiments)) }},
		{Title: "CORR.", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Correlation) }},
		{Title: intervalTitle(r), Text: func(p insights.Proxy) string { return between(p.CorrelationInterval) }},
		{Title: axis.Ruler(hundredth), Drawn: true, Text: func(p insights.Proxy) string {
			return axis.Interval(p.CorrelationInterval.Low, p.Correlation, p.CorrelationInterval.High)
		}},
		{Title: "NAIVE", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Naive) }},
		{Title: "USERS", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Users.Value) }},
	}, n.Pairs)
	a.say("CORR. is the correlation of true lifts (positive is better in both), one arm of each experiment; NAIVE that of estimates, which has the noise of both; USERS the correlation of users' values that was taken out, %s. Intervals are by leaving out experiments, a twentieth at a time, and hold what is not known of USERS.", usersText(n.Pairs))
	rows := proxiesOf(*n)
	if err != nil || len(rows) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	err = render.Table(a.out, a.styles(), a.width(), proxyColumns(r), rows)
	text := fmt.Sprintf("SLOPE is the lift of %s for each unit of the metric's own, taken alone; SHARE how much of the variance of the true lifts of %s it explains alone.", n.Target, n.Target)
	if x := n.Index; x != nil {
		text += fmt.Sprintf(" WEIGHT is its slope with the others fixed: the best index of %s from all of them, learned from %s experiments that measured all. It explains %.0f%% [%.0f, %.0f] of that variance; shipping by its sign agrees with shipping by that of %s in %.0f%% [%.0f, %.0f] of ideas.",
			n.Target, render.Thousands(float64(x.Experiments)), 100*x.R2, 100*x.R2Interval.Low, 100*x.R2Interval.High, n.Target, 100*x.Agreement, 100*x.AgreementInterval.Low, 100*x.AgreementInterval.High)
	}
	a.say("%s", text)
	for _, w := range starWarnings(*n) {
		a.say("Careful: %s.", w)
	}
	return err
}

// proxyRow is what one metric says of the north star, alone and in the index.
type proxyRow struct {
	insights.Proxy
	weight *stats.Interval // of the index; nil: there is none
	value  float64
}

func proxiesOf(n insights.NorthStar) (rows []proxyRow) {
	for _, p := range n.Pairs {
		if p.Long != n.Target {
			continue
		}
		row := proxyRow{Proxy: p}
		if x := n.Index; x != nil {
			k := slices.Index(x.Metrics, p.Short)
			row.value, row.weight = x.Weights[k], &x.WeightIntervals[k]
		}
		rows = append(rows, row)
	}
	return rows
}

func proxyColumns(r insights.Report) []render.Column[proxyRow] {
	columns := []render.Column[proxyRow]{
		{Title: "A LIFT OF", Grow: true, Text: func(p proxyRow) string { return p.Short }},
		{Title: "SLOPE", Right: true, Text: func(p proxyRow) string { return hundredth(p.Slope) }},
		{Title: intervalTitle(r), Text: func(p proxyRow) string { return between(p.SlopeInterval) }},
		{Title: "SHARE", Right: true, Text: func(p proxyRow) string { return fmt.Sprintf("%.0f%%", 100*p.R2) }},
		{Title: intervalTitle(r), Text: func(p proxyRow) string {
			return fmt.Sprintf("%.0f … %.0f%%", 100*p.R2Interval.Low, 100*p.R2Interval.High)
		}},
	}
	if r.NorthStar.Index == nil {
		return columns
	}
	return append(columns,
		render.Column[proxyRow]{Title: "WEIGHT", Right: true, Text: func(p proxyRow) string { return hundredth(p.value) }},
		render.Column[proxyRow]{Title: intervalTitle(r), Text: func(p proxyRow) string { return between(*p.weight) }})
}

// starWarnings are those of the pairs with the north star, and of its index.
func starWarnings(n insights.NorthStar) (all []string) {
	for _, p := range n.Pairs {
		for _, w := range p.Warnings {
			if p.Long == n.Target {
				all = append(all, p.Short+" and "+p.Long+": "+w)
			}
		}
	}
	if n.Index != nil {
		all = append(all, n.Index.Warnings...)
	}
	return all
}

func intervalTitle(r insights.Report) string {
	return fmt.Sprintf("%.3g%% INTERVAL", 100*r.Shipped.Posterior.Interval.Level)
}

// between prints an interval of correlations or weights.
func between(i stats.Interval) string { return hundredth(i.Low) + " … " + hundredth(i.High) }

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
		return "estimated from tests of different sizes"
	case len(pairs):
		return "as stated"
	}
	return "as stated, or estimated from tests of different sizes"
}

func (a *app) showRules(r insights.Report) error {
	if r.Rules == nil {
		return nil
	}
	a.heading("What ship rules would have returned")
	a.say("The rule in use is %s: %s.", r.Rules.Current, r.Rules.Reason)
	type rule = insights.Rule
	name := render.Column[rule]{Title: "RULE", Grow: true, Text: func(row rule) string { return row.Rule }}
	amount := func(title string, of func(rule) returns.Amount) []render.Column[rule] {
		return []render.Column[rule]{
			{Title: title, Right: true, Text: func(row rule) string { return render.Lift(of(row).Value) }},
			{Title: intervalTitle(r), Right: true, Text: func(row rule) string { return liftInterval(of(row).Interval) }},
		}
	}
	returned := slices.Concat([]render.Column[rule]{name},
		amount("RETURN", func(row rule) returns.Amount { return row.Total }), amount("PLUG-IN", func(row rule) returns.Amount { return row.PlugIn }))
	if err := render.Table(a.out, a.styles(), a.width(), returned, r.Rules.Rows); err != nil {
		return err
	}
	a.say("%s", rulesText(r))
	fmt.Fprintln(a.out)
	var ends []float64
	for _, row := range r.Rules.Rows {
		ends = append(ends, row.Gain.Interval.Low, row.Gain.Interval.High)
	}
	axis := render.AxisFor(axisColumns, ends...)
	unlessInUse := func(text func(rule) string, otherwise string) func(rule) string {
		return func(row rule) string {
			if row.Rule == r.Rules.Current {
				return otherwise
			}
			return text(row)
		}
	}
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[rule]{
		name,
		{Title: "SHIPS", Right: true, Text: func(row rule) string { return render.Thousands(math.Round(row.Shipped)) }},
		{Title: "GAIN", Right: true, Text: unlessInUse(func(row rule) string { return render.Lift(row.Gain.Value) }, "in use")},
		{Title: intervalTitle(r), Right: true, Text: unlessInUse(func(row rule) string { return liftInterval(row.Gain.Interval) }, "")},
		{Title: axis.Ruler(render.Lift), Drawn: true, Text: func(row rule) string {
			return axis.Interval(row.Gain.Interval.Low, row.Gain.Value, row.Gain.Interval.High)
		}},
	}, r.Rules.Rows)
	a.say("SHIPS is in how many of the %s experiments the rule ships an arm, on average; GAIN the return over that of the rule in use, by differences within each experiment.", render.Thousands(float64(r.Experiments)))
	return err
}

func rulesText(r insights.Report) string {
	rows := r.Rules.Rows
	text := fmt.Sprintf("RETURN is the sum of true lifts that the rule would have shipped, decided on %.0f%% of each experiment's information and scored on the independent rest: unbiased. PLUG-IN adds up the very estimates by which the rule chose: what it seems to have returned.", 100*rows[0].Information)
	doubtful := 0
	for _, row := range rows {
		if row.Rule == r.Rules.Current && row.Inflation > 0 && row.PlugIn.Value > 0 {
			text += fmt.Sprintf(" For the rule in use %s of it is not there: luck, and a little that the rest of the information adds.", render.Percent(row.Inflation/row.PlugIn.Value))
		}
		doubtful += min(1, len(row.Warnings))
	}
	text += " Priors are fitted to the other experiments."
	for _, row := range rows {
		if len(row.Warnings) > 0 {
			return text + fmt.Sprintf(" Careful, %s: %s; so or alike for %d of the %d rules.", row.Rule, strings.Join(row.Warnings, "; "), doubtful, len(rows))
		}
	}
	return text
}
