package meta

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Options says how Fit estimates.
type Options struct {
	Method Method // estimator of τ²; empty means REML
	// KnappHartung tests with Student's t on k − 1 degrees of freedom and the
	// standard error √(Σ wᵢ(yᵢ − μ)²/(k − 1)/Σ wᵢ), which keeps its level with few
	// studies. The default is the normal test with 1/√Σ wᵢ, too small when k is. Where
	// estimates differ by less than their own standard errors explain, Knapp–Hartung's
	// can be the smaller one, and Result warns.
	KnappHartung bool
	Level        float64 // of all intervals, in (0, 1); zero means 0.95
}

// Result is a fitted meta-analysis. Effects and standard errors are in the unit of
// the estimates, variances in its square.
type Result struct {
	Method Method  `json:"method"`
	K      int     `json:"k"`       // number of studies
	Tau2   float64 `json:"tau2"`    // τ², variance of true effects; 0 for EE
	Tau2SE float64 `json:"tau2_se"` // its standard error, 0 where there is none (EE, k = 1)

	Mean      float64        `json:"mean"`      // μ, mean of true effects
	SE        float64        `json:"se"`        // its standard error
	Statistic float64        `json:"statistic"` // Mean/SE
	DF        int            `json:"df"`        // of Student's t; 0: the statistic is normal
	P         float64        `json:"p"`         // two-sided, of μ = 0
	Interval  stats.Interval `json:"interval"`  // of μ

	Q  float64 `json:"q"`   // Cochran's Q, χ² with k − 1 degrees of freedom if τ² = 0
	QP float64 `json:"q_p"` // its p-value; 1 for k = 1
	I2 float64 `json:"i2"`  // share of the estimates' variance that is τ², a fraction
	H2 float64 `json:"h2"`  // total variance over sampling variance

	// Prediction is the interval of a new study's true effect, μ ± c √(τ² + SE²),
	// with c the normal or, for Knapp–Hartung, Student quantile of Interval.
	Prediction stats.Interval `json:"prediction"`

	Warnings []string `json:"warnings,omitempty"` // what makes these numbers doubtful; empty: nothing known
}

// Fit pools estimates yᵢ with known sampling variances vᵢ = SE² under
//
//	yᵢ ~ N(θᵢ, vᵢ)      θᵢ ~ N(μ, τ²)
//
// and independence between studies; EE sets τ² = 0. With wᵢ = 1/(vᵢ + τ²),
//
//	μ = Σ wᵢyᵢ/Σ wᵢ      SE = 1/√Σ wᵢ      (or Knapp & Hartung's, see Options)
//	Q = Σ (yᵢ − ȳ)²/vᵢ, ȳ the mean with weights 1/vᵢ
//	I² = τ²/(τ² + s²)    H² = 1 + τ²/s²    s² = (k − 1)/(Σ 1/vᵢ − Σ 1/vᵢ²/Σ 1/vᵢ)
//
// For EE, I² = max(0, 1 − (k − 1)/Q) and H² = Q/(k − 1). The interval of μ treats τ²
// as known; so does Prediction. One study alone has τ² = 0, Q = 0, QP = 1, I² = 0 and
// H² = 1: it says nothing about differences between studies, and no Knapp–Hartung.
//
// The error is an *InputError: for no estimates, one that is not finite or has no
// SE above 0, numbers more than 1e60 standard errors apart, and for Knapp–Hartung
// where all estimates are equal, so that its standard error is 0.
//
// Source: DerSimonian & Laird (1986), Controlled Clinical Trials 7:177–188; Hartung &
// Knapp (2001), Statistics in Medicine 20:3875–3889; Higgins & Thompson (2002),
// Statistics in Medicine 21:1539–1558; the same as metafor's rma (Viechtbauer, 2010,
// J. Statistical Software 36(3)).
func Fit(es []stats.Estimate, o Options) (Result, error) {
	estimate, err := o.check(es)
	if err != nil {
		return Result{}, err
	}
	s := standardise(es)
	tau2, se := estimate(s)
	r := Result{Method: o.method(), K: len(es), Tau2: tau2, Tau2SE: se}
	if err := r.pool(s, o); err != nil {
		return Result{}, err
	}
	r.heterogeneity(s)
	r.warn(s)
	r.unscale(s)
	r.intervals(o)
	return r, nil
}

