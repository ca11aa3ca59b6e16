package allocator

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
)

// exact asks the exact solver for the best plan. What a better plan could hold is known
// from the prices: with all Leasts met, options that lose no more than the plan in hand
// lies below the bound; if something is missing of one, any option. It has to fall short
// by the least first, and then to be worth the most.
//
// It says whether the question was small enough to be asked.
func (w *work) exact(s *state) (asked bool, err error) {
	if w.over(s) {
		return false, nil
	}
	ids, sure := w.open(s)
	if len(ids) > w.o.openMost() {
		return false, nil
	}
	if !sure {
		q := newProgram(s, ids, s.free, nil)
		q.shortfalls(1, math.Inf(1))
		found, err := w.ask(s, w.o.Exact, q, 0)
		if err != nil || found.Values == nil {
			return true, err
		}
		sure = s.short() <= -found.Bound+mip.Tolerance
	}
	q := newProgram(s, ids, s.free, nil)
	q.maximise(s.m.value)
	q.shortfalls(0, s.short())
	found, err := w.ask(s, w.o.Exact, q, 0)
	if err != nil || found.Values == nil {
		return true, err
	}
	if value := s.value / q.unit; found.Bound <= value+2*mip.Rounding(value) {
		w.proved, w.optimal = s.value, sure
	} else {
		w.proved = min(w.proved, found.Bound*q.unit)
	}
	return true, nil
}

// exactWork is the default of Options.Work: pivots that take our own branch and bound a
// second or two.
const exactWork = 20_000

func (o Options) exactWork(columns int) int64 {
	work := o.Work
	if work == 0 {
		work = exactWork
	}
	return work * openMost / int64(max(openMost, columns))
}

// openMost is the default of Options.Open.
const openMost = 1_000

func (o Options) openMost() int {
	if o.Open == 0 {
		return openMost
	}
	return o.Open
}

// open lists the options that a better plan than s can hold, and says whether that is
// sure to be one that falls short of Leasts by no less; if not, all are open.
func (w *work) open(s *state) (ids []int32, sure bool) {
	short := s.short()
	sure = short <= s.m.leastShort()+even
	least := s.value * (1 - guard)
	for o := range int32(len(s.m.opts)) {
		if !sure || short > w.short || w.limit[o] >= least || s.chosen[s.m.opts[o].cand] == o {
			ids = append(ids, o)
		}
	}
	return ids, sure
}

// leastShort is what any plan falls short of: all that the candidates of a group have
// to give, each by the option that gives most, is too little.
func (m *model) leastShort() float64 {
	sum := 0.0
	if m.limits == len(m.rows) {
		return 0
	}
	most := make([]int64, len(m.rows))
	for c := range int32(len(m.order)) {
		best := map[int32]int64{}
		for _, o := range m.optionsOf(c) {
			for _, u := range o.gives {
				best[u.row] = max(best[u.row], -u.units)
			}
		}
		for row, units := range best {
			most[row] += units
		}
	}
	for row := m.limits; row < len(m.rows); row++ {
		if least := -m.rows[row].free; most[row] < least {
			sum += float64(least-most[row]) / float64(least)
		}
	}
	return sum
}

// ask has a program solved, within what is left of time and effort, and gives s the plan
// that was found if it is better.
func (w *work) ask(s *state, solver mip.Solver, q *program, effort int64) (mip.Solution, error) {
	found, err := w.solve(solver, q, effort)
	if err != nil || found.Values == nil {
		return found, err
	}
	if t := q.state(found.Values); t != nil && t.betterThan(s) {
		s.become(t)
	}
	return found, nil
}

// small solves what is small exactly: parts, and a few of them together.
var small mip.BranchAndBound

// solve gives a program to an exact solver; without Values, if that came to nothing. An
// effort of 0 is all that there is: time, or Options.Work.
func (w *work) solve(solver mip.Solver, q *program, effort int64) (mip.Solution, error) {
	o := mip.Options{Gap: w.o.Gap, Start: q.start, Effort: effort}
	deadline, timed := w.ctx.Deadline()
	if !timed && effort == 0 {
		o.Effort = w.o.exactWork(len(q.p.Cost))
	}
	if timed {
		if o.TimeLimit = time.Until(deadline) * 8 / 10; o.TimeLimit <= 0 {
			w.cut = true
			return mip.Solution{}, nil
		}
		began := time.Now()
		defer func() { w.cut = w.cut || time.Since(began) >= o.TimeLimit }()
	}
	found, err := solver.Solve(w.ctx, q.p, o)
	switch {
	case err != nil && w.ctx.Err() != nil:
		w.cut = true
		return mip.Solution{}, nil
	case errors.Is(err, mip.ErrSolver): // it lost its way by rounding; there is a plan without it
		return mip.Solution{}, nil
	}
	return found, err
}

