package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
)

func (a *app) answerAnalysis(reports []analysis.Report, f analyzeFlags) error {
	if f.plot != "" {
		if len(reports) != 1 {
			return usage("--plot draws one test, and the file has %d", len(reports)).next("choose one with --experiment NAME")
		}
		if err := a.plotted(f.plot, savePlot(reports[0], f.plot)); err != nil {
			return err
		}
	}
	switch render.Format(a.output) {
	case render.JSONFormat:
		return render.JSON(a.out, reports)
	case render.CSVFormat:
		var rows []effectRow
		for _, r := range reports {
			rows = append(rows, effectRows(r)...)
		}
		return render.CSV(a.out, effectColumns(), rows)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := a.printAnalysis(r); err != nil {
			return err
		}
	}
	return nil
}

// printAnalysis prints a report for a person: is the test sound, what changed, for
// whom, since when, and what of it is established.
func (a *app) printAnalysis(r analysis.Report) error {
	a.printArms(r)
	fmt.Fprintln(a.out)
	lines := effectLines(r)
	if err := a.printEffects(r, "METRIC, ARM", correctionTitle(r), lines); err != nil {
		return err
	}
	if err := a.printSegments(r); err != nil {
		return err
	}
	if err := a.printBeliefs(r); err != nil {
		return err
	}
	if err := a.printCourse(r); err != nil {
		return err
	}
	a.printVerdicts(r)
	a.printDoubts(r)
	return nil
}

func (a *app) printArms(r analysis.Report) {
	var fields []field
	for _, arm := range r.Arms {
		name := "treatment"
		if arm.Control {
			name = "control"
		}
		text := fmt.Sprintf("%s: %s (%s", arm.Name, render.Plural(arm.Users, "user", "users"), render.Percent(arm.Share))
		if math.Abs(arm.Share-arm.Planned) > 0.0005 {
			text += ", planned " + render.Percent(arm.Planned)
		}
		fields = append(fields, field{name, text + ")"})
	}
	for _, f := range r.Findings {
		if f.Name == "sample-ratio" {
			text := string(f.Status) + ": " + f.Message
			if f.WayOut != "" {
				text += "; " + f.WayOut
			}
			fields = append(fields, field{"split", text})
		}
	}
	if r.Days != "" {
		how := "a row holds the users first seen on its day, and days add up"
		if r.Days == analysis.Cumulative {
			how = "a row holds everybody so far, and the last day counts"
		}
		fields = append(fields, field{"days", how})
	}
	title := r.Test
	if title == "" {
		title = "Test"
	}
	a.card(title, fields)
}

// effectLine is a line of a table of effects: a metric with its control, or one
// effect below it.
type effectLine struct {
	name, value, change, lift, interval, p, adjusted string
	drawn                                            *effect.Effect
	style                                            render.StyleName
}

// effectLines are those of all comparisons.
func effectLines(r analysis.Report) []effectLine {
	var lines []effectLine
	for i, c := range r.Comparisons {
		if i == 0 || r.Comparisons[i-1].Metric != c.Metric {
			head := effectLine{name: metricName(c), style: render.Bold}
			if c.Result != nil {
				head.value = plain(c.Result.Control.Mean)
			}
			lines = append(lines, head)
		}
		if c.Result == nil {
			lines = append(lines, effectLine{name: "└ " + c.Treatment, lift: "–", interval: "no answer"})
			continue
		}
		line := lineOf("└ "+c.Treatment, *c.Result, r.Sides)
		line.adjusted, line.style = marker(c)
		lines = append(lines, line)
		if c.Covariates != nil {
			before := lineOf("└ unadjusted", c.Covariates.Unadjusted, r.Sides)
			before.style = render.Dim
			lines = append(lines, before)
		}
	}
	return lines
}

func metricName(c analysis.Comparison) string {
	name := c.Metric
	if c.Quantile > 0 && !strings.Contains(c.Metric, "p") {
		name += fmt.Sprintf(" p%g", 100*c.Quantile)
	}
	return name
}

