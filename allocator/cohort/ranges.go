package cohort

import (
	"cmp"
	"slices"
)

// Range is the buckets from From up to To, exclusive.
type Range struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Size counts the buckets of disjoint ranges.
func Size(rs []Range) int {
	n := 0
	for _, r := range rs {
		n += r.To - r.From
	}
	return n
}

// Join returns disjoint ranges in ascending order, those that touch as one. It
// leaves its argument as it is.
func Join(rs []Range) []Range {
	rs = slices.SortedFunc(slices.Values(rs), func(a, b Range) int { return cmp.Compare(a.From, b.From) })
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

// Meet returns a bucket that is in both lists, if there is one.
func Meet(as, bs []Range) (bucket int, shared bool) {
	for _, a := range as {
		for _, b := range bs {
			if from := max(a.From, b.From); from < min(a.To, b.To) {
				return from, true
			}
		}
	}
	return 0, false
}

// First returns the first n buckets of ascending ranges, and the rest.
func First(rs []Range, n int) (first, rest []Range) {
	for _, r := range rs {
		k := min(max(n, 0), r.To-r.From)
		if n -= k; k > 0 {
			first = append(first, Range{r.From, r.From + k})
		}
		if k < r.To-r.From {
			rest = append(rest, Range{r.From + k, r.To})
		}
	}
	return first, rest
}

// Split halves a cohort: the first half of its buckets is control, the second
// treatment. Units are spread over buckets by a hash, so any half is as good as any
// other. An odd bucket goes to control.
func Split(cohort []Range) (control, treatment []Range) {
	return First(cohort, (Size(cohort)+1)/2)
}

// Free returns the gaps that taken ranges leave in [0, buckets), ascending.
func Free(buckets int, taken []Range) []Range {
	taken = slices.SortedFunc(slices.Values(taken), func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	var free []Range
	at := 0
	for _, r := range taken {
		if r.From > at {
			free = append(free, Range{at, r.From})
		}
		at = max(at, r.To)
	}
	if at < buckets {
		free = append(free, Range{at, buckets})
	}
	return free
}

// Without returns the buckets of ranges in [0, buckets) that are not taken, ascending.
func Without(rs, taken []Range, buckets int) []Range {
	var left []Range
	for _, gap := range Free(buckets, taken) {
		for _, r := range rs {
			if from, to := max(gap.From, r.From), min(gap.To, r.To); from < to {
				left = append(left, Range{from, to})
			}
		}
	}
	return Join(left)
}
