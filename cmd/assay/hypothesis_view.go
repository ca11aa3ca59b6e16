package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// backlogColumns is the row shape of a hypothesis: for people what fits a
// line, for programs all of it.
func (a *app) backlogColumns(currency string) []render.Column[planner.Row] {
	forecast := func(f func(planner.Forecast) any) func(planner.Row) any {
		return func(r planner.Row) any {
			if r.Forecast == nil {
				return nil
			}
			return f(*r.Forecast)
		}
	}
	return []render.Column[planner.Row]{
		{Name: "rank", Title: "#", Right: true, Value: func(r planner.Row) any { return rankOrNil(r.Rank) }, Text: func(r planner.Row) string { return rankText(r.Rank) }},
		{Name: "id", Title: "ID", Value: func(r planner.Row) any { return r.ID }},
		{Name: "title", Title: "TITLE", Grow: true, Value: func(r planner.Row) any { return r.Title }},
		{Name: "surface", Title: "SURFACE", Value: func(r planner.Row) any { return r.Surface }},
		{Name: "component", Value: func(r planner.Row) any { return r.Component }},
		{Name: "change_type", Value: func(r planner.Row) any { return r.ChangeType }},
		{Name: "source", Title: "BY", Value: func(r planner.Row) any { return string(r.Source) }},
		{Name: "generator", Value: func(r planner.Row) any { return r.Generator }},
		{Name: "author", Value: func(r planner.Row) any { return r.Author }},
		{Name: "team", Value: func(r planner.Row) any { return r.Team }},
		{Name: "metric", Value: func(r planner.Row) any { return r.Metric }},
		{Name: "status", Title: "STATUS", Value: func(r planner.Row) any { return string(r.Status) }, Style: statusStyle},
		{Name: "lift_mean", Title: "LIFT", Right: true, Value: forecast(func(f planner.Forecast) any { return f.Mean }), Text: func(r planner.Row) string {
			if r.Forecast == nil {
				return "–"
			}
			return render.Lift(r.Forecast.Mean)
		}},
		{Name: "lift_sd", Value: forecast(func(f planner.Forecast) any { return f.SD })},
		{Name: "lift_q10", Value: forecast(func(f planner.Forecast) any { return f.Low })},
		{Name: "lift_q90", Value: forecast(func(f planner.Forecast) any { return f.High })},
		{Name: "prob_positive", Value: forecast(func(f planner.Forecast) any { return f.ProbPositive })},
		{Name: "prob_worth_shipping", Value: forecast(func(f planner.Forecast) any { return f.ProbLeast })},
		{Name: "prob_breach", Value: forecast(breachOrNil)},
		{Name: "evidence", Value: forecast(func(f planner.Forecast) any { return f.Evidence })},
		{Name: "value", Title: "VALUE", Right: true, Value: func(r planner.Row) any { return r.Value }, Text: func(r planner.Row) string {
			if r.Forecast == nil {
				return "–"
			}
			return planner.Money(r.Value, currency)
		}},
		{Name: "ice", Value: func(r planner.Row) any { return r.ICE.Score() }},
		{Name: "scores", Value: func(r planner.Row) any { return r.Scores.String() }},
		{Name: "submitted_at", Value: func(r planner.Row) any { return r.Submitted }},
		{Name: "reason", Value: func(r planner.Row) any { return r.Reason }},
	}
}

func rankOrNil(rank int) any {
	if rank == 0 {
		return nil
	}
	return rank
}

func rankText(rank int) string {
	if rank == 0 {
		return "–"
	}
	return fmt.Sprint(rank)
}

func statusStyle(r planner.Row) render.StyleName {
	switch r.Status {
	case planner.Starting, planner.Running:
		return render.Good
	case planner.Withdrawn, planner.Finished, planner.Measured:
		return render.Dim
	default:
		return render.Plain
	}
}

// field is one line of a card: what it is, and what it says.
type field struct{ name, text string }

// card prints fields under a title, long texts wrapped; empty ones are left out.
func (a *app) card(title string, fields []field) {
	s := a.styles()
	for _, line := range render.Wrap(title, a.width()) {
		fmt.Fprintln(a.out, s.Paint(render.Bold, line))
	}
	const indent = 14
	for _, f := range fields {
		for i, line := range render.Wrap(f.text, a.width()-indent) {
			name := f.name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(a.out, "  %s%s\n", s.Paint(render.Dim, fmt.Sprintf("%-*s", indent-2, name)), line)
		}
	}
}

func (a *app) showHypothesis(r planner.Row, near *planner.Nearest, currency string) error {
	if a.output != string(render.TableFormat) {
		full := struct {
			planner.Row
			*planner.Nearest
		}{r, near}
		return answer(a, full, a.backlogColumns(currency), []planner.Row{r})
	}
	status := string(r.Status)
	if r.Rank > 0 {
		status += fmt.Sprintf(", rank %d", r.Rank)
	}
	a.card(r.Title, slices.Concat([]field{
		{"id", r.ID},
		{"status", status},
		{"because", r.Reason},
	}, a.forecastFields(r.Forecast), []field{
		{"worth", worthText(r, currency)},
		{"cohort", cohortText(r.Start)},
		{"changes", strings.Join(nonEmpty(r.Surface, r.Component, r.ChangeType), " / ")},
		{"moves", r.Metric + guardText(r.Guardrails)},
		{"by", strings.Join(nonEmpty(string(r.Source), r.Generator, r.Author, r.Team), ", ")},
		{"claims", claimText(r.Claim)},
		{"compute", computeText(r.Compute)},
		{"ICE", iceText(r.ICE)},
		{"scores", r.Scores.String()},
		{"strong", strongText(r.Strong)},
		{"ramp", r.Ramp},
		{"conflicts", strings.Join(r.Conflicts, ", ")},
		{"requires", strings.Join(r.Requires, ", ")},
		{"submitted", r.Submitted.UTC().Format("2006-01-02 15:04 UTC")},
		{"stopped", stopText(r)},
		{"text", r.Text},
	}))
	return a.showNearest(near)
}

func nonEmpty(parts ...string) []string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

func worthText(r planner.Row, currency string) string {
	if r.Forecast == nil {
		return ""
	}
	return planner.Money(r.Value, currency) + " expected from its best design, alone"
}

func guardText(guardrails []string) string {
	if len(guardrails) == 0 {
		return ""
	}
	return "; must not hurt " + strings.Join(guardrails, ", ")
}

func claimText(c *planner.Claim) string {
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%s, from %s to %s", render.Lift(c.Mid), render.Lift(c.Low), render.Lift(c.High))
}

func computeText(d planner.Demand) string {
	if d.Pool == "" {
		return ""
	}
	return fmt.Sprintf("%s GPU-hours of %s to train, %s a week per million users to serve", render.Count(d.Train), d.Pool, render.Count(d.Serve))
}

func iceText(s *planner.ICE) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%g (impact %g, confidence %g, ease %g)", s.Score(), s.Impact, s.Confidence, s.Ease)
}

func strongText(strong bool) string {
	if !strong {
		return ""
	}
	return "its treatment's buckets rest after the test"
}
