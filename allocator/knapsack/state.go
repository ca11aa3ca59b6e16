package knapsack

import "slices"

// state is one choice in a core, within its limits or not.
type state struct {
	c     *core
	at    []int32 // by core class: its alternative
	slack []int64 // by limit; below 0: broken
	loss  float64
	value float64
	over  int     // broken limits
	busy  []int32 // by core class: neighbours that have an item; nil: no conflicts
}

// baseState is the dual's choice.
func (c *core) baseState() *state {
	s := &state{c: c, at: slices.Clone(c.base), slack: slices.Clone(c.free), value: c.fixed}
	for _, a := range s.at {
		s.value += c.value[a]
		for k, u := range c.row(a) {
			s.slack[k] -= u
		}
	}
	for _, free := range s.slack {
		if free < 0 {
			s.over++
		}
	}
	if c.near != nil {
		s.busy = make([]int32, len(c.classes))
		for k, a := range s.at {
			if c.item[a] != None {
				s.announce(int32(k), 1)
			}
		}
	}
	return s
}

func (s *state) announce(k, by int32) {
	for _, to := range s.c.near[k] {
		s.busy[to] += by
	}
}

// set gives a class an alternative, whatever that breaks.
func (s *state) set(a int32) {
	c := s.c
	k := c.class[a]
	old := s.at[k]
	if old == a {
		return
	}
	s.at[k] = a
	s.value += c.value[a] - c.value[old]
	s.loss += c.loss[a] - c.loss[old]
	was := c.row(old)
	for j, u := range c.row(a) {
		if d := u - was[j]; d != 0 {
			if s.slack[j] < 0 {
				s.over--
			}
			if s.slack[j] -= d; s.slack[j] < 0 {
				s.over++
			}
		}
	}
	if s.busy != nil && (c.item[a] == None) != (c.item[old] == None) {
		by := int32(1)
		if c.item[a] == None {
			by = -1
		}
		s.announce(k, by)
	}
}

// evict takes the items from the neighbours of a class.
func (s *state) evict(k int32) {
	if s.busy == nil || s.busy[k] == 0 {
		return
	}
	for _, to := range s.c.near[k] {
		if s.c.item[s.at[to]] != None {
			s.set(s.c.none(to))
		}
	}
}

// none is the alternative of a class that takes no item. A class with conflicts that
// is in the core has one, unless its loss was too large.
func (c *core) none(k int32) int32 {
	for a := c.first[k]; a < c.first[k+1]; a++ {
		if c.item[a] == None {
			return a
		}
	}
	return -1
}

// lawful says whether all limits are kept and no two classes that exclude each other
// have an item.
func (s *state) lawful() bool { return s.feasible() && !s.conflicted() }

func (s *state) feasible() bool { return s.over == 0 }

func (s *state) clone() *state {
	t := *s
	t.at, t.slack, t.busy = slices.Clone(s.at), slices.Clone(s.slack), slices.Clone(s.busy)
	return &t
}

func (s *state) copy(from *state) {
	copy(s.at, from.at)
	copy(s.slack, from.slack)
	copy(s.busy, from.busy)
	s.loss, s.value, s.over = from.loss, from.value, from.over
}
