package allocator

import "math/bits"

// state is a plan under construction: at most one option for each candidate, what
// is used of every row, and a journal to take steps back.
type state struct {
	m       *model
	g       *guide
	chosen  []int32    // option by candidate, none if there is none
	free    []int64    // by row
	used    []int64    // by row; exceeds what is free only while an option is being forced in
	users   [][]uint64 // by row: the set of candidates that use it
	value   float64    // of the chosen options, up to rounding
	journal []change

	tries int // options tried, the measure of effort
	looks int // what is left of the patience with prerequisites
}

const none = -1

// change remembers what a candidate had before.
type change struct {
	cand, had int32
	value     float64
}

func newState(m *model, g *guide) *state {
	s := &state{m: m, g: g, chosen: make([]int32, len(m.order)), free: m.free(), used: make([]int64, len(m.rows))}
	for c := range s.chosen {
		s.chosen[c] = none
	}
	s.users = make([][]uint64, len(m.rows))
	for i := range s.users {
		s.users[i] = make([]uint64, (len(m.order)+63)/64)
	}
	return s
}

// set gives candidate c option o, or none, and records what it had.
func (s *state) set(c, o int32) {
	s.journal = append(s.journal, change{c, s.chosen[c], s.value})
	s.put(c, o)
}

func (s *state) put(c, o int32) {
	word, bit := c/64, uint64(1)<<(c%64)
	if had := s.chosen[c]; had != none {
		s.value -= s.m.opts[had].value
		for _, u := range s.m.opts[had].needs {
			s.used[u.row] -= u.units
			s.users[u.row][word] &^= bit
		}
		for _, u := range s.m.opts[had].gives {
			s.used[u.row] -= u.units
		}
	}
	if s.chosen[c] = o; o != none {
		s.value += s.m.opts[o].value
		for _, u := range s.m.opts[o].needs {
			s.used[u.row] += u.units
			s.users[u.row][word] |= bit
		}
		for _, u := range s.m.opts[o].gives {
			s.used[u.row] += u.units
		}
	}
}

// clone is the same plan, with a journal of its own.
func (s *state) clone() *state {
	t := newState(s.m, s.g)
	t.become(s)
	return t
}

// become makes the plan that of another.
func (s *state) become(other *state) {
	for c, o := range other.chosen {
		if s.chosen[c] != o {
			s.put(int32(c), o)
		}
	}
}

// short is the sum of shortfall/Least over all quotas.
func (s *state) short() float64 {
	sum := 0.0
	for row := s.m.limits; row < len(s.free); row++ {
		if lack := s.used[row] - s.free[row]; lack > 0 {
			sum += float64(lack) / -float64(s.free[row])
		}
	}
	return sum
}

// betterThan compares plans: first what they fall short of quotas, then value.
func (s *state) betterThan(other *state) bool {
	return better(s.short(), s.value, other.short(), other.value)
}

// even is by how much shortfalls differ that count as equal.
const even = 1e-12

// better says whether a plan with a shortfall and value is better than another.
func better(short, value, otherShort, otherValue float64) bool {
	return short < otherShort-even || short <= otherShort+even && value > otherValue
}

// undo takes back everything since the journal had length mark.
func (s *state) undo(mark int) {
	for i := len(s.journal) - 1; i >= mark; i-- {
		s.put(s.journal[i].cand, s.journal[i].had)
		s.value = s.journal[i].value // exactly, whatever rounding did in between
	}
	s.journal = s.journal[:mark]
}

// fits says whether there is room for o beside all that is chosen.
func (s *state) fits(o int32) bool { return s.lack(o) == none }

// lack returns the first of o's needs for which there is no room, or none.
func (s *state) lack(o int32) int {
	for i, u := range s.m.opts[o].needs {
		if s.used[u.row]+u.units > s.free[u.row] {
			return i
		}
	}
	return none
}

// agrees says whether o breaks no conflict and no prerequisite among the chosen,
// its own or those of candidates that require it.
func (s *state) agrees(o int32) bool {
	opt := &s.m.opts[o]
	return s.prepared(opt) && !s.cutsDependent(opt) && s.rival(opt) == none
}

// prepared says whether all prerequisites of o are chosen and end in time.
func (s *state) prepared(o *option) bool {
	for _, r := range s.m.requires[o.cand] {
		if s.chosen[r] == none || s.m.opts[s.chosen[r]].end > o.start {
			return false
		}
	}
	return true
}

// cutsDependent says whether a chosen candidate requires an earlier end than o's.
func (s *state) cutsDependent(o *option) bool {
	for _, d := range s.m.dependents[o.cand] {
		if s.chosen[d] != none && s.m.opts[s.chosen[d]].start < o.end {
			return true
		}
	}
	return false
}

// rival returns the first chosen candidate that o may not meet, or none.
func (s *state) rival(o *option) int32 {
	for _, k := range s.m.conflicts[o.cand] {
		if s.chosen[k] != none && clash(o, &s.m.opts[s.chosen[k]]) {
			return k
		}
	}
	return none
}

// clash says whether two options of conflicting candidates could meet on a user:
// one segment, different layers, overlapping weeks.
func clash(a, b *option) bool {
	return a.layer >= 0 && b.layer >= 0 && a.segment == b.segment && a.layer != b.layer &&
		a.start < b.end && b.start < a.end
}

// drop removes candidate c and, in turn, all chosen ones that require it.
func (s *state) drop(c int32) {
	s.set(c, none)
	for _, d := range s.m.dependents[c] {
		if s.chosen[d] != none {
			s.drop(d)
		}
	}
}

// eachUser visits the candidates that use a row, in order.
func (s *state) eachUser(row int32, visit func(c int32)) {
	for w, set := range s.users[row] {
		for ; set != 0; set &= set - 1 {
			visit(int32(w*64 + bits.TrailingZeros64(set)))
		}
	}
}
