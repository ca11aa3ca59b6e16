package mip

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// BranchAndBound is a Solver of our own, for small problems and for when there is no
// other: depth first, bounds from the simplex method on a dictionary that is written
// out in full, no cuts. Some hundred rows by some thousand columns are its reach, and a
// search that has to prove much may take it very long. A unit of [Options.Effort] is
// one pivot.
type BranchAndBound struct{}

// Solve searches from Start, if there is one. See [Solver].
func (BranchAndBound) Solve(ctx context.Context, p Problem, o Options) (Solution, error) {
	if known, settled, err := o.Settle(&p); settled {
		return known, err
	}
	w := &work{ctx: ctx, most: o.Effort}
	if o.TimeLimit > 0 {
		w.until = time.Now().Add(o.TimeLimit)
	}
	s := &search{dictionary: newDictionary(&p), o: o, best: math.Inf(1), open: math.Inf(1)}
	s.work = w
	s.sign = 1
	if p.Maximize {
		s.sign = -1
	}
	s.grid = grid(&p)
	s.costs = make([]pseudocost, 2*len(p.Cost))
	if o.Start != nil {
		s.best, s.values = s.sign*p.Objective(o.Start), o.Start
	}
	end := s.root()
	if err := ctx.Err(); err != nil {
		return Solution{}, err
	}
	return s.conclude(end)
}

// search is a walk through the tree. Its objectives are the problem's, to be minimised:
// sign·objective.
type search struct {
	*dictionary
	o      Options
	sign   float64
	grid   float64      // all objectives are multiples of it; 0: they may be anything
	costs  []pseudocost // of each column, down and up
	nodes  int64
	best   float64   // the objective of values
	values []float64 // nil: none yet
	open   float64   // the least bound of what was left unsearched
}

func (s *search) root() verdict {
	end := s.dictionary.solve()
	s.nodes++
	if end == solved {
		s.node()
	}
	return end
}

// conclude makes the Solution.
func (s *search) conclude(root verdict) (Solution, error) {
	found := s.p.Nothing()
	switch {
	case root == endless:
		found = s.p.Endless()
	case root == impossible && s.o.Start != nil, root == solved && s.values == nil && !s.work.ended && s.open < math.Inf(1):
		return Solution{}, fmt.Errorf("%w: branch and bound lost a point by rounding", ErrSolver)
	case root == stopped:
		return s.o.Conclude(s.p, nil, s.p.Endless().Bound)
	case s.values != nil || s.work.ended:
		var err error
		if found, err = s.o.Conclude(s.p, s.values, s.sign*min(s.open, s.best)); err != nil {
			return found, err
		}
	}
	found.Nodes = s.nodes
	return found, nil
}

// cutoff is the bound from which on a node is not worth searching.
func (s *search) cutoff() float64 {
	if s.values == nil {
		return math.Inf(1)
	}
	return s.best - max(s.o.Gap*math.Abs(s.best), Rounding(s.best)/2)
}

// bound is what no point below the solved node is better than.
func (s *search) bound() float64 {
	bound := s.objective() * s.unit
	if s.grid > 0 {
		bound = math.Ceil(bound/s.grid-max(1e-6, Rounding(bound)/s.grid)) * s.grid
	}
	return bound
}

// leave notes a part of the tree that is not searched.
func (s *search) leave(bound float64) { s.open = min(s.open, bound) }

// node searches below the solved dictionary.
func (s *search) node() {
	bound := s.bound()
	if bound >= s.cutoff() || s.work.over() {
		s.leave(bound)
		return
	}
	defer s.restore(slices.Clone(s.lower[:s.n]), slices.Clone(s.upper[:s.n]))
	s.fix(bound)
	j, x := s.fractional()
	if j < 0 {
		s.whole(bound)
		return
	}
	s.split(j, x, bound)
}

// split searches below and above a value of column j that is not whole, the likelier
// side first.
func (s *search) split(j int, x, bound float64) {
	low, high := s.lower[j], s.upper[j]
	sides := [2][2]float64{{low, math.Floor(x)}, {math.Ceil(x), high}}
	switch { // x is whole if all are, and rounding them broke a row
	case x != math.Trunc(x):
	case x > low:
		sides = [2][2]float64{{low, x - 1}, {x, high}}
	default:
		sides = [2][2]float64{{low, x}, {x + 1, high}}
	}
	order := [2]int{0, 1}
	if x-math.Floor(x) >= 0.5 {
		order = [2]int{1, 0}
	}
	for _, side := range order {
		if sides[side][0] > sides[side][1] {
			continue
		}
		s.lower[j], s.upper[j] = sides[side][0], sides[side][1]
		switch s.dictionary.solve() {
		case solved:
			s.costs[2*j+side].learn(max(0, s.bound()-bound), math.Abs(x-sides[side][1-side]))
			s.nodes++
			s.node()
		case stopped:
			s.leave(bound)
		case endless: // its parent was not: rounding
			s.leave(math.Inf(-1))
		}
	}
	s.lower[j], s.upper[j] = low, high
}

