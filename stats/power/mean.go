package power

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Mean is a mean per user. The difference of the arms has the variance
//
//	(σ_c² + σₜ²/k) / n_c
//
// with n_c users in control and k = Allocation.
//
// Source: Chow, Shao & Wang (2008), Sample Size Calculations in Clinical
// Research, 2nd ed., §3.2.
type Mean struct {
	Mean        float64 // in control, in the metric's unit; needed only for relative numbers
	SD          float64 // standard deviation between users of control, above 0
	TreatmentSD float64 // of treatment; zero means the same as SD
}

func (m Mean) check(test Test) error {
	return input.First(input.Finite("Metric.Mean", m.Mean), input.Positive("Metric.SD", m.SD),
		input.Positive("Metric.TreatmentSD", m.spread().treatment), notStabilised(test))
}

func (m Mean) spread() spread               { return spread{m.SD, cmp.Or(m.TreatmentSD, m.SD)} }
func (m Mean) baseline() float64            { return m.Mean }
func (m Mean) room(float64) float64         { return math.Inf(1) }
func (m Mean) contrast(q question) contrast { return q.plain(m.spread(), m.Mean) }
func (m Mean) events(_, _ float64) float64  { return math.Inf(1) }

// Ratio is a ratio of two means per user, such as clicks per view, where users
// are independent but views are not. By the delta method one user has the variance
//
//	(s_x² − 2R s_xy + R² s_y²) / ȳ²      R = x̄/ȳ
//
// in both arms.
//
// Source: Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric
// Analytics", KDD, §3.
type Ratio struct {
	Numerator           float64 // mean of x per user
	Denominator         float64 // mean of y per user, not 0
	NumeratorVariance   float64 // of x between users
	DenominatorVariance float64 // of y between users
	Covariance          float64 // of x and y between users
}

func (r Ratio) check(test Test) error {
	if err := input.First(input.Finite("Metric.Numerator", r.Numerator), input.Finite("Metric.Denominator", r.Denominator),
		input.Check(math.Abs(r.Denominator) >= 1/input.Max, "Metric.Denominator", r.Denominator, "must not be 0 (or below 1e-40)"),
		input.NonNegative("Metric.NumeratorVariance", r.NumeratorVariance),
		input.NonNegative("Metric.DenominatorVariance", r.DenominatorVariance),
		input.Check(math.Abs(r.Covariance) <= math.Sqrt(r.NumeratorVariance)*math.Sqrt(r.DenominatorVariance)*(1+1e-9), "Metric.Covariance", r.Covariance,
			"exceeds the product of the two standard deviations"), notStabilised(test)); err != nil {
		return err
	}
	return input.First(input.Finite("Metric.Numerator", r.baseline()),
		input.Check(r.sd() >= 1/input.Max && r.sd() <= input.Max, "Metric.NumeratorVariance", r.NumeratorVariance,
			"leaves the ratio a standard deviation outside 1e-40 to 1e40"))
}

func (r Ratio) sd() float64 {
	ratio := r.baseline()
	v := r.NumeratorVariance - 2*ratio*r.Covariance + ratio*ratio*r.DenominatorVariance
	return math.Sqrt(math.Max(0, v)) / math.Abs(r.Denominator)
}

func (r Ratio) baseline() float64    { return r.Numerator / r.Denominator }
func (r Ratio) room(float64) float64 { return math.Inf(1) }
func (r Ratio) contrast(q question) contrast {
	return q.plain(spread{r.sd(), r.sd()}, r.baseline())
}
func (r Ratio) events(_, _ float64) float64 { return math.Inf(1) }
