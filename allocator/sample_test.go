package allocator_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/allocator"
)

// night builds a problem the size of a real night: n candidates with about perCandidate
// options each, on 4 pools and 15 layers over 8 weeks (152 rows), with enough capacity
// for a fifth to a half of them, running work, conflicts and prerequisites.
func night(n, perCandidate int, seed uint64) allocator.Problem {
	rng := rand.New(rand.NewPCG(seed, 1))
	const weeks, buckets = 8, 10_000
	p := allocator.Problem{Weeks: weeks}
	for i := range 4 {
		pool := allocator.Pool{Name: fmt.Sprintf("pool-%d", i)}
		for range weeks {
			pool.GPUHours = append(pool.GPUHours, int64(float64(n)*(16+8*rng.Float64())))
		}
		p.Pools = append(p.Pools, pool)
	}
	for i := range 15 {
		p.Layers = append(p.Layers, allocator.Layer{Segment: fmt.Sprintf("segment-%d", i/5), Name: fmt.Sprintf("l%d", i%5),
			Buckets: buckets, Held: []allocator.Hold{
				{Owner: "running", Ranges: []allocator.Range{{From: 0, To: 1500}}, Until: 1 + rng.IntN(4)},
				{Owner: "holdout", Ranges: []allocator.Range{{From: 9500, To: buckets}}, Until: weeks}}})
	}
	for i := range n {
		c := allocator.Candidate{ID: fmt.Sprintf("h%06d", i)}
		if i > 0 && rng.IntN(5) == 0 {
			c.Conflicts = append(c.Conflicts, fmt.Sprintf("h%06d", rng.IntN(i)))
		}
		if i > 0 && rng.IntN(20) == 0 {
			c.Requires = append(c.Requires, fmt.Sprintf("h%06d", rng.IntN(i)))
		}
		segment, layer := rng.IntN(3), rng.IntN(5)
		worth := math.Exp(rng.NormFloat64())           // of knowing the truth
		half := 4000 * math.Exp(0.5*rng.NormFloat64()) // bucket-weeks for half of that
		hours := 300 * math.Exp(0.7*rng.NormFloat64()) // GPU-hours a week
		pool := rng.IntN(4)
		for len(c.Options) < perCandidate {
			size, weeksLong, start := 400<<rng.IntN(5), 1+rng.IntN(4), rng.IntN(6)
			pool := (pool + rng.IntN(2)) % 4
			exposure := float64(size * weeksLong)
			value := worth * exposure / (exposure + half) * math.Pow(0.97, float64(start+weeksLong))
			compute := allocator.Compute{Pool: fmt.Sprintf("pool-%d", pool)}
			for range weeksLong {
				compute.GPUHours = append(compute.GPUHours, int64(hours*(1+0.3*rng.Float64()))+1)
			}
			c.Options = append(c.Options, allocator.Option{
				Design: fmt.Sprintf("%d×%dw", size, weeksLong), Start: start, Weeks: weeksLong, Value: value,
				Compute: []allocator.Compute{compute}, Segment: fmt.Sprintf("segment-%d", segment),
				Layer: fmt.Sprintf("l%d", (layer+rng.IntN(2))%5), Buckets: max(1, size*500/n)})
		}
		p.Candidates = append(p.Candidates, c)
	}
	return p
}
