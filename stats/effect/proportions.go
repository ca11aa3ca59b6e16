package effect

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// CompareProportions tests whether two independent proportions differ, by the
// pooled z test:
//
//	z = (pₜ − p_c)/√(p̄(1 − p̄)(1/nₜ + 1/n_c))      p̄ = (xₜ + x_c)/(nₜ + n_c)
//
// and tells the difference pₜ − p_c and the lift pₜ/p_c − 1. With d = pₜ − p_c,
// q = 1 − p and z the normal quantile, the intervals of the difference are
//
//	Score         all δ that the score test of pₜ − p_c = δ does not reject:
//	              |d − δ| ≤ z√((p̃ₜq̃ₜ/nₜ + p̃_cq̃_c/n_c) N/(N − 1)), where p̃ is the
//	              maximum-likelihood estimate under p̃ₜ − p̃_c = δ, N = nₜ + n_c
//	Newcombe      d − √((pₜ − lₜ)² + (u_c − p_c)²), d + √((uₜ − pₜ)² + (p_c − l_c)²),
//	              with the arms' Wilson limits l and u
//	AgrestiCaffo  Wald with xₜ + 1, nₜ + 2, x_c + 1, n_c + 2
//	Wald          d ± z√(pₜqₜ/nₜ + p_cq_c/n_c)
//
// and the intervals of the ratio are those of [Proportion.RatioOver]. The SE of
// the difference is Wald's, that of the lift the delta method's.
//
// statsmodels up to 0.14.6 has a wrong coefficient in the null rates of the
// difference (its issue 10269): its Score differs, for 5 of 100 against 11 of 100
// −0.138 to 0.017 instead of −0.143 to 0.017.
//
// Zero cells have defined answers. If all users of both arms succeed, or none,
// z is 0 and every p-value of it that of z = 0 (two-sided 1). Wald has width 0 where
// neither arm varies. A control without successes leaves Lift nil. Each
// gives a warning, as do fewer than 5 successes or failures expected in an arm.
//
// Sources: Miettinen & Nurminen (1985), Statistics in Medicine 4:213–226; Newcombe
// (1998), ibid. 17:873–890, methods 1 and 10; Agresti & Caffo (2000), The American
// Statistician 54:280–288.
func CompareProportions(treatment, control Proportion, o Options) (Result, error) {
	o, err := o.proportions()
	if err := input.First(treatment.check("treatment"), control.check("control"), checkUsers("treatment.N", treatment.N),
		checkUsers("control.N", control.N), err); err != nil {
		return Result{}, err
	}
	t, errT := treatment.Arm()
	c, errC := control.Arm()
	if err := input.First(errT, errC); err != nil {
		return Result{}, err
	}
	r := Result{Treatment: t, Control: c, Options: o}
	r.test(r.pooledZ(treatment, control), reference{})
	vt, vc := treatment.unit()/float64(t.N), control.unit()/float64(c.N)
	low, high := differenceInterval(treatment, control, o.Difference, o.z())
	r.Difference = Effect{t.Mean - c.Mean, math.Sqrt(vt + vc), sided(o.Sides, low, high, o.Level)}
	if control.Successes == 0 {
		r.warn("no user of the control succeeded: there is no relative lift")
		return r, nil
	}
	ratio, err := treatment.RatioOver(control, o)
	if err != nil {
		return Result{}, err
	}
	lift := t.Mean / c.Mean
	r.Lift = &Effect{lift - 1, math.Hypot(math.Sqrt(vt), lift*math.Sqrt(vc)) / c.Mean, ratio.minus(1)}
	if o.Lift == Log && treatment.Successes == 0 {
		r.warn("no user of the treatment succeeded: the log interval of the lift excludes nothing (score would answer)")
	}
	return r, nil
}

