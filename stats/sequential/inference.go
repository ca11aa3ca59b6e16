package sequential

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Inference is what a test says when it has ended: the naive numbers, which take
// the last look for the only one, and those that know of the looks before it.
// Effects are in the unit of the last look's Estimate; if only Z was given, in
// standard errors at full information.
type Inference struct {
	Look int     `json:"look"` // the look at which the test ended, from 1
	Z    float64 `json:"z"`
	// PValue is the adjusted p-value of no effect, by stagewise ordering: two-sided
	// in a two-sided design, otherwise for an increase as the alternative.
	PValue float64 `json:"p_value"`
	// MedianUnbiased is the effect that is as likely to be above the true one as
	// below it.
	MedianUnbiased float64 `json:"median_unbiased"`
	// Interval is the confidence interval by stagewise ordering, at level 1 − α
	// (two-sided) or 1 − 2α (one-sided): it excludes 0 on the rejecting side exactly
	// if PValue < α.
	Interval stats.Interval `json:"interval"`
	// Repeated is the repeated confidence interval of this look, estimate ± Efficacy·SE:
	// those of all looks together cover with the same level at least, so that any
	// reason to stop is good enough; nil if this look's boundary is infinite. In a
	// Binding design it counts on stops for futility, as the boundary does.
	Repeated      *stats.Interval `json:"repeated"`
	Naive         stats.Estimate  `json:"naive"` // exaggerates on average after an early stop
	NaiveInterval stats.Interval  `json:"naive_interval"`
	NaivePValue   float64         `json:"naive_p_value"`
	// Bias is the mean of the naive estimate's error in tests of this plan if the
	// true effect is MedianUnbiased.
	Bias     float64  `json:"bias"`
	Warnings []string `json:"warnings,omitempty"`
}

// Infer returns p-value, estimate and intervals for the look at which the test
// stopped, or the last one given. Results are ordered by stage: an upward rejection
// ranks above all that come later, and within a look by z. With k the last look,
//
//	P_θ(≥ observed) = Σ_{j<k} P_θ(reject upwards at j) + P_θ(reach k, Z_k ≥ z)
//
// The p-value is this at θ = 0 (two-sided: twice the smaller of it and of the
// other direction's), the median-unbiased estimate solves it for ½, and the
// interval's limits for half of the error each. A test that rejected has p ≤ α, one
// that reached its end without has p > α: they say what the boundaries said.
//
// Futility that is advice counts as not followed, which errs to the safe side for
// the p-value and the lower limit; a one-sided design's upper limit counts it as
// followed, which is safe there.
//
// Source: Tsiatis, Rosner & Mehta (1984), Biometrics 40:797–803; Jennison &
// Turnbull (2000), Group Sequential Methods with Applications to Clinical
// Trials, ch. 8 and 9 (repeated intervals).
func (p Plan) Infer(looks ...Look) (Inference, error) {
	r, err := p.read(looks)
	if err != nil {
		return Inference{}, err
	}
	k := len(r.looks) - 1
	last, d := r.looks[k], p.Design
	unit, root, z := last.unit(), math.Sqrt(last.Information), last.z()
	se := unit / root
	strict := newOrdering(r.c, k, z, d.Binding)
	followed := strict
	if d.Sides == stats.OneSided && !d.Binding && r.c.hasFutility() {
		followed = newOrdering(r.c, k, z, true)
	}
	half := d.Alpha
	if d.Sides == stats.TwoSided {
		half /= 2
	}
	level := 1 - 2*half
	median := strict.drift(0.5)
	f := Inference{Look: k + 1, Z: z, PValue: strict.pValue(d.Sides), MedianUnbiased: median * unit,
		Interval:    stats.Interval{Low: strict.drift(half) * unit, High: followed.drift(1-half) * unit, Level: level},
		Naive:       stats.Estimate{Value: z * se, SE: se},
		NaivePValue: nominal(z, d.Sides), Bias: r.c.bias(median) * unit, Warnings: r.warnings}
	f.NaiveInterval = around(f.Naive, -norm.Quantile(half), level)
	if c := r.c.efficacy[k]; !math.IsInf(c, 0) {
		repeated := around(f.Naive, c, level)
		f.Repeated = &repeated
	}
	if !r.action.Stops() {
		f.Warnings = append(f.Warnings, "the rule says continue: these numbers are valid if the test ends here for reasons that are not its results")
	}
	return f, nil
}

