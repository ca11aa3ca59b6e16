package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

// effectRow is one metric, arm and segment, for CSV.
type effectRow struct {
	report     analysis.Report
	comparison analysis.Comparison
	segment    string
	result     *effect.Result
	adjustment effect.Adjustment // for covariates; empty: none
}

// effectRows are a report's comparisons, each followed by those of its segments.
func effectRows(r analysis.Report) []effectRow {
	var rows []effectRow
	for _, c := range r.Comparisons {
		whole := effectRow{r, c, "", c.Result, ""}
		if c.Covariates != nil {
			whole.adjustment = c.Covariates.Adjustment
		}
		rows = append(rows, whole)
		for _, split := range c.Segments {
			for _, s := range split.Segments.Segments {
				row := effectRow{r, c, s.Name, &s.Result, ""}
				if slices.Contains(split.Adjusted, s.Name) {
					row.adjustment = split.Adjustment
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func effectColumns() []render.Column[effectRow] {
	of := func(f func(effect.Result) any) func(effectRow) any {
		return func(r effectRow) any {
			if r.result == nil {
				return nil
			}
			return f(*r.result)
		}
	}
	lift := func(f func(effect.Effect) any) func(effectRow) any {
		return of(func(r effect.Result) any {
			if r.Lift == nil {
				return nil
			}
			return f(*r.Lift)
		})
	}
	whole := func(f func(analysis.Comparison) any) func(effectRow) any {
		return func(r effectRow) any {
			if r.segment != "" {
				return nil
			}
			return f(r.comparison)
		}
	}
	return []render.Column[effectRow]{
		{Name: "experiment", Value: func(r effectRow) any { return r.report.Test }},
		{Name: "metric", Value: func(r effectRow) any { return r.comparison.Metric }},
		{Name: "arm", Value: func(r effectRow) any { return r.comparison.Treatment }},
		{Name: "control_arm", Value: func(r effectRow) any { return r.comparison.Control }},
		{Name: "segment", Value: func(r effectRow) any { return r.segment }},
		{Name: "control_n", Value: of(func(r effect.Result) any { return r.Control.N })},
		{Name: "treatment_n", Value: of(func(r effect.Result) any { return r.Treatment.N })},
		{Name: "control", Value: of(func(r effect.Result) any { return r.Control.Mean })},
		{Name: "treatment", Value: of(func(r effect.Result) any { return r.Treatment.Mean })},
		{Name: "difference", Value: of(func(r effect.Result) any { return r.Difference.Value })},
		{Name: "difference_se", Value: of(func(r effect.Result) any { return r.Difference.SE })},
		{Name: "difference_low", Value: of(func(r effect.Result) any { return r.Difference.Interval.Low })},
		{Name: "difference_high", Value: of(func(r effect.Result) any { return r.Difference.Interval.High })},
		{Name: "lift", Value: lift(func(e effect.Effect) any { return e.Value })},
		{Name: "lift_se", Value: lift(func(e effect.Effect) any { return e.SE })},
		{Name: "lift_low", Value: lift(func(e effect.Effect) any { return e.Interval.Low })},
		{Name: "lift_high", Value: lift(func(e effect.Effect) any { return e.Interval.High })},
		{Name: "lift_form", Value: lift(func(e effect.Effect) any { return string(e.Interval.Form) })},
		{Name: "adjustment", Value: func(r effectRow) any { return string(r.adjustment) }},
		{Name: "level", Value: func(r effectRow) any { return r.report.Level }},
		{Name: "p", Value: func(r effectRow) any {
			if r.result == nil {
				return nil
			}
			return r.result.PValue(r.report.Sides)
		}},
		{Name: "p_adjusted", Value: whole(func(c analysis.Comparison) any {
			if c.AdjustedP == nil {
				return nil
			}
			return *c.AdjustedP
		})},
		{Name: "established", Value: whole(func(c analysis.Comparison) any { return c.Established })},
		{Name: "guardrail_p", Value: whole(func(c analysis.Comparison) any {
			if c.Guardrail == nil {
				return nil
			}
			return c.Guardrail.P
		})},
		{Name: "prob_better", Value: whole(func(c analysis.Comparison) any {
			if c.Posterior == nil {
				return nil
			}
			return c.Posterior.ProbBetter
		})},
		{Name: "always_valid_p", Value: whole(func(c analysis.Comparison) any {
			if c.Course == nil {
				return nil
			}
			return c.Course.Monitor.P
		})},
		{Name: "verdict", Value: whole(func(c analysis.Comparison) any { return c.Verdict })},
		{Name: "warnings", Value: whole(func(c analysis.Comparison) any { return c.Warnings })},
	}
}

// savePlot draws the lift by day if there are days, else all lifts.
func savePlot(r analysis.Report, path string) error {
	for _, c := range r.Comparisons {
		if chart, ok := courseChart(c); ok {
			return chart.Save(path)
		}
	}
	forest := render.Forest{Title: strings.TrimSpace(r.Test + " lifts, " + render.Percent(r.Level) + " intervals"), XLabel: "relative lift", X: render.Scale{Percent: true, Signed: true}}
	for _, c := range r.Comparisons {
		if c.Result == nil || c.Result.Lift == nil || c.Result.Lift.Interval.Form == effect.Outside {
			continue
		}
		l := c.Result.Lift
		forest.Rows = append(forest.Rows, render.ForestRow{Name: metricName(c) + ", " + c.Treatment, Low: l.Interval.Low, Value: l.Value, High: l.Interval.High})
		for _, split := range c.Segments {
			for _, s := range split.Segments.Segments {
				if s.Lift != nil && s.Lift.Interval.Form != effect.Outside {
					forest.Rows = append(forest.Rows, render.ForestRow{Name: "   " + s.Name, Low: s.Lift.Interval.Low, Value: s.Lift.Value, High: s.Lift.Interval.High, Minor: true})
				}
			}
		}
	}
	if len(forest.Rows) == 0 {
		return badInput(fmt.Errorf("no comparison has a relative lift to draw"))
	}
	return forest.Save(path)
}
