package allocator_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/allocator"
)

// night builds a problem the size and shape of a real night: n candidates with about
// `options` options each, on 3 pools and 21 layers of 15 segments over 8 weeks (192 rows).
// Designs take 10% to 100% of a layer for 2 to 4 weeks, in proportion less if n is more
// than 500; machines are scarce as well as users; one candidate in 12 has a conflict, one
// in 30 a prerequisite, in its own segment.
func night(n, options int, seed uint64) allocator.Problem {
	rng := rand.New(rand.NewPCG(seed, 1))
	return build(rng, n, options, shape{shares: []float64{0.1, 0.25, 0.5, 1}, hours: 40, conflicts: 12, requires: 30})
}

// packed builds a harder night: sizes that do not divide a layer, a third of it held
// for some weeks, machines as scarce as users, and more conflicts and prerequisites.
func packed(n, options int, seed uint64) allocator.Problem {
	rng := rand.New(rand.NewPCG(seed, 2))
	return build(rng, n, options, shape{shares: []float64{0.07, 0.13, 0.23, 0.37, 0.61}, held: 3000, hours: 12, conflicts: 5, requires: 20})
}

// shape is how nights differ.
type shape struct {
	shares              []float64 // of a layer, by design
	held                int       // buckets of each layer held for some weeks
	hours               float64   // free GPU-hours of a pool in a week, by candidate
	conflicts, requires int       // one candidate in so many
}

func build(rng *rand.Rand, n, options int, s shape) allocator.Problem {
	const weeks, buckets = 8, 10_000
	p := allocator.Problem{Weeks: weeks}
	for i := range 3 {
		pool := allocator.Pool{Name: fmt.Sprintf("pool-%d", i)}
		for range weeks {
			pool.GPUHours = append(pool.GPUHours, int64(float64(n)*s.hours*(0.8+0.4*rng.Float64())))
		}
		p.Pools = append(p.Pools, pool)
	}
	for i := range 21 {
		l := allocator.Layer{Segment: fmt.Sprintf("segment-%d", i%15), Name: fmt.Sprintf("l%d", i/15), Buckets: buckets}
		if s.held > 0 {
			l.Held = []allocator.Hold{{Owner: "running", Ranges: []allocator.Range{{From: 1000, To: 1000 + s.held}}, Until: 1 + rng.IntN(4)}}
		}
		p.Layers = append(p.Layers, l)
	}
	for i := range n {
		p.Candidates = append(p.Candidates, idea(rng, i, n, options, s))
	}
	return p
}

// idea draws one candidate: what knowing the truth is worth, how many users that
// takes, and how many GPU-hours.
func idea(rng *rand.Rand, i, n, options int, s shape) allocator.Candidate {
	c := allocator.Candidate{ID: fmt.Sprintf("h%06d", i)}
	segment, pool := i%15, rng.IntN(3)
	if i >= 15 && rng.IntN(s.conflicts) == 0 {
		c.Conflicts = append(c.Conflicts, fmt.Sprintf("h%06d", segment+15*rng.IntN(i/15)))
	}
	if i >= 15 && rng.IntN(s.requires) == 0 {
		c.Requires = append(c.Requires, fmt.Sprintf("h%06d", segment+15*rng.IntN(i/15)))
	}
	worth, half, hours := math.Exp(rng.NormFloat64()), 0.8*math.Exp(0.5*rng.NormFloat64()), 150*math.Exp(0.7*rng.NormFloat64())
	for _, k := range rng.Perm(len(s.shares) * 3 * 7 * 2) { // all ways there are, in random order
		share, long, start, layer := s.shares[k%len(s.shares)], 2+k/len(s.shares)%3, k/len(s.shares)/3%7, k/len(s.shares)/3/7
		if len(c.Options) == options || segment >= 6 && layer > 0 {
			continue
		}
		users := share * float64(long)
		compute := []int64{int64(hours*3) + 1} // training
		for range long - 1 {
			compute = append(compute, int64(hours*share)+1) // serving
		}
		c.Options = append(c.Options, allocator.Option{
			Design: fmt.Sprintf("%g%% × %d weeks", 100*share, long), Start: start, Weeks: long,
			Value:   worth * (users/(users+half) - 0.1*users) * math.Pow(0.985, float64(start+long)),
			Compute: []allocator.Compute{{Pool: fmt.Sprintf("pool-%d", pool), GPUHours: compute}},
			Segment: fmt.Sprintf("segment-%d", segment), Layer: fmt.Sprintf("l%d", layer),
			Buckets: max(1, int(share*10_000*min(1, 500/float64(n))))})
	}
	return c
}
