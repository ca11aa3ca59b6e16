package allocator

import (
	"context"
	"testing"
)

// TestLastFillTurnsBack: y comes first in the guide and fails, because x takes the pool
// that z needs; then z and the other option of x find room, and y has its chance again.
// Without it, y would be told that there is no room where there is.
func TestLastFillTurnsBack(t *testing.T) {
	on := func(pool string, value float64) Option {
		return Option{Weeks: 1, Value: value, Compute: []Compute{{Pool: pool, GPUHours: []int64{1}}}}
	}
	m := newModel(Problem{Weeks: 2, Pools: []Pool{{Name: "a", GPUHours: []int64{1, 1}}, {Name: "b", GPUHours: []int64{1, 1}}},
		Candidates: []Candidate{
			{ID: "x", Options: []Option{on("a", 2), on("b", 1)}},
			{ID: "y", Requires: []string{"x", "z"}, Options: []Option{{Start: 1, Weeks: 1, Value: 5}}},
			{ID: "z", Options: []Option{on("a", 1)}}}})
	const xa, xb, y, z = 0, 1, 2, 3 // places in m.opts
	g := &guide{loss: make([]float64, 4), profit: make([]float64, 4), order: []int32{y, z, xa, xb}, ranked: []int32{xa, xb, y, z}}
	s := newState(m, g)
	improve(s, &work{ctx: context.Background(), bound: 7, proved: 7}, -1)
	if s.value != 7 {
		t.Errorf("chosen %v, worth %g: y is left out", s.chosen, s.value)
	}
}
