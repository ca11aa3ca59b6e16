package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) hypothesis() *cobra.Command {
	c := &cobra.Command{
		Use:     "hypothesis",
		Aliases: []string{"hypotheses"},
		Short:   "Submit, list, show and withdraw hypotheses",
		Args:    cobra.ArbitraryArgs,
		RunE:    group,
	}
	c.AddCommand(a.hypothesisSubmit(), a.hypothesisList(), a.hypothesisShow(), a.hypothesisWithdraw())
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
		Use:     "show ID",
		Short:   "Show one hypothesis in full",
		Example: `  assay hypothesis show h-0123456789ab -o json`,
		Args:    args(cobra.ExactArgs(1)),
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
			return a.showHypothesis(row, svc.currency(c.Context()))
		},
	}
}

func (a *app) hypothesisWithdraw() *cobra.Command {
	return &cobra.Command{
		Use:   "withdraw ID",
		Short: "Take a hypothesis back; its capacity is free from the next plan on",
		Long: `Take a hypothesis back. It leaves the queue at once; what it holds is free for the next
plan. It stays on record. Withdrawing twice is no error.`,
		Example: `  assay hypothesis withdraw h-0123456789ab`,
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, ids []string) error {
			svc, done, err := a.service(c.Context())
			if err != nil {
				return err
			}
			defer done()
			row, err := svc.Withdraw(c.Context(), ids[0])
			if err != nil {
				return err
			}
			if a.output != string(render.TableFormat) {
				return answer(a, row, a.backlogColumns(svc.currency(c.Context())), []planner.Row{row})
			}
			_, err = fmt.Fprintf(a.out, "%s withdrawn: %s\n", row.ID, render.Clean(row.Title))
			return err
		},
	}
}

func (a *app) hypothesisSubmit() *cobra.Command {
	var h planner.Hypothesis
	var claimed, scored string
	c := &cobra.Command{
		Use:   "submit [FILE… | -]",
		Short: "Submit hypotheses: one by flags, or many from files or standard input",
		Long: `Submit hypotheses. Either describe one with flags, or name files (JSON, NDJSON, YAML or
CSV); - reads standard input. All are taken or none; every bad field is named. The same idea
again is acknowledged again, not added. An acknowledged hypothesis is on disk.

Fields, with those of a file in brackets where they differ from the flag:
  title, surface, component, source, metric   required; so is generator when source is ai
  claim  the author's own forecast of the relative lift: low,mid,high; meant to hold the
         truth four times out of five; 0.5% or 0.005 [claim: {low, mid, high}]
  pool, train-gpu-hours, serve-gpu-hours      compute: GPU-hours to train once, and to
         serve a week per million users in treatment [compute: {pool, train_gpu_hours,
         serve_gpu_hours_per_million_users}]
  ice    impact,confidence,ease, each 1 to 10; kept for comparison [ice: {…}]
In CSV the columns are the fields, nested ones with a dot (claim.low), lists with semicolons.`,
		Example: `  assay hypothesis submit --title "Freshness in the feed ranker" --surface feed \
      --component ranking --source human --author Mei --team feed-quality \
      --metric revenue_per_mille --claim=-0.1%,0.3%,0.9% --pool a100 --train-gpu-hours 400
  assay hypothesis submit ideas.yaml
  generate-ideas | assay hypothesis submit - --server http://127.0.0.1:8090`,
		RunE: func(c *cobra.Command, files []string) error {
			drafts, err := a.draftsFrom(c, files, h, claimed, scored)
			if err != nil {
				return err
			}
			return a.submit(c, drafts)
		},
	}
	f := c.Flags()
	f.StringVar(&h.ID, "id", "", "`id`, up to 64 letters, digits and . _ : - (default: derived from the content)")
	f.StringVar(&h.Title, "title", "", "one `line`")
	f.StringVar(&h.Text, "text", "", "because …, if …, then … (`text`)")
	f.StringVar(&h.Surface, "surface", "", "`surface` it acts on, as feed")
	f.StringVar(&h.Component, "component", "", "what it changes (`component`), as ranking")
	f.StringVar(&h.ChangeType, "change-type", "", "how it changes it (`type`), as new-feature")
	f.StringVar(&h.Segment, "segment", "", "`segment` of users (default: the first of its surface)")
	f.StringVar((*string)(&h.Source), "source", "human", "`who` wrote it: human or ai")
	f.StringVar(&h.Author, "author", "", "`name` of the person who wrote it")
	f.StringVar(&h.Generator, "generator", "", "`name` of the system that wrote it")
	f.StringVar(&h.Team, "team", "", "`team` that it belongs to")
	f.StringVar(&h.Metric, "metric", "", "target `metric`")
	f.StringSliceVar(&h.Guardrails, "guardrail", nil, "`metric` that must not get worse; may be repeated")
	f.StringVar(&claimed, "claim", "", "own forecast `low,mid,high`, as -0.1%,0.3%,0.9%")
	f.StringVar(&h.Compute.Pool, "pool", "", "compute `pool`, as a100")
	f.Float64Var(&h.Compute.Train, "train-gpu-hours", 0, "`GPU-hours` to train it once")
	f.Float64Var(&h.Compute.Serve, "serve-gpu-hours", 0, "`GPU-hours` a week per million users in treatment")
	f.StringSliceVar(&h.Conflicts, "conflict", nil, "`id` never to be tested on the same users at once; may be repeated")
	f.StringSliceVar(&h.Requires, "requires", nil, "`id` whose test must have ended before; may be repeated")
	f.StringVar(&scored, "ice", "", "`impact,confidence,ease`, each 1 to 10")
	return c
}

// draftsFrom takes the submission from flags or files, never from both.
func (a *app) draftsFrom(c *cobra.Command, files []string, h planner.Hypothesis, claimed, scored string) ([]draft, error) {
	if len(files) > 0 {
		if c.Flags().Changed("title") {
			return nil, usage("give the hypothesis by flags or in a file, not both")
		}
		return a.allDrafts(c.Context(), files)
	}
	if h.Title == "" {
		return nil, usage("nothing to submit").next("give --title and the other fields, or a file, or - for standard input; see --help")
	}
	if claimed != "" {
		v, err := triple(claimed)
		if err != nil {
			return nil, usage("--claim %q %v", claimed, err).next("write low,mid,high, as --claim=-0.1%%,0.3%%,0.9%%")
		}
		h.Claim = &planner.Claim{Low: v[0], Mid: v[1], High: v[2]}
	}
	if scored != "" {
		v, err := triple(scored)
		if err != nil {
			return nil, usage("--ice %q %v", scored, err).next("write impact,confidence,ease, as --ice 8,5,6")
		}
		h.ICE = &planner.ICE{Impact: v[0], Confidence: v[1], Ease: v[2]}
	}
	return []draft{{Hypothesis: h}}, nil
}

func triple(s string) (v [3]float64, err error) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return v, fmt.Errorf("has %d values, not 3", len(parts))
	}
	for i, part := range parts {
		if v[i], err = parseFraction(part); err != nil {
			return v, fmt.Errorf("holds %q, which %w", part, err)
		}
	}
	return v, nil
}