// program is a problem with some of its options as a mixed-integer program: a column
// for each option, and one for the shortfall of each Least.
type program struct {
	p      mip.Problem
	s      *state
	free   []int64 // by row; of Leasts below 0, what is missing yet
	inside []bool  // by candidate: whether it is decided upon, the others stay as they are; nil: all are
	option []int32 // by column
	column []int32 // by option of the model: its column, or none
	short  []int32 // by Least that is not met by the rest: its column
	least  []int32 // by Least that is not met by the rest: its row
	unit   float64 // of value; a power of two, so that scaling rounds nothing
	start  []float64
}

// newProgram has all that is said of some options, beside a rest that leaves so much free.
func newProgram(s *state, ids []int32, free []int64, inside []bool) *program {
	q := &program{s: s, free: free, inside: inside, column: slices.Repeat([]int32{none}, len(s.m.opts)), unit: 1}
	q.p.Maximize = true
	for _, o := range ids {
		q.column[o] = q.p.AddColumn(0, 0, 1, true)
		q.option = append(q.option, o)
		x := 0.0
		if s.chosen[s.m.opts[o].cand] == o {
			x = 1
		}
		q.start = append(q.start, x)
	}
	for row := s.m.limits; row < len(free); row++ {
		if free[row] < 0 {
			q.least = append(q.least, int32(row))
			q.short = append(q.short, q.p.AddColumn(0, 0, 1, false))
			q.start = append(q.start, max(0, float64(s.used[row]-s.free[row]))/-float64(s.free[row]))
		}
	}
	q.once()
	q.limits()
	q.leasts()
	q.conflicts()
	q.prerequisites()
	return q
}

// columnsOf lists the columns of a candidate whose options pass.
func (q *program) columnsOf(c int32, pass func(o *option) bool) []int32 {
	var columns []int32
	for o := q.s.m.first[c]; o < q.s.m.first[c+1]; o++ {
		if q.column[o] != none && pass(&q.s.m.opts[o]) {
			columns = append(columns, q.column[o])
		}
	}
	return columns
}

func all(*option) bool { return true }

// ones adds a row Σ plus − Σ minus ≤ most, unless it always holds.
func (q *program) ones(most float64, plus, minus []int32) {
	if len(plus) == 0 || len(minus) == 0 && float64(len(plus)) <= most {
		return
	}
	values := slices.Concat(slices.Repeat([]float64{1}, len(plus)), slices.Repeat([]float64{-1}, len(minus)))
	q.p.AddRow(math.Inf(-1), most, slices.Concat(plus, minus), values)
}

// once has at most one option for each candidate.
func (q *program) once() {
	for c := range int32(len(q.s.m.order)) {
		q.ones(1, q.columnsOf(c, all), nil)
	}
}

// limits has a row for each that the options could overfill.
func (q *program) limits() {
	index, units := make([][]int32, len(q.free)), make([][]float64, len(q.free))
	for j, o := range q.option {
		for _, u := range q.s.m.opts[o].needs {
			index[u.row] = append(index[u.row], int32(j))
			units[u.row] = append(units[u.row], float64(u.units))
		}
	}
	for _, row := range scarceRows(q.s.m, q.option, q.free) {
		if int(row) < q.s.m.limits {
			q.row(math.Inf(-1), float64(q.free[row]), index[row], units[row])
		}
	}
}

// row adds a row of units, scaled down by a power of two if they are many.
func (q *program) row(lower, upper float64, index []int32, units []float64) {
	const many = 1 << 20
	_, exponent := math.Frexp(max(math.Abs(upper), math.Abs(slices.Max(units))) / many)
	if exponent > 0 {
		scale := math.Ldexp(1, -exponent)
		lower, upper = lower*scale, upper*scale
		for i := range units {
			units[i] *= scale
		}
	}
	q.p.AddRow(lower, upper, index, units)
}

// leastShare of a Least is what an option that gives less is taken to give: mip knows no
// smaller numbers, and more only loosens the bound.
const leastShare = 1e-9

