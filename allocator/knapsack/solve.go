package knapsack

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
)

// Options limits the effort of Solve. The zero value is a good default.
type Options struct {
	// Effort is how much work each of the two searches may do, in units of at most about a
	// nanosecond on a core of 2024: that is what it takes where classes are large, and a
	// half to a quarter of it where they are small, as in mknap and portfolios; 0 means [DefaultEffort], or with a context that has a
	// deadline, as much as there is time for. Negative means none. What is given to Exact
	// grows with it, and takes longer where a proof of all is within reach.
	Effort int64
	// Seed steers the random part of the search.
	Seed uint64
	// Gap ends the work as soon as (Bound − Value)/|Value| is at most this.
	Gap float64
	// Exact solves what the prices leave open, where that is small; nil: only the search.
	Exact mip.Solver
	// Progress is told of every better choice or bound, if it is set; −∞ means no choice yet.
	Progress func(value, bound float64)
}

// DefaultEffort is 6·10⁹: six seconds at most, about.
const DefaultEffort = 6_000_000_000

// Solution is a choice with its proof.
type Solution struct {
	Feasible bool    // there is a choice; if not, Choice is nil and Value 0
	Choice   []int   // by class: the item taken, counted within the class, or [None]
	Value    float64 // of the choice
	Bound    float64 // no choice is worth more
	Optimal  bool    // proved: no choice is worth more than Value, but for rounding of values that are not whole
	// Impossible: it is proved that no choice keeps the limits.
	Impossible bool
	Prices     []float64 // by row: about what one more unit is worth; of a Least that costs, below 0
	// Cut says that the context ended the work before its effort was spent: only then
	// may another run find something else.
	Cut  bool
	Work int64 // of the search
}

// Gap is (Bound − Value)/|Value|; +Inf if there is no choice, or Value is 0 and Bound not.
func (s Solution) Gap() float64 {
	switch {
	case !s.Feasible:
		return math.Inf(1)
	case s.Bound <= s.Value:
		return 0
	}
	return (s.Bound - s.Value) / math.Abs(s.Value)
}

// The work of a search comes in rounds, after which the two compare.
const (
	searches = 2
	round    = 50_000_000
	largest  = 20_000      // alternatives of a core
	descent  = 200_000_000 // work of the descent; where it arrives, a tenth of that is enough
)

// Solve finds a good choice and a bound on every choice. It fails only with an
// *InputError, or if Exact does. When ctx ends it returns the best so far.
func Solve(ctx context.Context, p *Problem, o Options) (Solution, error) {
	began := time.Now()
	if err := p.Validate(); err != nil {
		return Solution{}, err
	}
	_, timed := ctx.Deadline()
	timed = timed && o.Effort == 0
	switch {
	case timed:
		o.Effort = math.MaxInt64
	case o.Effort == 0:
		o.Effort = DefaultEffort
	}
	if o.Progress == nil {
		o.Progress = func(float64, float64) {}
	}
	in := order(p)
	d := newDual(&in.Problem)
	if d.impossible() {
		return Solution{Impossible: true, Bound: math.Inf(-1), Prices: make([]float64, len(p.Rows))}, nil
	}
	if deadline, ok := ctx.Deadline(); ok { // to write and check the answer takes about as long as this took
		limited, cancel := context.WithDeadline(ctx, deadline.Add(-time.Since(began)))
		defer cancel()
		ctx = limited
	}
	y, bound := d.minimise(ctx)
	g := make([]float64, len(y))
	bound = min(bound, d.eval(y, g)) // and leaves the choice there
	r := &run{ctx: ctx, p: p, in: in, o: o, timed: timed, d: d, y: y, bound: bound, ceiling: d.ceiling(bound), value: math.Inf(-1), stop: func() {}}
	o.Progress(r.value, r.ceiling)
	r.c = newCore(d, y, bound, math.Inf(1), largest)
	r.begin()
	defer func() { r.stop() }()
	if err := r.all(); err != nil {
		return Solution{}, err
	}
	return r.solution(), nil
}