func lineOf(name string, r effect.Result, sides stats.Sides) effectLine {
	l := effectLine{name: name, value: plain(r.Treatment.Mean), change: signed(r.Difference.Value), p: probability(pOf(r, sides))}
	if r.Lift == nil {
		l.lift, l.interval = "–", "no relative lift"
		return l
	}
	text := liftText(r.Lift.SE)
	l.lift, l.interval, l.drawn = text(r.Lift.Value), intervalText(r.Lift.Interval, text), r.Lift
	return l
}

func pOf(r effect.Result, sides stats.Sides) float64 {
	switch sides {
	case stats.Greater:
		return r.PGreater
	case stats.Less:
		return r.PLess
	}
	return r.P
}

// marker says in one sign what is established, beside the corrected p-value.
func marker(c analysis.Comparison) (string, render.StyleName) {
	switch {
	case c.Guardrail != nil && c.Guardrail.Holds:
		return "guard ✓", render.Good
	case c.Guardrail != nil && c.Guardrail.Broken:
		return "guard ✗", render.Bad
	case c.Guardrail != nil:
		return "guard ?", render.Warn
	case c.Established && c.Better:
		return probability(*c.AdjustedP) + " ▲", render.Good
	case c.Established:
		return probability(*c.AdjustedP) + " ▼", render.Bad
	case c.AdjustedP != nil:
		return probability(*c.AdjustedP) + "  ", render.Plain
	case c.Sequential != nil:
		return "go on  ", render.Plain
	}
	return "", render.Plain
}

func correctionTitle(r analysis.Report) string {
	if r.Family.Correction == analysis.Uncorrected {
		return "UNCORR"
	}
	return strings.ToUpper(string(r.Family.Correction))
}

// printEffects prints lines with their intervals on one axis, as wide as fits.
func (a *app) printEffects(r analysis.Report, first, last string, lines []effectLine) error {
	var ends []float64
	for _, l := range lines {
		if l.drawn != nil {
			ends = append(ends, l.drawn.Interval.Low, l.drawn.Value, l.drawn.Interval.High)
		}
	}
	ruler := func(axis render.Axis) string {
		if len(ends) == 0 {
			return "" // no column
		}
		return axis.Ruler(shortLift)
	}
	// A narrow terminal has the drawing rather than the change, which VALUE shows too.
	change := "CHANGE"
	if a.width() < 90 {
		change = ""
	}
	columns := func(axis render.Axis) []render.Column[effectLine] {
		text := func(f func(effectLine) string) func(effectLine) string { return f }
		style := func(l effectLine) render.StyleName { return l.style }
		return []render.Column[effectLine]{
			{Title: first, Grow: true, Text: func(l effectLine) string { return l.name }, Style: style},
			{Title: "VALUE", Right: true, Text: text(func(l effectLine) string { return l.value }), Style: dimmed},
			{Title: change, Right: true, Text: text(func(l effectLine) string { return l.change }), Style: dimmed},
			{Title: "LIFT", Right: true, Text: text(func(l effectLine) string { return l.lift }), Style: style},
			{Title: render.Percent(r.Level) + " INTERVAL", Right: true, Text: text(func(l effectLine) string { return l.interval }), Style: dimmed},
			{Title: ruler(axis), Text: text(func(l effectLine) string { return drawn(axis, l) }), Style: style},
			{Title: "P", Right: true, Text: text(func(l effectLine) string { return l.p }), Style: dimmed},
			{Title: last, Right: true, Text: text(func(l effectLine) string { return l.adjusted }), Style: style},
		}
	}
	name := render.Len(first)
	for _, l := range lines {
		name = max(name, min(24, render.Len(l.name)))
	}
	others := name
	for i, width := range widths(columns(render.Axis{Low: -1, High: 1, Columns: 5}), lines) {
		if i != 0 && i != 5 && width > 0 {
			others += width + 2
		}
	}
	axis := render.AxisFor(min(31, a.width()-others-2), ends...)
	return render.Table(a.out, a.styles(), a.width(), columns(axis), lines)
}

func widths(columns []render.Column[effectLine], lines []effectLine) []int {
	all := make([]int, len(columns))
	for i, c := range columns {
		if c.Title == "" {
			continue
		}
		all[i] = render.Len(c.Title)
		for _, l := range lines {
			all[i] = max(all[i], render.Len(render.Clean(c.Text(l))))
		}
	}
	return all
}

func dimmed(l effectLine) render.StyleName {
	if l.style == render.Dim {
		return render.Dim
	}
	return render.Plain
}

