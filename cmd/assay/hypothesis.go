package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) hypothesis() *cobra.Command {
	c := &cobra.Command{
		Use:     "hypothesis",
		Aliases: []string{"hypotheses"},
		Short:   "Submit, list, show, stop, resume and withdraw hypotheses",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	c.AddCommand(a.hypothesisSubmit(), a.hypothesisList(), a.hypothesisShow(), a.hypothesisStop(), a.hypothesisResume(), a.hypothesisWithdraw())
	return c
}

func (a *app) hypothesisList() *cobra.Command {
	var status, source, surface string
	var limit int
	c := &cobra.Command{
		Use:   "list",
		Short: "List the backlog by rank, with forecast, status and value",
		Long: `List the backlog: what the plan in force ranks, by rank; then later arrivals; then what
runs, ended or was withdrawn.

LIFT is the mean of the forecast of the true relative lift, VALUE what the best design is
expected to gain. -o csv and -o json give all rows with all fields, unless --limit is set.`,
		Example: `  assay hypothesis list --status queued --source ai
  assay hypothesis list -o csv > backlog.csv`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("limit") && a.output != string(render.TableFormat) {
				limit = 0
			}
			keep := func(r planner.Row) bool {
				return (status == "" || string(r.Status) == status) &&
					(source == "" || string(r.Source) == source) &&
					(surface == "" || r.Surface == surface)
			}
			return a.listHypotheses(c, keep, limit)
		},
	}
	c.Flags().StringVar(&status, "status", "", "only this `status`: queued, starting, scheduled, running, finished, measured or withdrawn")
	c.Flags().StringVar(&source, "source", "", "only this `source`: human or ai")
	c.Flags().StringVar(&surface, "surface", "", "only this `surface`, as feed")
	c.Flags().IntVar(&limit, "limit", 30, "most `rows` to show; 0 shows all")
	return c
}

func (a *app) listHypotheses(c *cobra.Command, keep func(planner.Row) bool, limit int) error {
	svc, done, err := a.service(c.Context())
	if err != nil {
		return err
	}
	defer done()
	all, err := svc.Backlog(c.Context())
	if err != nil {
		return err
	}
	rows := slices.DeleteFunc(all, func(r planner.Row) bool { return !keep(r) })
	shown := rows
	if limit > 0 && len(rows) > limit {
		shown = rows[:limit]
	}
	if err := answer(a, nonNil(shown), a.backlogColumns(svc.currency(c.Context())), shown); err != nil {
		return err
	}
	switch {
	case len(rows) == 0:
		a.note("no hypothesis matches; assay hypothesis submit --help shows how to add one")
	case len(shown) < len(rows):
		a.note("… and %s more; --limit 0 shows all", render.Thousands(float64(len(rows)-len(shown))))
	}
	return nil
}

// nonNil makes an empty list [] in JSON, not null.
func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func (a *app) hypothesisShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one hypothesis in full, and what is like it",
		Long: `Show one hypothesis in full, with the past experiments that are nearest to it and what
became of them, and ideas that say nearly the same.

LIKE compares words and traits (BM25; 100% is the same idea), SHRUNK is what is believed of
the true lift after its test, DECISION what the import says was done.`,
		Example: `  assay hypothesis show h-0123456789ab -o json`,
		Args:    one("ID"),
		RunE: func(c *cobra.Command, ids []string) error {
			svc, done, err := a.service(c.Context())
			if err != nil {
				return err
			}
			defer done()
			row, err := svc.Hypothesis(c.Context(), ids[0])
			if err != nil {
				return err
			}
			near, err := a.nearest(c.Context(), svc, row.ID)
			if err != nil {
				return err
			}
			return a.showHypothesis(row, near[0], svc.currency(c.Context()))
		},
	}
}

func (a *app) hypothesisWithdraw() *cobra.Command {
	return &cobra.Command{
		Use:   "withdraw ID",
		Short: "Take a hypothesis back; its capacity is free from the next plan on",
		Long: `Take a hypothesis back. It leaves the queue at once; what it holds is free for the next
plan. It stays on record, and assay hypothesis resume brings it back. Withdrawing twice is
no error.`,
		Example: `  assay hypothesis withdraw h-0123456789ab`,
		Args:    one("ID"),
		RunE: func(c *cobra.Command, ids []string) error {
			return a.change(c.Context(), func(svc planner.Service) (planner.Row, error) {
				return svc.Withdraw(c.Context(), ids[0])
			}, func(row planner.Row) error {
				_, err := fmt.Fprintf(a.out, "%s withdrawn: %s\n", row.ID, render.Clean(row.Title))
				return err
			})
		},
	}
}

// change does something to a hypothesis, and answers with its row, or says in a table's
// stead what came of it.
func (a *app) change(ctx context.Context, do func(planner.Service) (planner.Row, error), say func(planner.Row) error) error {
	svc, done, err := a.service(ctx)
	if err != nil {
		return err
	}
	defer done()
	row, err := do(svc)
	if err != nil {
		return err
	}
	if a.output != string(render.TableFormat) {
		return answer(a, row, a.backlogColumns(svc.currency(ctx)), []planner.Row{row})
	}
	return say(row)
}