func (s *search) restore(lower, upper []float64) {
	copy(s.lower, lower)
	copy(s.upper, upper)
}

// fix fixes whole columns that can not leave their bound: each step from it costs its
// reduced cost, and one is too much already.
func (s *search) fix(bound float64) {
	room := s.cutoff() - bound
	if math.IsInf(room, 1) {
		return
	}
	for c, v := range s.out {
		if int(v) < s.n && s.p.whole(int(v)) && math.Abs(s.d[c])*s.unit > room+Rounding(s.best) {
			s.lower[v], s.upper[v] = s.x[v], s.x[v]
		}
	}
}

// fractional picks the column to split on, by what it is expected to do to both sides;
// −1: all are whole.
func (s *search) fractional() (int, float64) {
	best, most := -1, -1.0
	for j := range s.n {
		x := s.x[j]
		f := x - math.Floor(x)
		if !s.p.whole(j) || min(f, 1-f) <= 1e-6 {
			continue
		}
		down, up := s.costs[2*j], s.costs[2*j+1]
		guess := math.Abs(s.cost[j])*s.unit + Rounding(0)
		if score := max(down.mean(guess)*f, 1e-9) * max(up.mean(guess)*(1-f), 1e-9); score > most {
			best, most = j, score
		}
	}
	if best < 0 {
		return -1, 0
	}
	return best, s.x[best]
}

// whole takes the point of a node whose whole columns are whole, all but by rounding. If
// rounding them breaks a row, the others are solved again with these fixed; if that is
// impossible too, the search goes on below with a column that is not fixed yet.
func (s *search) whole(bound float64) {
	x := s.rounded()
	if s.p.Check(x) == nil {
		s.take(x)
		if objective := s.sign * s.p.Objective(x); objective > bound+Rounding(bound) {
			s.leave(bound) // rounding has made it worse than it had to be
		}
		return
	}
	free := -1
	for j := range s.n {
		if s.p.whole(j) {
			if s.lower[j] < s.upper[j] && free < 0 {
				free = j
			}
		}
	}
	lower, upper := slices.Clone(s.lower[:s.n]), slices.Clone(s.upper[:s.n])
	for j := range s.n {
		if s.p.whole(j) {
			s.lower[j], s.upper[j] = x[j], x[j]
		}
	}
	if s.dictionary.solve() == solved {
		if y := s.rounded(); s.p.Check(y) == nil {
			s.take(y)
		}
	}
	s.restore(lower, upper)
	switch {
	case free >= 0:
		s.split(free, x[free], bound)
	case s.work.ended:
		s.leave(bound)
	}
}

// rounded is the node's point with whole columns made whole.
func (s *search) rounded() []float64 {
	x := slices.Clone(s.x[:s.n])
	for j := range x {
		if s.p.whole(j) {
			x[j] = math.Round(x[j])
		}
		x[j] = min(max(x[j], s.p.Lower[j]), s.p.Upper[j])
	}
	return x
}

// take keeps x if it is the best so far.
func (s *search) take(x []float64) {
	if objective := s.sign * s.p.Objective(x); s.values == nil || objective < s.best {
		s.best, s.values = objective, x
	}
}

// pseudocost is what moving a column by 1 has cost on average.
type pseudocost struct{ sum, n float64 }

func (c *pseudocost) learn(cost, distance float64) {
	if distance > 0 {
		c.sum += cost / distance
		c.n++
	}
}

// mean is the average so far, begun with a guess.
func (c pseudocost) mean(guess float64) float64 { return (c.sum + guess) / (c.n + 1) }

// grid is the greatest whole number that all objectives are multiples of; 0: none.
func grid(p *Problem) float64 {
	divisor := 0.0
	for j, c := range p.Cost {
		if c == 0 {
			continue
		}
		if !p.whole(j) || c != math.Trunc(c) || math.Abs(c) > 1<<40 {
			return 0
		}
		a, b := math.Abs(c), divisor
		for b > 0 {
			a, b = b, math.Mod(a, b)
		}
		divisor = a
	}
	return divisor
}