func drawn(axis render.Axis, l effectLine) string {
	if l.drawn == nil || l.drawn.Interval.Form == effect.Outside {
		return ""
	}
	return axis.Interval(l.drawn.Interval.Low, l.drawn.Value, l.drawn.Interval.High)
}

// printSegments prints a table for each dimension: the segments of every comparison,
// with the p-value of their having the same lift.
func (a *app) printSegments(r analysis.Report) error {
	var dimensions []string
	lines, adjusted := map[string][]effectLine{}, map[string][]string{}
	for _, c := range r.Comparisons {
		for _, split := range c.Segments {
			if lines[split.Dimension] == nil {
				dimensions = append(dimensions, split.Dimension)
			}
			head := effectLine{name: metricName(c), style: render.Bold}
			if treatments(r) > 1 {
				head.name += ", " + c.Treatment
			}
			if h := split.Lift; h != nil {
				head.adjusted = probability(h.P)
			}
			lines[split.Dimension] = append(lines[split.Dimension], head)
			if text := adjustedSegments(split); text != "" {
				adjusted[split.Dimension] = append(adjusted[split.Dimension], head.name+text)
			}
			for _, s := range split.Segments.Segments {
				lines[split.Dimension] = append(lines[split.Dimension], lineOf("└ "+strings.TrimPrefix(s.Name, split.Dimension+"="), s.Result, r.Sides))
			}
		}
	}
	for _, d := range dimensions {
		fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, render.Clean("By "+d)))
		if err := a.printEffects(r, "METRIC, "+strings.ToUpper(d), "SAME?", lines[d]); err != nil {
			return err
		}
		if len(adjusted[d]) > 0 {
			a.paragraph("Adjusted for x within each segment: " + strings.Join(adjusted[d], "; ") + ".")
		}
	}
	if len(dimensions) > 0 {
		a.paragraph("SAME? is the p-value of all segments having the same lift; a segment's own P is not corrected for their number.")
	}
	return nil
}

// adjustedSegments says how a split is adjusted, and of which segments if not of all.
func adjustedSegments(s analysis.Split) string {
	switch len(s.Adjusted) {
	case 0:
		return ""
	case len(s.Segments.Segments):
		return " (" + strings.ToUpper(string(s.Adjustment)) + ")"
	}
	var names []string
	for _, name := range s.Adjusted {
		names = append(names, strings.TrimPrefix(name, s.Dimension+"="))
	}
	return fmt.Sprintf(" (%s; only %s)", strings.ToUpper(string(s.Adjustment)), some(names))
}

func treatments(r analysis.Report) int { return len(r.Arms) - 1 }

// printBeliefs prints what the prior makes of the lifts.
func (a *app) printBeliefs(r analysis.Report) error {
	type belief struct {
		c    analysis.Comparison
		best string
	}
	var rows []belief
	for _, c := range r.Comparisons {
		if c.Posterior == nil {
			continue
		}
		b := belief{c, "–"}
		for _, best := range r.Best {
			for _, arm := range best.Arms {
				if best.Metric == c.Metric && arm.Arm == c.Treatment {
					b.best = chance(arm.ProbBest)
				}
			}
		}
		rows = append(rows, b)
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "With the prior"))
	better, taken, best := "P(BETTER)", "LOSS IF TAKEN", "P(BEST)"
	if a.width() < 90 {
		better, taken, best = "BETTER", "LOSS", "BEST"
	}
	columns := []render.Column[belief]{
		{Title: "METRIC", Grow: true, Text: func(b belief) string { return b.c.Metric }},
		{Title: "ARM", Grow: true, Text: func(b belief) string { return b.c.Treatment }},
		{Title: "MEAN", Right: true, Text: func(b belief) string { return shortLift(b.c.Posterior.Mean) }},
		{Title: render.Percent(r.Level) + " CREDIBLE", Right: true, Text: func(b belief) string {
			return shortLift(b.c.Posterior.Interval.Low) + " … " + shortLift(b.c.Posterior.Interval.High)
		}},
		{Title: better, Right: true, Text: func(b belief) string { return chance(b.c.Posterior.ProbBetter) }},
		{Title: taken, Right: true, Text: func(b belief) string { return loss(b.c.Posterior.Loss) }},
		{Title: "IF NOT", Right: true, Text: func(b belief) string { return loss(b.c.Posterior.LossControl) }},
	}
	if len(r.Best) > 0 {
		columns = append(columns, render.Column[belief]{Title: best, Right: true, Text: func(b belief) string { return b.best }})
	}
	return render.Table(a.out, a.styles(), a.width(), columns, rows)
}