// leasts has Σ gives/Least + shortfall ≥ 1, or what of it is missing.
func (q *program) leasts() {
	for i, row := range q.least {
		index, shares := []int32{q.short[i]}, []float64{1}
		for j, o := range q.option {
			for _, u := range q.s.m.opts[o].gives {
				if u.row == row {
					index = append(index, int32(j))
					shares = append(shares, min(1, max(leastShare, float64(u.units)/float64(q.s.free[row]))))
				}
			}
		}
		q.p.AddRow(float64(q.free[row])/float64(q.s.free[row]), math.Inf(1), index, shares)
	}
}

// conflicts: in every week in which one of two candidates in conflict may start, options
// of the one in a layer and of the other in other layers of the segment exclude each
// other if both run. All that two options have in common begins with the start of one.
func (q *program) conflicts() {
	m := q.s.m
	type place struct{ segment, layer, week int32 }
	for c := range int32(len(m.order)) {
		for _, k := range m.conflicts[c] {
			if k < c || !q.has(c) || !q.has(k) {
				continue
			}
			var places []place
			for _, mine := range m.optionsOf(c) {
				for _, of := range []int32{c, k} {
					for _, o := range m.optionsOf(of) {
						if mine.layer >= 0 && o.segment == mine.segment {
							places = append(places, place{mine.segment, mine.layer, o.start})
						}
					}
				}
			}
			slices.SortFunc(places, func(a, b place) int {
				return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.week, b.week))
			})
			for _, at := range slices.Compact(places) {
				runs := func(o *option) bool { return o.segment == at.segment && o.start <= at.week && at.week < o.end }
				mine := q.columnsOf(c, func(o *option) bool { return runs(o) && o.layer == at.layer })
				theirs := q.columnsOf(k, func(o *option) bool { return runs(o) && o.layer != at.layer })
				if len(mine) > 0 && len(theirs) > 0 {
					q.ones(1, slices.Concat(mine, theirs), nil)
				}
			}
		}
	}
}

// prerequisites: what starts by a week needs what it requires to have ended by then.
func (q *program) prerequisites() {
	m := q.s.m
	for c := range int32(len(m.order)) {
		var starts []int32
		for _, o := range m.optionsOf(c) {
			starts = append(starts, o.start)
		}
		slices.Sort(starts)
		for _, r := range m.requires[c] {
			if !q.has(c) || !q.has(r) {
				continue
			}
			for _, week := range slices.Compact(starts) {
				q.ones(0, q.columnsOf(c, func(o *option) bool { return o.start <= week }),
					q.columnsOf(r, func(o *option) bool { return o.end <= week }))
			}
		}
	}
}

// has says whether the program decides on a candidate.
func (q *program) has(c int32) bool { return q.inside == nil || q.inside[c] }

// maximise makes the objective the sum of what options are worth.
func (q *program) maximise(worth func(o int32) float64) {
	largest := 0.0
	for _, o := range q.option {
		largest = max(largest, math.Abs(worth(o)))
	}
	if _, exponent := math.Frexp(largest); largest > 0 {
		q.unit = math.Ldexp(1, exponent)
	}
	for j, o := range q.option {
		q.p.Cost[j] = worth(o) / q.unit
	}
}

// shortfalls has each cost so much, and all together be no more than most.
func (q *program) shortfalls(cost, most float64) {
	for _, j := range q.short {
		q.p.Cost[j] = -cost
	}
	if len(q.short) > 0 && !math.IsInf(most, 1) {
		q.p.AddRow(math.Inf(-1), most, q.short, slices.Repeat([]float64{1}, len(q.short)))
	}
}

// state turns a point into a plan; nil if it breaks a rule, by rounding in rows of very
// many units.
func (q *program) state(x []float64) *state {
	s := newState(q.s.m, q.s.g)
	taken := make([]int32, len(s.chosen))
	for c := range taken {
		if taken[c] = none; !q.has(int32(c)) {
			taken[c] = q.s.chosen[c]
		}
	}
	for j, o := range q.option {
		if x[j] > 0.5 {
			taken[s.m.opts[o].cand] = o
		}
	}
	for _, c := range s.m.afterPrerequisites() {
		if o := taken[c]; o != none {
			if !s.fits(o) || !s.agrees(o) {
				return nil
			}
			s.put(c, o)
		}
	}
	return s
}
