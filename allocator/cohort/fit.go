package cohort

import (
	"cmp"
	"slices"
)

// mostOrders is up to how many sizes fit tries in every order: 720 orders.
const mostOrders = 6

// fit cuts the sizes, given from large to small, out of free ranges that hold them
// together, in few pieces: one size after the other, each in the fewest pieces that it
// can have then. In which order matters: of gaps of 10, 6 and 6, first 12 and then 10
// leaves four pieces, first 10 and then 12 three. From large to small is mostly best;
// where that cuts something up, those that find a whole gap go first, and of few sizes
// every order is tried. The least number of pieces is as hard to find as the best
// packing of bins, so with many sizes it can be missed.
func fit(free []Range, sizes []int) [][]Range {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	best, pieces := cut(free, sizes, order)
	better := func(order []int) {
		if got, n := cut(free, sizes, order); n < pieces {
			best, pieces = got, n
		}
	}
	if pieces > len(sizes) {
		better(wholeFirst(sizes, best))
	}
	if pieces > len(sizes) && len(sizes) <= mostOrders {
		for permuted := range permutations(order) {
			if better(permuted); pieces == len(sizes) {
				break
			}
		}
	}
	return best
}

// cut takes the sizes in the given order and counts the pieces.
func cut(free []Range, sizes, order []int) (got [][]Range, pieces int) {
	got = make([][]Range, len(sizes))
	free = slices.Clone(free)
	for _, i := range order {
		got[i], free = bestFit(free, sizes[i])
		pieces += len(got[i])
	}
	return got, pieces
}

// wholeFirst puts the sizes that got one piece before those that were cut up.
func wholeFirst(sizes []int, got [][]Range) []int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(min(len(got[i]), 2), min(len(got[j]), 2)) })
	return order
}

// permutations yields every order, the given one first, in one buffer.
func permutations(of []int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		at := slices.Clone(of)
		var walk func(k int) bool
		walk = func(k int) bool {
			if k == len(at) {
				return yield(at)
			}
			for i := k; i < len(at); i++ {
				at[k], at[i] = at[i], at[k]
				more := walk(k + 1)
				at[k], at[i] = at[i], at[k]
				if !more {
					return false
				}
			}
			return true
		}
		walk(0)
	}
}

// bestFit takes n buckets from ascending free ranges that have them, in as few pieces
// as possible: the smallest range that holds all of them, or else the largest ones
// whole and the smallest that holds the rest. Of equals it takes the first. Nothing
// needs fewer: k ranges hold no more than the k largest do.
func bestFit(free []Range, n int) (got, left []Range) {
	bySize := slices.Clone(free)
	slices.SortStableFunc(bySize, func(a, b Range) int { return cmp.Compare(b.To-b.From, a.To-a.From) })
	for bySize[0].To-bySize[0].From < n {
		got = append(got, bySize[0])
		n -= bySize[0].To - bySize[0].From
		bySize = bySize[1:]
	}
	last := bySize[0]
	for _, r := range bySize {
		if size := r.To - r.From; size >= n && size < last.To-last.From {
			last = r
		}
	}
	got = append(got, Range{last.From, last.From + n})
	for _, r := range free {
		switch {
		case r == last && r.From+n < r.To:
			left = append(left, Range{r.From + n, r.To})
		case r != last && !slices.Contains(got, r):
			left = append(left, r)
		}
	}
	return Join(got), left
}