// printCourse draws the first comparison's lift by day; the others are in JSON.
func (a *app) printCourse(r analysis.Report) error {
	for _, c := range r.Comparisons {
		chart, ok := courseChart(c)
		if !ok {
			continue
		}
		fmt.Fprintln(a.out)
		return evenly(chart).Text(a.out, a.styles(), a.width())
	}
	return nil
}

func courseChart(c analysis.Comparison) (render.Chart, bool) {
	if c.Course == nil || len(c.Course.Day) < 2 {
		return render.Chart{}, false
	}
	steps := c.Course.Monitor.Steps
	last := steps[len(steps)-1].Interval
	var lift, low, high []float64
	for _, s := range steps {
		l, h := s.Interval.Low, s.Interval.High
		// The first bounds are so wide that they would hide all later ones.
		if wide := 4 * (last.High - last.Low); !s.Used || h-l > wide && !math.IsInf(wide, 0) {
			l, h = math.NaN(), math.NaN()
		}
		if math.IsInf(l, 0) {
			l = math.NaN()
		}
		if math.IsInf(h, 0) {
			h = math.NaN()
		}
		lift, low, high = append(lift, s.Value), append(low, l), append(high, h)
	}
	for i := range lift {
		if math.IsNaN(low[i]) && math.IsNaN(high[i]) {
			lift[i] = math.NaN()
		}
	}
	return render.Chart{Title: fmt.Sprintf("Lift of %s in %s so far, with bounds that hold at all days together", c.Metric, c.Treatment), XLabel: "day", YLabel: "lift",
		X: c.Course.Day, Y: render.Scale{Percent: true, Signed: true}, Lines: []render.Line{{Name: "lift", Y: lift}, {Name: "low", Y: low}, {Name: "high", Y: high}}}, true
}

// evenly puts a chart's points on equal steps, as a terminal's columns are; between
// two looks the earlier one holds.
func evenly(c render.Chart) render.Chart {
	first, last := c.X[0], c.X[len(c.X)-1]
	step := last - first
	for i := range c.X[1:] {
		step = min(step, c.X[i+1]-c.X[i])
	}
	steps := int(min(400, max(1, math.Round((last-first)/step))))
	even := c
	even.X, even.Lines = nil, make([]render.Line, len(c.Lines))
	for j, l := range c.Lines {
		even.Lines[j].Name = l.Name
	}
	at := 0
	for i := range steps + 1 {
		x := first + (last-first)*float64(i)/float64(steps)
		for at+1 < len(c.X) && c.X[at+1] <= x+1e-9 {
			at++
		}
		even.X = append(even.X, x)
		for j, l := range c.Lines {
			even.Lines[j].Y = append(even.Lines[j].Y, l.Y[at])
		}
	}
	return even
}

// printVerdicts prints a sentence for each comparison.
func (a *app) printVerdicts(r analysis.Report) {
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "Verdict"))
	for _, c := range r.Comparisons {
		name := metricName(c)
		if treatments(r) > 1 {
			name += ", " + c.Treatment
		}
		text := name + ": " + c.Verdict + "."
		if k := c.Covariates; k != nil {
			text += fmt.Sprintf(" %s saves %s of the variance.", strings.ToUpper(string(k.Adjustment)), render.Percent(max(0, k.VarianceSaved)))
		}
		_, style := marker(c)
		for i, line := range render.Wrap(text, a.width()-4) {
			indent := "    "
			if i == 0 {
				indent = "  "
			}
			fmt.Fprintln(a.out, indent+a.styles().Paint(style, line))
		}
	}
}

