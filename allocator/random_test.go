package allocator_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/assay-planner/assay/allocator"
)

// tiny draws a problem small enough to try all plans, dense with everything that can
// go wrong: no capacity, ties, worthless and impossible options, holds, conflicts,
// chains of prerequisites, unknown ids, ends beyond the horizon.
func tiny(rng *rand.Rand) allocator.Problem {
	weeks := 1 + rng.IntN(4)
	p := allocator.Problem{Weeks: weeks}
	for i := range 1 + rng.IntN(2) {
		pool := allocator.Pool{Name: fmt.Sprintf("p%d", i)}
		for range weeks {
			pool.GPUHours = append(pool.GPUHours, int64(rng.IntN(12)))
		}
		p.Pools = append(p.Pools, pool)
	}
	for i := range 1 + rng.IntN(3) {
		l := allocator.Layer{Segment: fmt.Sprintf("s%d", i/2), Name: fmt.Sprintf("l%d", i%2), Buckets: rng.IntN(11)}
		if at := rng.IntN(4); at+2 <= l.Buckets {
			l.Held = append(l.Held, allocator.Hold{Owner: "running", Ranges: []allocator.Range{{From: at, To: at + 2}}, Until: rng.IntN(weeks + 2)})
		}
		p.Layers = append(p.Layers, l)
	}
	n := 1 + rng.IntN(6)
	for i := range n {
		c := allocator.Candidate{ID: fmt.Sprintf("c%d", i)}
		for j := range n {
			if j != i && rng.IntN(5) == 0 {
				c.Conflicts = append(c.Conflicts, fmt.Sprintf("c%d", j))
			}
			if j < i && rng.IntN(8) == 0 {
				c.Requires = append(c.Requires, fmt.Sprintf("c%d", j))
			}
		}
		if rng.IntN(25) == 0 {
			c.Requires = append(c.Requires, "elsewhere")
		}
		for range rng.IntN(5) {
			c.Options = append(c.Options, tinyOption(rng, p))
		}
		p.Candidates = append(p.Candidates, c)
	}
	if rng.IntN(2) == 0 {
		tinyQuotas(rng, &p)
	}
	return p
}

// tinyQuotas puts candidates into groups and gives some of these quotas, which may be met
// easily, with an effort, or not at all.
func tinyQuotas(rng *rand.Rand, p *allocator.Problem) {
	groups := []string{"team red", "team blue", "source ai"}
	for i := range p.Candidates {
		for _, g := range groups {
			if rng.IntN(2) == 0 {
				p.Candidates[i].Groups = append(p.Candidates[i].Groups, g)
			}
		}
	}
	for _, g := range groups {
		for i, unit := range []string{allocator.Start, allocator.GPUHour, allocator.BucketWeek} {
			size := []int{4, 20, 20}[i]
			q := allocator.Quota{Group: g, Unit: unit}
			if rng.IntN(4) == 0 {
				q.Least = rng.Int64N(int64(size))
			}
			if rng.IntN(4) == 0 {
				q.Most = new(q.Least + rng.Int64N(int64(size)))
			}
			if q.Least > 0 || q.Most != nil {
				p.Quotas = append(p.Quotas, q)
			}
		}
	}
}

func tinyOption(rng *rand.Rand, p allocator.Problem) allocator.Option {
	o := allocator.Option{Design: fmt.Sprintf("d%d", rng.IntN(3)), Start: rng.IntN(p.Weeks), Weeks: 1 + rng.IntN(3),
		Value: float64(rng.IntN(9)) / 2}
	if rng.IntN(3) > 0 {
		o.Value += rng.Float64() - 0.5
	}
	if rng.IntN(4) > 0 {
		l := p.Layers[rng.IntN(len(p.Layers))]
		o.Segment, o.Layer, o.Buckets = l.Segment, l.Name, 1+rng.IntN(6)
		o.Cool = max(0, rng.IntN(5)-2)
	}
	for range rng.IntN(3) {
		c := allocator.Compute{Pool: p.Pools[rng.IntN(len(p.Pools))].Name}
		for range rng.IntN(4) {
			c.GPUHours = append(c.GPUHours, int64(rng.IntN(7)))
		}
		o.Compute = append(o.Compute, c)
	}
	return o
}

// shuffled returns p with everything that is a set in another order, itself untouched.
func shuffled(p allocator.Problem, rng *rand.Rand) allocator.Problem {
	p.Pools, p.Layers, p.Candidates, p.Quotas = mix(p.Pools, rng), mix(p.Layers, rng), mix(p.Candidates, rng), mix(p.Quotas, rng)
	for i := range p.Layers {
		p.Layers[i].Held = mix(p.Layers[i].Held, rng)
	}
	for i := range p.Candidates {
		c := &p.Candidates[i]
		c.Conflicts, c.Requires, c.Options, c.Groups = mix(c.Conflicts, rng), mix(c.Requires, rng), mix(c.Options, rng), mix(c.Groups, rng)
		for j := range c.Options {
			c.Options[j].Compute = mix(c.Options[j].Compute, rng)
		}
	}
	return p
}

func mix[T any](list []T, rng *rand.Rand) []T {
	mixed := make([]T, len(list))
	for i, j := range rng.Perm(len(list)) {
		mixed[i] = list[j]
	}
	return mixed
}
