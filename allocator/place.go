package allocator

import (
	"cmp"
	"slices"
)

// tenant is an experiment that needs buckets of one layer.
type tenant struct {
	choice     int // index in Plan.Choices
	start, end int
	buckets    int
}

// placeCohorts gives concrete buckets of l to its tenants; choices[t.choice].Cohort receives them.
//
// Capacity by week is enough for a placement to exist. Proof: tenants are placed in
// order of start. Take a tenant that starts in week s. Whatever was placed before,
// holds included, started in week s or earlier; if it still has its buckets in some
// week k > s, it has them in week s too, since it keeps them from its start to its
// end without a break. So a bucket that is free in week s is free for ever after, as
// far as those placed before are concerned, and the number of free buckets in week s
// is Buckets less what is used in week s, which is at least what the tenant needs.
// (Intervals that all contain s form a clique: the interval graph is coloured
// greedily.) Those that start later look after themselves in the same way.
func placeCohorts(l Layer, tenants []tenant, choices []Choice) {
	slices.SortFunc(tenants, func(a, b tenant) int { // large ones first: they find it harder to stay in one piece
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.buckets, a.buckets), cmp.Compare(a.choice, b.choice))
	})
	for i, t := range tenants {
		var taken []Range
		for _, h := range l.Held {
			if h.Until > t.start {
				taken = append(taken, h.Ranges...)
			}
		}
		for _, before := range tenants[:i] {
			if before.end > t.start {
				taken = append(taken, choices[before.choice].Cohort...)
			}
		}
		choices[t.choice].Cohort = bestFit(freeRanges(l.Buckets, taken), t.buckets)
	}
}

// freeRanges returns the gaps that disjoint taken ranges leave in [0, buckets), ascending.
func freeRanges(buckets int, taken []Range) []Range {
	slices.SortFunc(taken, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	var free []Range
	at := 0
	for _, r := range taken {
		if r.From > at {
			free = append(free, Range{at, r.From})
		}
		at = r.To
	}
	if at < buckets {
		free = append(free, Range{at, buckets})
	}
	return free
}

// bestFit takes n buckets from the free ranges in as few pieces as possible: the
// smallest range that holds all of them, or else the largest ones whole and the
// smallest that holds the rest. Of equals it takes the first.
func bestFit(free []Range, n int) []Range {
	bySize := slices.Clone(free)
	slices.SortStableFunc(bySize, func(a, b Range) int { return cmp.Compare(b.To-b.From, a.To-a.From) })
	var got []Range
	for len(bySize) > 0 && bySize[0].To-bySize[0].From < n {
		got = append(got, bySize[0])
		n -= bySize[0].To - bySize[0].From
		bySize = bySize[1:]
	}
	fit := Range{}
	for _, r := range bySize {
		if size := r.To - r.From; size >= n && (fit == Range{} || size < fit.To-fit.From) {
			fit = r
		}
	}
	got = append(got, Range{fit.From, fit.From + n})
	slices.SortFunc(got, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	return join(got)
}

// join merges ascending ranges that touch.
func join(rs []Range) []Range {
	joined := rs[:0]
	for _, r := range rs {
		if n := len(joined); n > 0 && joined[n-1].To == r.From {
			joined[n-1].To = r.To
		} else {
			joined = append(joined, r)
		}
	}
	return joined
}
