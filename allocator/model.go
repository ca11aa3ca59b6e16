package allocator

import (
	"cmp"
	"slices"
)

// model is a Problem in canonical order, flattened for speed: rows of capacity,
// and options that take whole units of rows. Sorting here is what makes the plan
// independent of the order in which the problem was written.
type model struct {
	p      Problem
	weeks  int
	rows   []row
	pools  map[string]int // name → its first row
	layers map[string]int // segment/name → its first row

	segments map[string]int32 // segment → the first row of its first layer

	quotas   []Quota   // by group and unit
	limits   int       // rows before it are limits, those from it on are the Leasts of quotas
	quotasOf [][]int32 // those of a candidate's groups
	mostRow  []int32   // by quota: the row of its Most, or none
	leastRow []int32   // by quota: the row of its Least, or none
	total    float64   // sum of the best values

	order      []int32          // place in p.Candidates of each candidate, by ID
	at         map[string]int32 // candidate by ID
	requires   [][]int32        // prerequisites of each candidate; only known ids
	dependents [][]int32        // the other way round
	conflicts  [][]int32        // symmetric
	impossible []bool           // requires an id that is not in the problem

	opts  []option // live options by candidate
	first []int32  // options of candidate c are opts[first[c]:first[c+1]]
}

// row is one capacity in one week, or one side of a quota. A Least is a limit too, of
// the other sign: options take less than nothing of less than nothing that is free.
type row struct {
	name, unit string
	week       int // allWeeks for a quota
	free       int64
	full       int64 // of what is free, what options can take
}

const allWeeks = -1

// option is a live option: worth more than 0, fits alone, and not before the
// earliest end of its prerequisites.
type option struct {
	cand, index int32 // index in the caller's Candidate.Options
	start, end  int32
	layer       int32 // first row of its layer, −1 without users
	segment     int32 // first row of the first layer of its segment
	value       float64
	needs       []use // of limits
	gives       []use // to the Leasts of quotas, below 0
}

// use is a whole number of units of one row.
type use struct {
	row   int32
	units int64
}

// newModel flattens a valid problem.
func newModel(p Problem) *model {
	m := &model{p: p, weeks: p.Weeks, pools: map[string]int{}, layers: map[string]int{},
		segments: map[string]int32{}}
	m.addRows()
	m.addQuotas()
	m.addCandidates()
	m.addOptions()
	m.fillRows()
	return m
}

// fillRows finds how much of each row options can take. Of a layer's buckets they take
// multiples of some number: of 9,800, tests of 2,500 and 5,000 leave 2,300. The bound must not
// sell what nobody can use. Machines are not cut up by shares, and there it would only blur
// prices, as any price above that of the last one who fits proves as much.
func (m *model) fillRows() {
	of := make([]int64, len(m.rows))
	for _, o := range m.opts {
		for _, u := range o.needs {
			of[u.row] = gcd(of[u.row], u.units)
		}
	}
	for i := range m.rows {
		r := &m.rows[i]
		if r.full = r.free; r.unit == Bucket && of[i] > 0 {
			r.full -= r.free % of[i]
		}
	}
}

// gcd is the greatest common divisor; that of 0 and b is b.
func gcd(a, b int64) int64 {
	for a != 0 {
		a, b = b%a, a
	}
	return b
}

// addQuotas adds the rows of quotas: first those of what is the most, then of the least.
func (m *model) addQuotas() {
	m.quotas = slices.SortedFunc(slices.Values(m.p.Quotas), func(a, b Quota) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Unit, b.Unit))
	})
	m.mostRow, m.leastRow = make([]int32, len(m.quotas)), make([]int32, len(m.quotas))
	for i, q := range m.quotas {
		if m.mostRow[i] = none; q.Most != nil {
			m.mostRow[i] = int32(len(m.rows))
			m.rows = append(m.rows, row{name: q.Group, unit: q.Unit, week: allWeeks, free: *q.Most})
		}
	}
	m.limits = len(m.rows)
	for i, q := range m.quotas {
		if m.leastRow[i] = none; q.Least > 0 {
			m.leastRow[i] = int32(len(m.rows))
			m.rows = append(m.rows, row{name: q.Group, unit: q.Unit, week: allWeeks, free: -q.Least})
		}
	}
}

func (m *model) addRows() {
	pools := slices.SortedFunc(slices.Values(m.p.Pools), func(a, b Pool) int { return cmp.Compare(a.Name, b.Name) })
	for _, pool := range pools {
		m.pools[pool.Name] = len(m.rows)
		for k, h := range pool.GPUHours {
			m.rows = append(m.rows, row{name: pool.Name, unit: GPUHour, week: k, free: h})
		}
	}
	layers := slices.SortedFunc(slices.Values(m.p.Layers), func(a, b Layer) int { return cmp.Compare(a.name(), b.name()) })
	for _, l := range layers {
		m.layers[l.name()] = len(m.rows)
		if _, ok := m.segments[l.Segment]; !ok {
			m.segments[l.Segment] = int32(len(m.rows))
		}
		for k := range m.weeks {
			m.rows = append(m.rows, row{name: l.name(), unit: Bucket, week: k, free: int64(l.Buckets - l.heldIn(k))})
		}
	}
}

