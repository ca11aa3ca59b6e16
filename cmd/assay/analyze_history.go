package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/assay-planner/assay/history"
)

// pastTest is an experiment of the history, by day where days are known.
func (a *app) pastTest(ctx context.Context, id string) (fileTests, error) {
	if a.clickhouse == "" && !a.hasEngine() {
		return fileTests{}, (&fault{code: exitNotFound, err: fmt.Errorf("there is no history in %s", a.data)}).next("name a file, or another --data")
	}
	h := a.lazyHistory()
	defer h.close()
	store, err := h.get(ctx)
	if err != nil {
		return fileTests{}, err
	}
	e, err := store.Experiment(ctx, id)
	if errors.Is(err, history.ErrNoExperiment) {
		return fileTests{}, (&fault{code: exitNotFound, err: fmt.Errorf("--experiment %q: nothing was ever imported about it", id)}).next("assay history verdicts lists the experiments")
	}
	if err != nil {
		return fileTests{}, err
	}
	name := "the history"
	into := &mappedRows{name: name}
	for i, d := range thickDays(e.Days) {
		into.add(e, d, i+1)
	}
	rows, bad := into.finish()
	if len(bad) > 0 {
		return fileTests{}, badInput(fmt.Errorf("experiment %s: %s in arm %s %s", id, bad[0].Column, rows[bad[0].Line-1].Arm, bad[0].Reason))
	}
	if len(rows) == 0 {
		return fileTests{}, badInput(fmt.Errorf("experiment %s has no outcomes with a variance", id))
	}
	out, err := assemble(name, rows)
	if err != nil {
		return fileTests{}, refused(err)
	}
	for i := range out.tests {
		t := &out.tests[i]
		for j := range t.Arms {
			t.Arms[j].Control, t.Arms[j].Weight = t.Arms[j].Name == e.Control, e.Weights[t.Arms[j].Name]
		}
		if e.Excluded != "" {
			t.Notes = append(t.Notes, "this experiment is excluded: "+e.Excluded)
		}
		t.Notes = append(t.Notes, into.notes(t.Name)...)
	}
	return out, nil
}

// add takes in one day of the history.
func (m *mappedRows) add(e history.Experiment, d history.Day, line int) {
	if math.IsNaN(d.YY) {
		m.lacks(e.ID, d.Metric)
		return
	}
	r := statRow{experiment: e.ID, cumulative: d.Snapshot, line: line, when: d.At}
	r.Arm, r.Metric, r.Segment = d.Arm, d.Metric, d.Segment
	m.rows = append(m.rows, r)
	m.sums = append(m.sums, mappedSums{d.N, d.Y, d.YY, d.D, d.DD, d.YD, d.X, d.XX, d.XY, d.XD})
}

// thickDays puts days of an arm together, in the order they come in, until there are
// the two users that a variance takes: days add up.
func thickDays(days []history.Day) []history.Day {
	var out []history.Day
	begun := 0 // where the days of this metric, segment and arm begin
	for i, d := range days {
		if i == 0 || d.Metric != days[i-1].Metric || d.Segment != days[i-1].Segment || d.Arm != days[i-1].Arm {
			begun = len(out)
		}
		last := len(out) - 1
		if last < begun || d.Snapshot || out[last].N >= 2 && (d.N >= 2 || !lastOf(days, i)) {
			out = append(out, d)
			continue
		}
		out[last] = together(out[last], d)
	}
	return out
}

// lastOf says whether day i is the last of its metric, segment and arm.
func lastOf(days []history.Day, i int) bool {
	return i+1 == len(days) || days[i].Metric != days[i+1].Metric || days[i].Segment != days[i+1].Segment || days[i].Arm != days[i+1].Arm
}

// together is the later day with what users of both did.
func together(a, b history.Day) history.Day {
	for _, sum := range []struct {
		to   *float64
		more float64
	}{{&b.N, a.N}, {&b.Y, a.Y}, {&b.YY, a.YY}, {&b.D, a.D}, {&b.DD, a.DD}, {&b.YD, a.YD}, {&b.X, a.X}, {&b.XX, a.XX}, {&b.XY, a.XY}, {&b.XD, a.XD}} {
		*sum.to += sum.more
	}
	return b
}
