package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
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
  north star  how far a metric's true lift predicts that of the metric the business wants,
              noise of both removed, and the best weights of all metrics together
  ship rules  what each rule would have returned on these experiments, unbiased by thinning,
              beside what it would seem to have returned

The target and the north star are the metric whose lift is worth most by policy.yaml, summed
over surfaces, unless flags name others; without a policy, the one with most usable effects.
The rule in use is the policy's ship_rule, and what rules return is in its currency where it
gives lifts a worth on their surfaces.

Lifts are relative; positive is better. What the history cannot answer is listed, with what
would answer it. -o json gives all of it, -o csv the kinds of idea.`,
		Example: `  assay insights
  assay insights --metric ctr --alpha 0.05
  assay insights --north-star session_minutes
  assay insights --correlation ctr,rpm=0.45 -o json > insights.json`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.standsAlone("insights", "; the server has a page of it: "+a.server+"/insights"); err != nil {
				return err
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
	f.StringVar(&o.Metric, "metric", "", "target `metric` (default: that worth most by the policy, else that with most usable effects)")
	f.StringVar(&o.NorthStar, "north-star", "", "`metric` that the business wants in the end, which the others are to predict (default: that worth most by the policy, else the target)")
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
		return refusedInsights(err)
	}
	if err := a.obey(&o); err != nil {
		return err
	}
	hist := a.lazyHistory()
	defer hist.close()
	stages := a.stages()
	report, err := learner{hist, a.clock(), o}.learn(ctx, o, stages.show)
	stages.end()
	if err != nil {
		return refusedInsights(err)
	}
	return a.answerInsights(report)
}

// learner learns from the history, for the command and for the page.
type learner struct {
	history *lazyHistory
	now     func() time.Time
	options insights.Options
}

func (l learner) learn(ctx context.Context, o insights.Options, progress func(stage string, done float64)) (insights.Report, error) {
	progress("mining past effects", 0)
	effects, err := l.history.Effects(ctx, history.EffectQuery{AsOf: l.now(), AllSegments: true})
	if err != nil {
		return insights.Report{}, err
	}
	progress("learning", 0.5)
	return insights.Learn(effects, o)
}

// Learn reports on a metric and a north star.
func (l learner) Learn(ctx context.Context, metric, northStar string) (insights.Report, error) {
	o := l.options
	o.Metric, o.NorthStar = metric, northStar
	return l.learn(ctx, o, func(string, float64) {})
}

// State is what was imported, and the day: experiments count from their end on.
func (l learner) State(ctx context.Context) (string, error) {
	h, err := l.history.get(ctx)
	if err != nil {
		return "", err
	}
	imported, err := h.Imported(ctx)
	return imported + " " + l.now().UTC().Format(time.DateOnly), err
}

// obey takes from the policy what a lift is worth, of which metrics less is better, and
// the rule in use. Without one nothing is known of these.
func (a *app) obey(o *insights.Options) error {
	policy, err := a.policyIfAny()
	if err != nil || policy == nil {
		return err
	}
	obeyPolicy(o, *policy)
	return nil
}

func obeyPolicy(o *insights.Options, policy planner.Policy) {
	o.Down, o.Worth, o.Currency = map[string]bool{}, map[string]map[string]float64{}, policy.Currency
	for _, m := range policy.Metrics {
		o.Down[m.Name], o.Worth[m.Name] = m.Down, m.Worth
	}
	o.InUse = &insights.ShipRule{PosteriorMean: policy.ShipRule.Rule == "posterior-mean", Cut: policy.ShipRule.Cut, Alpha: policy.ShipRule.Alpha}
}

func (a *app) answerInsights(report insights.Report) error {
	if a.output != string(render.TableFormat) {
		return answer(a, report, groupColumns(render.Axis{}), report.Groups)
	}
	return a.showInsights(report)
}

// refusedInsights says which metrics there are, or which flag is wrong.
func refusedInsights(err error) error {
	if wrong, ok := errors.AsType[*stats.InputError](err); ok && (wrong.Field == "Alpha" || strings.HasPrefix(wrong.Field, "Correlations")) {
		flag := map[bool]string{true: "--alpha", false: "--correlation"}[wrong.Field == "Alpha"]
		return usage("%s: %g %s", flag, wrong.Value, wrong.Reason)
	}
	unknown, ok := errors.AsType[*insights.MetricError](err)
	switch {
	case !ok:
		return err
	case len(unknown.Known) == 0:
		return badInput(err).next("import outcomes of past experiments (assay import outcomes --help); assay doctor counts what can be learned from")
	}
	flag := map[string]string{"Metric": "--metric", "NorthStar": "--north-star", "Correlations": "--correlation"}[unknown.Field]
	return badInput(fmt.Errorf("%s %q: %w", flag, unknown.Metric, err)).next("use %s with one of: %s", flag, strings.Join(unknown.Known, ", "))
}
