package sequential

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// probit is Φ⁻¹ inside (0, 1): powers are nearly straight in it.
func probit(p float64) float64 { return norm.Quantile(math.Min(math.Max(p, 1e-300), 1-1e-16)) }

// settle finds the root of f, which falls, and calls f there last. It finds it on a
// coarse grid first, to about 1e-3 and a Newton step on, and goes on from there on
// finer ones with the slope found so far: mostly one evaluation is on the finest.
func (p *problem) settle(low, high float64, f func(float64) float64) {
	want, roughly := p.density, remembered(f)
	p.density = coarse * want
	low, high = bracket(low, high, roughly)
	// Binding futility may end the test before α can be spent, or when it has been:
	// then there is no root, and the end of the range does.
	if !(roughly(low) > 0 && roughly(high) < 0) {
		p.density = want
		if roughly(low) > 0 {
			low = high
		}
		f(low)
		return
	}
	x := solve.Root(low, high, 1e-3, roughly)
	const h = 1e-4
	slope := (f(x+h) - roughly(x)) / h
	x -= roughly(x) / slope
	p.density = middling * want
	x, slope = secant(x, slope, 1e-9, f)
	p.density = want
	secant(x, slope, 1e-13, f)
}

// remembered is f, which is evaluated once at each x.
func remembered(f func(float64) float64) func(float64) float64 {
	seen := map[float64]float64{}
	return func(x float64) float64 {
		if _, known := seen[x]; !known {
			seen[x] = f(x)
		}
		return seen[x]
	}
}

// bracket moves low and high apart until f is positive at low and negative at high.
func bracket(low, high float64, f func(float64) float64) (float64, float64) {
	for range 60 {
		if f(high) < 0 {
			break
		}
		low, high = high, high*1.5
	}
	for range 60 {
		if f(low) > 0 {
			break
		}
		low, high = low/1.5, low
	}
	return low, high
}

// secant seeks the root of f near x, where f has about this slope, until a step is
// below the tolerance; f was called last a step of that size from the root.
func secant(x, slope, tolerance float64, f func(float64) float64) (root, slopeThere float64) {
	y := f(x)
	for range 20 {
		by := y / slope
		if math.Abs(by) <= tolerance*(1+math.Abs(x)) {
			return x - by, slope
		}
		x -= by
		before := y
		if y = f(x); y != before {
			slope = (before - y) / by
		}
	}
	return x, slope
}
