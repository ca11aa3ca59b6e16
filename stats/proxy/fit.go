package proxy

import (
	"cmp"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Method is an estimator of the covariance of true effects.
type Method string

const (
	// Likelihood maximises the likelihood of normal true effects.
	Likelihood Method = "likelihood"
	// Moments subtracts the mean covariance of errors from that of the estimates,
	//
	//	Λ = Σᵢ wᵢ [(δ̂ᵢ − δ̄)(δ̂ᵢ − δ̄)′ − (1 − wᵢ)Ωᵢ]/(1 − Σ wᵢ²),   Σ wᵢ = 1
	//
	// with the same weights for all tests of equal precision, which is Cov(δ̂) − mean Ω,
	// the total-covariance estimator; else, for metrics a and b, in proportion to
	// 1/((Λₐₐ + Ωᵢ,ₐₐ)(Λ_bb + Ωᵢ,_bb)), with Λ of equal weights. Negative eigenvalues,
	// in units of the sampling errors, become 0. It needs no form of the true effects,
	// nor do its standard errors.
	//
	// Source: Bibaut, Chou, Ejdemyr & Kallus (2024), "Learning the Covariance of
	// Treatment Effects Across Many Weak Experiments", KDD, arXiv 2402.17637.
	Moments Method = "moments"
)

// Options says how effects are learned.
type Options struct {
	Method Method  // of Fit; empty means Likelihood. Assess knows that one only
	Level  float64 // of Assess's intervals, in (0, 1); zero means 0.95
}

// Effects is the learned distribution of tests' true effects on K metrics. Means are
// in the metrics' units, covariances in their products.
type Effects struct {
	Method Method      `json:"method"`
	N      int         `json:"n"`       // number of tests
	Mean   []float64   `json:"mean"`    // μ
	MeanSE []float64   `json:"mean_se"` // given Λ
	Cov    [][]float64 `json:"cov"`     // Λ: positive semi-definite
	CovSE  [][]float64 `json:"cov_se"`  // of each entry, before what is below 0 is cut off
	// Correlation is that of true effects; 0 where a metric has no spread of them.
	Correlation   [][]float64 `json:"correlation"`
	LogLikelihood float64     `json:"log_likelihood"` // natural logarithm
	// Free is Λ of Moments before eigenvalues below 0 were cut off; nil by Likelihood.
	Free     [][]float64 `json:"-"`
	Warnings []string    `json:"warnings,omitempty"`
}

// Fit learns the mean μ and covariance Λ of true effects from tests' estimates:
//
//	δᵢ ~ N(μ, Λ)      δ̂ᵢ | δᵢ ~ N(δᵢ, Ωᵢ)      hence δ̂ᵢ ~ N(μ, Λ + Ωᵢ)
//
// on the metrics that test i measured, which must not depend on what it found. By
// default it maximises the likelihood over all positive semi-definite Λ, written as
// the square of a symmetric matrix, by Newton steps with the expected information
// from the better of two starts: Moments, and each metric alone. Standard errors are
// by expected information and, at a singular Λ, of the entries had they been free. One
// metric gives stats.FitNormal. Like every maximum-likelihood variance Λ is low on
// average, by about the share 1/N.
//
// Time grows with tests and with the fourth power of metrics.
//
// The error is an *InputError: for no tests, estimates or covariances that cannot be
// used, two metrics that no test measured together, or numbers more than 1e6
// standard errors apart.
//
// Source: the two-level model of Gelman et al. (2013), Bayesian Data Analysis, 3rd
// ed., §5.4 and §15.4; expected information: Lange, Mathematical and Statistical
// Methods for Genetic Analysis, 2nd ed. (2002), §8.7.
func Fit(tests []Test, o Options) (Effects, error) {
	method := cmp.Or(o.Method, Likelihood)
	if err := input.OneOf("Method", method, Likelihood, Moments); err != nil {
		return Effects{}, err
	}
	d, err := standardise(tests)
	if err != nil {
		return Effects{}, err
	}
	e := Effects{Method: method, N: len(tests)}
	learn := e.byLikelihood
	if method == Moments {
		learn = e.byMoments
	}
	if !learn(d) {
		return Effects{}, errApart(len(tests))
	}
	if len(tests) < 5*(d.k+1) {
		e.Warnings = append(e.Warnings, "fewer than 5 tests for each metric and one more: the covariance is hardly known")
	}
	return e, nil
}

func (e *Effects) byMoments(d *data) bool {
	m := d.moments(d.moments(nil).cov)
	values, v := eigen(m.cov, d.k)
	if values[0] < 0 {
		e.Warnings = append(e.Warnings, "estimates differ by less than their errors explain in some direction: the covariance there is set to 0")
	}
	cov := rebuilt(values, v, func(x float64) float64 { return max(0, x) })
	mean, s := d.meanAt(m.mean, cov)
	e.Free = square(d.k)
	for i := range d.k {
		for j := range d.k {
			e.Free[i][j] = m.cov[i*d.k+j] * d.unit[i] * d.unit[j]
		}
	}
	return e.fill(d, mean, s, cov, m.se)
}

func (e *Effects) byLikelihood(d *data) bool {
	p, settled := d.maximum()
	if p.mean == nil {
		return false
	}
	if !settled {
		e.Warnings = append(e.Warnings, "the likelihood's maximum was not reached to all digits")
	}
	values, v := eigen(p.cov, d.k)
	cov := rebuilt(values, v, func(x float64) float64 { // what a step to the border leaves
		if x < negligible {
			return 0
		}
		return x
	})
	if values[0] < negligible {
		e.Warnings = append(e.Warnings, "estimates differ by no more than their errors explain in some direction: the covariance there is 0")
	}
	return e.fill(d, p.mean, p.slope, cov, d.covSE(p.info))
}

// negligible is a variance of true effects so far below the sampling variances, 1 in
// these units, that it is 0.
const negligible = 1e-10

// maximum is the likelihood's, from the better of two starts: of moments, and of each
// metric's own fit, from which climbs reach the highest peak where there are several.
func (d *data) maximum() (point, bool) {
	first := d.moments(nil)
	part := d.sample(1000)
	starts := [][]float64{root(d.moments(first.cov).cov, d.k, 1e-4), part.alone()}
	var best, from []float64
	highest := math.Inf(-1)
	for _, r := range starts {
		if mean, s := part.meanAt(first.mean, squared(r, d.k)); s.value > highest {
			best, from, highest = r, mean, s.value
		}
	}
	if best == nil {
		return point{}, false
	}
	f := rooted{d}
	p, ok := d.climb(f, from, f.entries(best))
	s, defined := d.slopeAt(p.mean, p.cov, false)
	if !defined {
		return point{}, false
	}
	p.slope = s // with the expected information
	return p, ok
}

// sample is every so-manieth test, about this many and two thousand at most, if each
// metric is in it; else all tests.
func (d *data) sample(size int) *data {
	every := max(1, len(d.tests)/size)
	part := *d
	part.tests = nil
	seen := make([]bool, d.k)
	missing := d.k
	for i := 0; i < len(d.tests); i += every {
		part.tests = append(part.tests, d.tests[i])
		for _, k := range d.tests[i].metrics {
			if !seen[k] {
				seen[k] = true
				missing--
			}
		}
	}
	if missing > 0 {
		return d
	}
	return &part
}

// alone is a root of the diagonal Λ of each metric's own fit.
func (d *data) alone() []float64 {
	r := make([]float64, d.k*d.k)
	for k := range d.k {
		var es []stats.Estimate
		for _, t := range d.tests {
			if j := position(t.metrics, k); j >= 0 {
				es = append(es, stats.Estimate{Value: t.y[j], SE: math.Sqrt(t.omega[j*len(t.metrics)+j])})
			}
		}
		r[k*d.k+k] = 0.01
		if fit, err := stats.FitNormal(es); err == nil { // an error: an SE below what it takes
			r[k*d.k+k] = max(0.01, fit.Prior.SD)
		}
	}
	return r
}

// meanAt is the best mean given Λ, and the slope at it; nil where there is none.
func (d *data) meanAt(from, cov []float64) ([]float64, slope) {
	s, ok := d.slopeAt(from, cov, false)
	if !ok {
		return nil, slope{value: math.Inf(-1)}
	}
	by, ok := solved(mat.NewSymDense(d.k, s.weight), mat.NewVecDense(d.k, s.mean))
	if !ok {
		return nil, slope{value: math.Inf(-1)}
	}
	for i := range by {
		by[i] += from[i]
	}
	s, _ = d.slopeAt(by, cov, false)
	return by, s
}

// inverseOf a positive definite n×n matrix, in units in which its diagonal is 1.
func inverseOf(a []float64, n int) []float64 {
	unit := make([]float64, n)
	for i := range unit {
		if len(a) != n*n || !(a[i*n+i] > 0) {
			return nil
		}
		unit[i] = math.Sqrt(a[i*n+i])
	}
	scaled, w := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		for j := range n {
			scaled[i*n+j] = a[i*n+j] / unit[i] / unit[j]
		}
	}
	if _, ok := invert(w, scaled, n); !ok {
		return nil
	}
	for i := range n {
		for j := range n {
			w[i*n+j] /= unit[i] * unit[j]
		}
	}
	return w
}

