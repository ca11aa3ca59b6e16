package bayes

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// FitOptions are choices of [FitStudentT].
type FitOptions struct {
	Level float64 // of the interval of the degrees of freedom; 0 means 0.95
}

// StudentTFit is a Student-t prior with how well it was learnt.
type StudentTFit struct {
	Prior StudentT `json:"prior"`
	// Standard errors by observed information; DFSE is 0 where Prior.DF is at an
	// end of its range, and ScaleSE where there is no scale to be seen.
	LocationSE float64 `json:"location_se"`
	ScaleSE    float64 `json:"scale_se"`
	DFSE       float64 `json:"df_se"`
	// DF holds the degrees of freedom, the tail index: all that the likelihood,
	// maximised over location and scale, does not reject. A High of 1000, the
	// largest that is tried, means no upper limit: a normal may do as well.
	DF stats.Interval `json:"df"`
	// Ends are the priors at DF.Low and DF.High, with the location and scale that are
	// likeliest there: between them lies what the interval leaves open of the tail.
	Ends          [2]StudentT `json:"-"`
	LogLikelihood float64     `json:"log_likelihood"` // Σ log p(δ̂ᵢ), natural logarithm
	// Normal is the fit of a normal prior to the same estimates. NormalP is the
	// p-value of "the prior is normal" by the likelihood ratio: half the tail of a
	// χ² of 1 degree of freedom, because 1/DF = 0 is an end of its range.
	Normal   stats.NormalFit `json:"normal"`
	NormalP  float64         `json:"normal_p"`
	N        int             `json:"n"`
	Warnings []string        `json:"warnings,omitempty"`
}

// fewEstimates is below what the tail index is hardly told from the data.
const fewEstimates = 100

// FitStudentT estimates the distribution of true effects behind the estimates, by
// maximum marginal likelihood of
//
//	δᵢ = M + s·Tᵢ,  Tᵢ ~ Student's t with ν degrees of freedom      δ̂ᵢ | δᵢ ~ N(δᵢ, seᵢ²)
//
// over M, s > 0 and ν in [1.01, 1000]. The convolution t * N is summed over the
// precisions of the t's scale mixture of normals, to 1e-9, together with its first
// and second derivatives; the maximum is found by damped Newton steps from a grid
// of starts, to within 1e-4 of a standard error of each parameter. The interval of ν is that of the profile likelihood: 2(max − profile)
// below the quantile of a χ² of 1 degree of freedom.
//
// The error is an *InputError for an empty list, for the first estimate that is
// not finite or whose standard error is not above 0, or for a Level outside (0, 1).
//
// Source: Azevedo, Deng, Montiel Olea, Rao & Weyl (2020), "A/B Testing with Fat
// Tails", J. Political Economy 128(12), §4, for the estimator; Self & Liang (1987),
// JASA 82:605–610, case 5, for the test of the normal.
func FitStudentT(es []stats.Estimate, o FitOptions) (StudentTFit, error) {
	level := cmp.Or(o.Level, 0.95)
	if err := input.Fraction("Level", level); err != nil {
		return StudentTFit{}, err
	}
	normal, err := stats.FitNormal(es)
	if err != nil {
		return StudentTFit{}, err
	}
	l := newStudentLikelihood(es)
	best := l.maximise()
	fit := StudentTFit{
		Prior:         l.prior(best.at),
		LogLikelihood: l.offset + best.value,
		Normal:        normal,
		N:             len(es),
	}
	fit.errors(l, best)
	fit.Ends = l.ends(best, level)
	fit.DF = stats.Interval{Low: fit.Ends[0].DF, High: fit.Ends[1].DF, Level: level}
	ratio := max(0, 2*(fit.LogLikelihood-normal.LogLikelihood))
	fit.NormalP = norm.CDF(-math.Sqrt(ratio))
	if len(es) < fewEstimates {
		fit.Warnings = append(fit.Warnings, fmt.Sprintf("%d estimates: fewer than %d hardly tell the tail index", len(es), fewEstimates))
	}
	return fit, nil
}

// errors sets the standard errors, by the information of the parameters that are
// not at an end of their range.
func (fit *StudentTFit) errors(l *studentLikelihood, best point) {
	free := [3]bool{true, best.at[1] > l.low[1]+edge, best.at[2] > l.low[2]+edge && best.at[2] < l.high[2]-edge}
	if !free[1] {
		free[2], fit.Prior.DF = false, fitMaxDF // without a scale there are no tails
		fit.Warnings = append(fit.Warnings, "the estimates differ by no more than their standard errors explain: scale and tail index are not seen")
	} else if !free[2] {
		fit.Warnings = append(fit.Warnings, fmt.Sprintf("the likelihood is highest at the end of the range of degrees of freedom, %g", fit.Prior.DF))
	}
	se := best.standardErrors(free)
	fit.LocationSE = se[0] * l.unit
	fit.ScaleSE = se[1] * fit.Prior.Scale
	fit.DFSE = se[2] * fit.Prior.DF
}

// ends are those of the profile likelihood interval of the degrees of freedom.
func (l *studentLikelihood) ends(best point, level float64) (ends [2]StudentT) {
	drop := distuv.ChiSquared{K: 1}.Quantile(level) / 2
	for i, end := range []float64{l.low[2], l.high[2]} {
		at := best.at
		at[2] = l.edge(best, end, drop)
		ends[i] = l.prior(l.climb(at, [3]bool{true, true, false}, 1e-6).at)
	}
	return ends
}
