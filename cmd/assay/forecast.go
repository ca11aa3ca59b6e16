package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// forecastRow is one hypothesis with its forecast; without one, with the reason.
type forecastRow struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Forecast *planner.Forecast `json:"forecast"`
	Reason   string            `json:"reason,omitempty"`
}

func (a *app) forecast() *cobra.Command {
	return &cobra.Command{
		Use:   "forecast [ID…]",
		Short: "Forecast the true lift of hypotheses from what past experiments returned",
		Long: `Forecast the true relative lift of hypotheses on their target metric: all that wait, or
those named. LIFT is the mean, the interval holds the truth four times out of five, P(>0)
is the probability of any gain at all, PAST counts the past effects of the group that the
forecast learns from most. Nothing is stored.`,
		Example: `  assay forecast
  assay forecast h-0123456789ab -o json`,
		RunE: func(c *cobra.Command, ids []string) error {
			svc, done, err := a.service(c.Context())
			if err != nil {
				return err
			}
			defer done()
			rows, err := forecasts(c.Context(), svc, ids)
			if err != nil {
				return err
			}
			return answer(a, nonNil(rows), forecastColumns(), rows)
		},
	}
}

// forecasts takes them from the plan in force. Before the first plan it makes
// one that comes to nothing, for what it would believe.
func forecasts(ctx context.Context, svc planner.Service, ids []string) ([]forecastRow, error) {
	all, err := svc.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	wanted := slices.DeleteFunc(all, func(r planner.Row) bool {
		if len(ids) > 0 {
			return !slices.Contains(ids, r.ID)
		}
		return r.Status != planner.Queued && r.Status != planner.Starting && r.Status != planner.Scheduled
	})
	for _, id := range ids {
		if !slices.ContainsFunc(wanted, func(r planner.Row) bool { return r.ID == id }) {
			return nil, fmt.Errorf("hypothesis %s: %w", id, planner.ErrNotFound)
		}
	}
	if slices.ContainsFunc(wanted, func(r planner.Row) bool { return r.Forecast == nil && r.Status != planner.Withdrawn }) {
		if err := fill(ctx, svc, wanted); err != nil {
			return nil, err
		}
	}
	rows := make([]forecastRow, len(wanted))
	for i, r := range wanted {
		rows[i] = forecastRow{ID: r.ID, Title: r.Title, Forecast: r.Forecast}
		if r.Forecast == nil {
			rows[i].Reason = r.Reason
		}
	}
	return rows, nil
}

func fill(ctx context.Context, svc planner.Service, rows []planner.Row) error {
	p, err := svc.Plan(ctx, planner.PlanRequest{DryRun: true})
	if err != nil {
		return err
	}
	of := map[string]planner.Entry{}
	for _, e := range p.Entries {
		of[e.Hypothesis] = e
	}
	for i, r := range rows {
		if e, ok := of[r.ID]; ok && r.Forecast == nil && e.Forecast.SD > 0 {
			rows[i].Forecast = &e.Forecast
		}
	}
	return nil
}

func forecastColumns() []render.Column[forecastRow] {
	field := func(f func(planner.Forecast) any) func(forecastRow) any {
		return func(r forecastRow) any {
			if r.Forecast == nil {
				return nil
			}
			return f(*r.Forecast)
		}
	}
	text := func(f func(planner.Forecast) string) func(forecastRow) string {
		return func(r forecastRow) string {
			if r.Forecast == nil {
				return "–"
			}
			return f(*r.Forecast)
		}
	}
	return []render.Column[forecastRow]{
		{Name: "id", Title: "ID", Value: func(r forecastRow) any { return r.ID }},
		{Name: "title", Title: "TITLE", Grow: true, Value: func(r forecastRow) any { return r.Title }},
		{Name: "metric", Title: "METRIC", Grow: true, Value: field(func(f planner.Forecast) any { return f.Metric }), Text: text(func(f planner.Forecast) string { return f.Metric })},
		{Name: "mean", Title: "LIFT", Right: true, Value: field(func(f planner.Forecast) any { return f.Mean }), Text: text(func(f planner.Forecast) string { return render.Lift(f.Mean) })},
		{Name: "sd", Value: field(func(f planner.Forecast) any { return f.SD })},
		{Name: "q10", Value: field(func(f planner.Forecast) any { return f.Low })},
		{Name: "q90", Value: field(func(f planner.Forecast) any { return f.High })},
		{Title: "80% INTERVAL", Right: true, Text: text(func(f planner.Forecast) string {
			return render.Lift(f.Low) + " … " + render.Lift(f.High)
		})},
		{Name: "prob_positive", Title: "P(>0)", Right: true, Value: field(func(f planner.Forecast) any { return f.ProbPositive }), Text: text(func(f planner.Forecast) string {
			return fmt.Sprintf("%.0f%%", 100*f.ProbPositive)
		})},
		{Name: "group", Title: "FROM", Value: field(func(f planner.Forecast) any { return f.Group }), Text: text(func(f planner.Forecast) string { return f.Group })},
		{Name: "effects", Title: "PAST", Right: true, Value: field(func(f planner.Forecast) any { return f.Effects }), Text: text(func(f planner.Forecast) string { return render.Count(float64(f.Effects)) })},
		{Name: "evidence", Value: field(func(f planner.Forecast) any { return f.Evidence })},
		{Name: "reason", Value: func(r forecastRow) any { return r.Reason }},
	}
}
