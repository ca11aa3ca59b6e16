package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/backtest"
)

// measureRow is one measure of one model.
type measureRow struct {
	measure backtest.Named
	first   bool // of the measure's rows
	model   string
	level   bool // all its forecasts are equal
	value   *backtest.Measure
	lead    *backtest.Measure // of the chosen model; nil of itself
}

func measureRows(r backtest.Report) []measureRow {
	var rows []measureRow
	for _, m := range backtest.All {
		for i := range r.Models {
			model := r.Models[i]
			row := measureRow{measure: m, first: i == 0, model: model.Name, level: model.Level, value: *m.Of(&model.Measures)}
			if model.Lead != nil {
				row.lead = *m.Of(model.Lead)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (a *app) answerBacktest(r backtest.Report) error {
	rows := measureRows(r)
	switch render.Format(a.output) {
	case render.JSONFormat:
		return render.JSON(a.out, r)
	case render.CSVFormat:
		return render.CSV(a.out, measureColumns(r), rows)
	}
	a.card("Backtest", []field{
		{"past", pastOf(r)},
		{"forecast", forecastOf(r)},
		{"intervals", fmt.Sprintf("95%%, by %s bootstrap draws of experiments", render.Thousands(float64(r.Replicates)))},
		{"noise", ceilingOf(r.Ceiling)},
	})
	fmt.Fprintln(a.out)
	if err := render.Table(a.out, a.styles(), a.width(), measureColumns(r), rows); err != nil {
		return err
	}
	a.title("Calibration of %s", r.Model)
	if err := render.Table(a.out, a.styles(), a.width(), calibrationColumns, r.Calibration); err != nil {
		return err
	}
	if len(r.Fifths) > 0 {
		fmt.Fprintln(a.out)
		if err := render.Table(a.out, a.styles(), a.width(), fifthColumns, ranked(r.Fifths)); err != nil {
			return err
		}
	}
	a.title("What the best ideas returned, over the mean of all")
	if err := render.Table(a.out, a.styles(), a.width(), pickColumns(), picksBy(r.Picks)); err != nil {
		return err
	}
	a.title("Leaks")
	for _, c := range r.Checks {
		verdict := "none found"
		if !c.Passed {
			verdict = "LEAK: the model knows what it cannot"
		}
		a.wrapped(fmt.Sprintf("%s, %s: %s; %s", c.Model, c.Name, verdict, c.Detail))
	}
	for _, n := range r.Notes {
		a.note("note: %s", n)
	}
	return nil
}

func pastOf(r backtest.Report) string {
	at := func(f backtest.FoldReport) string {
		text := fmt.Sprintf("%s of %s", render.Plural(f.PastIdeas, "idea", "ideas"), render.Plural(f.PastExperiments, "experiment", "experiments"))
		if f.PastSets > 0 {
			text += " in " + render.Plural(f.PastSets, "set", "sets")
		}
		return text
	}
	first, last := r.Folds[0], r.Folds[len(r.Folds)-1]
	if len(r.Folds) == 1 {
		return fmt.Sprintf("%s (%s)", at(first), first.Name)
	}
	return fmt.Sprintf("%s at the first cut (%s), %s at the last (%s)", at(first), first.Name, at(last), last.Name)
}

func ceilingOf(c backtest.Ceiling) string {
	if c.PairAccuracy == 0 {
		return ""
	}
	return fmt.Sprintf("one who knew every true effect would rank %s of pairs right, and %s of clear ones",
		render.Percent(c.PairAccuracy), render.Percent(c.ClearPairAccuracy))
}

func forecastOf(r backtest.Report) string {
	experiments, sets, ideas := 0, 0, 0
	for _, f := range r.Folds {
		experiments, sets, ideas = experiments+f.BlockExperiments, sets+f.BlockSets, ideas+f.BlockIdeas
	}
	text := fmt.Sprintf("%s of %s", render.Plural(ideas, "idea", "ideas"), render.Plural(experiments, "experiment", "experiments"))
	if sets > 0 {
		text += " in " + render.Plural(sets, "set", "sets")
	}
	if len(r.Folds) > 1 {
		text += fmt.Sprintf(", in %d blocks", len(r.Folds))
	}
	return text
}

func (a *app) title(format string, args ...any) {
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, fmt.Sprintf(format, args...)))
}

func (a *app) wrapped(text string) {
	for i, line := range render.Wrap(text, a.width()-4) {
		indent := "  "
		if i > 0 {
			indent = "    "
		}
		fmt.Fprintln(a.out, indent+line)
	}
}

// decimal prints a measure's number, to as many places as its kind needs.
func decimal(name string, signed bool) func(float64) string {
	return func(x float64) string {
		switch {
		case name == "pick_lift":
			return hundredths(x)
		case name == "crps" && signed:
			return fmt.Sprintf("%+.5f", x)
		case name == "crps":
			return fmt.Sprintf("%.5f", x)
		case inPoints(name):
			if signed {
				return fmt.Sprintf("%+.1f", 100*x)
			}
			return fmt.Sprintf("%.1f%%", 100*x)
		case signed:
			return fmt.Sprintf("%+.4f", x)
		}
		return strconv.FormatFloat(x, 'f', 4, 64)
	}
}

// inPoints says that differences of a measure are in percentage points.
func inPoints(name string) bool {
	return strings.HasPrefix(name, "coverage") || strings.HasSuffix(name, "accuracy")
}

// ofOrder says that a measure is of how ideas are ranked.
func ofOrder(name string) bool {
	return strings.HasSuffix(name, "accuracy") || strings.HasSuffix(name, "spearman")
}

// ranged prints a measure with its interval.
func ranged(m *backtest.Measure, text func(float64) string) string {
	if m == nil {
		return "–"
	}
	return fmt.Sprintf("%s [%s, %s]", text(still(m.Value)), text(still(m.Low)), text(still(m.High)))
}

// hundredths prints a lift to a hundredth of a percent, whatever its size: intervals stand
// in columns.
func hundredths(x float64) string { return fmt.Sprintf("%+.2f%%", 100*x) }

// still is 0 for what is only rounding, so that nobody reads -0.00%.
func still(x float64) float64 {
	if math.Abs(x) < 5e-6 {
		return 0
	}
	return x
}

func measureColumns(r backtest.Report) []render.Column[measureRow] {
	number := func(of func(measureRow) *backtest.Measure, part func(*backtest.Measure) float64) func(measureRow) any {
		return func(row measureRow) any {
			if m := of(row); m != nil {
				return part(m)
			}
			return nil
		}
	}
	value := func(row measureRow) *backtest.Measure { return row.value }
	lead := func(row measureRow) *backtest.Measure { return row.lead }
	at := func(m *backtest.Measure) float64 { return m.Value }
	low := func(m *backtest.Measure) float64 { return m.Low }
	high := func(m *backtest.Measure) float64 { return m.High }
	return []render.Column[measureRow]{
		{Name: "measure", Value: func(row measureRow) any { return row.measure.Name }},
		{Title: "MEASURE", Grow: true, Text: func(row measureRow) string {
			if !row.first {
				return ""
			}
			return row.measure.Title
		}},
		{Name: "model", Title: "MODEL", Grow: true, Value: func(row measureRow) any { return row.model }},
		{Name: "value", Value: number(value, at)},
		{Name: "low", Value: number(value, low)},
		{Name: "high", Value: number(value, high)},
		{Title: "VALUE", Text: func(row measureRow) string {
			if row.level && ofOrder(row.measure.Name) {
				return "all forecasts equal"
			}
			return ranged(row.value, decimal(row.measure.Name, false))
		}},
		{Name: "chosen_less_this", Value: number(lead, at)},
		{Name: "chosen_less_this_low", Value: number(lead, low)},
		{Name: "chosen_less_this_high", Value: number(lead, high)},
		{Title: strings.ToUpper(r.Model) + " LESS IT", Text: func(row measureRow) string {
			if row.model == r.Model {
				return ""
			}
			text := ranged(row.lead, decimal(row.measure.Name, true))
			if row.lead != nil && inPoints(row.measure.Name) {
				text += " pp"
			}
			return text
		}},
	}
}

var calibrationColumns = []render.Column[backtest.Calibration]{
	{Title: "SOURCE", Text: func(c backtest.Calibration) string { return c.Source }},
	{Title: "IDEAS", Right: true, Text: func(c backtest.Calibration) string { return render.Thousands(float64(c.Ideas)) }},
	{Title: "FORECAST", Right: true, Text: func(c backtest.Calibration) string { return hundredths(still(c.Forecast)) }},
	{Title: "MEASURED", Right: true, Text: func(c backtest.Calibration) string { return hundredths(still(c.Observed)) }},
	{Title: "SLOPE (1 IS RIGHT)", Text: func(c backtest.Calibration) string {
		return ranged(c.Slope, func(x float64) string { return fmt.Sprintf("%.2f", x) })
	}},
	{Title: "80% INTERVALS HOLD", Text: func(c backtest.Calibration) string { return ranged(c.Coverage80, decimal("coverage_80", false)) }},
}

// rankedFifth is a fifth with its place.
type rankedFifth struct {
	backtest.Fifth
	rank int
}

func ranked(fifths []backtest.Fifth) []rankedFifth {
	var all []rankedFifth
	for i, f := range fifths {
		all = append(all, rankedFifth{f, i})
	}
	return all
}

var fifthColumns = []render.Column[rankedFifth]{
	{Title: "BY FORECAST", Text: func(f rankedFifth) string {
		return []string{"lowest fifth", "second", "third", "fourth", "highest fifth"}[f.rank]
	}},
	{Title: "IDEAS", Right: true, Text: func(f rankedFifth) string { return render.Thousands(float64(f.Ideas)) }},
	{Title: "FORECAST", Right: true, Text: func(f rankedFifth) string { return hundredths(still(f.Forecast)) }},
	{Title: "MEASURED", Text: func(f rankedFifth) string { return ranged(f.Observed, hundredths) }},
}

// pickRow is what one way of picking returned, by share of the ideas.
type pickRow struct {
	by    string
	lifts []*backtest.Measure
	ideas []int
}

func picksBy(picks []backtest.Pick) []pickRow {
	at := map[string]int{}
	var rows []pickRow
	for _, p := range picks {
		i, known := at[p.By]
		if !known {
			i = len(rows)
			at[p.By] = i
			rows = append(rows, pickRow{by: p.By})
		}
		rows[i].lifts, rows[i].ideas = append(rows[i].lifts, p.Lift), append(rows[i].ideas, p.Ideas)
	}
	return rows
}

func pickColumns() []render.Column[pickRow] {
	columns := []render.Column[pickRow]{{Title: "PICKED BY", Text: func(p pickRow) string { return p.by }}}
	for i, title := range []string{"BEST 10%", "BEST 20%", "BEST 30%", "BEST 50%"} {
		columns = append(columns, render.Column[pickRow]{Title: title, Text: func(p pickRow) string {
			if p.by == "chance" {
				return "0"
			}
			if m := p.lifts[i]; m != nil && i == 1 {
				return ranged(m, hundredths)
			} else if m != nil {
				return hundredths(still(m.Value))
			}
			return "–"
		}})
	}
	return columns
}

var ideaForecastColumns = []render.Column[backtest.IdeaForecast]{
	{Name: "cut", Value: func(f backtest.IdeaForecast) any { return f.Fold }},
	{Name: "experiment", Value: func(f backtest.IdeaForecast) any { return f.Experiment }},
	{Name: "set", Value: func(f backtest.IdeaForecast) any { return f.Set }},
	{Name: "idea", Value: func(f backtest.IdeaForecast) any { return f.ID }},
	{Name: "metric", Value: func(f backtest.IdeaForecast) any { return f.Metric }},
	{Name: "text", Value: func(f backtest.IdeaForecast) any { return f.Text }},
	{Name: "model", Value: func(f backtest.IdeaForecast) any { return f.Model }},
	{Name: "mean", Value: func(f backtest.IdeaForecast) any { return f.Mean }},
	{Name: "sd", Value: func(f backtest.IdeaForecast) any { return f.SD }},
	{Name: "q10", Value: func(f backtest.IdeaForecast) any { return f.Low }},
	{Name: "q90", Value: func(f backtest.IdeaForecast) any { return f.High }},
	{Name: "effect", Value: func(f backtest.IdeaForecast) any { return f.Effect }},
	{Name: "se", Value: func(f backtest.IdeaForecast) any { return f.SE }},
}