// nominal is the one-sided or two-sided p-value of z, as if it were the only look.
func nominal(z float64, sides stats.Sides) float64 {
	if sides == stats.TwoSided {
		return 2 * norm.CDF(-math.Abs(z))
	}
	return norm.CDF(-z)
}

func around(e stats.Estimate, z, level float64) stats.Interval {
	return stats.Interval{Low: e.Value - z*e.SE, High: e.Value + z*e.SE, Level: level}
}

// ordering ranks results by stage around one of them: z at look k.
type ordering struct {
	c            course
	k            int
	z            float64
	withFutility bool
	path         *path // centred on the estimate; far from it another is made
}

func newOrdering(c course, k int, z float64, withFutility bool) *ordering {
	o := &ordering{c: c, k: k, z: z, withFutility: withFutility}
	o.path = o.around(z/math.Sqrt(c.t[k]), 5/math.Sqrt(c.t[k]))
	return o
}

// around is a path that knows the drifts within reach of the given one.
func (o *ordering) around(drift, reach float64) *path {
	p := newPath(drift)
	p.least, p.most = drift-reach, drift+reach
	for k := range o.k {
		p.extend(o.c.t[k], o.c.t[k+1], o.c.spans(k, o.withFutility))
	}
	return p
}

// tails are P(≥ observed) and P(≤ observed).
func (o *ordering) tails(drift float64) (above, below float64) {
	if drift < o.path.least || drift > o.path.most {
		return o.on(o.around(drift, 0), drift)
	}
	return o.on(o.path, drift)
}

func (o *ordering) on(p *path, drift float64) (above, below float64) {
	for k := range o.k {
		s := o.c.stops(p.tilted(k, drift), k, drift, o.withFutility)
		above, below = above+s.up, below+s.down+s.futile
	}
	s, t := p.tilted(o.k, drift), o.c.t[o.k]
	b := o.z * math.Sqrt(t)
	return above + s.above(t, drift, b), below + s.below(t, drift, b)
}

// drift is the θ with P_θ(≥ observed) = q. The probability rises with θ.
func (o *ordering) drift(q float64) float64 {
	root := math.Sqrt(o.c.t[o.k])
	excess := func(drift float64) float64 {
		above, below := o.tails(drift)
		if above > 0.5 { // the smaller tail keeps its digits
			return -probit(below) - probit(q)
		}
		return probit(above) - probit(q)
	}
	guess := o.z/root + norm.Quantile(q)/root
	low, high, by := guess-0.25/root, guess+0.25/root, 0.5/root
	for range 100 {
		if excess(low) < 0 {
			break
		}
		low, high, by = low-by, low, 2*by
	}
	for range 100 {
		if excess(high) > 0 {
			break
		}
		low, high, by = high, high+by, 2*by
	}
	return solve.Root(low, high, 1e-12/root, excess)
}

func (o *ordering) pValue(sides stats.Sides) float64 {
	// Wide enough for the paths that lead to z without an effect.
	root := math.Sqrt(o.c.t[o.k])
	above, below := o.on(o.around(0, math.Min(math.Abs(o.z), 40)/root), 0)
	if sides == stats.OneSided {
		return math.Min(above, 1)
	}
	return math.Min(2*math.Min(above, below), 1)
}

// bias is E_θ[S/t at the end] − θ, with futility followed: the naive estimate's mean
// error, as a drift. What ends at look k is what came there less what goes on.
func (c course) bias(drift float64) float64 {
	p := c.run(newPath(drift), len(c.t)-1, true)
	sum := 0.0
	for k, t := range c.t {
		s := p.steps[k]
		ended := s.mean() + drift*(t-s.t)*s.mass()
		if k < len(c.t)-1 {
			ended -= p.steps[k+1].mean()
		}
		sum += ended / t
	}
	return sum - drift
}
