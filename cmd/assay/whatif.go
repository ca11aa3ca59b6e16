package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) whatIf() *cobra.Command {
	var r planner.WhatIfRequest
	c := &cobra.Command{
		Use:   "what-if",
		Short: "Show how tonight's plan would differ with other capacity, values or quotas",
		Long: `Make the plan in force again with something changed, and print the difference: what it
would be worth, which tests come in, go out or move and why, and what capacity would cost.
Nothing is stored. It forecasts as that plan did and begins at its prices, so it is quick.

  --set pools.a100=+20%                  GPU-hours of a pool in every week
  --set segments.feed-us=-10%            users of a segment in a week
  --set metrics.rpm.feed=2.5e9           worth of a lift of a metric on a surface
  --set hypotheses.h-0123456789ab=+50%   gain of a hypothesis, whatever its design
  --set quotas.ai.gpu_hours.most=0.4     a quota of a source or team: least or most, or none
  --set change_cost=0                    what a change of an announced start costs

+20% and -20% change what there is by a share of it, +500 and -500 by an amount; a number
without a sign replaces it.`,
		Example: `  assay what-if --set pools.a100=+20%
  assay what-if --set pools.h100=-5000 --set quotas.ai.users.most=30% -o json`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if len(r.Set) == 0 {
				return usage("nothing is changed").next("say what, as --set pools.a100=+20%%")
			}
			if err := checkLimits(r.TimeLimit, r.Gap); err != nil {
				return err
			}
			svc, done, err := a.service(c.Context())
			if err != nil {
				return err
			}
			defer done()
			stages := a.stages()
			stages.show("allocating capacity", 0)
			w, err := svc.WhatIf(c.Context(), r)
			stages.end()
			if errors.Is(err, planner.ErrRequest) {
				return &fault{code: exitUsage, err: err, step: "assay what-if --help lists what can be set"}
			}
			if err != nil {
				return err
			}
			if a.output == string(render.TableFormat) {
				return a.printWhatIf(w)
			}
			return answer(a, w, differenceColumns(), append(append(shown("in", w.In), shown("out", w.Out)...), shown("moved", w.Moved)...))
		},
	}
	c.Flags().StringArrayVar(&r.Set, "set", nil, "what to change, as `KEY=VALUE`; may be given several times")
	c.Flags().DurationVar(&r.TimeLimit, "time-limit", 0, "allocate capacity for this `time` at most, as 10s (default: until the work is done)")
	c.Flags().Float64Var(&r.Gap, "gap", 0, "end the allocation as soon as the gap is at most this `fraction`, as 0.01 for 1%")
	return c
}

// differencesShown is how many tests of each kind are printed.
const differencesShown = 10

func (a *app) printWhatIf(w planner.WhatIf) error {
	s := a.styles()
	var what []string
	for _, set := range w.Set {
		what = append(what, fmt.Sprintf("%s were %s, not %s", set.Key, set.Now, set.Was))
	}
	for _, line := range render.Wrap("Tonight's plan, if "+strings.Join(what, ", and "), a.width()) {
		fmt.Fprintln(a.out, s.Paint(render.Bold, line))
	}
	fmt.Fprintln(a.out)
	money := func(x float64) string { return planner.Money(x, w.Currency) }
	more := money(w.Now.Value - w.Was.Value)
	if w.Now.Value >= w.Was.Value {
		more = "+" + more
	}
	fields := []field{
		{"value", fmt.Sprintf("%s, where the plan of %s has %s: %s", money(w.Now.Value), w.Plan, money(w.Was.Value), more)},
		{"bound", fmt.Sprintf("%s, where it has %s; gap %s, where it has %s", money(w.Now.Bound), money(w.Was.Bound), worthGap(w.Now), worthGap(w.Was))},
		{"tests", fmt.Sprintf("%d, where it has %d: %d come in, %d go out, %d move", w.Now.Tests, w.Was.Tests, len(w.In), len(w.Out), len(w.Moved))},
	}
	if w.Changed {
		fields = append(fields, field{"note", "the policy or the backlog is not what the plan was made from; the difference shows that as well"})
	}
	a.card("", fields)
	a.printDifferences("come in", w.In)
	a.printDifferences("go out", w.Out)
	a.printDifferences("move", w.Moved)
	if len(w.Prices) == 0 {
		fmt.Fprintln(a.out, "\nNo price changes. Nothing was stored.")
		return nil
	}
	fmt.Fprintln(a.out)
	if err := render.Table(a.out, s, a.width(), priceColumns(w.Currency), w.Prices); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\nNothing was stored.")
	return nil
}

