package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// smallest is the smallest x above from, below an exclusive limit that may be +Inf, at
// which the plan has the power asked for; from itself if it has it there.
func (p plan) smallest(from, limit float64, at func(x float64) plan) (float64, bool) {
	power := func(x float64) float64 { return at(x).power() }
	if p.fixed() {
		held := at(from).thresholds() // which no effect changes
		power = func(x float64) float64 { return at(x).goal(held) }
	}
	excess := func(x float64) float64 { return power(x) - p.Power }
	if excess(from) >= 0 {
		return from, true
	}
	if p.fixed() {
		se := p.contrast.truth.unit(p.Allocation) * p.inflation / math.Sqrt(p.information())
		if x, ok := p.bySecant(from+p.usual()*se, 1/se, from, power); ok {
			return x, true
		}
	}
	hi := from + (limit-from)*(1-1e-9)
	if math.IsInf(limit, 1) {
		step := 3 * p.contrast.se.unit(p.Allocation) * p.inflation / math.Sqrt(p.information())
		for hi = from + step; excess(hi) < 0; hi = from + step {
			step *= 2
			// A lift is never known better than the control mean: its distance in
			// standard errors has a limit.
			if step > input.Max || !(at(from+step).shift() > at(hi).shift()*1.001) {
				return 0, false
			}
		}
	}
	x := solve.Root(from, hi, 0, excess)
	return x, !math.IsNaN(x)
}

// clearest is the effect towards a lift of −1 and beyond that has the most standard
// errors, of a plan at no effect; +Inf if more effect always has more:
//
//	|μ_c| (1 + (σₜ²/k) / (σ_c² (1 + Margin/|μ_c|)))
func (p plan) clearest() float64 {
	b := p.Metric.baseline()
	if p.Test != Lift || !math.IsInf(p.Metric.room(p.direction), 1) || p.direction*b > 0 {
		return math.Inf(1)
	}
	s, toMargin := p.contrast.truth, 1+p.margin/math.Abs(b)
	ratio := s.treatment / s.control
	return math.Abs(b) * (1 + ratio*ratio/p.Allocation/toMargin)
}

// bySecant solves power(x) = Power by the secant method for the probit of the power,
// which is almost a straight line of the given slope in x: a standardised distance,
// to which x is proportional. A few evaluations are enough where a bracket takes a
// dozen; where it leaves the numbers above lo or does not settle, ok is false. The
// power must rise with x, so that there is no other root.
func (p plan) bySecant(x, slope, lo float64, power func(x float64) float64) (root float64, ok bool) {
	want := norm.Quantile(p.Power)
	lacking := norm.Quantile(power(x)) - want
	for range 10 {
		step := -lacking / slope
		if !(math.Abs(step) < 1e300) || !(x+step > lo) {
			return 0, false
		}
		x += step
		if math.Abs(step) <= 1e-12*math.Abs(x) {
			return x, true
		}
		before := lacking
		lacking = norm.Quantile(power(x)) - want
		// Rounding spoils the slope of the last steps, which hardly need it.
		if secant := (lacking - before) / step; math.Abs(step) > 1e-6*math.Abs(x) && secant > 0 {
			slope = secant
		}
	}
	return 0, false
}
