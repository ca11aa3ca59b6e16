package allocator

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestForceLeavesNothingUnprepared forces options at random in problems dense with
// prerequisites and conflicts. Now and then the prerequisites of the one forced in
// push each other out: then what requires it must go too.
func TestForceLeavesNothingUnprepared(t *testing.T) {
	displaced := 0
	for seed := range uint64(4000) {
		m := newModel(tangled(rand.New(rand.NewPCG(seed, 5))))
		r := relax(m, m.allOptions(), m.free(), 0)
		y, taken := r.solve(context.Background(), precision, nil)
		g := newGuide(m, r, y, taken)
		w := &search{state: greedy(m, r, g, &work{ctx: context.Background(), bound: math.Inf(1), proved: math.Inf(1)}), rng: rand.New(rand.NewPCG(seed, 1))}
		for range 50 {
			w.looks = patience
			o := int32(w.rng.IntN(len(m.opts)))
			w.force(o)
			if w.chosen[m.opts[o].cand] == none {
				displaced++
			}
			for c, o := range w.chosen {
				if o != none && !w.agrees(o) {
					t.Fatalf("seed %d: candidate %d stays without what it requires, or beside a rival", seed, c)
				}
			}
			for row, used := range w.used {
				if used > w.free[row] {
					t.Fatalf("seed %d: row %d has %d of %d used", seed, row, used, w.free[row])
				}
			}
			for c := range w.chosen { // what is left of the plan is filled again
				if ids := g.ranked[m.first[c]:m.first[c+1]]; w.chosen[c] == none && len(ids) > 0 && w.fits(ids[0]) {
					w.place(ids[0])
				}
			}
		}
	}
	if displaced == 0 {
		t.Error("no forced option failed: the test proves nothing")
	}
}

// tangled draws a problem of 4 to 11 candidates on two small pools and two layers, each
// with up to three prerequisites among those before it.
func tangled(rng *rand.Rand) Problem {
	p := Problem{Weeks: 3 + rng.IntN(5), Layers: []Layer{{Segment: "s", Name: "a", Buckets: 10}, {Segment: "s", Name: "b", Buckets: 10}}}
	for i := range 2 {
		pool := Pool{Name: fmt.Sprint("p", i)}
		for range p.Weeks {
			pool.GPUHours = append(pool.GPUHours, 2+rng.Int64N(6))
		}
		p.Pools = append(p.Pools, pool)
	}
	for i := range 4 + rng.IntN(8) {
		c := Candidate{ID: fmt.Sprintf("c%02d", i), Options: []Option{{Design: "free", Weeks: 1, Value: 0.1}}}
		for j := range i {
			id := fmt.Sprintf("c%02d", j)
			if rng.IntN(3) == 0 && len(c.Requires) < 3 {
				c.Requires = append(c.Requires, id)
			}
			if rng.IntN(5) == 0 {
				c.Conflicts = append(c.Conflicts, id)
			}
		}
		for range 2 + rng.IntN(10) {
			o := Option{Start: rng.IntN(p.Weeks), Weeks: 1 + rng.IntN(2), Value: 0.1 + rng.Float64()*float64(1+i),
				Compute: []Compute{{Pool: fmt.Sprint("p", rng.IntN(2)), GPUHours: []int64{rng.Int64N(4), rng.Int64N(4)}}}}
			if rng.IntN(2) == 0 {
				o.Segment, o.Layer, o.Buckets = "s", []string{"a", "b"}[rng.IntN(2)], 1+rng.IntN(8)
			}
			c.Options = append(c.Options, o)
		}
		p.Candidates = append(p.Candidates, c)
	}
	return p
}

// TestLongChains: a chain of 30 prerequisites, each with 300 ways, whose first link has
// no room. To try all combinations would take longer than the universe has lasted; the
// bound below is for a machine that is busy.
func TestLongChains(t *testing.T) {
	const links, designs = 30, 10
	p := Problem{Weeks: links + 2, Pools: []Pool{{Name: "gpu", GPUHours: make([]int64, links+2)}}}
	p.Pools[0].GPUHours[0], p.Pools[0].GPUHours[1] = 1, 1
	p.Candidates = []Candidate{{ID: "hog", Options: []Option{{Weeks: 2, Value: 1e6, Compute: []Compute{{Pool: "gpu", GPUHours: []int64{1, 1}}}}}}}
	for i := range links {
		c := Candidate{ID: fmt.Sprintf("link-%02d", i)}
		for k := range p.Weeks * designs {
			o := Option{Start: k / designs, Weeks: 1, Value: 1 + float64(k%designs)/100}
			if i == 0 {
				o.Start, o.Compute = k%2, []Compute{{Pool: "gpu", GPUHours: []int64{1}}}
			} else {
				c.Requires = []string{fmt.Sprintf("link-%02d", i-1)}
			}
			c.Options = append(c.Options, o)
		}
		p.Candidates = append(p.Candidates, c)
	}
	start := time.Now()
	plan, err := Solve(context.Background(), p, Options{Effort: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(p, plan); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
