package main

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) plan() *cobra.Command {
	var r planner.PlanRequest
	var at string
	c := &cobra.Command{
		Use:   "plan",
		Short: "Decide which hypotheses are tested next; print tonight's plan",
		Long: `Make tonight's plan: mine the history, forecast the backlog, value every design, and
allocate GPU-hours and users. The plan comes into force: its starts are firm and hold their
capacity on later nights. The same state and --at give the same plan, byte for byte, unless a
--time-limit cuts it. Without one the work is counted, some seconds of it; with one it goes on
for so long, or until the gap is --gap. A plan within two hours of an announced start is the
plan of that time, unless --at says otherwise.

The plan prints its value, an upper bound that no plan can beat, the gap between them, each
capacity with the price of one more unit, what teams and sources have of their quotas, and
the ten best hypotheses with design, cohort and what their capacity costs. -o json gives all
of it, -o csv one line for each hypothesis.`,
		Example: `  assay plan
  assay plan --dry-run
  assay hypothesis stop h-0123456789ab && assay plan --backfill
  assay plan --at 2026-11-23T02:00 -o json > plan.json
  assay plan show --explain h-0123456789ab`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return group(c, args)
			}
			if err := checkLimits(r.TimeLimit, r.Gap); err != nil {
				return err
			}
			if at != "" {
				t, err := parseTime(at)
				if err != nil {
					return usage("--at %q %v", at, err)
				}
				r.At = t
			}
			return unfinished(c.Context(), a.makePlan(c.Context(), r), "no plan was made; the one in force stays")
		},
	}
	c.Flags().BoolVar(&r.DryRun, "dry-run", false, "print the plan and store nothing")
	c.Flags().BoolVar(&r.Backfill, "backfill", false, "only start what fits beside what runs and what is announced, as after a test has stopped early; nothing moves, and nothing is learned anew")
	c.Flags().DurationVar(&r.TimeLimit, "time-limit", 0, "allocate capacity for this `time` at most, as 10s, and take the best plan by then (default: until the work is done)")
	c.Flags().Float64Var(&r.Gap, "gap", 0, "end the allocation as soon as the gap is at most this `fraction`, as 0.01 for 1%")
	c.Flags().StringVar(&at, "at", "", "the `time` of the night, UTC unless it says otherwise: 2026-11-23, 2026-11-23T02:00 or 2026-11-23T02:00:00Z (default: now)")
	c.AddCommand(a.planShow())
	return c
}

// checkLimits checks --time-limit and --gap.
func checkLimits(limit time.Duration, gap float64) error {
	switch {
	case limit < 0:
		return usage("--time-limit is %s; it must not be negative", limit).next("as --time-limit 10s, or leave it out")
	case !(gap >= 0) || math.IsInf(gap, 0):
		return usage("--gap is %g; it must be a fraction, 0 or more", gap).next("as --gap 0.001 for 0.1%%")
	}
	return nil
}

func (a *app) makePlan(ctx context.Context, r planner.PlanRequest) error {
	svc, done, err := a.service(ctx)
	if err != nil {
		return err
	}
	defer done()
	stages := a.stages()
	r.Progress = stages.show
	p, err := svc.Plan(ctx, r)
	stages.end()
	if err != nil {
		return err
	}
	if err := a.answerPlan(p); err != nil {
		return err
	}
	if r.DryRun {
		a.note("dry run: nothing was stored")
	}
	return nil
}

func (a *app) answerPlan(p planner.Plan) error {
	if a.output == string(render.TableFormat) {
		return a.printPlan(p)
	}
	return answer(a, p, entryColumns(), p.Entries)
}

func (a *app) planShow() *cobra.Command {
	var explain string
	c := &cobra.Command{
		Use:   "show",
		Short: "Show the plan in force, or why one hypothesis is where it is",
		Long: `Show the plan in force. With --explain, show the full account of one hypothesis: every
design with its value, what its users and GPU-hours cost at tonight's prices, and what is
left; the capacities that its best design needs; and the nearest past experiments.`,
		Example: `  assay plan show
  assay plan show --explain h-0123456789ab`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			svc, done, err := a.service(c.Context())
			if err != nil {
				return err
			}
			defer done()
			if explain == "" {
				p, err := svc.CurrentPlan(c.Context())
				if err != nil {
					return err
				}
				return a.answerPlan(p)
			}
			e, err := svc.Explain(c.Context(), explain)
			if errors.Is(err, planner.ErrNotFound) {
				return &fault{code: exitNotFound, err: err, step: "a hypothesis that came after the plan is explained by the next one: assay plan"}
			}
			if err != nil {
				return err
			}
			near, err := a.nearest(c.Context(), svc, explain)
			if err != nil {
				return err
			}
			return a.answerExplanation(e, near[0], svc.currency(c.Context()))
		},
	}
	c.Flags().StringVar(&explain, "explain", "", "`id` of the hypothesis to explain")
	return c
}

// stageLine tells a waiting person which stage of planning runs; silent for
// programs and files.
type stageLine struct {
	a     *app
	live  bool
	began time.Time
	name  string
}

func (a *app) stages() *stageLine {
	return &stageLine{a: a, live: render.IsTerminal(a.err), began: a.now()}
}

func (s *stageLine) show(stage string, _ float64) {
	if s.live && stage != s.name {
		s.name = stage
		s.a.erase()
		s.a.status("%s…", stage)
	}
}

func (s *stageLine) end() {
	if s.live {
		s.a.erase()
	}
}
