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
	for i, d := range e.Days {
		into.add(e, d, i+1)
	}
	rows, bad := into.finish()
	if len(bad) > 0 {
		return fileTests{}, badInput(bad)
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
