package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats"
)

func (a *app) insights() *cobra.Command {
	var o insights.Options
	var shipped, correlations []string
	c := &cobra.Command{
		Use:   "insights",
		Short: "What all past experiments teach together: totals, false wins, tails, kinds, rules",
		Long: `Learn from the imported history as a whole:

  shipped     what everything that shipped brought: the sum of estimates, which is too high
              because the lucky ones ship (winner's curse), and the corrected total, with
              intervals. Imported decisions say what shipped; else the best significantly
              positive arm of each experiment
  wins        how many arms win, and how many of the wins are expected to be false
  tail        whether few ideas bring most (tail index), and what that means for many small
              tests against few large ones
  kinds       mean, spread and upside of true lifts by surface, component, change type,
              source, generator, team and segment of users
  north star  how far a metric's true lift predicts the target's, noise of both removed
  ship rules  what each rule would have returned on these experiments, unbiased by thinning

Lifts are relative; positive is better. What the history cannot answer is listed, with what
would answer it. -o json gives all of it, -o csv the kinds of idea.`,
		Example: `  assay insights
  assay insights --metric rpm --alpha 0.05
  assay insights --correlation ctr,rpm=0.45 -o json > insights.json`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if a.server != "" {
				return usage("insights reads the data directory").next("leave out --server")
			}
			for _, text := range correlations {
				one, err := parseCorrelation(text)
				if err != nil {
					return usage("--correlation %q %v", text, err).next("write two metrics and the correlation of their values over users, as --correlation ctr,rpm=0.45")
				}
				o.Correlations = append(o.Correlations, one)
			}
			if len(shipped) > 0 {
				o.Shipped = shipped
			}
			return unfinished(c.Context(), a.runInsights(c.Context(), o), "nothing was stored")
		},
	}
	f := c.Flags()
	f.StringVar(&o.Metric, "metric", "", "target `metric` (default: that with most usable effects)")
	f.Float64Var(&o.Alpha, "alpha", 0.025, "one-sided `level` of a win, and of the ship rule where no decision is known")
	f.StringSliceVar(&shipped, "shipped", nil, "`words` with which an imported decision that shipped begins (default: "+strings.Join(insights.ShippedWords[:4], ", ")+" …)")
	f.StringArrayVar(&correlations, "correlation", nil, "correlation of two metrics' values over users, as `a,b=r` (default: estimated); may be repeated")
	return c
}

func parseCorrelation(text string) (c insights.Correlation, err error) {
	metrics, value, found := strings.Cut(text, "=")
	if c.A, c.B, _ = strings.Cut(metrics, ","); !found || c.A == "" || c.B == "" {
		return c, errors.New("is not two metrics and a number")
	}
	if c.Value, err = parseFraction(value); err != nil {
		return c, fmt.Errorf("holds %q, which %w", value, err)
	}
	return c, nil
}

func (a *app) runInsights(ctx context.Context, o insights.Options) error {
	if err := o.Check(); err != nil {
		return refusedInsights(err, nil)
	}
	hist := a.lazyHistory()
	defer hist.close()
	stages := a.stages()
	stages.show("mining past effects", 0)
	effects, err := hist.Effects(ctx, history.EffectQuery{AsOf: a.clock()(), AllSegments: true})
	if err != nil {
		stages.end()
		return err
	}
	o.Down = map[string]bool{}
	if policy, err := a.readPolicy(); err == nil { // without one, more is better
		for _, m := range policy.Metrics {
			o.Down[m.Name] = m.Down
		}
	}
	stages.show("learning", 0.5)
	report, err := insights.Learn(effects, o)
	stages.end()
	if err != nil {
		return refusedInsights(err, effects)
	}
	return a.answerInsights(report)
}

func (a *app) answerInsights(report insights.Report) error {
	if a.output != string(render.TableFormat) {
		return answer(a, report, groupColumns(render.Axis{}), report.Groups)
	}
	return a.showInsights(report)
}

// refusedInsights says which metrics there are, or which flag is wrong.
func refusedInsights(err error, effects []history.Effect) error {
	if wrong, ok := errors.AsType[*stats.InputError](err); ok && (wrong.Field == "Alpha" || strings.HasPrefix(wrong.Field, "Correlations")) {
		flag := map[bool]string{true: "--alpha", false: "--correlation"}[wrong.Field == "Alpha"]
		return usage("%s: %g %s", flag, wrong.Value, wrong.Reason)
	}
	if !errors.Is(err, insights.ErrNothing) {
		return err
	}
	usable := map[string]bool{}
	for _, e := range effects {
		usable[e.Metric] = usable[e.Metric] || e.Usable
	}
	var known []string
	for _, m := range sortedKeys(usable) {
		if usable[m] {
			known = append(known, m)
		}
	}
	f := badInput(err)
	if len(known) == 0 {
		return f.next("import outcomes of past experiments (assay import outcomes --help); assay doctor counts what can be learned from")
	}
	return f.next("use --metric with one of: %s", strings.Join(known, ", "))
}