// covSE is the root of the inverse information's diagonal, as a K×K matrix.
func (d *data) covSE(info []float64) []float64 {
	m := len(d.pair)
	se := make([]float64, d.k*d.k)
	inverse := inverseOf(info, m)
	if inverse == nil {
		return se
	}
	for i, p := range d.pair {
		x := math.Sqrt(inverse[i*m+i])
		se[p[0]*d.k+p[1]], se[p[1]*d.k+p[0]] = x, x
	}
	return se
}

// errApart: what rounding leaves of Λ + Ω is no covariance any more.
func errApart(n int) error {
	return &input.Error{Field: "tests", Value: float64(n), Reason: "metrics follow from each other, or tests lie apart, by more than their errors' digits"}
}

// fill returns to the units of the metrics; false if the numbers have lost their digits.
func (e *Effects) fill(d *data, mean []float64, s slope, cov, se []float64) bool {
	k := d.k
	ofMean := inverseOf(s.weight, k)
	if ofMean == nil || mean == nil {
		return false
	}
	e.LogLikelihood = s.value
	for _, t := range d.tests {
		for _, x := range t.metrics {
			e.LogLikelihood -= math.Log(d.unit[x])
		}
	}
	e.Mean, e.MeanSE = make([]float64, k), make([]float64, k)
	e.Cov, e.CovSE, e.Correlation = square(k), square(k), square(k)
	for i := range k {
		e.Mean[i] = d.origin[i] + mean[i]*d.unit[i]
		e.MeanSE[i] = math.Sqrt(ofMean[i*k+i]) * d.unit[i]
		for j := range k {
			e.Cov[i][j] = cov[i*k+j] * d.unit[i] * d.unit[j]
			e.CovSE[i][j] = se[i*k+j] * d.unit[i] * d.unit[j]
			if both := math.Sqrt(cov[i*k+i]) * math.Sqrt(cov[j*k+j]); both > 0 {
				e.Correlation[i][j] = max(-1, min(1, cov[i*k+j]/both))
			}
		}
	}
	return true
}
