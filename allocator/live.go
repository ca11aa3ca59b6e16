package allocator

import (
	"cmp"
	"math"
	"slices"
)

// addOptions collects the live options of every candidate in canonical order.
// A candidate is looked at after its prerequisites, whose earliest end rules out
// options that start before it.
func (m *model) addOptions() {
	n := len(m.order)
	byCandidate := make([][]option, n)
	earliest := make([]int32, n) // first week by which the candidate can have ended
	for _, c := range m.afterPrerequisites() {
		from := m.earliestStart(int(c), earliest)
		byCandidate[c] = m.liveOptions(c, from)
		earliest[c] = math.MaxInt32
		for _, o := range byCandidate[c] {
			earliest[c] = min(earliest[c], o.end)
		}
	}
	m.first = make([]int32, n+1)
	for c, os := range byCandidate {
		m.opts = append(m.opts, os...)
		m.first[c+1] = int32(len(m.opts))
		if len(os) > 0 {
			m.total += os[0].value // they stand by value
		}
	}
}

// earliestStart is the first week in which all prerequisites of c can have ended.
func (m *model) earliestStart(c int, earliest []int32) int32 {
	if m.impossible[c] {
		return math.MaxInt32
	}
	var from int32
	for _, r := range m.requires[c] {
		from = max(from, earliest[r])
	}
	return from
}

func (m *model) liveOptions(c, from int32) []option {
	var live []option
	for i, o := range m.candidate(int(c)).Options {
		if o.Value <= 0 || int32(o.Start) < from {
			continue
		}
		if l := m.newOption(c, i); m.fitsAlone(l.needs) {
			live = append(live, *l)
		}
	}
	slices.SortFunc(live, func(a, b option) int { return m.compareOptions(c, a, b) })
	return live
}

// newOption flattens the index-th option of candidate c.
func (m *model) newOption(c int32, index int) *option {
	o := m.candidate(int(c)).Options[index]
	l := &option{cand: c, index: int32(index), start: int32(o.Start), end: int32(o.end()),
		layer: -1, segment: -1, value: o.Value}
	l.needs, l.gives = m.needs(c, o)
	if o.Buckets > 0 {
		l.layer = int32(m.layers[Layer{Segment: o.Segment, Name: o.Layer}.name()])
		l.segment = m.segments[o.Segment]
	}
	return l
}

// compareOptions orders options by what they say; by place only if they say the same.
func (m *model) compareOptions(c int32, a, b option) int {
	os := m.candidate(int(c)).Options
	x, y := os[a.index], os[b.index]
	return cmp.Or(
		cmp.Compare(b.value, a.value), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end),
		cmp.Compare(x.Design, y.Design), cmp.Compare(a.layer, b.layer),
		slices.CompareFunc(a.needs, b.needs, func(u, w use) int {
			return cmp.Or(cmp.Compare(u.row, w.row), cmp.Compare(u.units, w.units))
		}),
		cmp.Compare(x.Segment, y.Segment), cmp.Compare(x.Layer, y.Layer),
		cmp.Compare(a.index, b.index))
}

// afterPrerequisites orders candidates so that each comes after those it requires.
func (m *model) afterPrerequisites() []int32 {
	waiting := make([]int, len(m.order))
	var order []int32
	for c := range m.order {
		if waiting[c] = len(m.requires[c]); waiting[c] == 0 {
			order = append(order, int32(c))
		}
	}
	for i := 0; i < len(order); i++ {
		for _, d := range m.dependents[order[i]] {
			if waiting[d]--; waiting[d] == 0 {
				order = append(order, d)
			}
		}
	}
	return order
}
