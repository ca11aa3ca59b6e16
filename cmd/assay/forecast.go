package main

import (
	"context"
	"fmt"
	"math"
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
	Nearest  *planner.Nearest  `json:"nearest,omitempty"` // nil if the past could not be searched
}

func (a *app) forecast() *cobra.Command {
	return &cobra.Command{
		Use:   "forecast [ID…]",
		Short: "Forecast the true lift of hypotheses from what past experiments returned",
		Long: `Forecast the true relative lift of hypotheses on their target metric: all that wait, or
those named. LIFT is the mean, the interval holds the truth four times out of five, P(>0)
is the probability of any gain at all, P(WORTH) of one above the least worth shipping, P(HARM)
of a guardrail that gets worse by more than its margin. PAST is how many past effects like it
would tell as much of the mean as all that is known does. Below stand those that say nearly
the same as another, tested or waiting. Of those named, there stand the quantiles, what moved
the mean, the guardrails and the nearest past experiments with what became of them; -o json
has all of it of all.

Forecasts are those of the plan in force: what was imported after it counts from the next
assay plan on. Without a plan they are made from what is there. Nothing is stored.`,
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
			if err := a.compare(c.Context(), svc, rows); err != nil {
				return err
			}
			if err := answer(a, nonNil(rows), forecastColumns(), rows); err != nil || a.output != string(render.TableFormat) {
				return err
			}
			if len(ids) == 0 {
				a.showTwins(rows)
				return nil
			}
			return a.showForecasts(rows)
		},
	}
}

// compare adds to each row what is like its hypothesis.
func (a *app) compare(ctx context.Context, svc planner.Service, rows []forecastRow) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	near, err := a.nearest(ctx, svc, ids...)
	for i, n := range near {
		rows[i].Nearest = n
	}
	return err
}

// showTwins prints which hypotheses say nearly the same as another idea, each two once.
func (a *app) showTwins(rows []forecastRow) {
	told := map[[2]string]bool{}
	for _, r := range rows {
		if r.Nearest == nil {
			continue
		}
		fresh := slices.DeleteFunc(slices.Clone(r.Nearest.Duplicates), func(d planner.Duplicate) bool { return told[[2]string{d.Hypothesis, r.ID}] })
		for _, d := range fresh {
			told[[2]string{r.ID, d.Hypothesis}] = true
		}
		for _, line := range duplicateLines(fresh) {
			for i, part := range render.Wrap(r.ID+" "+line, a.width()-2) {
				if i > 0 {
					part = "  " + part
				}
				fmt.Fprintf(a.out, "\n%s", part)
			}
		}
	}
	if len(told) > 0 {
		fmt.Fprintln(a.out)
	}
}

// showForecasts prints what is forecast of each of the hypotheses that were named, why, and
// what is like it.
func (a *app) showForecasts(named []forecastRow) error {
	for _, r := range named {
		fmt.Fprintln(a.out)
		fields := []field{{"because", r.Reason}}
		if r.Forecast != nil {
			fields = a.forecastFields(r.Forecast)
		}
		a.card(r.ID+" "+render.Clean(r.Title), fields)
		if err := a.showNearest(r.Nearest); err != nil {
			return err
		}
	}
	return nil
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
		{Name: "q05", Value: field(func(f planner.Forecast) any { return f.Q05 })},
		{Name: "q10", Value: field(func(f planner.Forecast) any { return f.Low })},
		{Name: "q25", Value: field(func(f planner.Forecast) any { return f.Q25 })},
		{Name: "q50", Value: field(func(f planner.Forecast) any { return f.Median })},
		{Name: "q75", Value: field(func(f planner.Forecast) any { return f.Q75 })},
		{Name: "q90", Value: field(func(f planner.Forecast) any { return f.High })},
		{Name: "q95", Value: field(func(f planner.Forecast) any { return f.Q95 })},
		{Title: "80% INTERVAL", Right: true, Text: text(func(f planner.Forecast) string {
			return render.Lift(f.Low) + " … " + render.Lift(f.High)
		})},
		{Name: "prob_positive", Title: "P(>0)", Right: true, Value: field(func(f planner.Forecast) any { return f.ProbPositive }), Text: text(func(f planner.Forecast) string {
			return fmt.Sprintf("%.0f%%", 100*f.ProbPositive)
		})},
		{Name: "worth_shipping", Value: field(func(f planner.Forecast) any { return f.Least })},
		{Name: "prob_worth_shipping", Title: "P(WORTH)", Right: true, Value: field(func(f planner.Forecast) any { return f.ProbLeast }), Text: text(func(f planner.Forecast) string {
			return fmt.Sprintf("%.0f%%", 100*f.ProbLeast)
		})},
		{Name: "prob_breach", Title: "P(HARM)", Right: true, Value: field(breachOrNil), Text: text(func(f planner.Forecast) string {
			if breachOrNil(f) == nil {
				return "–"
			}
			return fmt.Sprintf("%.0f%%", 100*f.Breach.Any)
		})},
		{Name: "group", Value: field(func(f planner.Forecast) any { return f.Group })},
		{Name: "effects", Value: field(func(f planner.Forecast) any { return f.Effects })},
		{Name: "evidence", Title: "PAST", Right: true, Value: field(func(f planner.Forecast) any { return f.Evidence }), Text: text(func(f planner.Forecast) string { return render.Count(math.Round(f.Evidence)) })},
		{Name: "scale", Value: field(func(f planner.Forecast) any { return f.Scale })},
		{Name: "drivers", Value: field(func(f planner.Forecast) any { return driversText(&f) })},
		{Name: "reason", Value: func(r forecastRow) any { return r.Reason }},
	}
}
