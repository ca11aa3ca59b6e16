package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) cohorts() *cobra.Command {
	var layer string
	var log bool
	var when moment
	c := &cobra.Command{
		Use:   "cohorts",
		Short: "Show who holds which buckets of which layer, at any time",
		Long: `Show for each layer who holds its buckets: the arms of tests, what rests from past
treatments, the holdout, and what is free. Of the future it shows what is firm, and as
foreseen what the plan in force may start in later weeks: a forecast, in buckets that are
free still.

It is the ledger of cohorts: lines that are only ever added, written when a plan starts or
replaces tests, when one is withdrawn or over, when buckets rest or need not any more, and
when a layer gets another salt, number of buckets or holdout. --log shows the lines.`,
		Example: `  assay cohorts
  assay cohorts --layer feed-all/ranking --week 2
  assay cohorts --at 2026-W49 -o csv
  assay cohorts --layer ranking --log`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if log && (c.Flags().Changed("at") || c.Flags().Changed("week")) {
				return usage("--log shows the lines of all times: leave out --at and --week")
			}
			return a.answerCohorts(c.Context(), layer, when, log)
		},
	}
	c.Flags().StringVar(&layer, "layer", "", "only this `layer`, as SEGMENT/LAYER, or its name alone if one segment has it")
	c.Flags().BoolVar(&log, "log", false, "show the lines of the ledger in the order in which they were written")
	when.flags(c)
	return c
}

func (a *app) answerCohorts(ctx context.Context, layer string, when moment, log bool) error {
	svc, done, err := a.service(ctx)
	if err != nil {
		return err
	}
	defer done()
	book, err := svc.Ledger(ctx)
	if err != nil {
		return err
	}
	at, err := when.of(book, a.clock()())
	if err != nil {
		return err
	}
	keys := book.Layers()
	if layer != "" {
		key, err := layerNamed(book, layer)
		if err != nil {
			return err
		}
		keys = []string{key}
	}
	if log {
		return a.answerLedger(book, keys, layer != "")
	}
	plan, err := svc.CurrentPlan(ctx)
	if err != nil && !errors.Is(err, planner.ErrNoPlan) {
		return err
	}
	var held []planner.Tenancy
	for _, key := range keys {
		t, err := book.Tenancy(key, at)
		if err != nil {
			return err
		}
		t.Foresee(plan)
		held = append(held, t)
	}
	if a.output == string(render.TableFormat) {
		if err := a.printCohorts(held); err != nil {
			return err
		}
		a.noteForeseen(plan, at)
		return nil
	}
	var rows []tenant
	for _, t := range held {
		rows = append(rows, tenantsOf(t)...)
	}
	return answer(a, map[string]any{"at": at, "layers": nonNil(held)}, tenantColumns, rows)
}

// tenant is one line of the table: who holds some buckets, until when.
type tenant struct {
	layer, state, experiment, hypothesis string
	buckets                              int
	control, treatment, others           []allocator.Range // others: of a test, held and not yet exposed
	from, until                          time.Time
	reason                               string
}

// noteForeseen says how to see what begins after a time.
func (a *app) noteForeseen(p planner.Plan, at time.Time) {
	n := 0
	for _, e := range p.Entries {
		if e.Start != nil && e.Start.Week > 0 && e.Start.From.After(at) {
			n++
		}
	}
	if n > 0 {
		a.note("%s foreseen for after that: --week 1 shows the buckets a week later", render.Plural(n, "test is", "tests are"))
	}
}

// tenantsOf lists the tests of a layer, what rests, the holdout, what is foreseen, and
// what is free and not foreseen either.
func tenantsOf(t planner.Tenancy) []tenant {
	var all []tenant
	for _, l := range t.Tests {
		all = append(all, tenant{state: string(cohort.Exposed), experiment: l.Experiment, hypothesis: l.Hypothesis, control: l.Control, treatment: l.Treatment, others: l.Waiting, from: l.From, until: l.Until})
	}
	for _, l := range t.Rests {
		all = append(all, tenant{state: string(cohort.Resting), experiment: l.Experiment, hypothesis: l.Hypothesis, others: l.Resting, from: l.From, until: l.Until, reason: l.Reason})
	}
	if len(t.Holdout) > 0 {
		all = append(all, tenant{state: string(cohort.Holdout), others: t.Holdout})
	}
	for _, l := range t.Foreseen {
		all = append(all, tenant{state: string(l.Event), experiment: l.Experiment, hypothesis: l.Hypothesis, control: l.Control, treatment: l.Treatment, from: l.From, until: l.Until})
	}
	if free := t.Unclaimed(); len(free) > 0 {
		all = append(all, tenant{state: string(cohort.Unused), others: free})
	}
	for i := range all {
		h := &all[i]
		h.layer, h.buckets = t.Key(), cohort.Size(h.control)+cohort.Size(h.treatment)+cohort.Size(h.others)
	}
	return all
}

