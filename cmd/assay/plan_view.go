package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// printPlan prints tonight for a person: what it is worth and how sure that
// is, what capacity costs, and the best hypotheses with their place and reason.
func (a *app) printPlan(p planner.Plan) error {
	s := a.styles()
	fmt.Fprintf(a.out, "%s\n\n", s.Paint(render.Bold, fmt.Sprintf("Plan for the night of %s, %s ahead", night(p.At), render.Plural(p.Weeks, "week", "weeks"))))
	starting := chosen(p, planner.Starting)
	scheduled := chosen(p, planner.Scheduled)
	fields := []field{
		{"value", fmt.Sprintf("%s expected net gain of %s", planner.Money(p.Value, p.Currency), render.Plural(len(starting)+len(scheduled), "chosen test", "chosen tests"))},
		{"bound", fmt.Sprintf("%s: %s can be worth more; gap %s", planner.Money(p.Bound, p.Currency), bounded(p), gapText(p))},
		{"tests", fmt.Sprintf("%d start tonight, %d are foreseen for later weeks, %d run already, %d wait", len(starting), len(scheduled), len(p.Running), len(p.Entries)-len(starting)-len(scheduled))},
		{"ships if", shipText(p.ShipRule)},
		{"learnt from", evidenceText(p.Evidence)},
	}
	if p.Backfill != nil {
		fields = append(fields, field{"backfill", fmt.Sprintf("of the plan of %s, after %s stopped early; beliefs are that plan's", p.Backfill.Of, render.Plural(len(p.Backfill.Stopped), "test", "tests"))})
	}
	if p.Stability != nil {
		fields = slices.Insert(fields, 3, field{"announced", stabilityText(p)})
	}
	a.card("", fields)
	fmt.Fprintln(a.out)
	if err := render.Table(a.out, s, a.width(), weekColumns(p), capacities(p)); err != nil {
		return err
	}
	if len(p.Quotas) > 0 {
		fmt.Fprintln(a.out)
		if err := render.Table(a.out, s, a.width(), quotaColumns(p.Currency), p.Quotas); err != nil {
			return err
		}
	}
	a.printChanges(p)
	a.printBest(p, starting)
	return nil
}

func night(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func gapText(p planner.Plan) string {
	if p.Gap == allocator.Unproved {
		return "unproved"
	}
	text := render.Percent(p.Gap)
	switch {
	case p.Optimal && p.Value > 0:
		text += ", proved optimal"
	case p.Cut:
		text += ", cut by the time limit"
	}
	return text
}

func shipText(r planner.ShipRule) string {
	if r.Rule == "significant" {
		return fmt.Sprintf("its lift is significant at %s, one-sided", render.Percent(r.Alpha))
	}
	cut := "0"
	if r.Cut != 0 {
		cut = render.Lift(r.Cut)
	}
	return "the posterior mean of its lift is above " + cut
}

func evidenceText(e planner.Evidence) string {
	msg := fmt.Sprintf("%s of %s effects of %s", render.Count(float64(e.Usable)), render.Count(float64(e.Effects)), render.Plural(e.Experiments, "experiment", "experiments"))
	var why []string
	for verdict, n := range e.Screened {
		why = append(why, fmt.Sprintf("%s: %d", verdict, n))
	}
	if len(why) == 0 {
		return msg
	}
	slices.Sort(why)
	return msg + "; not used: " + strings.Join(why, ", ")
}

func chosen(p planner.Plan, status planner.Status) []planner.Entry {
	var entries []planner.Entry
	for _, e := range p.Entries {
		if e.Status == status {
			entries = append(entries, e)
		}
	}
	return entries
}
