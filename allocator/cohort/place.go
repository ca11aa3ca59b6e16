package cohort

import (
	"cmp"
	"fmt"
	"slices"
)

// Hold keeps buckets: for work that is already running, for buckets that rest, for a
// holdout. It starts before week 0: that is what makes every week-wise feasible choice
// placeable (see Place).
type Hold struct {
	Owner  string  `json:"owner"`
	Ranges []Range `json:"ranges"`
	Until  int     `json:"until"` // held from week 0 up to this week, exclusive
}

// Ask is an experiment that needs buckets from its first week on.
type Ask struct {
	Start, Weeks int // first week, and how many
	Buckets      int // control and treatment together, see Split
	Cool         int // weeks after the last for which the treatment's buckets rest
}

// RoomError says that the buckets asked for are not there.
type RoomError struct {
	Week        int
	Needs, Free int // buckets of all that start in the week, and what is left
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("cohort: week %d needs %d buckets, and %d are free: ask for fewer, or later", e.Week, e.Needs, e.Free)
}

// Place gives each ask its buckets, ascending ranges, in the order of asked; the same
// input gives the same ranges. It fails with a *RoomError if, and only if, in some week
// more buckets are needed than there are.
//
// That capacity by week is enough can be proved. Asks are placed in order of start.
// Take those that start in week s. Whatever was placed before, holds included, started
// in week s or earlier; if it still has a bucket in some week k > s, it has it in week
// s too, since it keeps each from its start to its end, and rest, without a break. So a
// bucket that is free in week s is free for ever after, as far as those placed before
// are concerned, and the number of free buckets in week s is that of all less what is
// used in week s, which is at least what is needed. (Intervals that all contain s form
// a clique: the interval graph is coloured greedily.) Those that start later look
// after themselves in the same way.
//
// Pieces: an ask that starts alone in its week gets as few as there can be. Several
// that start together have, over one each, at most one piece less than there are gaps,
// since each further piece uses up a gap; fit looks for less.
func Place(buckets int, held []Hold, asked []Ask) ([][]Range, error) {
	placed := make([][]Range, len(asked))
	inForce := slices.Clone(held)
	for group := range byStart(asked) {
		start := asked[group[0]].Start
		var taken []Range
		inForce = slices.DeleteFunc(inForce, func(h Hold) bool { return h.Until <= start })
		for _, h := range inForce {
			taken = append(taken, h.Ranges...)
		}
		free := Free(buckets, taken)
		sizes := make([]int, len(group))
		needs := 0
		for i, a := range group {
			sizes[i] = asked[a].Buckets
			needs += sizes[i]
		}
		if left := Size(free); needs > left {
			return nil, &RoomError{start, needs, left}
		}
		for i, ranges := range fit(free, sizes) {
			a := asked[group[i]]
			placed[group[i]] = ranges
			control, treatment := Split(ranges)
			inForce = append(inForce, Hold{Ranges: control, Until: a.Start + a.Weeks}, Hold{Ranges: treatment, Until: a.Start + a.Weeks + a.Cool})
		}
	}
	return placed, nil
}

// byStart yields the asks for buckets that start in one week, as indices, the largest
// first: they find it harder to stay in one piece.
func byStart(asked []Ask) func(yield func([]int) bool) {
	var order []int
	for i, a := range asked {
		if a.Buckets > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := asked[i], asked[j]
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.Buckets, a.Buckets), cmp.Compare(i, j))
	})
	return func(yield func([]int) bool) {
		for len(order) > 0 {
			n := 1
			for n < len(order) && asked[order[n]].Start == asked[order[0]].Start {
				n++
			}
			if !yield(order[:n]) {
				return
			}
			order = order[n:]
		}
	}
}
