package allocator

import (
	"context"
	"math"
	"slices"

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
	w := &work{ctx: ctx, o: o, proved: math.Inf(1)}
	r, g := w.price(m, 0)
	s := greedy(m, r, g, w)
	if f := former(m, g, o.Former); f.betterThan(s) {
		s = f
	}
	if d := dive(m, g, w, s); d.betterThan(s) {
		s = d
	}
	if err := w.complete(s); err != nil {
		return Plan{}, err
	}
	if s.short() > w.short || s.short() < w.short-even {
		w.price(m, s.short())
	}

	plan := m.plan(s, w.prices)
	w.conclude(&plan, s)
	plan.Reasons = explain(s, w.prices, o.Unit)
	return plan, nil
}

// Explain tells what the capacities of p are worth and why each candidate is where it is, in
// a plan for p that was made with other values: with some that were made worth more than all
// else, so that they stay. Prices made with those are of no use to others. The plan keeps
// its choices, its value and its proof.
func Explain(ctx context.Context, p Problem, plan Plan, o Options) (Plan, error) {
	if err := validate(p); err != nil {
		return plan, err
	}
	m := newModel(p)
	o.Former = nil // from nowhere: the same plan has the same prices, whatever it was made from
	w := &work{ctx: ctx, o: o, proved: math.Inf(1)}
	_, g := w.price(m, 0)
	s := again(m, g, &plan)
	if s.short() > even {
		w.price(m, s.short())
	}
	told := m.plan(s, w.prices)
	if len(told.Choices) != len(plan.Choices) {
		return plan, breach("choice", "%d of %d choices are none of the problem's", len(plan.Choices)-len(told.Choices), len(plan.Choices))
	}
	plan.Prices, plan.Quotas, plan.Reasons = told.Prices, told.Quotas, explain(s, w.prices, o.Unit)
	return plan, nil
}

// work is what is known and proved so far, and says when to stop: when nothing better is
// asked for, or the context has ended.
type work struct {
	ctx      context.Context
	o        Options
	short    float64   // what is proved holds for plans that fall short of Leasts by no more
	prices   []float64 // of all rows
	bound    float64   // of the prices, or of parts; in value
	limit    []float64 // by option: no plan that has it is worth more
	proved   float64   // by exact solvers: no plan is worth more
	optimal  bool      // the best plan is proved to be that
	cut      bool      // something was left undone because the context had ended
	annealed uint64    // times that a plan was improved
}

// price finds prices for plans that may fall short of Leasts by so much: for if they may
// not, the prices say what cannot be had.
func (w *work) price(m *model, short float64) (*relaxation, *guide) {
	r := relax(m, m.allOptions(), m.free(), short)
	var former []float64
	if short == 0 {
		former = r.former(m, w.o.Former)
	}
	y, taken := r.solve(w.ctx, precision, former)
	w.cut = w.cut || w.ctx.Err() != nil
	g := newGuide(m, r, y, taken)
	w.prices = m.unitPrices(r, y)
	w.short, w.bound, w.limit = short, m.bound(w.prices, short), make([]float64, len(m.opts))
	for o := range w.limit {
		w.limit[o] = w.bound - g.loss[o]
	}
	return r, g
}

// complete improves the plan in hand and has what is left open solved exactly, where
// that is small enough: after a part of the effort, after the night was taken apart, both
// of which make it smaller, or at the end.
func (w *work) complete(s *state) error {
	effort := w.effort(s.m)
	if w.o.Exact == nil || effort < 0 {
		improve(s, w, effort)
		return nil
	}
	early := effort / 8
	improve(s, w, early)
	if short := s.short(); short > w.short {
		_, s.g = w.price(s.m, short)
	}
	asked, err := w.few(s)
	if err != nil || w.optimal {
		return err
	}
	d, err := w.divide(s)
	if err != nil {
		return err
	}
	if !asked {
		if asked, err = w.few(s); err != nil || w.optimal {
			return err
		}
	}
	if err := w.polish(s, d, effort-early); err != nil || asked {
		return err
	}
	_, err = w.exact(s)
	return err
}

// few is exact, if so little is open that it takes no time.
func (w *work) few(s *state) (asked bool, err error) {
	if ids, _ := w.open(s); len(ids) > openMost {
		return false, nil
	}
	return w.exact(s)
}