// pooledZ is the statistic, with warnings where it says little.
func (r *Result) pooledZ(treatment, control Proportion) float64 {
	nt, nc := float64(treatment.N), float64(control.N)
	both := float64(treatment.Successes) + float64(control.Successes)
	mean, miss := both/(nt+nc), (nt+nc-both)/(nt+nc)
	if mean == 0 || miss == 0 {
		r.warn("all users of both arms did the same: there is nothing to test")
		return 0
	}
	if expected := math.Min(nt, nc) * math.Min(mean, miss); expected < fewExpected {
		r.warn("an arm expects %.1f successes or failures: below %d the p-values of z are doubtful", expected, fewExpected)
	}
	return (treatment.Rate() - control.Rate()) / math.Sqrt(mean*miss*(1/nt+1/nc))
}

// RatioOver returns the interval of the ratio pₜ/p_c of this proportion over the
// control's, by o.Lift:
//
//	Score        all φ that the score test of pₜ − φp_c = 0 does not reject:
//	             |pₜ − φp_c| ≤ z√((p̃ₜq̃ₜ/nₜ + φ²p̃_cq̃_c/n_c) N/(N − 1)), where p̃ is the
//	             maximum-likelihood estimate under p̃ₜ = φp̃_c
//	Log          exp(log(pₜ/p_c) ± z√(1/xₜ − 1/nₜ + 1/x_c − 1/n_c))
//	LogAdjusted  Log with half a success added to each x and n
//
// Score ends at 0 without successes in the treatment and at +Inf without
// successes in the control; with neither it is [0, ∞). There is no logarithm of such a ratio:
// Log is then [0, ∞), which excludes nothing.
//
// Sources: Miettinen & Nurminen (1985), Statistics in Medicine 4:213–226; Katz et
// al. (1978), Biometrics 34:469–474; Walter (1975), Biometrika 62:371–374.
func (p Proportion) RatioOver(control Proportion, o Options) (Interval, error) {
	o, err := o.proportions()
	if err := input.First(p.check("treatment"), control.check("control"), err); err != nil {
		return Interval{}, err
	}
	var low, high float64
	switch o.Lift {
	case Log:
		low, high = logRatio(p, control, 0, o.z())
	case LogAdjusted:
		low, high = logRatio(p, control, 0.5, o.z())
	default:
		low, high = scoreRatio(p, control, o.z())
	}
	return sided(o.Sides, low, high, o.Level), nil
}

func (o Options) proportions() (Options, error) {
	return o.filled([]Method{Score, Newcombe, AgrestiCaffo, Wald}, []Method{Score, Log, LogAdjusted})
}

func differenceInterval(t, c Proportion, m Method, z float64) (low, high float64) {
	d := t.Rate() - c.Rate()
	switch m {
	case Newcombe:
		lt, ut := t.wilson(z)
		lc, uc := c.wilson(z)
		return d - math.Hypot(t.Rate()-lt, uc-c.Rate()), d + math.Hypot(ut-t.Rate(), c.Rate()-lc)
	case AgrestiCaffo:
		t, c = Proportion{t.Successes + 1, t.N + 2}, Proportion{c.Successes + 1, c.N + 2}
		return differenceInterval(t, c, Wald, z)
	case Wald:
		half := z * math.Sqrt(t.unit()/float64(t.N)+c.unit()/float64(c.N))
		return d - half, d + half
	}
	return scoreDifference(t, c, z)
}

// logRatio is the interval of a ratio on the logarithmic scale, with an amount
// added to each count of successes and of users.
func logRatio(t, c Proportion, added, z float64) (low, high float64) {
	xt, xc := float64(t.Successes)+added, float64(c.Successes)+added
	if xt == 0 || xc == 0 {
		return 0, math.Inf(1)
	}
	nt, nc := float64(t.N)+added, float64(c.N)+added
	ratio := xt / nt / (xc / nc)
	// (n − x)/(nx) rather than 1/x − 1/n, which cancels where most users succeed.
	half := z * math.Sqrt((nt-xt)/nt/xt+(nc-xc)/nc/xc)
	return ratio * math.Exp(-half), ratio * math.Exp(half)
}

// scoreDifference is the score interval of pₜ − p_c; its lower end is the upper
// end of the mirrored question.
func scoreDifference(t, c Proportion, z float64) (low, high float64) {
	return -scoreUpper(c, t, z, nullRates), scoreUpper(t, c, z, nullRates)
}
