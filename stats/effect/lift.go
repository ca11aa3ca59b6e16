package effect

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// addLift fills in the relative lift with the interval that o asks for; q is
// the quantile of the difference's interval.
func (p pair) addLift(r *Result, o Options, q float64) error {
	t, c := p.treatment.Mean, p.control.Mean
	if c == 0 {
		r.warn("the control mean is 0: there is no relative lift")
		return nil
	}
	ratio := t / c
	se := math.Sqrt(math.Max(0, p.vt-2*ratio*p.cov+ratio*ratio*p.vc)) / math.Abs(c)
	if err := input.First(input.Finite("treatment.Mean/control.Mean", ratio), input.Finite("SE", se)); err != nil {
		return err
	}
	far := math.Abs(c) / math.Sqrt(p.vc)
	var set Interval
	switch o.Lift {
	case Fieller:
		set = p.fieller(o, q)
		if set.Form == Outside || set.Form == All {
			r.warn("the control mean is only %.1f standard errors from 0: no bounded interval of the lift holds its level", far)
		}
	case LogRatio:
		if ratio <= 0 {
			r.warn("the means are not of the same sign: their ratio has no logarithm, so the interval of the lift excludes nothing (fieller would answer)")
		}
		set = p.logRatio(o, q)
	default:
		// The mean's sign decides which side of the lift a larger treatment is.
		set = sided(mirrored(o.Sides, c), ratio-q*se, ratio+q*se, o.Level)
	}
	if o.Lift != Fieller && far < nearZero {
		r.warn("the control mean is only %.1f standard errors from 0: the %s interval of the lift is not to be trusted (fieller is)", far, o.Lift)
	}
	set = set.minus(1)
	if err := input.Check(!math.IsNaN(set.Low) && !math.IsNaN(set.High), "Level", o.Level, "the interval of the lift overflows"); err != nil {
		return err
	}
	r.Lift = &Effect{ratio - 1, se, set}
	return nil
}

// mirrored turns round one-sided questions for a control mean below 0.
func mirrored(s stats.Sides, control float64) stats.Sides {
	switch {
	case control >= 0:
		return s
	case s == stats.Greater:
		return stats.Less
	case s == stats.Less:
		return stats.Greater
	}
	return s
}

// logRatio is the interval of the ratio, symmetric on the logarithmic scale.
func (p pair) logRatio(o Options, q float64) Interval {
	t, c := p.treatment.Mean, p.control.Mean
	if t/c <= 0 {
		return between(math.Inf(-1), math.Inf(1), o.Level)
	}
	se := math.Sqrt(math.Max(0, p.vt/t/t-2*p.cov/t/c+p.vc/c/c))
	return sided(mirrored(o.Sides, c), t/c*math.Exp(-q*se), t/c*math.Exp(q*se), o.Level)
}

// fieller is the set of ratios ρ that the test of ȳₜ − ρȳ_c = 0 does not
// reject: Aρ² − 2Bρ + C ≤ 0 with
//
//	A = c² − q²v_c     B = tc − q²v_tc     C = t² − q²vₜ
//
// With A > 0, where the control mean is significantly not 0, it lies between
// the two roots; with A < 0 it is everything outside of them, or, if there are
// none, every number. A one-sided test, (t − ρc)/√(vₜ − 2ρv_tc + ρ²v_c) ≤ q, rejects
// on one side only: beyond one root, or inside the gap if t − ρc > 0 there.
func (p pair) fieller(o Options, q float64) Interval {
	t, c := p.treatment.Mean, p.control.Mean
	all := between(math.Inf(-1), math.Inf(1), o.Level)
	// All on the scale of the largest: no power overflows, nor do all underflow.
	scale := math.Max(math.Max(math.Abs(t), math.Abs(c)), math.Sqrt(math.Max(p.vt, p.vc)))
	t, c = t/scale, c/scale
	vt, vc, cov := p.vt/scale/scale, p.vc/scale/scale, p.cov/scale/scale
	a, b, last := c*c-q*q*vc, t*c-q*q*cov, t*t-q*q*vt
	// B² − AC, arranged so that nothing cancels where q is small.
	disc := q * q * (vc*t*t - 2*cov*t*c + vt*c*c - q*q*(vt*vc-cov*cov))
	switch {
	case a == 0 && b == 0, a < 0 && disc <= 0:
		return all
	case a == 0:
		return p.ray(o, last/(2*b), b > 0)
	}
	low, high := roots(a, b, last, math.Sqrt(math.Max(0, disc)))
	switch {
	case o.Sides == stats.TwoSided && a > 0:
		return between(low, high, o.Level)
	case o.Sides == stats.TwoSided:
		return outside(low, high, o.Level)
	case a > 0:
		return sided(mirrored(o.Sides, c), low, high, o.Level)
	}
	rejects := t-(low+high)/2*c > 0
	if rejects == (o.Sides == stats.Greater) {
		return outside(low, high, o.Level)
	}
	return all
}

// ray is Fieller's set where the control mean is exactly q standard errors from
// 0: all ratios on one side of an end.
func (p pair) ray(o Options, end float64, up bool) Interval {
	switch {
	case o.Sides != stats.TwoSided && up != (mirrored(o.Sides, p.control.Mean) == stats.Greater):
		return between(math.Inf(-1), math.Inf(1), o.Level)
	case up:
		return between(end, math.Inf(1), o.Level)
	}
	return between(math.Inf(-1), end, o.Level)
}

// roots of ax² − 2bx + c in order, by the form that does not cancel.
func roots(a, b, c, root float64) (low, high float64) {
	far := b + math.Copysign(root, b)
	if far == 0 {
		return 0, 0
	}
	x, y := far/a, c/far
	return math.Min(x, y), math.Max(x, y)
}

func outside(low, high, level float64) Interval {
	return Interval{stats.Interval{Low: low, High: high, Level: level}, Outside}
}