// text says which buckets they are.
func (h tenant) text() string {
	if h.control != nil || h.treatment != nil {
		text := "control " + ranges(h.control) + ", treatment " + ranges(h.treatment)
		if len(h.others) > 0 {
			text += ", " + render.Thousands(float64(cohort.Size(h.others))) + " wait"
		}
		return text
	}
	return ranges(h.others)
}

func (a *app) printCohorts(held []planner.Tenancy) error {
	for i, t := range held {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		free, size := t.Unclaimed(), func(rs []allocator.Range) string { return render.Thousands(float64(cohort.Size(rs))) }
		text := fmt.Sprintf("%s on %s: %s of %s buckets free", render.Clean(t.Key()), night(t.At), size(free), render.Thousands(float64(t.Buckets)))
		if foreseen := cohort.Without(t.Free, free, t.Buckets); len(foreseen) > 0 {
			text += fmt.Sprintf(", %s foreseen", size(foreseen))
		}
		fmt.Fprintf(a.out, "%s\n", a.styles().Paint(render.Bold, text))
		if err := render.Table(a.out, a.styles(), a.width(), tenantColumns, tenantsOf(t)); err != nil {
			return err
		}
	}
	return nil
}

var tenantColumns = []render.Column[tenant]{
	{Name: "layer", Value: func(h tenant) any { return h.layer }},
	{Name: "experiment", Title: "EXPERIMENT", Grow: true, Value: func(h tenant) any { return h.experiment }, Text: func(h tenant) string { return orWord(h.experiment, "–") }},
	{Name: "hypothesis", Value: func(h tenant) any { return h.hypothesis }},
	{Name: "state", Title: "STATE", Value: func(h tenant) any { return h.state }},
	{Name: "buckets", Title: "BUCKETS", Right: true, Value: func(h tenant) any { return h.buckets }, Text: func(h tenant) string { return render.Thousands(float64(h.buckets)) }},
	{Title: "WHICH", Grow: true, Text: tenant.text},
	{Name: "control", Value: func(h tenant) any { return ranges(h.control) }},
	{Name: "treatment", Value: func(h tenant) any { return ranges(h.treatment) }},
	{Name: "ranges", Value: func(h tenant) any { return ranges(h.others) }},
	{Name: "from", Value: func(h tenant) any { return timeOrNil(h.from) }},
	{Name: "until", Title: "UNTIL", Value: func(h tenant) any { return timeOrNil(h.until) }, Text: func(h tenant) string { return dayOr(h.until, "–") }},
	{Name: "reason", Value: func(h tenant) any { return h.reason }},
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func dayOr(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return t.UTC().Format(time.DateOnly)
}

// answerLedger prints the lines of some layers.
func (a *app) answerLedger(book planner.Ledger, keys []string, some bool) error {
	lines := planner.Ledger{}
	for _, line := range book {
		if !some || line.Key() == keys[0] {
			lines = append(lines, line)
		}
	}
	return answer(a, map[string]any{"ledger": lines}, ledgerColumns, lines)
}

var ledgerColumns = []render.Column[planner.Lease]{
	{Name: "at", Title: "WRITTEN FOR", Value: func(l planner.Lease) any { return timeOrNil(l.At) }, Text: func(l planner.Lease) string {
		if l.At.IsZero() {
			return "no plan yet"
		}
		return l.At.UTC().Format("2006-01-02 15:04")
	}},
	{Name: "event", Title: "EVENT", Value: func(l planner.Lease) any { return string(l.Event) }},
	{Name: "layer", Title: "LAYER", Grow: true, Value: func(l planner.Lease) any { return l.Key() }},
	{Name: "experiment", Title: "EXPERIMENT", Grow: true, Value: func(l planner.Lease) any { return l.Experiment }, Text: func(l planner.Lease) string { return orWord(l.Experiment, "–") }},
	{Name: "hypothesis", Value: func(l planner.Lease) any { return l.Hypothesis }},
	{Title: "BUCKETS", Right: true, Text: func(l planner.Lease) string {
		n := cohort.Size(l.Control) + cohort.Size(l.Treatment) + cohort.Size(l.Resting) + cohort.Size(l.Holdout)
		return render.Thousands(float64(n))
	}},
	{Name: "control", Value: func(l planner.Lease) any { return ranges(l.Control) }},
	{Name: "treatment", Value: func(l planner.Lease) any { return ranges(l.Treatment) }},
	{Name: "resting", Value: func(l planner.Lease) any { return ranges(l.Resting) }},
	{Name: "holdout", Value: func(l planner.Lease) any { return ranges(l.Holdout) }},
	{Name: "salt", Value: func(l planner.Lease) any { return l.Salt }},
	{Name: "of_buckets", Value: func(l planner.Lease) any { return l.Buckets }},
	{Name: "from", Title: "FROM", Value: func(l planner.Lease) any { return timeOrNil(l.From) }, Text: func(l planner.Lease) string { return dayOr(l.From, "ever") }},
	{Name: "until", Title: "UNTIL", Value: func(l planner.Lease) any { return timeOrNil(l.Until) }, Text: func(l planner.Lease) string { return dayOr(l.Until, "–") }},
	{Name: "reason", Value: func(l planner.Lease) any { return l.Reason }},
}