func worthGap(w planner.Worth) string {
	return gapText(planner.Plan{Value: w.Value, Gap: w.Gap, Cut: w.Cut})
}

// printDifferences prints two lines for each of the most valuable tests of a list.
func (a *app) printDifferences(verb string, all []planner.Difference) {
	if len(all) == 0 {
		return
	}
	s := a.styles()
	heading := fmt.Sprintf("The best %d of %s that would %s", min(differencesShown, len(all)), render.Plural(len(all), "test", "tests"), verb)
	fmt.Fprintf(a.out, "\n%s\n", s.Paint(render.Bold, heading))
	for _, d := range all[:min(differencesShown, len(all))] {
		left, right := fmt.Sprintf("     %s  ", d.Hypothesis), spotText(d.Now)
		if d.Now == nil {
			right = "was " + spotText(d.Was)
		}
		title := render.Cut(render.Clean(d.Title), a.width()-render.Len(left)-render.Len(right)-2)
		a.apart(left+s.Paint(render.Bold, title), render.Len(left)+render.Len(title), right, render.Len(right))
		reason := d.Reason
		if d.Was != nil && d.Now != nil {
			reason = "was " + spotText(d.Was) + "; " + reason
		}
		a.under(reason)
	}
}

func spotText(p *planner.Place) string {
	if p == nil {
		return ""
	}
	return p.Design + " from " + dayOf(p.From)
}

func priceColumns(currency string) []render.Column[planner.PriceChange] {
	price := func(x float64) string {
		if x == 0 {
			return "nothing"
		}
		return planner.Money(x, currency)
	}
	return []render.Column[planner.PriceChange]{
		{Name: "name", Title: "ONE MORE, EVERY WEEK", Grow: true, Value: func(c planner.PriceChange) any { return c.Name }},
		{Name: "unit", Title: "UNIT", Value: func(c planner.PriceChange) any { return c.Unit }},
		{Name: "was", Title: "IS WORTH", Right: true, Value: func(c planner.PriceChange) any { return c.Was }, Text: func(c planner.PriceChange) string { return price(c.Was) }},
		{Name: "now", Title: "WOULD BE", Right: true, Value: func(c planner.PriceChange) any { return c.Now }, Text: func(c planner.PriceChange) string { return price(c.Now) }},
	}
}

// shownDifference is a line of CSV.
type shownDifference struct {
	planner.Difference
	Kind string
}

func shown(kind string, all []planner.Difference) []shownDifference {
	var lines []shownDifference
	for _, d := range all {
		lines = append(lines, shownDifference{d, kind})
	}
	return lines
}

func differenceColumns() []render.Column[shownDifference] {
	place := func(of func(planner.Difference) *planner.Place, f func(planner.Place) any) func(shownDifference) any {
		return func(d shownDifference) any {
			if p := of(d.Difference); p != nil {
				return f(*p)
			}
			return nil
		}
	}
	was := func(d planner.Difference) *planner.Place { return d.Was }
	now := func(d planner.Difference) *planner.Place { return d.Now }
	design := func(p planner.Place) any { return p.Design }
	from := func(p planner.Place) any { return p.From }
	layer := func(p planner.Place) any { return planner.LayerKey(p.Segment, p.Layer) }
	worth := func(p planner.Place) any { return p.Value }
	return []render.Column[shownDifference]{
		{Name: "change", Value: func(d shownDifference) any { return d.Kind }},
		{Name: "hypothesis", Value: func(d shownDifference) any { return d.Hypothesis }},
		{Name: "title", Value: func(d shownDifference) any { return d.Title }},
		{Name: "was_design", Value: place(was, design)}, {Name: "was_layer", Value: place(was, layer)},
		{Name: "was_from", Value: place(was, from)}, {Name: "was_value", Value: place(was, worth)},
		{Name: "design", Value: place(now, design)}, {Name: "layer", Value: place(now, layer)},
		{Name: "from", Value: place(now, from)}, {Name: "value", Value: place(now, worth)},
		{Name: "reason", Value: func(d shownDifference) any { return d.Reason }},
	}
}
