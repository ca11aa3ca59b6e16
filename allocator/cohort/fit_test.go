package cohort

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// fewest is the least number of pieces in which the sizes can be cut out of gaps, by
// trying everything: in what way each size is spread over the gaps, one after the other.
// Pieces of one size in one gap can always be moved together, so only how many buckets of
// each gap a size gets is tried, not where.
func fewest(gaps, sizes []int) int {
	if len(sizes) == 0 {
		return 0
	}
	best := 1 << 30
	var spread func(g, left, pieces int)
	spread = func(g, left, pieces int) {
		if left == 0 {
			best = min(best, pieces+fewest(gaps, sizes[1:]))
			return
		}
		if g == len(gaps) {
			return
		}
		for n := range min(left, gaps[g]) + 1 {
			gaps[g] -= n
			spread(g+1, left-n, pieces+min(n, 1))
			gaps[g] += n
		}
	}
	spread(0, sizes[0], 0)
	return best
}

func lengths(gaps []int) []Range {
	var free []Range
	at := 0
	for _, g := range gaps {
		free = append(free, Range{at + 1, at + 1 + g})
		at += 1 + g
	}
	return free
}

func pieces(got [][]Range) int {
	n := 0
	for _, rs := range got {
		n += len(rs)
	}
	return n
}

// One size is cut into as few pieces as there can be. Several have, over one each, at
// most one piece less than there are gaps, and never fewer than the optimum.
func TestFewPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gaps := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 4).Draw(t, "gaps")
		total := 0
		for _, g := range gaps {
			total += g
		}
		var sizes []int
		for range rapid.IntRange(1, 4).Draw(t, "sizes") {
			if total > 0 {
				n := rapid.IntRange(1, total).Draw(t, "size")
				sizes, total = append(sizes, n), total-n
			}
		}
		slices.SortFunc(sizes, func(a, b int) int { return b - a })
		got, least := pieces(fit(lengths(gaps), sizes)), fewest(gaps, sizes)
		if got < least || got > len(sizes)+len(gaps)-1 || len(sizes) == 1 && got != least {
			t.Fatalf("%d pieces for %v in gaps %v; the least is %d", got, sizes, gaps, least)
		}
	})
}

// Of all small cases nearly none is missed: 3 or 4 gaps of 1 to 5 buckets, and 3 sizes.
func TestHowOftenFewest(t *testing.T) {
	cases, missed, over := 0, 0, 0
	var gaps []int
	var walk func(most int)
	walk = func(most int) {
		if len(gaps) >= 3 {
			total := 0
			for _, g := range gaps {
				total += g
			}
			for a := 1; a <= total; a++ {
				for b := 1; b <= a && a+b <= total; b++ {
					for c := 1; c <= b && a+b+c <= total; c++ {
						sizes := []int{a, b, c}
						got, least := pieces(fit(lengths(gaps), sizes)), fewest(gaps, sizes)
						cases++
						if got > least {
							missed++
							over = max(over, got-least)
						}
					}
				}
			}
		}
		if len(gaps) == 4 {
			return
		}
		for g := 1; g <= most; g++ {
			gaps = append(gaps, g)
			walk(g)
			gaps = gaps[:len(gaps)-1]
		}
	}
	walk(5)
	t.Logf("%d of %d cases have more pieces than they need, at most %d more", missed, cases, over)
	if over > 1 || missed*100 > cases {
		t.Errorf("%d of %d cases have more pieces than they need, at most %d more", missed, cases, over)
	}
}

// The order of the sizes matters: from large to small is not always best.
func TestFitTriesOrders(t *testing.T) {
	got := fit(lengths([]int{10, 6, 6}), []int{12, 10})
	if d := cmp.Diff([][]Range{{{12, 18}, {19, 25}}, {{1, 11}}}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
