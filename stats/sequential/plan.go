package sequential

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Plan is a solved Design: boundaries, the price in users, and what to expect.
type Plan struct {
	// Design has its defaults filled in. A plan that is read from JSON lacks it, as
	// JSON has no functions, and is for reading only: to monitor by it, solve the
	// design again.
	Design Design  `json:"-"`
	Stages []Stage `json:"stages"`
	// Drift is the expected z at full information under the effect to be found:
	// the effect over the standard error that it will then have. A plan with n
	// users at full information finds the effect Drift·SE(n) with the Power.
	Drift float64 `json:"drift"`
	// Inflation is the maximum information (users) relative to the test of the same
	// α and power that looks once: (Drift/fixed drift)². Multiply a fixed test's
	// sample size by it.
	Inflation float64 `json:"inflation"`
	// ExpectedH0 and ExpectedH1 are the expected information at the end relative to
	// the fixed test, under no effect and under the effect to be found, if
	// futility boundaries are followed.
	ExpectedH0 float64 `json:"expected_h0"`
	ExpectedH1 float64 `json:"expected_h1"`
}

// Plan solves the design: it finds the boundaries by recursive numerical
// integration, to about 1e-12 of a probability, and the drift with the power asked
// for. Classical boundaries are scaled so that α is spent altogether; spending
// boundaries so that each look spends its part. A look that has nothing to spend
// never stops.
//
// Futility spends the type II error, 1 − Power, in the same way under the drift; the
// drift is then the one at which the two boundaries meet at the last look.
//
// Source: Jennison & Turnbull (2000), Group Sequential Methods with Applications
// to Clinical Trials, ch. 2, 7 and 19; for futility Pampallona, Tsiatis & Kim
// (2001), Drug Information Journal 35:1113–1121.
func (d Design) Plan() (Plan, error) {
	d, err := d.filled()
	if err != nil {
		return Plan{}, err
	}
	fixed := d.fixedDrift()
	p := d.problem(d.Information)
	p.most = 1.3*fixed + 0.5
	c, null, drift := d.solve(&p, fixed)
	if !(drift < 1e6) {
		return Plan{}, input.Check(false, "Futility", d.Futility.parameter, "spends type II error so that no effect has the power")
	}
	plan := Plan{Design: d, Drift: drift, Inflation: (drift / fixed) * (drift / fixed)}
	h0, h1 := c.along(null, 0, true), endings(nil)
	switch {
	case p.loss != nil:
		h0, h1 = c.performance(0, true), c.performance(drift, true)
	case drift > p.most: // beyond the grid of the path of no effect
		h1 = c.performance(drift, false)
	default:
		h1 = c.along(null, drift, false)
	}
	plan.ExpectedH0 = plan.Inflation * h0.information(c.t)
	plan.ExpectedH1 = plan.Inflation * h1.information(c.t)
	plan.Stages = d.stages(c, c.along(null, 0, d.Binding), h1)
	return plan, nil
}

// check wants a plan that Design.Plan made.
func (p Plan) check() error {
	n := len(p.Stages)
	return input.First(
		input.Check(n > 0, "Plan.Stages", 0, "must come from Design.Plan"),
		input.Check(len(p.Design.Information) == n, "Plan.Design", float64(len(p.Design.Information)), "must have the looks of Stages: a plan read from JSON has no design, solve it again"))
}

// problem is the design's, for looks at fractions t of which the last one ends it.
func (d Design) problem(t []float64) problem {
	p := problem{t: t, twoSided: d.Sides == stats.TwoSided, binding: d.Binding, density: fine}
	if !d.Efficacy.classical() {
		p.spend = increments(t, d.Alpha, d.alphaSpent)
	}
	if d.Futility.kind != unset && len(t) > 1 {
		p.loss = increments(t, 1-d.Power, d.betaSpent)
	}
	return p
}

// increments is what each look spends of a level, the last one all that is left.
func increments(t []float64, level float64, spent func(float64) float64) []float64 {
	each := make([]float64, len(t))
	before := 0.0
	for k := range t {
		now := level
		if k < len(t)-1 {
			now = math.Max(before, spent(t[k]))
		}
		each[k], before = now-before, now
	}
	return each
}

// solve finds the boundaries and the drift. null is the path under no effect on which
// α was spent.
func (d Design) solve(p *problem, fixed float64) (c course, null *path, drift float64) {
	switch {
	case p.loss == nil:
		c, null = d.bounded(*p)
		return c, null, d.driftOf(c, null, fixed)
	case d.Binding:
		c = p.powered(d.Power, d.both(), fixed, func() course {
			c, null = d.bounded(*p)
			return c
		})
		return c, null, p.drift
	}
	ignored := *p // advice: the efficacy boundary is the one without it
	ignored.loss = nil
	c, null = d.bounded(ignored)
	p.fixed, p.settled = c.efficacy, true
	c = p.powered(d.Power, d.both(), fixed, func() course {
		with, _ := p.walk()
		return with
	})
	return c, null, p.drift
}

// bounded is the problem's course under its drift.
func (d Design) bounded(p problem) (course, *path) {
	if d.Efficacy.classical() {
		return p.classical(d.Efficacy.parameter, d.Alpha)
	}
	return p.walk()
}

func (d Design) both() bool { return d.BothDirections && d.Sides == stats.TwoSided }

// fixedDrift is the drift of the test that looks once, z₁₋α/₂ + z_power (two-sided)
// or z₁₋α + z_power; with both directions the root of Φ(θ − z) + Φ(−θ − z) = power.
func (d Design) fixedDrift() float64 {
	tail := d.Alpha
	if d.Sides == stats.TwoSided {
		tail /= 2
	}
	z := -norm.Quantile(tail)
	theta := z + norm.Quantile(d.Power)
	if !d.both() {
		return theta
	}
	return solve.Root(0, theta+1, 1e-15, func(x float64) float64 { return norm.CDF(x-z) + norm.CDF(-x-z) - d.Power })
}

// driftOf finds the drift at which a course without futility has the power.
func (d Design) driftOf(c course, null *path, low float64) float64 {
	excess := remembered(func(drift float64) float64 {
		if drift > null.most {
			return probit(c.performance(drift, false).power(d.both())) - probit(d.Power)
		}
		return probit(c.power(null, drift, d.both())) - probit(d.Power)
	})
	low *= 0.99 // the fixed test needs least
	high := low * 1.2
	for range 200 {
		if excess(high) > 0 {
			break
		}
		low, high = high, high*1.2
	}
	return solve.Root(low, high, 1e-13, excess)
}
