// Package smallmip draws mixed-integer problems that are small enough to try all
// points, and tries them: the tests of every solver are held against it.
package smallmip

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/allocator/mip"
)

// Draw makes a problem of up to five columns and five rows, dense with what can go
// wrong: no columns, no rows, empty rows, equal rows, equations, rows that nothing
// satisfies, bounds that cross, fixed columns, costs of 0, ties. Whole columns take at
// most five values each, and at most two columns are not whole.
func Draw(rng *rand.Rand) mip.Problem {
	p := mip.Problem{Maximize: rng.IntN(2) == 0}
	fractional := 0
	hard := rng.IntN(6) == 0 // rows are drawn without a point that satisfies them
	var point []float64
	for range rng.IntN(6) {
		lower := float64(rng.IntN(5) - 2)
		upper := lower + float64(rng.IntN(5))
		if rng.IntN(40) == 0 {
			upper = lower - 1
		}
		whole := fractional == 2 || rng.IntN(3) > 0
		if !whole {
			fractional++
		}
		if rng.IntN(4) == 0 {
			lower, upper = lower-0.25, upper+0.5
		}
		p.AddColumn(number(rng, 9), lower, upper, whole)
		point = append(point, math.Ceil(lower)+math.Trunc(rng.Float64()*(upper-math.Ceil(lower))))
	}
	for range rng.IntN(6) {
		var index []int32
		var value []float64
		middle := 0.0
		for j := range p.Cost {
			if rng.IntN(3) > 0 {
				index, value = append(index, int32(j)), append(value, number(rng, 6))
				middle += value[len(value)-1] * point[j]
			}
		}
		if hard {
			middle = number(rng, 6)
		}
		lower, upper := math.Inf(-1), math.Inf(1)
		switch rng.IntN(5) {
		case 0:
			lower = middle - float64(rng.IntN(4))
		case 1:
			lower = middle - float64(rng.IntN(3))
			upper = middle + float64(rng.IntN(3))
		case 2:
			lower, upper = middle, middle
		default:
			upper = middle + float64(rng.IntN(4))
		}
		p.AddRow(lower, upper, index, value)
		if rng.IntN(8) == 0 {
			p.AddRow(lower, upper, index, value)
		}
	}
	return p
}

// number is a small one: mostly whole, often 0.
func number(rng *rand.Rand, size int) float64 {
	v := float64(rng.IntN(2*size+1) - size)
	switch rng.IntN(6) {
	case 0:
		return 0
	case 1:
		return v + math.Round(100*rng.Float64())/100
	}
	return v
}

// best returns the best objective of a drawn problem, by trying all whole points and,
// for each, all corners of what is left; false: there is no point.
func best(p mip.Problem) (objective float64, found bool) {
	x := make([]float64, len(p.Cost))
	var free []int
	var try func(j int)
	try = func(j int) {
		if j < len(x) && !p.Integer[j] {
			free = append(free, j)
			try(j + 1)
			free = free[:len(free)-1]
			return
		}
		if j < len(x) {
			for v := math.Ceil(p.Lower[j]); v <= p.Upper[j]; v++ {
				x[j] = v
				try(j + 1)
			}
			return
		}
		corners(p, x, free, func() {
			if v := p.Objective(x); satisfies(p, x) && (!found || p.Maximize == (v > objective)) {
				objective, found = v, true
			}
		})
	}
	try(0)
	return objective, found
}

// Judge says what is wrong with the answer to a drawn problem that was to be solved to
// the end; nil: nothing.
func Judge(p mip.Problem, found mip.Solution) error {
	best, any := best(p)
	switch {
	case !any && found.Status == mip.Infeasible && found.Values == nil:
		return nil
	case any && found.Status == mip.Optimal && math.Abs(found.Objective-best) <= 1e-7 && found.Gap() <= 1e-8 && p.Check(found.Values) == nil:
		return nil
	}
	return fmt.Errorf("got %v, %v of at most %v, point %v; there is a point: %v, of %v", found.Status, found.Objective, found.Bound, found.Values, any, best)
}

// Knapsack makes a problem of the allocator's kind: at most one option of each of so many
// groups, so that several capacities hold that are less than half of what all would take.
func Knapsack(rng *rand.Rand, groups, options, capacities int) mip.Problem {
	p := mip.Problem{Maximize: true}
	take, index := make([][]float64, capacities), make([][]int32, capacities)
	total := make([]float64, capacities)
	for range groups {
		var group []int32
		for k := range options {
			sum := 0.0
			j := int32(len(p.Cost))
			for r := range capacities {
				units := float64((k + 1) * (1 + rng.IntN(100)))
				take[r], index[r] = append(take[r], units), append(index[r], j)
				total[r] += units / float64(options)
				sum += units
			}
			group = append(group, p.AddColumn(math.Trunc(sum*(0.5+rng.Float64())), 0, 1, true))
		}
		one := make([]float64, options)
		for k := range one {
			one[k] = 1
		}
		p.AddRow(math.Inf(-1), 1, group, one)
	}
	for r := range capacities {
		p.AddRow(math.Inf(-1), math.Trunc(total[r]*0.4), index[r], take[r])
	}
	return p
}

// line is a·x_first + b·x_second = c.
type line struct{ a, b, c float64 }

// corners calls visit with every crossing of two bounds or rows in the free columns.
func corners(p mip.Problem, x []float64, free []int, visit func()) {
	if len(free) == 0 {
		visit()
		return
	}
	first, second := free[0], free[len(free)-1]
	lines := []line{{1, 0, p.Lower[first]}, {1, 0, p.Upper[first]}}
	if len(free) == 1 {
		lines = append(lines, line{0, 1, 0})
	} else {
		lines = append(lines, line{0, 1, p.Lower[second]}, line{0, 1, p.Upper[second]})
	}
	for i := range p.RowLower {
		l, rest := line{}, 0.0
		index, value := p.Row(i)
		for k, j := range index {
			switch {
			case int(j) == first:
				l.a = value[k]
			case len(free) == 2 && int(j) == second:
				l.b = value[k]
			default:
				rest += value[k] * x[j]
			}
		}
		for _, bound := range []float64{p.RowLower[i], p.RowUpper[i]} {
			if !math.IsInf(bound, 0) {
				lines = append(lines, line{l.a, l.b, bound - rest})
			}
		}
	}
	for i, l := range lines {
		for _, k := range lines[:i] {
			if det := l.a*k.b - l.b*k.a; math.Abs(det) > 1e-9 {
				x[first] = (l.c*k.b - l.b*k.c) / det
				if len(free) == 2 {
					x[second] = (l.a*k.c - l.c*k.a) / det
				}
				visit()
			}
		}
	}
}

// satisfies says whether x breaks nothing, but for rounding.
func satisfies(p mip.Problem, x []float64) bool {
	const rounding = 1e-9
	for j := range x {
		if x[j] < p.Lower[j]-rounding || x[j] > p.Upper[j]+rounding {
			return false
		}
	}
	for i := range p.RowLower {
		sum := 0.0
		index, value := p.Row(i)
		for k, j := range index {
			sum += value[k] * x[j]
		}
		if sum < p.RowLower[i]-rounding || sum > p.RowUpper[i]+rounding {
			return false
		}
	}
	return true
}
