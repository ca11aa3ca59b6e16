package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/sample"
)

func (a *app) demo() *cobra.Command {
	var compare bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Plan a bundled sample: a programme of 2,000 experiments and 500 hypotheses",
		Long: `Plan a bundled sample. An ads-ranking programme with 2,000 past experiments and a backlog
of 500 hypotheses is written into the data directory as files, imported as yours would be,
and planned. Its true lifts are known, so that forecasts and plans can be held against them.

The sample's clock stands still on its night: in this directory every other command sees that
night as now, and running the demo again shows the same plan. Submit a hypothesis of your own
and run assay plan to see where it lands. For your own programme use another --data.`,
		Example: `  assay demo
  assay demo --compare`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if a.server != "" {
				return usage("the demo works in a data directory").next("leave out --server")
			}
			return unfinished(c.Context(), a.runDemo(c.Context(), compare), "the demo was not finished; run it again")
		},
	}
	c.Flags().BoolVar(&compare, "compare", false, "compare the plan's true lift with first come first served, random, ICE and an oracle")
	return c
}

func (a *app) runDemo(ctx context.Context, compare bool) error {
	stages := a.stages()
	defer stages.end()
	stages.show("writing the sample", 0)
	programme, err := a.writeSample()
	if err != nil {
		return err
	}
	h, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	p := h.planner()
	if err := a.loadSample(ctx, h, p, stages); err != nil {
		return err
	}
	if compare {
		stages.show("comparing policies", 0)
		return a.compareSample(ctx, p, programme, stages)
	}
	plan, err := planSample(ctx, p, stages)
	if err != nil {
		return err
	}
	stages.end()
	return a.answerPlan(plan)
}

// writeSample writes the sample's files, and its policy unless there is one:
// whoever changed it wants to see what that does.
func (a *app) writeSample() (sample.Programme, error) {
	policy := filepath.Join(a.data, policyFile)
	hasPolicy := exists(policy)
	if a.isOwn() {
		return sample.Programme{}, (&fault{code: exitBadInput, err: fmt.Errorf("%s holds a programme of your own", a.data)}).
			next("give the demo another directory: assay demo --data %s", filepath.Join(os.TempDir(), "assay-demo"))
	}
	programme := sample.Generate(sample.Seed)
	dir := filepath.Join(a.data, sampleDir)
	if err := programme.WriteTo(dir); err != nil {
		return programme, err
	}
	if hasPolicy {
		return programme, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, sample.PolicyFile))
	return programme, errors.Join(err, os.WriteFile(policy, text, 0o644))
}

// loadSample imports the files as a user's are imported. What is known
// already is not added again.
func (a *app) loadSample(ctx context.Context, h *house, p *planner.Planner, stages *stageLine) error {
	dir := filepath.Join(a.data, sampleDir)
	stages.show("starting ClickHouse", 0)
	store, err := h.history.get(ctx)
	if err != nil {
		return err
	}
	stages.show("importing 2,000 experiments", 0)
	name := filepath.Join(dir, sample.MappingFile)
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	m, err := mapping.Parse(name, text)
	if err != nil {
		return err
	}
	if _, err := store.Import(ctx, history.ImportRequest{Files: []string{filepath.Join(dir, sample.OutcomesFile)}, Mapping: m}); err != nil {
		return err
	}
	stages.show("importing 500 hypotheses", 0)
	drafts, bad, err := readDrafts(ctx, filepath.Join(dir, sample.HypothesesFile), nil)
	if len(bad) > 0 {
		return refusedDrafts(bad)
	}
	if err != nil {
		return err
	}
	_, err = p.Submit(ctx, hypotheses(drafts))
	return placed(err, drafts)
}

// planSample plans the sample's night. When a later night was planned since,
// that plan stays in force and this one is only shown.
func planSample(ctx context.Context, p *planner.Planner, stages *stageLine) (planner.Plan, error) {
	r := planner.PlanRequest{At: sample.Tonight, Progress: stages.show}
	plan, err := p.Plan(ctx, r)
	if errors.Is(err, planner.ErrLaterPlan) {
		r.DryRun = true
		return p.Plan(ctx, r)
	}
	return plan, err
}

func (a *app) compareSample(ctx context.Context, p *planner.Planner, programme sample.Programme, stages *stageLine) error {
	s, err := p.Snapshot(ctx, sample.Tonight)
	if err != nil {
		return err
	}
	truth := programme.TrueLifts()
	known := s.Hypotheses[:0]
	for _, h := range s.Hypotheses {
		if _, ok := truth[h.ID]; ok { // ideas of the user's own have no known truth
			known = append(known, h)
		}
	}
	s.Hypotheses = known
	results, err := planner.Compare(s, truth)
	stages.end()
	if err != nil {
		return err
	}
	return a.answerComparison(results, s.Policy.Currency)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
