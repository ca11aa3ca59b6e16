package allocator

import (
	"context"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Solve returns a good plan for p and a bound on every plan. It fails only with an
// *InputError. The plan depends on what p and o say, never on the order in which p lists
// its candidates, options, pools or layers, nor on the number of processors.
//
// When ctx ends first, by a deadline or otherwise, Solve returns the best plan by then
// with a bound that holds all the same, and marks it Cut: only then may the same
// problem get another plan the next time.
func Solve(ctx context.Context, p Problem, o Options) (Plan, error) {
	if err := validate(p); err != nil {
		return Plan{}, err
	}
	if err := o.validate(); err != nil {
		return Plan{}, err
	}
	m := newModel(p)
	r := relax(m, m.allOptions(), m.free())
	y, taken := r.solve(ctx, precision, r.former(m, o.Former))
	prices := m.unitPrices(r, y)
	g := newGuide(m, r, y, taken)
	w := &work{ctx: ctx, o: o, bound: m.bound(prices), cut: ctx.Err() != nil}
	s := greedy(m, r, g, w)
	if f := former(m, g, o.Former); f.value > s.value {
		s = f
	}
	if d := dive(m, g, w, s.value); d.value > s.value {
		s = d
	}
	improve(s, r.bound(y)*r.unit, w)

	plan := m.plan(s, prices)
	plan.Cut = w.cut
	plan.Reasons = explain(s, prices, o.Unit)
	return plan, nil
}

// work says when to stop: when nothing better is asked for, or the context has ended.
type work struct {
	ctx   context.Context
	o     Options
	bound float64 // in value, as the plan will say
	cut   bool    // something was left undone because the context had ended
}

// over says whether to leave what is under way, with a plan of a value in hand.
func (w *work) over(value float64) bool {
	switch {
	case gap(value, w.bound) <= w.o.Gap:
		return true
	case w.ctx.Err() != nil:
		w.cut = true
		return true
	}
	return false
}

func (m *model) allOptions() []int32 {
	ids := make([]int32, len(m.opts))
	for o := range ids {
		ids[o] = int32(o)
	}
	return ids
}

func (m *model) free() []int64 {
	free := make([]int64, len(m.rows))
	for i := range free {
		free[i] = m.rows[i].free
	}
	return free
}

// unitPrices turns the relaxation's prices, per share of a row in units of the
// largest value, into value per unit of every row.
func (m *model) unitPrices(r *relaxation, y []float64) []float64 {
	prices := make([]float64, len(m.rows))
	for i, row := range r.rows {
		prices[row] = y[i] * r.unit / float64(m.rows[row].free)
	}
	return prices
}

// plan writes down the chosen options, their cohorts, and the proof at the prices.
func (m *model) plan(s *state, prices []float64) Plan {
	plan := Plan{Choices: []Choice{}, Prices: make([]Price, 0, len(m.rows))}
	tenants := map[int32][]int{} // choices with users, by first row of the layer
	var asks []cohort.Ask        // by choice
	for c, o := range s.chosen {
		if o == none {
			continue
		}
		index, layer := m.opts[o].index, m.opts[o].layer
		opt := m.candidate(c).Options[index]
		choice := Choice{Candidate: m.candidate(c).ID, Option: int(index), Design: opt.Design,
			Start: opt.Start, Weeks: opt.Weeks, Value: opt.Value}
		if opt.Buckets > 0 {
			choice.Segment, choice.Layer = opt.Segment, opt.Layer
			tenants[layer] = append(tenants[layer], len(plan.Choices))
		}
		asks = append(asks, cohort.Ask{Start: opt.Start, Weeks: opt.Weeks, Buckets: opt.Buckets, Cool: opt.Cool})
		plan.Choices = append(plan.Choices, choice)
		plan.Value += opt.Value
	}
	for _, l := range m.p.Layers {
		placeCohorts(l, tenants[int32(m.layers[l.name()])], asks, plan.Choices)
	}
	for i, row := range m.rows {
		plan.Prices = append(plan.Prices, Price{row.name, row.unit, row.week, row.free, s.used[i], prices[i]})
	}
	plan.Bound = max(plan.Value, m.bound(prices))
	plan.Gap = gap(plan.Value, plan.Bound)
	return plan
}

func gap(value, bound float64) float64 {
	switch {
	case bound <= value:
		return 0
	case value == 0:
		return Unproved
	}
	return min((bound-value)/value, Unproved)
}

// bound is the Lagrangian bound at prices per unit (see relaxation.bound), in value,
// with an allowance for rounding: each of the products and sums errs by at most 2⁻⁵³
// of its size. With all prices 0 it is the sum of the best values in the order in which
// a plan adds them up, and needs no allowance.
func (m *model) bound(prices []float64) float64 {
	rent, profits, values := 0.0, 0.0, 0.0
	for i, row := range m.rows {
		rent += prices[i] * float64(row.free)
	}
	for c := range m.order {
		profit, value := 0.0, 0.0
		for _, o := range m.optionsOf(int32(c)) {
			profit = max(profit, o.value-cost(o.needs, prices))
			value = max(value, o.value)
		}
		profits += profit
		values += value
	}
	if rent == 0 {
		return profits
	}
	operations := float64(2*len(m.rows) + len(m.order))
	return rent + profits + (rent+values)*operations*0x1p-52
}

// cost is what needs take at prices.
func cost(needs []use, prices []float64) float64 {
	total := 0.0
	for _, u := range needs {
		total += float64(u.units) * prices[u.row]
	}
	return total
}
