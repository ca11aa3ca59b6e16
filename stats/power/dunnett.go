package power

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// DunnettCritical returns the critical value c of Dunnett's test: under the null
// hypothesis, the probability that any of the statistics of k treatments against one
// control exceeds c (or |statistic| does, if two-sided) is α:
//
//	1 − ∫∫ ∏ᵢ [Φ(bᵢ) − Φ(aᵢ)] φ(x) f(s) dx ds = α
//	bᵢ, aᵢ = (±cs + λᵢx)/√(1 − λᵢ²)      λᵢ² = rᵢ/(1 + rᵢ)
//
// (aᵢ = −∞ if one-sided), where rᵢ are the users of treatment i per user of
// control, one element for each of 1 to 100 treatments, and f is the density of
// √(χ²_ν/ν), ν = df ≥ 1; df = +Inf is for known variances, equal in all arms. For 1
// treatment it is the quantile of t.
//
// Source: Dunnett (1955), JASA 50:1096–1121; (1964), Biometrics 20:482–491.
func DunnettCritical(allocations []float64, df, alpha float64, sides stats.Sides) (float64, error) {
	sides = cmp.Or(sides, stats.TwoSided)
	if err := input.First(input.Check(len(allocations) >= 1 && len(allocations) <= 100, "len(allocations)", float64(len(allocations)), "must be 1 to 100 treatments"),
		input.Check(df >= 1, "df", df, "must be at least 1"), input.Fraction("alpha", alpha),
		input.Check(alpha >= 1e-100, "alpha", alpha, "must be at least 1e-100"), input.OneOf("sides", sides, stats.TwoSided, stats.OneSided)); err != nil {
		return 0, err
	}
	f := family{make([]float64, len(allocations)), df, sides}
	for i, r := range allocations {
		if err := input.Check(r >= 1e-3 && r <= 1e3, fmt.Sprintf("allocations[%d]", i), r, "must lie in 0.001 to 1000"); err != nil {
			return 0, err
		}
		f.loadings[i] = math.Sqrt(r / (1 + r))
	}
	return f.critical(alpha), nil
}

// family is k statistics with the correlations λᵢλⱼ and one estimated variance.
type family struct {
	loadings []float64 // λᵢ
	df       float64
	sides    stats.Sides
}

// critical lies between the values of one arm and of Bonferroni.
func (f family) critical(alpha float64) float64 {
	if len(f.loadings) == 1 {
		return critical(f.sides, alpha, f.df)
	}
	lo, hi := critical(f.sides, alpha, f.df), critical(f.sides, alpha/float64(len(f.loadings)), f.df)
	excess := func(c float64) float64 { return math.Log(f.level(c) / alpha) }
	c := solve.Root(lo, hi, 1e-12, excess)
	if math.IsNaN(c) {
		// Arms that are all but copies of each other, or all but independent at tiny
		// α: an end is the answer within rounding.
		if excess(hi) >= 0 {
			return hi
		}
		return lo
	}
	return c
}

// level is P(any statistic exceeds c): given control's error x and the variance's
// error s, the arms are independent.
func (f family) level(c float64) float64 {
	total := 0.0
	equal := true
	for _, l := range f.loadings {
		equal = equal && l == f.loadings[0]
	}
	for _, node := range noncentral.Nodes(f.df) {
		total += node.Weight * f.overControl(c*node.S, func(x float64) float64 {
			if equal {
				return -math.Expm1(float64(len(f.loadings)) * math.Log1p(-f.exceeds(f.loadings[0], c*node.S, x)))
			}
			log := 0.0
			for _, l := range f.loadings {
				log += math.Log1p(-f.exceeds(l, c*node.S, x))
			}
			return -math.Expm1(log)
		})
	}
	return math.Min(total, 1)
}

// exceeds is the probability that one statistic does, given control's error.
func (f family) exceeds(loading, c, x float64) float64 {
	own := residual(loading)
	q := norm.CDF((loading*x - c) / own)
	if f.sides == stats.TwoSided {
		q += norm.CDF((-loading*x - c) / own)
	}
	return math.Min(q, 1)
}

// residual is √(1 − λ²), held off 0 so that the integrals over x have a finite
// resolution: correlations above 0.9999 are taken as that.
func residual(loading float64) float64 {
	return math.Max(math.Sqrt((1-loading)*(1+loading)), 0.01)
}

// overControl is the mean of exceeding over control's error x, standard normal, where
// exceeding steps at ±c/λ as steeply as the loadings say: the trapezoidal rule, whose
// error for analytic functions is far below 1e-14 at 0.6 standard deviations of
// the steepest part.
func (f family) overControl(c float64, exceeding func(x float64) float64) float64 {
	steepest, reach := 0.0, normalReach
	for _, l := range f.loadings {
		steepest = math.Max(steepest, l/residual(l))
		// A far threshold is exceeded where x is about λc, with the spread √(1 − λ²).
		reach = math.Max(reach, l*c+normalReach*residual(l))
	}
	reach = math.Min(reach, normalEnd)
	h := 0.6 / math.Hypot(1, steepest)
	total := exceeding(0) * norm.Density(0)
	for j := range int(math.Ceil(reach / h)) {
		x := float64(j+1) * h
		total += norm.Density(x) * (exceeding(x) + exceeding(-x))
	}
	return total * h
}

const (
	normalReach = 9.0  // beyond it the normal density is 1e-18 of its height
	normalEnd   = 39.0 // and here it is the smallest number
)
