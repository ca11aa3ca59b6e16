package allocator

import (
	"math"
)

// former reads the prices of a former plan by row, in the relaxation's scale; nil: there
// are none. A capacity that the former plan did not know has price 0.
func (r *relaxation) former(m *model, plan *Plan) []float64 {
	if plan == nil || len(plan.Prices) == 0 || r.unit == 0 {
		return nil
	}
	type week struct {
		name, unit string
		week       int
	}
	at := make(map[week]float64, len(plan.Prices))
	for _, p := range plan.Prices {
		if p.Price > 0 && !math.IsInf(p.Price, 1) {
			at[week{p.Name, p.Unit, p.Week}] = p.Price
		}
	}
	for _, s := range plan.Quotas {
		if s.Price > 0 && !math.IsInf(s.Price, 1) {
			at[week{s.Group, s.Unit, allWeeks}] = s.Price
		}
	}
	y := make([]float64, len(r.rows))
	for i, row := range r.rows {
		q := m.rows[row]
		if r.side[i] > 0 {
			y[i] = at[week{q.name, q.unit, q.week}] * float64(q.full) / r.unit
		}
	}
	return y
}

// former chooses again what a former plan chose, and fills what is left.
func former(m *model, g *guide, plan *Plan) *state {
	if plan == nil {
		return newState(m, g)
	}
	s := again(m, g, plan)
	s.fill(g.order)
	return s
}

// again chooses what a plan chose, wherever that is still an option and fits.
func again(m *model, g *guide, plan *Plan) *state {
	s := newState(m, g)
	chose := make(map[string]*Choice, len(plan.Choices))
	for i := range plan.Choices {
		chose[plan.Choices[i].Candidate] = &plan.Choices[i]
	}
	for _, c := range m.afterPrerequisites() {
		was := chose[m.candidate(int(c)).ID]
		if was == nil {
			continue
		}
		like := int32(none) // of several in the same words, the one of the nearest value
		for o := m.first[c]; o < m.first[c+1]; o++ {
			if m.repeats(&m.opts[o], was) && (like == none || math.Abs(m.opts[o].value-was.Value) < math.Abs(m.opts[like].value-was.Value)) {
				like = o
			}
		}
		if like != none && s.fits(like) && s.agrees(like) {
			s.set(c, like)
		}
	}
	return s
}

// repeats says whether an option is the one that was chosen, in its own words: its value
// and what it takes may have changed.
func (m *model) repeats(o *option, was *Choice) bool {
	q := m.candidate(int(o.cand)).Options[o.index]
	return q.Design == was.Design && q.Start == was.Start && q.Weeks == was.Weeks &&
		(q.Buckets == 0 || q.Segment == was.Segment && q.Layer == was.Layer)
}