func (o Options) method() Method {
	if o.Method == "" {
		return REML
	}
	return o.Method
}

func (o Options) check(es []stats.Estimate) (func(studies) (float64, float64), error) {
	estimate, known := estimators[o.method()]
	err := input.First(
		input.Check(known, "Method", 0, fmt.Sprintf("%q is no known method", string(o.Method))),
		input.Fraction("Level", cmp.Or(o.Level, 0.95)),
		checkEstimates(es),
		input.Check(!o.KnappHartung || len(es) > 1, "KnappHartung", 1, "needs at least two studies"))
	return estimate, err
}

// pool fills in the mean and its test, in units of the standardised studies.
func (r *Result) pool(s studies, o Options) error {
	m := s.at(r.Tau2)
	r.Mean, r.SE = m.mean, math.Sqrt(1/m.weight)
	if o.KnappHartung {
		r.DF = r.K - 1
		r.SE = math.Sqrt(m.q / float64(r.DF) / m.weight)
		if err := input.Check(r.SE > 0, "es", float64(r.K), "all estimates are equal: Knapp–Hartung's standard error is 0"); err != nil {
			return err
		}
	}
	return nil
}

// heterogeneity fills in Q, I² and H², which have no unit.
func (r *Result) heterogeneity(s studies) {
	r.Q, r.QP, r.H2 = 0, 1, 1
	if r.K == 1 {
		return
	}
	df := float64(r.K - 1)
	r.Q = s.at(0).q
	r.QP = gamma.ChiSquareTail(r.Q, r.K-1)
	if r.Method == EE {
		r.H2 = r.Q / df
		r.I2 = max(0, (r.Q-df)/max(r.Q, df))
		return
	}
	typical := s.typical()
	r.H2 = 1 + r.Tau2/typical
	r.I2 = r.Tau2 / (r.Tau2 + typical)
}

// typical is s², the sampling variance that I² and H² compare τ² with.
func (s studies) typical() float64 {
	return float64(len(s.y)-1) / s.contrasts(s.inverse(0)).trace
}

// unscale returns to the unit of the estimates.
func (r *Result) unscale(s studies) {
	r.Tau2, r.Tau2SE = r.Tau2*s.unit*s.unit, r.Tau2SE*s.unit*s.unit
	r.Mean, r.SE = s.origin+r.Mean*s.unit, r.SE*s.unit
}

// intervals fills in the test of the mean and the two intervals around it.
func (r *Result) intervals(o Options) {
	level := cmp.Or(o.Level, 0.95)
	r.Statistic = r.Mean / r.SE
	r.P = 2 * r.tail(math.Abs(r.Statistic))
	r.Interval = r.around(r.Mean, r.SE, level)
	r.Prediction = r.around(r.Mean, math.Hypot(r.SE, math.Sqrt(r.Tau2)), level)
}

// tail is the chance of the test's distribution above z ≥ 0.
func (r *Result) tail(z float64) float64 {
	if r.DF == 0 {
		return norm.CDF(-z)
	}
	return noncentral.Tail(z, float64(r.DF), 0)
}

func (r *Result) around(centre, se, level float64) stats.Interval {
	miss := (1 - level) / 2
	c := -norm.Quantile(miss)
	if r.DF > 0 {
		c = noncentral.Critical(miss, float64(r.DF))
	}
	return stats.Interval{Low: centre - c*se, High: centre + c*se, Level: level}
}

func checkEstimates(es []stats.Estimate) error {
	if err := input.Check(len(es) > 0, "es", 0, "at least one estimate is needed"); err != nil {
		return err
	}
	least := math.Inf(1)
	for i, e := range es {
		if err := input.Estimate("es", i, e.Value, e.SE); err != nil {
			return err
		}
		least = min(least, e.SE)
	}
	for i, e := range es {
		if !(e.SE/least <= 1e60 && math.Abs(e.Value-es[0].Value)/least <= 1e60) {
			return &input.Error{Field: fmt.Sprintf("es[%d]", i), Value: e.Value, Reason: "lies more than 1e60 of the smallest standard error from the others"}
		}
	}
	return nil
}
