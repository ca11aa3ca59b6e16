package bayes

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/input"
)

// FuzzPriors asks every method of a valid prior for a number, and of an invalid one
// for NaN.
func FuzzPriors(f *testing.F) {
	f.Add(0.0, 1.0, 3.0, 2.0, 1.0, 0.3)
	f.Add(-0.2, 1.0, 1.05, 1e6, 1e-9, 1e-9)
	f.Add(1e40, 1e-40, 0.5, -1e40, 1e40, 0.999)
	f.Add(1e40, 1e40, 1e6, 0.0, math.Inf(1), 0.5)
	f.Add(0.0, 1e-300, 2.0, 0.0, 0.0, 1.0)
	f.Add(0.0, -1.0, math.NaN(), 1.0, -1.0, 2.0)
	f.Add(0.0, 1.0, 1e6, 40.0, 1.0, 0.0)
	f.Fuzz(func(t *testing.T, location, scale, df, estimate, se, q float64) {
		priors := []Prior{
			StudentT{location, scale, df},
			Mixture{[]float64{math.Abs(q), 0.5}, []stats.Normal{{Mean: location, SD: scale}, {Mean: estimate}}},
		}
		for _, p := range priors {
			usable := p.Check() == nil && se >= 0 && math.Abs(estimate) <= input.Max
			post := p.Posterior(estimate, se)
			if usable != (post.Check() == nil) {
				t.Fatalf("%+v after %g ± %g: %+v", p, estimate, se, post)
			}
			if got := p.LogMarginal(estimate, se); usable == math.IsNaN(got) {
				t.Fatalf("%+v: log marginal %g", p, got)
			}
			above, below := p.Split(estimate, se)
			if usable && !math.IsNaN(p.Mean()) == (math.IsNaN(above) || math.IsNaN(below)) {
				t.Fatalf("%+v: split %g, %g", p, above, below)
			}
			if usable && !math.IsInf(se, 1) {
				check(t, post)
				if m := post.Mean(); m < min(location, estimate)-1e-9*math.Abs(location)-1e-9*math.Abs(estimate) || m > max(location, estimate)+1e-9*math.Abs(location)+1e-9*math.Abs(estimate) {
					t.Fatalf("%+v after %g ± %g: mean %g beyond both", p, estimate, se, m)
				}
			}
			if p.Check() == nil && q >= 0 && q <= 1 {
				if x := p.Quantile(q); math.IsNaN(x) || !math.IsInf(x, 0) && !(p.CDF(x)+p.ProbAbove(x) > 0.999999) {
					t.Fatalf("%+v: quantile %g", p, x)
				}
			}
		}
	})
}

// check asks for finite moments, quantiles and intervals.
func check(t *testing.T, m Mixture) {
	t.Helper()
	assert.Answered[Summary](t)(Summarise(m, 0.9))
	if m.SD() < 0 || !(m.Quantile(0.1) <= m.Quantile(0.9)) {
		t.Fatalf("%+v: SD %g, quantiles %g and %g", m, m.SD(), m.Quantile(0.1), m.Quantile(0.9))
	}
}

func FuzzRates(f *testing.F) {
	f.Add(1.0, 1.0, 3.0, 4.0, 0.3)
	f.Add(0.01, 1e12, 1e12, 0.01, 1e-300)
	f.Add(0.5, 1e-40, 0.0, 1e40, 0.999999)
	f.Add(1e12, 1e12, 5.0, math.NaN(), 1.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, q float64) {
		for _, x := range []Distribution{Beta{a, b}, Gamma{a, b}, Beta{1, 1}.Posterior(c, d), Gamma{1, 1}.Posterior(c, d)} {
			valid := x.Check() == nil
			for what, y := range map[string]float64{"mean": x.Mean(), "SD": x.SD(), "CDF": x.CDF(0.4), "tail": x.ProbAbove(0.4), "density": x.LogDensity(0.4), "median": x.Quantile(0.5)} {
				if math.IsNaN(y) == valid {
					t.Fatalf("%+v: %s %g", x, what, y)
				}
			}
			if valid && q > 0 && q < 1 && !(x.Quantile(q) >= 0) {
				t.Fatalf("%+v: quantile %g of %g", x, x.Quantile(q), q)
			}
		}
		assert.Answered[Comparison](t)(Compare([]Beta{{a, b}, {c, d}, {1, 2}}, CompareOptions{}))
		assert.Answered[Comparison](t)(Compare([]Gamma{{a, b}, {c, d}}, CompareOptions{Care: q}))
	})
}

func FuzzArms(f *testing.F) {
	f.Add(0.0, 1.0, 0.5, 2.0, 0.3, 2.5)
	f.Add(0.0, 0.0, 0.0, 0.0, 0.5, 3.0)
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.1, 1.5)
	f.Add(0.1, 1e-9, 0.1, 1e9, 1e-9, 30.0)
	f.Fuzz(func(t *testing.T, m1, s1, m2, s2, control, df float64) {
		arms := []stats.Normal{{Mean: m1, SD: s1}, {Mean: m2, SD: s2}}
		assert.Answered[Comparison](t)(Compare([]Mixture{Single(arms[0]), Single(arms[1]), Single(arms[0])}, CompareOptions{}))
		lifts := []stats.Estimate{{Value: m1, SE: s1}, {Value: m2, SE: s2}}
		assert.Answered[Comparison](t)(CompareLifts(Single(stats.Normal{SD: control}), lifts, control, CompareOptions{}))
		assert.Answered[Comparison](t)(CompareLifts(StudentT{m2, s2, df}, lifts[:1], control, CompareOptions{LowerIsBetter: true}))
	})
}

func FuzzPriorFits(f *testing.F) {
	f.Add(0.01, 0.02, -0.01, 0.01, 0.3, 1e-30, 0.0, 5.0)
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.0, 1.0, 1e-300, 1e-40)
	f.Add(math.NaN(), 1.0, 1.0, 0.0, math.Inf(1), -1.0, 1.0, math.NaN())
	f.Add(1.0, 1e-40, 1.0, 1e-40, 1.0, 1e40, 1.0, 1e40)
	f.Fuzz(func(t *testing.T, a, sa, b, sb, c, sc, d, sd float64) {
		es := []stats.Estimate{{Value: a, SE: sa}, {Value: b, SE: sb}, {Value: c, SE: sc}, {Value: d, SE: sd}}
		assert.Answered[StudentTFit](t)(FitStudentT(es, FitOptions{}))
		assert.Answered[SpikeFit](t)(FitSpike(es))
	})
}