// printDoubts prints all that makes the numbers doubtful.
func (a *app) printDoubts(r analysis.Report) {
	var lines []string
	for _, f := range r.Findings {
		if f.Name == "sample-ratio" || f.Status == health.OK {
			continue
		}
		text := string(f.Status) + ": "
		if f.Metric != "" {
			text += fmt.Sprintf("%s of %s: ", f.Metric, f.Treatment)
		}
		text += f.Message
		if f.WayOut != "" {
			text += "; " + f.WayOut
		}
		lines = append(lines, text)
	}
	lines = append(lines, r.Warnings...)
	lines = append(lines, warnings(r)...)
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "To mind"))
	for _, l := range lines {
		a.paragraph(l)
	}
}

// warnings are those of comparisons; what several have in common is said once.
func warnings(r analysis.Report) (lines []string) {
	of := map[string][]string{}
	var order []string
	for _, c := range r.Comparisons {
		for _, w := range c.Warnings {
			if of[w] == nil {
				order = append(order, w)
			}
			of[w] = append(of[w], metricName(c)+" of "+c.Treatment)
		}
	}
	for _, w := range order {
		who := some(of[w])
		if len(of[w]) == len(r.Comparisons) && len(of[w]) > 1 {
			who = "all comparisons"
		}
		lines = append(lines, who+": "+w)
	}
	return lines
}

func (a *app) paragraph(text string) {
	for i, line := range render.Wrap(text, a.width()-4) {
		indent := "    "
		if i == 0 {
			indent = "  "
		}
		fmt.Fprintln(a.out, indent+line)
	}
}

// plain prints a metric's value with four digits that count.
func plain(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1e7 || a < 1e-4 && a > 0:
		return fmt.Sprintf("%.3g", x)
	case a >= 1000:
		return render.Thousands(x)
	case a >= 100:
		return fmt.Sprintf("%.1f", x)
	case a >= 1:
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.4g", x)
}

func signed(x float64) string {
	if x == 0 {
		return "0"
	}
	return fmt.Sprintf("%+.3g", x)
}

// shortLift prints a lift in few columns: +0.012%, +0.31%, +1.5%, +230%.
func shortLift(x float64) string {
	switch a := math.Abs(100 * x); {
	case math.IsInf(x, 0):
		return "∞"
	case a >= 99995:
		return fmt.Sprintf("%+.2g%%", 100*x)
	case a >= 99.95:
		return fmt.Sprintf("%+.0f%%", 100*x)
	case a >= 0.995:
		return fmt.Sprintf("%+.1f%%", 100*x)
	case a < 1e-10: // the rounding of sums
		return "0%"
	case a < 0.01:
		return fmt.Sprintf("%+.1g%%", 100*x)
	}
	return fmt.Sprintf("%+.2f%%", 100*x)
}

// liftText prints lifts as shortLift does, or with two digits of four standard errors
// where those are so few that its own digits would not tell the ends apart.
func liftText(se float64) func(float64) string {
	width := 400 * se
	if !(width > 0 && width < 1) {
		return shortLift
	}
	digits := int(min(6, 1-math.Floor(math.Log10(width))))
	return func(x float64) string {
		if digits > 2 || math.Abs(x) >= 0.00995 {
			return fmt.Sprintf("%+.*f%%", digits, 100*x)
		}
		return shortLift(x)
	}
}

// chance prints a probability of a posterior, which is never certain.
func chance(p float64) string {
	switch {
	case p > 0.999:
		return ">99.9%"
	case p < 0.001:
		return "<0.1%"
	}
	return render.Percent(p)
}

func loss(x float64) string {
	if x < 1e-5 {
		return "<0.001%"
	}
	return render.Percent(x)
}

func intervalText(i effect.Interval, text func(float64) string) string {
	switch {
	case i.Form == effect.All:
		return "excludes nothing"
	case i.Form == effect.Outside:
		return "not " + text(i.Low) + " … " + text(i.High)
	case math.IsInf(i.Low, -1):
		return "≤ " + text(i.High)
	case math.IsInf(i.High, 1):
		return "≥ " + text(i.Low)
	}
	return text(i.Low) + " … " + text(i.High)
}

func probability(p float64) string {
	switch {
	case p < 1e-99:
		return "<1e-99"
	case p < 1e-4:
		return fmt.Sprintf("%.0e", p)
	case p < 0.00995:
		return fmt.Sprintf("%.4f", p)
	case p < 0.0995:
		return fmt.Sprintf("%.3f", p)
	}
	return fmt.Sprintf("%.2f", p)
}
