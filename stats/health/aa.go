package health

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"gonum.org/v1/gonum/mathext"
)

// AAResult tells whether p-values of tests without an effect are what they claim.
type AAResult struct {
	Tests int `json:"tests"`
	// Kolmogorov and Anderson are distances from the uniform distribution, with
	// the probability of one as large.
	Kolmogorov  float64 `json:"kolmogorov"`
	KolmogorovP float64 `json:"kolmogorov_p"`
	Anderson    float64 `json:"anderson"`
	AndersonP   float64 `json:"anderson_p"`
	// FalsePositives are the p-values of at most Alpha; their share has the
	// Clopper–Pearson interval, and FalsePositivesP is the two-sided binomial p-value of
	// the share being Alpha.
	FalsePositives  int            `json:"false_positives"`
	Share           float64        `json:"share"`
	ShareInterval   stats.Interval `json:"share_interval"`
	FalsePositivesP float64        `json:"false_positives_p"`
	// VarianceFactor is the variance of the tests' z, which should be 1: the
	// effects' true variance over the one reported. At 1.25 the reported variance
	// is 20% too small, and standard errors must grow by √1.25.
	VarianceFactor   float64        `json:"variance_factor"`
	VarianceInterval stats.Interval `json:"variance_interval"`
	VarianceP        float64        `json:"variance_p"` // two-sided p-value of a factor of 1
	// Quantiles are points of the QQ plot: at most 200, the extremes among them.
	Quantiles []QuantilePoint `json:"quantiles"`
	Alpha     float64         `json:"alpha"`
	Warnings  []string        `json:"warnings,omitempty"`
}

// QuantilePoint is a p-value and where it should be.
type QuantilePoint struct {
	Expected float64 `json:"expected"` // (i − ½)/n for the i-th smallest
	Observed float64 `json:"observed"`
}

// AAOptions are levels; the zero value is the usual ones.
type AAOptions struct {
	Alpha float64 // level whose false positives are counted, in (0, 1); zero means 0.05
	Level float64 // of the intervals, in (0, 1); zero means 0.95
}

// AA tests whether n ≥ 1 two-sided p-values, in [0, 1], of independent tests without any
// effect are uniform. The three tests see different faults: the variance
// factor wrong standard errors, Anderson–Darling wrong tails, Kolmogorov–Smirnov any
// shape. With zᵢ = Φ⁻¹(pᵢ/2),
//
//	factor f̂ = Σ zᵢ²/n      interval n f̂/χ²ₙ,₁₋ₐ/₂ … n f̂/χ²ₙ,ₐ/₂
//
// where z is normal around 0 with variance f. It finds a reported variance that is
// 20% too small (f = 1.25) with probability 0.94 at n = 500 and level 0.05. A p-value of
// 0 counts as 1e-300, one of 1 as 1 − 1e-16.
//
// P-values of several metrics of one test are correlated: then all of these
// p-values are too small. Discrete ones (small counts, permutations) are not
// uniform even if right; many equal values are a warning.
//
// Sources: Kolmogorov (1933); Anderson & Darling (1954), JASA 49:765–769; Kohavi,
// Tang & Xu (2020), Trustworthy Online Controlled Experiments, ch. 19.
func AA(p []float64, o AAOptions) (AAResult, error) {
	alpha, level := cmp.Or(o.Alpha, 0.05), cmp.Or(o.Level, 0.95)
	if err := input.First(input.Check(len(p) > 0, "p", 0, "there is no p-value"),
		input.Fraction("Alpha", alpha), input.Fraction("Level", level)); err != nil {
		return AAResult{}, err
	}
	sorted := slices.Clone(p)
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return AAResult{}, input.Check(false, fmt.Sprintf("p[%d]", i), x, "must lie between 0 and 1")
		}
		sorted[i] = math.Min(math.Max(x, 1e-300), 1-1.2e-16)
	}
	slices.Sort(sorted)
	n := len(sorted)
	r := AAResult{Tests: n, Alpha: alpha, Quantiles: quantiles(sorted)}
	r.Kolmogorov, r.Anderson = kolmogorov(sorted), anderson(sorted)
	r.KolmogorovP, r.AndersonP = kolmogorovP(n, r.Kolmogorov), andersonP(n, r.Anderson)
	if err := r.falsePositives(sorted, level); err != nil {
		return AAResult{}, err
	}
	r.variance(sorted, level)
	if n < 20 {
		r.warn("%d p-values say little: a fault is found from about 100 on", n)
	}
	if distinct := len(slices.Compact(slices.Clone(sorted))); n-distinct > n/20 {
		r.warn("%d of %d p-values repeat others: discrete p-values are not uniform even if they are right", n-distinct, n)
	}
	return r, nil
}

func (r *AAResult) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

func (r *AAResult) falsePositives(sorted []float64, level float64) (err error) {
	k, _ := slices.BinarySearchFunc(sorted, r.Alpha, func(p, alpha float64) int {
		if p <= alpha {
			return -1
		}
		return 1
	})
	share := effect.Proportion{Successes: k, N: r.Tests}
	r.FalsePositives, r.Share = k, share.Rate()
	r.ShareInterval, err = share.Interval(effect.Options{Level: level, Difference: effect.ClopperPearson})
	n, x := float64(r.Tests), float64(k)
	lower, upper := 1.0, 1.0 // P(X ≤ k) and P(X ≥ k)
	if k > 0 {
		upper = mathext.RegIncBeta(x, n-x+1, r.Alpha)
	}
	if k < r.Tests {
		lower = mathext.RegIncBeta(n-x, x+1, 1-r.Alpha)
	}
	r.FalsePositivesP = math.Min(1, 2*math.Min(lower, upper))
	return err
}

func (r *AAResult) variance(sorted []float64, level float64) {
	sum := 0.0
	for _, p := range sorted {
		z := norm.Quantile(p / 2)
		sum += z * z
	}
	half, tail := float64(r.Tests)/2, (1-level)/2
	r.VarianceFactor = sum / float64(r.Tests)
	r.VarianceInterval = stats.Interval{
		Low:   sum / (2 * mathext.GammaIncRegCompInv(half, tail)),
		High:  math.Min(sum/(2*mathext.GammaIncRegInv(half, tail)), input.Max),
		Level: level,
	}
	r.VarianceP = math.Min(1, 2*math.Min(mathext.GammaIncReg(half, sum/2), mathext.GammaIncRegComp(half, sum/2)))
}

// quantiles picks points for a plot: all of up to 200, else evenly spaced ranks.
func quantiles(sorted []float64) []QuantilePoint {
	const most = 200
	n := len(sorted)
	points := make([]QuantilePoint, min(n, most))
	for i := range points {
		rank := i
		if n > most {
			rank = i * (n - 1) / (most - 1)
		}
		points[i] = QuantilePoint{(float64(rank) + 0.5) / float64(n), sorted[rank]}
	}
	return points
}
