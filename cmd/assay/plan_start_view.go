package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// rampText is the ramp of a design in brackets; empty if it has none.
func rampText(d planner.Design) string {
	if len(d.Ramp) == 0 {
		return ""
	}
	return " (" + d.RampText() + ")"
}

func cohortText(s *planner.Start) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s until %s: treatment %s, control %s", planner.LayerKey(s.Segment, s.Layer),
		s.Until.UTC().Format(time.DateOnly), ranges(s.Treatment), ranges(s.Control))
}

// ranges prints bucket ranges by their first and last bucket: 0–249, 600–649.
func ranges(rs []allocator.Range) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = fmt.Sprintf("%d–%d", r.From, r.To-1)
	}
	return strings.Join(parts, " ")
}

// entryColumns is the row shape of a plan, for CSV.
func entryColumns() []render.Column[planner.Entry] {
	start := func(f func(planner.Start) any) func(planner.Entry) any {
		return func(e planner.Entry) any {
			if e.Start == nil {
				return nil
			}
			return f(*e.Start)
		}
	}
	return []render.Column[planner.Entry]{
		{Name: "rank", Value: func(e planner.Entry) any { return e.Rank }},
		{Name: "hypothesis", Value: func(e planner.Entry) any { return e.Hypothesis }},
		{Name: "title", Value: func(e planner.Entry) any { return e.Title }},
		{Name: "surface", Value: func(e planner.Entry) any { return e.Surface }},
		{Name: "component", Value: func(e planner.Entry) any { return e.Component }},
		{Name: "source", Value: func(e planner.Entry) any { return string(e.Source) }},
		{Name: "generator", Value: func(e planner.Entry) any { return e.Generator }},
		{Name: "team", Value: func(e planner.Entry) any { return e.Team }},
		{Name: "status", Value: func(e planner.Entry) any { return string(e.Status) }},
		{Name: "lift_mean", Value: func(e planner.Entry) any { return e.Forecast.Mean }},
		{Name: "lift_sd", Value: func(e planner.Entry) any { return e.Forecast.SD }},
		{Name: "lift_q10", Value: func(e planner.Entry) any { return e.Forecast.Low }},
		{Name: "lift_q90", Value: func(e planner.Entry) any { return e.Forecast.High }},
		{Name: "prob_positive", Value: func(e planner.Entry) any { return e.Forecast.ProbPositive }},
		{Name: "prob_worth_shipping", Value: func(e planner.Entry) any { return e.Forecast.ProbLeast }},
		{Name: "prob_breach", Value: func(e planner.Entry) any { return breachOrNil(e.Forecast) }},
		{Name: "evidence", Value: func(e planner.Entry) any { return e.Forecast.Evidence }},
		{Name: "value", Value: func(e planner.Entry) any { return e.Value }},
		{Name: "design", Value: start(func(s planner.Start) any { return s.Design.Name })},
		{Name: "ramp", Value: start(func(s planner.Start) any { return s.Design.RampText() })},
		{Name: "experiment", Value: start(func(s planner.Start) any { return s.Experiment })},
		{Name: "from", Value: start(func(s planner.Start) any { return s.From })},
		{Name: "until", Value: start(func(s planner.Start) any { return s.Until })},
		{Name: "layer", Value: start(func(s planner.Start) any { return planner.LayerKey(s.Segment, s.Layer) })},
		{Name: "treatment_buckets", Value: start(func(s planner.Start) any { return ranges(s.Treatment) })},
		{Name: "control_buckets", Value: start(func(s planner.Start) any { return ranges(s.Control) })},
		{Name: "plan_value", Value: start(func(s planner.Start) any { return s.Value })},
		{Name: "reason", Value: func(e planner.Entry) any { return e.Reason }},
	}
}