// heldIn counts the buckets that running work keeps in week k.
func (l Layer) heldIn(k int) int {
	n := 0
	for _, h := range l.Held {
		for _, r := range h.Ranges {
			if k < h.Until {
				n += r.To - r.From
			}
		}
	}
	return n
}

func (m *model) addCandidates() {
	n := len(m.p.Candidates)
	m.order = make([]int32, n)
	for i := range m.order {
		m.order[i] = int32(i)
	}
	slices.SortFunc(m.order, func(a, b int32) int {
		return cmp.Compare(m.p.Candidates[a].ID, m.p.Candidates[b].ID)
	})
	m.at = make(map[string]int32, n)
	for c := range n {
		m.at[m.candidate(c).ID] = int32(c)
	}
	m.requires, m.dependents, m.conflicts = make([][]int32, n), make([][]int32, n), make([][]int32, n)
	m.impossible = make([]bool, n)
	m.quotasOf = make([][]int32, n)
	for c := range n {
		for i, q := range m.quotas {
			if slices.Contains(m.candidate(c).Groups, q.Group) {
				m.quotasOf[c] = append(m.quotasOf[c], int32(i))
			}
		}
		for _, id := range m.candidate(c).Requires {
			if r, ok := m.at[id]; ok {
				m.requires[c] = append(m.requires[c], r)
				m.dependents[r] = append(m.dependents[r], int32(c))
			} else {
				m.impossible[c] = true
			}
		}
		for _, id := range m.candidate(c).Conflicts {
			if k, ok := m.at[id]; ok {
				m.conflicts[c] = append(m.conflicts[c], k)
				m.conflicts[k] = append(m.conflicts[k], int32(c))
			}
		}
	}
	for _, lists := range [][][]int32{m.requires, m.dependents, m.conflicts} {
		for c := range lists {
			slices.Sort(lists[c])
			lists[c] = slices.Compact(lists[c])
		}
	}
}

// candidate returns the c-th candidate by ID.
func (m *model) candidate(c int) Candidate { return m.p.Candidates[m.order[c]] }

// needs lists what an option of candidate c takes by row, ascending: capacities, then
// quotas. gives lists what it adds to the Leasts of quotas.
func (m *model) needs(c int32, o Option) (needs, gives []use) {
	needs = m.capacities(o)
	if len(m.quotasOf[c]) == 0 {
		return needs, nil
	}
	takes := m.takes(needs)
	for _, i := range m.quotasOf[c] {
		units := takes[m.quotas[i].Unit]
		if units > 0 && m.mostRow[i] != none {
			needs = append(needs, use{m.mostRow[i], units})
		}
		if units > 0 && m.leastRow[i] != none {
			gives = append(gives, use{m.leastRow[i], -units})
		}
	}
	return needs, gives
}

// takes adds up capacities by the units of quotas.
func (m *model) takes(capacities []use) map[string]int64 {
	takes := map[string]int64{Start: 1}
	for _, u := range capacities {
		unit := m.rows[u.row].unit
		if unit == Bucket {
			unit = BucketWeek
		}
		takes[unit] = min(takes[unit]+u.units, beyond)
	}
	return takes
}

// beyond is more than any quota's limit; sums stop there, for fear of overflow.
const beyond = 2 * maxQuota

// capacities lists what o takes of capacity by row, ascending.
func (m *model) capacities(o Option) []use {
	var us []use
	for _, c := range o.Compute {
		for k, h := range c.GPUHours {
			if h > 0 && o.Start+k < m.weeks {
				us = append(us, use{int32(m.pools[c.Pool] + o.Start + k), h})
			}
		}
	}
	if o.Buckets > 0 {
		at := m.layers[Layer{Segment: o.Segment, Name: o.Layer}.name()]
		for k := o.Start; k < min(o.end()+o.Cool, m.weeks); k++ {
			if n := o.bucketsIn(k); n > 0 {
				us = append(us, use{int32(at + k), int64(n)})
			}
		}
	}
	slices.SortFunc(us, func(a, b use) int { return cmp.Compare(a.row, b.row) })
	return addUp(us)
}

// addUp joins neighbouring uses of one row.
func addUp(us []use) []use {
	joined := us[:0]
	for _, u := range us {
		if n := len(joined); n > 0 && joined[n-1].row == u.row {
			joined[n-1].units += u.units
		} else {
			joined = append(joined, u)
		}
	}
	return joined
}

// fitsAlone says whether the needs fit into an empty plan.
func (m *model) fitsAlone(us []use) bool {
	for _, u := range us {
		if u.units > m.rows[u.row].free {
			return false
		}
	}
	return true
}

// optionsOf returns the live options of candidate c.
func (m *model) optionsOf(c int32) []option { return m.opts[m.first[c]:m.first[c+1]] }

// value is what option o is worth.
func (m *model) value(o int32) float64 { return m.opts[o].value }
