package main

import (
	"fmt"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

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
	l := effectLine{name: name, value: plain(r.Treatment.Mean), change: signed(r.Difference.Value), p: probability(r.PValue(sides))}
	if r.Lift == nil {
		l.lift, l.interval = "–", "no relative lift"
		return l
	}
	text := liftText(r.Lift.SE)
	l.lift, l.interval, l.drawn = text(r.Lift.Value), intervalText(r.Lift.Interval, text), r.Lift
	return l
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
			{Title: ruler(axis), Drawn: true, Text: text(func(l effectLine) string { return drawn(axis, l) }), Style: style},
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
