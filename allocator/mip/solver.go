package mip

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// Solver finds the best point of a [Problem]. The same problem and options give the
// same answer, unless a limit of time stopped the search.
//
// An error is an [*InputError], wraps [ErrSolver], or is the context's: a cancelled
// search has no answer. Limits are no errors, they show in [Solution.Status].
type Solver interface {
	Solve(context.Context, Problem, Options) (Solution, error)
}

// Options says how long and how exactly to search. The zero value searches until the
// optimum is proved.
type Options struct {
	// TimeLimit ends the search, if it is positive. What was found until then is returned.
	TimeLimit time.Duration
	// Effort ends the search after so much work, if it is positive: a limit that gives the
	// same answer on every machine. The unit is the solver's own.
	Effort int64
	// Gap ends the search as soon as [Solution.Gap] is at most this; it is a fraction.
	// With 0, Bound and Objective must agree within [Rounding], and are given as equal then.
	Gap float64
	// Start is a point that the search begins with, so that the answer is not worse;
	// nil: none. It must satisfy the problem.
	Start []float64
}

// Validate returns an [*InputError] for the first option that makes no sense for p.
func (o Options) Validate(p *Problem) error {
	switch {
	case o.TimeLimit < 0:
		return wrong("time limit", o.TimeLimit, "0 for none, or a duration")
	case o.Effort < 0:
		return wrong("effort", o.Effort, "0 for no limit, or an amount of work")
	case !(o.Gap >= 0) || math.IsInf(o.Gap, 0):
		return wrong("gap", o.Gap, "0 or a fraction above it")
	case o.Start != nil:
		return p.Check(o.Start)
	}
	return nil
}

// Settle answers what needs no search: input that is wrong, bounds that exclude each
// other or every whole number, and a problem without columns. It says whether it did.
func (o Options) Settle(p *Problem) (s Solution, settled bool, err error) {
	if err := p.Validate(); err != nil {
		return Solution{}, true, err
	}
	if err := o.Validate(p); err != nil {
		return Solution{}, true, err
	}
	if p.excluded() {
		return p.Nothing(), true, nil
	}
	if len(p.Cost) > 0 {
		return Solution{}, false, nil
	}
	if p.Check(nil) != nil {
		return p.Nothing(), true, nil
	}
	return Solution{Status: Optimal, Values: []float64{}}, true, nil
}

// excluded says whether the bounds of a column or a row leave nothing between them.
func (p *Problem) excluded() bool {
	for j := range p.Cost {
		if p.Lower[j] > p.Upper[j] || p.whole(j) && math.Ceil(p.Lower[j]) > math.Floor(p.Upper[j]) {
			return true
		}
	}
	for i := range p.RowLower {
		if p.RowLower[i] > p.RowUpper[i] {
			return true
		}
	}
	return false
}

// Nothing is the Solution of an infeasible problem.
func (p *Problem) Nothing() Solution { return Solution{Status: Infeasible, Bound: p.worst()} }

// Endless is the Solution of an unbounded problem.
func (p *Problem) Endless() Solution { return Solution{Status: Unbounded, Bound: -p.worst()} }

// worst is the infinity that every objective is better than.
func (p *Problem) worst() float64 {
	if p.Maximize {
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// Conclude makes the Solution of a solver that stopped with these values (nil: none)
// and this bound: whole columns are rounded, the point is checked, Start is taken where
// it is better, and the status is Optimal only where the bound proves it. The error
// wraps [ErrSolver]: the point or the bound do not bear checking.
func (o Options) Conclude(p *Problem, values []float64, bound float64) (Solution, error) {
	s := Solution{Bound: bound}
	if values != nil {
		values = slices.Clone(values)
		for j := range values {
			if p.whole(j) {
				values[j] = math.Round(values[j])
			}
			values[j] = min(max(values[j], p.Lower[j]), p.Upper[j]) + 0 // + 0: no −0
		}
		if err := p.Check(values); err != nil {
			return Solution{}, fmt.Errorf("%w: its point is not one: %w", ErrSolver, err)
		}
		s.Values, s.Objective = values, p.Objective(values)
	}
	if o.Start != nil {
		if start := p.Objective(o.Start); s.Values == nil || p.better(start, s.Objective) {
			s.Values, s.Objective = slices.Clone(o.Start), start
		}
	}
	if s.Values == nil {
		return s, nil
	}
	s.Status = Feasible
	if p.better(s.Objective, bound) { // by rounding only, as the bound is of points within the tolerance
		if !(math.Abs(s.Objective-bound) <= 1000*Rounding(bound)) {
			return Solution{}, fmt.Errorf("%w: its point has objective %v, beyond its bound %v", ErrSolver, s.Objective, bound)
		}
		s.Bound = s.Objective
	}
	if math.Abs(s.Objective-s.Bound) <= Rounding(s.Objective) {
		s.Bound = s.Objective
	}
	if o.proved(s.Objective, s.Bound) {
		s.Status = Optimal
	}
	return s, nil
}

// better says whether objective a is better than b.
func (p *Problem) better(a, b float64) bool {
	if p.Maximize {
		return a > b
	}
	return a < b
}

// proved says whether bound shows that objective is within the gap asked.
func (o Options) proved(objective, bound float64) bool {
	return math.Abs(bound-objective) <= o.Gap*math.Abs(objective)+Rounding(objective)
}
