package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
)

func (a *app) history() *cobra.Command {
	c := &cobra.Command{
		Use:   "history",
		Short: "Look at past experiments",
		Args:  cobra.ArbitraryArgs,
		RunE:  group,
	}
	c.AddCommand(a.historyVerdicts())
	return c
}

func (a *app) historyVerdicts() *cobra.Command {
	var only string
	c := &cobra.Command{
		Use:   "verdicts",
		Short: "List past experiments, and why some are not learned from",
		Long: `List every past experiment with its verdict: usable, or why nothing is learned from it,
and how many experiments have which. docs/mapping.md explains the verdicts and what each
needs to be known.

-o json has the counts and the experiments, -o csv one line for each experiment.`,
		Example: `  assay history verdicts
  assay history verdicts --verdict "sample ratio mismatch"
  assay history verdicts -o csv > verdicts.csv`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := a.standsAlone("history verdicts", ""); err != nil {
				return err
			}
			if !isVerdict(only) {
				return usage("--verdict %q: no verdict begins so", only).next("verdicts are: %s", strings.Join(history.VerdictKinds, ", "))
			}
			return a.answerVerdicts(c.Context(), only)
		},
	}
	c.Flags().StringVar(&only, "verdict", "", "list only experiments whose `verdict` begins so: usable, duplicate, \"still running\"")
	return c
}

// isVerdict says whether an experiment could have a verdict that begins so.
func isVerdict(only string) bool {
	begins := func(kind string) bool { return strings.HasPrefix(kind, only) }
	return strings.HasPrefix(only, "excluded:") || strings.HasPrefix(only, "duplicate of") || slices.ContainsFunc(history.VerdictKinds, begins)
}

// verdictCount is how many experiments have a verdict.
type verdictCount struct {
	Verdict     string `json:"verdict"`
	Experiments int    `json:"experiments"`
}

// verdictsAnswer is what -o json prints.
type verdictsAnswer struct {
	Counts      []verdictCount   `json:"counts"`
	Experiments []history.Judged `json:"experiments"`
}

func (a *app) answerVerdicts(ctx context.Context, only string) error {
	if a.clickhouse == "" && !a.hasEngine() {
		return (&fault{code: exitNotFound, err: fmt.Errorf("there is no history in %s", a.data)}).next("assay import outcomes --help, or assay demo --data %s", a.data)
	}
	h := a.lazyHistory()
	defer h.close()
	store, err := h.get(ctx)
	if err != nil {
		return err
	}
	all, err := store.Verdicts(ctx)
	if err != nil {
		return err
	}
	v := verdictsAnswer{Counts: countVerdicts(all), Experiments: slices.DeleteFunc(all, func(j history.Judged) bool {
		return !strings.HasPrefix(j.Verdict, only) && !strings.HasPrefix(history.VerdictKind(j.Verdict), only)
	})}
	if only != "" && len(v.Experiments) == 0 {
		var known []string
		for _, c := range v.Counts {
			known = append(known, c.Verdict)
		}
		return usage("--verdict %q: no experiment has it", only).next("there are: %s", strings.Join(known, ", "))
	}
	v.Experiments = nonNil(v.Experiments)
	if err := answer(a, v, verdictColumns, v.Experiments); err != nil || a.output != string(render.TableFormat) {
		return err
	}
	if len(all) == 0 {
		a.note("no experiment was imported yet: assay import outcomes --help")
		return nil
	}
	fmt.Fprintln(a.out)
	return render.Table(a.out, a.styles(), a.width(), countColumns, v.Counts)
}

// countVerdicts counts experiments by kind of verdict, usable ones first and then
// the most frequent.
func countVerdicts(all []history.Judged) []verdictCount {
	counts := []verdictCount{{Verdict: history.Usable}}
	for _, j := range all {
		kind := history.VerdictKind(j.Verdict)
		at := slices.IndexFunc(counts, func(c verdictCount) bool { return c.Verdict == kind })
		if at < 0 {
			at, counts = len(counts), append(counts, verdictCount{Verdict: kind})
		}
		counts[at].Experiments++
	}
	slices.SortFunc(counts[1:], func(x, y verdictCount) int {
		if x.Experiments != y.Experiments {
			return y.Experiments - x.Experiments
		}
		return strings.Compare(x.Verdict, y.Verdict)
	})
	return counts
}

// dayOf is the day of an instant; "" when it is not known.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

var countColumns = []render.Column[verdictCount]{
	{Name: "verdict", Title: "VERDICT", Value: func(c verdictCount) any { return c.Verdict }},
	{Name: "experiments", Title: "EXPERIMENTS", Right: true, Value: func(c verdictCount) any { return c.Experiments },
		Text: func(c verdictCount) string { return render.Thousands(float64(c.Experiments)) }},
}

var verdictColumns = []render.Column[history.Judged]{
	{Name: "experiment", Title: "EXPERIMENT", Grow: true, Value: func(j history.Judged) any { return j.Experiment }},
	{Name: "title", Value: func(j history.Judged) any { return j.Title }},
	{Name: "surface", Value: func(j history.Judged) any { return j.Surface }},
	{Name: "started", Value: func(j history.Judged) any { return dayOf(j.Started) }},
	{Name: "ended", Title: "ENDED", Value: func(j history.Judged) any { return dayOf(j.Ended) }},
	{Name: "effects", Title: "EFFECTS", Right: true, Value: func(j history.Judged) any { return j.Effects }},
	{Name: "usable", Title: "USABLE", Right: true, Value: func(j history.Judged) any { return j.Usable }},
	{Name: "verdict", Title: "VERDICT", Grow: true, Value: func(j history.Judged) any { return j.Verdict }},
	{Name: "seen_by", Title: "SEEN BY", Grow: true, Value: func(j history.Judged) any { return j.SeenBy }},
}
