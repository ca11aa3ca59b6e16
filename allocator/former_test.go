package allocator

import (
	"context"
	"math/rand/v2"
	"testing"
)

// counting is a context that counts how often it is asked, which an interior point is once
// for each step.
type counting struct {
	context.Context
	steps *int
}

func (c counting) Err() error {
	*c.steps++
	return c.Context.Err()
}

// From the prices of a problem that differs by a tenth of one capacity, the interior point
// takes fewer steps than from nowhere, and its bound is as good.
func TestWarmStartTakesFewerSteps(t *testing.T) {
	cold, warm := 0, 0
	for seed := range uint64(60) {
		p := cramped(rand.New(rand.NewPCG(seed, 7)))
		former, err := Solve(t.Context(), p, Options{Effort: -1})
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Pools[:min(1, len(p.Pools))] {
			for k := range p.Pools[i].GPUHours {
				p.Pools[i].GPUHours[k] += (p.Pools[i].GPUHours[k] + 9) / 10
			}
		}
		m := newModel(p)
		r := relax(m, m.allOptions(), m.free(), 0)
		if len(r.rows) == 0 {
			continue
		}
		a, _ := r.solve(counting{t.Context(), &cold}, precision, nil)
		b, _ := r.solve(counting{t.Context(), &warm}, precision, r.former(m, &former))
		if x, y := r.bound(a), r.bound(b); x > y*(1+1e-6) || y > x*(1+1e-6) {
			t.Errorf("seed %d: the bound is %.9g from nowhere and %.9g from former prices", seed, x, y)
		}
	}
	if t.Logf("%d steps from nowhere, %d from former prices", cold, warm); warm >= cold {
		t.Errorf("%d steps from nowhere, %d from former prices", cold, warm)
	}
}