// effort is how many tries the improvement may take in all.
func (w *work) effort(m *model) int {
	if w.o.Effort == 0 {
		return min(DefaultEffort, effortEach*len(m.opts))
	}
	return w.o.Effort
}

// conclude writes down the proof.
func (w *work) conclude(plan *Plan, s *state) {
	plan.Cut = w.cut
	plan.Bound = max(plan.Value, min(plan.Bound, w.proved))
	if w.optimal { // added up in another order, the value may differ in its last digit
		plan.Bound = plan.Value
	}
	plan.Gap = gap(plan.Value, plan.Bound)
	plan.Optimal = plan.Gap == 0 && (w.optimal || s.short() <= s.m.leastShort()+even)
}

// over says whether to leave what is under way, with a plan in hand.
func (w *work) over(s *state) bool { return w.overWith(s.short(), s.value) }

func (w *work) overWith(short, value float64) bool {
	switch {
	case short == 0 && gap(value, min(w.bound, w.proved)) <= w.o.Gap:
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

// free is what options can take of each row.
func (m *model) free() []int64 {
	free := make([]int64, len(m.rows))
	for i := range free {
		free[i] = m.rows[i].full
	}
	return free
}

// unitPrices turns the relaxation's prices, per share of a row in units of the
// largest value, into value per unit of every row.
func (m *model) unitPrices(r *relaxation, y []float64) []float64 {
	prices := make([]float64, len(m.rows))
	for i, row := range r.rows {
		prices[row] = y[i] * r.unit / math.Abs(float64(r.free[row]))
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
	for i, row := range m.rows[:m.limits] {
		if row.week != allWeeks {
			plan.Prices = append(plan.Prices, Price{row.name, row.unit, row.week, row.free, s.used[i], prices[i]})
		}
	}
	plan.Quotas = m.shares(s, prices)
	plan.Bound = max(plan.Value, m.bound(prices, s.short()))
	return plan
}

// shares tells what the groups have of their quotas.
func (m *model) shares(s *state, prices []float64) []Share {
	var all []Share
	for i, q := range m.quotas {
		share := Share{Group: q.Group, Unit: q.Unit, Least: q.Least, Most: q.Most}
		for c, o := range s.chosen {
			if o != none && slices.Contains(m.quotasOf[c], int32(i)) {
				share.Used += m.takes(m.capacities(m.candidate(c).Options[m.opts[o].index]))[q.Unit]
			}
		}
		share.Short = max(0, q.Least-share.Used)
		if row := m.mostRow[i]; row != none {
			share.Price = prices[row]
		}
		if row := m.leastRow[i]; row != none {
			share.Cost = prices[row]
		}
		all = append(all, share)
	}
	return all
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

// bound is the Lagrangian bound at prices per unit (see relaxation.bound), in value, on
// plans that fall short of Leasts by so much at most, with an allowance for rounding: each
// of the products and sums errs by at most 2⁻⁵³ of its size. With all prices 0 it is the sum
// of the best values in the order in which a plan adds them up, and needs no allowance.
func (m *model) bound(prices []float64, short float64) float64 {
	size, profits, values := 0.0, 0.0, 0.0
	for i, price := range prices {
		size += price * math.Abs(float64(m.rows[i].full)) * (1 + short)
	}
	for c := range m.order {
		profit, value := 0.0, 0.0
		for _, o := range m.optionsOf(int32(c)) {
			bonus := -cost(o.gives, prices)
			profit = max(profit, o.value-cost(o.needs, prices)+bonus)
			value = max(value, o.value+bonus)
		}
		profits += profit
		values += value
	}
	if size == 0 {
		return profits
	}
	operations := float64(2*len(m.rows) + len(m.order))
	return m.rent(prices, short) + profits + (size+values)*operations*0x1p-52
}

// rent is what all that options can take costs, less what all Leasts pay but for the shortfall,
// which is that of the dearest.
func (m *model) rent(prices []float64, short float64) float64 {
	if short > 0 {
		short += even
	}
	rent, dearest := 0.0, 0.0
	for i, price := range prices {
		rent += price * float64(m.rows[i].full)
		if i >= m.limits {
			dearest = max(dearest, -price*float64(m.rows[i].full))
		}
	}
	return rent + short*dearest
}

// cost is what needs take at prices.
func cost(needs []use, prices []float64) float64 {
	total := 0.0
	for _, u := range needs {
		total += float64(u.units) * prices[u.row]
	}
	return total
}
