package effect

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Effect is an effect, its standard error and its interval, in one unit.
type Effect struct {
	Value    float64  `json:"value"`
	SE       float64  `json:"se"`
	Interval Interval `json:"interval"`
}

// Result is the comparison of a treatment with a control.
type Result struct {
	Treatment  Arm     `json:"treatment"`
	Control    Arm     `json:"control"`
	Difference Effect  `json:"difference"` // absolute, in the metric's unit
	Lift       *Effect `json:"lift"`       // relative, a fraction; nil if the control mean is 0

	Statistic float64 `json:"statistic"` // t or z of "no difference"
	DF        float64 `json:"df"`        // degrees of freedom of t; 0: normal
	P         float64 `json:"p"`         // two-sided p-value
	PGreater  float64 `json:"p_greater"` // one-sided, against "treatment is larger"
	PLess     float64 `json:"p_less"`    // one-sided, against "treatment is smaller"

	// Significant: the p-value of the sides asked for is below 1 − level.
	Significant bool     `json:"significant"`
	Options     Options  `json:"options"`            // with the defaults filled in
	Warnings    []string `json:"warnings,omitempty"` // what makes these numbers doubtful; empty: nothing known
}

// PValue returns the p-value of the question asked: PGreater or PLess for those sides,
// and else the two-sided P.
func (r Result) PValue(sides stats.Sides) float64 {
	switch sides {
	case stats.Greater:
		return r.PGreater
	case stats.Less:
		return r.PLess
	}
	return r.P
}

// Below these a normal approximation is doubtful enough to say so.
const (
	fewUsers    = 100 // users in an arm
	nearZero    = 4   // standard errors between the control mean and 0
	fewExpected = 5   // successes or failures expected in an arm
)

// Compare tests whether the means of two independent arms differ, and tells the
// difference and the relative lift with their intervals.
//
// The difference is ȳₜ − ȳ_c with SE = √(sₜ²/nₜ + s_c²/n_c) and interval
// difference ± q·SE, where q is a quantile of Student's t with Welch's degrees of
// freedom (WelchT), or of the normal (NormalZ, the usual choice for a ratio
// metric). PooledT takes SE = s√(1/nₜ + 1/n_c) with the variance s² pooled over
// both arms and nₜ + n_c − 2 degrees of freedom.
//
// The lift is R − 1 with R = ȳₜ/ȳ_c; vₜ and v_c are the squared standard errors
// of the two means, and q is as above:
//
//	Delta     R − 1 ± q √(vₜ + R²v_c)/|ȳ_c|
//	LogRatio  R exp(± q √(vₜ/ȳₜ² + v_c/ȳ_c²)) − 1
//	Fieller   all ρ − 1 with (ȳₜ − ρȳ_c)² ≤ q²(vₜ + ρ²v_c)
//
// Lift.SE is the delta method's for all three. Delta is symmetric and wrong
// where ȳ_c is within a few of its standard errors of 0: a warning says so.
// Fieller is right there too and excludes a lift of 0 exactly if the test is
// significant; its set may be Outside or All (see Interval). LogRatio needs
// two means of the same sign; without, it excludes nothing: All, and a warning.
// With a control mean below 0 a higher treatment mean is a lower lift, so a
// one-sided interval of the lift then lies on the other side.
//
// A control mean of 0 leaves Lift nil. If neither arm varies there is no test:
// an error.
//
// Sources: Welch (1947), Biometrika 34:28–35; Fieller (1954), JRSS B
// 16:175–185; Deng, Knoblich & Lu (2018), KDD, §2.
func Compare(treatment, control Arm, o Options) (Result, error) {
	_, se, df, err := welch(treatment, control)
	if err != nil {
		return Result{}, err
	}
	o, err = o.filled(ofMeans, ofLifts)
	if err != nil {
		return Result{}, err
	}
	p := pair{treatment: treatment, control: control, vt: treatment.meanSE() * treatment.meanSE(), vc: control.meanSE() * control.meanSE(), se: se, df: df}
	switch o.Difference {
	case NormalZ:
		p.df = 0
	case PooledT:
		p.pool()
	}
	return p.answer(o)
}

// pair is two estimated means with their joint sampling variance: all that a
// comparison needs, whether they were adjusted or not.
type pair struct {
	treatment, control Arm
	vt, vc, cov        float64 // variances of the two means and their covariance
	se                 float64 // of the difference
	df                 float64 // of se; 0: known
	warnings           []string
}

// pool replaces both variances by their average over degrees of freedom.
func (p *pair) pool() {
	nt, nc := float64(p.treatment.N), float64(p.control.N)
	p.df = nt + nc - 2
	s2 := ((nt-1)*p.treatment.Variance + (nc-1)*p.control.Variance) / p.df
	p.vt, p.vc, p.se = s2/nt, s2/nc, math.Sqrt(s2)*math.Sqrt(1/nt+1/nc)
}

func (p pair) answer(o Options) (Result, error) {
	r := Result{Treatment: p.treatment, Control: p.control, DF: p.df, Options: o, Warnings: slices.Clone(p.warnings)}
	diff := p.treatment.Mean - p.control.Mean
	ref := reference{p.df}
	q := ref.critical(o.tail())
	r.test(diff/p.se, ref)
	r.Difference = Effect{diff, p.se, sided(o.Sides, diff-q*p.se, diff+q*p.se, o.Level)}
	if err := input.First(input.Check(!math.IsInf(r.Statistic, 0), "SE", p.se, "is too small for the difference: its statistic overflows"),
		input.Check(!math.IsInf(q*p.se, 0), "Level", o.Level, "the interval of the difference overflows")); err != nil {
		return Result{}, err
	}
	if n := min(p.treatment.N, p.control.N); n < fewUsers {
		r.warn("an arm has %d users: below %d the normal approximation is doubtful for skewed metrics", n, fewUsers)
	}
	if err := p.addLift(&r, o, q); err != nil {
		return Result{}, err
	}
	return r, nil
}

// test fills in the statistic and what follows from it.
func (r *Result) test(statistic float64, ref reference) {
	r.Statistic = statistic
	tail := math.Min(0.5, ref.below(-math.Abs(statistic)))
	r.P, r.PGreater, r.PLess = 2*tail, tail, 1-tail
	if statistic < 0 {
		r.PGreater, r.PLess = r.PLess, r.PGreater
	}
	r.Significant = r.PValue(r.Options.Sides) < 1-r.Options.Level
}

func (r *Result) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}