// run is one Solve.
type run struct {
	ctx     context.Context
	p       *Problem // as it came
	in      *ordered // as it is solved
	stop    context.CancelFunc
	o       Options
	timed   bool // time is the limit, not work
	d       *dual
	c       *core
	y       []float64
	bound   float64 // of the dual
	ceiling float64 // the least bound that is proved
	value   float64
	best    *state
	proved  bool // that no choice keeps the limits
	work    int64
	cut     bool // the context ended something before its effort was spent
	pair    []*searcher
}

// done says whether nothing better is asked for.
func (r *run) done() bool {
	return r.proved || r.best != nil && r.ceiling-r.value <= max(r.d.rounding(r.ceiling), r.o.Gap*math.Abs(r.value))
}

// begin makes a first choice and both searches.
func (r *run) begin() {
	start := r.c.baseState()
	steps := descent / int64(len(r.c.item)*(r.c.m+1)+1)
	_, work := start.descend(r.ctx, rand.New(rand.NewPCG(r.o.Seed, 0)), int(min(steps, 5_000)))
	r.work += work
	if start.lawful() {
		r.better(start)
	}
	for k := range searches {
		r.pair = append(r.pair, newSearcher(r.c, start, r.o.Seed, uint64(k+1)))
	}
}

// search runs searches, round by round. Each has its own random numbers and counts its
// own work, and they exchange what they found between rounds: so the outcome does not
// depend on how fast any of them runs.
func (r *run) search(ctx context.Context, pair []*searcher, effort int64) {
	if len(r.c.order) == 0 {
		return
	}
	for _, w := range pair {
		if w.best.value < r.value { // another found better
			w.best.copy(r.best)
			w.now.copy(r.best)
		}
	}
	left := effort
	for ; left > 0 && !r.done() && ctx.Err() == nil; left -= round {
		var wait sync.WaitGroup
		for _, w := range pair {
			wait.Go(func() { w.run(ctx, min(round, left)) })
		}
		wait.Wait()
		first := pair[0].best
		for _, w := range pair[1:] {
			if w.best.value > first.value {
				first = w.best
			}
		}
		if first.value > r.value {
			r.better(first)
		}
		for _, w := range pair {
			if w.best.value < r.value {
				w.best.copy(r.best)
			}
		}
	}
	r.cut = r.cut || left > 0 && !r.done() && r.ctx.Err() != nil
}

func (r *run) better(s *state) {
	r.best, r.value = s.clone(), s.value
	r.o.Progress(r.value, r.ceiling)
}

// solution writes down the choice and the proof.
func (r *run) solution() Solution {
	s := Solution{Bound: r.ceiling, Prices: make([]float64, len(r.d.p.Rows)), Work: r.work + r.pair[0].work + r.pair[1].work, Impossible: r.proved}
	r.d.setPrices(r.y)
	copy(s.Prices, r.d.price)
	if s.Impossible {
		s.Bound = math.Inf(-1)
		return s
	}
	s.Cut = r.cut || r.ctx.Err() != nil
	if s.Choice = r.in.restore(r.chosen()); s.Choice == nil {
		return s
	}
	value, err := Check(r.p, s.Choice)
	if err != nil {
		panic("knapsack: the search broke a rule: " + err.Error())
	}
	s.Feasible, s.Value = true, value
	s.Bound = max(s.Bound, value)
	s.Optimal = s.Bound-s.Value <= r.d.rounding(s.Bound)
	return s
}

// chosen is the best choice known, or nil.
func (r *run) chosen() []int {
	if r.best == nil {
		return nil
	}
	p, c := r.d.p, r.c
	choice := make([]int, len(p.Classes))
	pick := func(k, item int32) {
		choice[k] = None
		if item != None {
			choice[k] = int(item - p.Classes[k].First)
		}
	}
	for k, item := range r.d.best {
		pick(int32(k), item)
	}
	for k, a := range r.best.at {
		pick(c.classes[k], c.item[a])
	}
	return choice
}
