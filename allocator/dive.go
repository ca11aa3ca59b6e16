package allocator

import (
	"cmp"
	"slices"
)

const (
	diveOptions   = 5_000 // options in one relaxation of the dive
	divePrecision = 1e-5
	diveSure      = 0.99 // what the relaxation takes to this share is chosen
	diveShare     = 0.04 // and of the rest this share, the largest first
)

// dive builds a plan from relaxations: choose what the relaxation takes nearly
// whole and a few of the largest fractions, then solve it again in the room that is
// left, so that prices follow what whole units do to the fractions. It is needed only if
// the plan in hand is not good enough.
func dive(m *model, g *guide, w *work, inHand *state) *state {
	s := newState(m, g)
	closed := make([]bool, len(m.order))
	for !w.over(inHand) {
		ids := s.open(closed)
		if len(ids) == 0 {
			break
		}
		r := relax(m, ids, s.room(), 0)
		_, taken := r.solve(w.ctx, divePrecision, nil)
		if !s.commit(r, taken, closed) {
			break
		}
	}
	s.fill(g.order)
	return s
}

// open lists the options that could still be placed, at most diveOptions with the
// smallest losses, by candidate.
func (s *state) open(closed []bool) []int32 {
	var ids []int32
	for _, o := range s.g.order {
		if c := s.m.opts[o].cand; !closed[c] && s.chosen[c] == none && s.fits(o) && s.rival(&s.m.opts[o]) == none {
			if ids = append(ids, o); len(ids) == diveOptions {
				break
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// room is what is left of every row.
func (s *state) room() []int64 {
	left := slices.Clone(s.free)
	for i := range left {
		left[i] -= s.used[i]
	}
	return left
}

// commit chooses options by what the relaxation takes of them, and closes the
// candidates that it leaves out. It returns whether it did any of this.
func (s *state) commit(r *relaxation, taken []float64, closed []bool) bool {
	moved := false
	var parts []int // options that are taken in part
	for c := range r.real {
		sum := 0.0
		for o := r.first[c]; o < r.first[c+1]; o++ {
			if sum += taken[o]; taken[o] > 1e-3 {
				parts = append(parts, int(o))
			}
		}
		if sum < 1e-2 {
			closed[s.m.opts[r.ids[r.first[c]]].cand] = true
			moved = true
		}
	}
	slices.SortFunc(parts, func(a, b int) int { return cmp.Or(cmp.Compare(taken[b], taken[a]), cmp.Compare(a, b)) })
	sure, _ := slices.BinarySearchFunc(parts, diveSure, func(o int, x float64) int { return cmp.Compare(x, taken[o]) })
	for i, o := range parts {
		if i > sure+int(diveShare*float64(len(parts)-sure)) {
			break
		}
		c := s.m.opts[r.ids[o]].cand
		if s.chosen[c] == none && s.place(r.ids[o]) {
			moved = true
		}
	}
	return moved
}
