package proxy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestOneMetricIsFitNormal: for one metric the fit is the one of stats, found by
// another algorithm, also where there is no spread or but one test.
func TestOneMetricIsFitNormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 200 {
		n, spread, unit := 1+rng.IntN(60), rng.Float64()*2, math.Exp(20*rng.NormFloat64())
		var es []stats.Estimate
		var tests []Test
		for range n {
			se := unit * math.Exp(rng.NormFloat64())
			e := stats.Estimate{Value: unit*(5+spread*rng.NormFloat64()) + se*rng.NormFloat64(), SE: se}
			es, tests = append(es, e), append(tests, assert.Must(NewTest([]stats.Estimate{e}, nil)))
		}
		want := assert.Must(stats.FitNormal(es))
		got := assert.Must(Fit(tests, Options{}))
		what := fmt.Sprintf("programme %d of %d tests: ", i, n)
		assert.Near(t, what+"mean", got.Mean[0]/unit, want.Prior.Mean/unit, 1e-6)
		assert.Near(t, what+"variance", got.Cov[0][0]/unit/unit, math.Pow(want.Prior.SD/unit, 2), 1e-6)
		assert.Near(t, what+"mean SE", got.MeanSE[0]/unit, want.MeanSE/unit, 1e-6)
		assert.Near(t, what+"variance SE", got.CovSE[0][0]/want.VarianceSE, 1, 1e-5)
		assert.Near(t, what+"log likelihood", got.LogLikelihood, want.LogLikelihood, 1e-6)
	}
}

// TestMomentsByHand: with equal errors it is the covariance of estimates less theirs.
func TestMomentsByHand(t *testing.T) {
	omega := [][]float64{{1, 0.5}, {0.5, 2}}
	var tests []Test
	for _, y := range [][]float64{{0, 0}, {4, 2}, {-4, 6}, {0, 8}} {
		tests = append(tests, Test{Estimates: y, Cov: omega})
	}
	e := assert.Must(Fit(tests, Options{Method: Moments}))
	// Sums of squares and products around (0, 4): 32, −16 and 40, over 3.
	want := [][]float64{{32./3 - 1, -16./3 - 0.5}, {-16./3 - 0.5, 40./3 - 2}}
	if diff := cmp.Diff(want, e.Cov, closeTo(1e-12)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{0, 4}, e.Mean, closeTo(1e-12)); diff != "" {
		t.Error(diff)
	}
}

// What errors explain all of has a correlation beyond 1 by moments, of which 1 is left.
func TestFreeKnowsNoBound(t *testing.T) {
	var tests []Test
	for _, y := range [][]float64{{3, 3}, {-3, -3}, {2, 3}, {2, 1}, {-4, -4}} {
		tests = append(tests, Test{Estimates: y, Cov: [][]float64{{2, 0}, {0, 2}}})
	}
	e := assert.Must(Fit(tests, Options{Method: Moments}))
	x := assert.Must(e.Index([]int{0}, 1, nil))
	c, va, vb := 42./4, 42./4-2, 44./4-2 // products and squares around means of 0, over 4
	assert.Near(t, "free R²", x.FreeR2, c*c/va/vb, 1e-12)
	assert.Near(t, "R²", x.R2, 1, 1e-12)
	for i := range tests {
		tests[i].Cov = [][]float64{{2, 0}, {0, 30}}
	}
	e = assert.Must(Fit(tests, Options{Method: Moments}))
	if x = assert.Must(e.Index([]int{0}, 1, nil)); x.FreeR2 != 4 {
		t.Errorf("errors explain the long-term metric: %+v", x)
	}
	e = assert.Must(Fit(tests, Options{}))
	if x = assert.Must(e.Index([]int{0}, 1, nil)); e.Free != nil || x.FreeR2 != x.R2 {
		t.Errorf("by likelihood: %+v", x)
	}
}

func closeTo(tolerance float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return a == b || math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
	})
}

var (
	truth     = [][]float64{{0.5, 0.2, -0.1}, {0.2, 0.4, 0.1}, {-0.1, 0.1, 0.3}}
	trueMean  = []float64{0.1, -0.2, 0.3}
	userNoise = [][]float64{{1, -0.6, 0.2}, {-0.6, 1, 0.1}, {0.2, 0.1, 1}}
)

// uneven noise: SEs of each metric differ between tests.
func uneven(rng *rand.Rand) [][]float64 {
	ses := []float64{math.Exp(rng.NormFloat64() / 2), math.Exp(rng.NormFloat64() / 2), math.Exp(rng.NormFloat64() / 2)}
	return assert.Must(Covariance(ses, userNoise))
}

// TestFitRecovers: many tests, with metrics missing from some, give the truth within
// standard errors that are small. Five of them are passed one time in 1.7 million.
func TestFitRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	tests := simulate(rng, 30_000, trueMean, truth, uneven)
	for i := range tests {
		if drop := rng.IntN(6); drop < 3 {
			tests[i] = without(tests[i], drop)
		}
	}
	for _, method := range []Method{Likelihood, Moments} {
		e := assert.Must(Fit(tests, Options{Method: method}))
		for i := range truth {
			assert.Near(t, fmt.Sprintf("%s: mean %d", method, i), e.Mean[i], trueMean[i], 5*e.MeanSE[i])
			for j := range truth {
				assert.Near(t, fmt.Sprintf("%s: Λ[%d][%d]", method, i, j), e.Cov[i][j], truth[i][j], 5*e.CovSE[i][j])
				if !(e.CovSE[i][j] > 0 && e.CovSE[i][j] < 0.04) {
					t.Errorf("%s: standard error %g", method, e.CovSE[i][j])
				}
			}
		}
	}
}

// without is a test that did not measure one of its three metrics.
func without(t Test, drop int) Test {
	place := [most]int{1, 2, 3}
	kept := t
	place[drop] = 0
	kept = kept.keep(place)
	kept.Metrics = nil
	for k := range 3 {
		if k != drop {
			kept.Metrics = append(kept.Metrics, k)
		}
	}
	return kept
}

// TestFitIsMaximum: no covariance nearby is likelier, singular ones included.
func TestFitIsMaximum(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 40 {
		size := 0.02 + rng.Float64()
		cov := [][]float64{{size, 0, 0}, {0, size, size}, {0, size, size}}
		d := assert.Must(standardise(simulate(rng, 3+rng.IntN(40), trueMean, cov, uneven)))
		best, ok := d.maximum()
		if !ok {
			t.Error("it did not settle")
		}
		for range 100 {
			r := root(best.cov, 3, 0)
			for i := range r {
				r[i] += 0.1 * rng.NormFloat64() * rng.Float64() * rng.Float64()
			}
			for i := range 3 {
				for j := range i {
					r[i*3+j] = r[j*3+i]
				}
			}
			if _, s := d.meanAt(best.mean, squared(r, 3)); s.value > best.value+1e-9 {
				t.Fatalf("%v has log likelihood %.12g, the fit %.12g", squared(r, 3), s.value, best.value)
			}
		}
	}
}

// anyTests draws tests of two to four metrics whose scales differ by orders.
func anyTests(rt *rapid.T) (tests []Test, k int) {
	k = rapid.IntRange(2, 4).Draw(rt, "k")
	scale := rapid.SliceOfN(rapid.Float64Range(1e-6, 1e6), k, k).Draw(rt, "scale")
	for range rapid.IntRange(2, 30).Draw(rt, "n") {
		var es []stats.Estimate
		for i := range k {
			es = append(es, stats.Estimate{
				Value: scale[i] * rapid.Float64Range(-5, 5).Draw(rt, "y"),
				SE:    scale[i] * rapid.Float64Range(0.2, 3).Draw(rt, "se"),
			})
		}
		rho := rapid.Float64Range(-0.3, 0.9).Draw(rt, "rho")
		correlation := square(k)
		for i := range k {
			for j := range k {
				correlation[i][j] = rho
			}
			correlation[i][i] = 1
		}
		tests = append(tests, assert.Must(NewTest(es, correlation)))
	}
	return tests, k
}

// TestCovarianceIsOne: whatever the tests, Λ is positive semi-definite.
func TestCovarianceIsOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tests, k := anyTests(rt)
		for _, method := range []Method{Likelihood, Moments} {
			e := assert.Must(Fit(tests, Options{Method: method}))
			flat := make([]float64, k*k)
			for i := range k {
				for j := range k {
					flat[i*k+j] = e.Correlation[i][j]
				}
			}
			if values, _ := eigen(flat, k); values[0] < -1e-9 {
				rt.Fatalf("%s: eigenvalue %g of the correlation", method, values[0])
			}
			if err := e.check(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// TestUnitsAndOrder: metrics in other units and another order, and tests in another
// order, give the same numbers in those. Of the likelihood the same height: a flat
// top may be reached at another place.
func TestUnitsAndOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	tests := simulate(rng, 300, trueMean, truth, uneven)
	order, unit := []int{2, 0, 1}, []float64{100, 1e-3, 7}
	other := make([]Test, len(tests))
	for i, from := range rng.Perm(len(tests)) {
		x := Test{Metrics: order, Estimates: make([]float64, 3), Cov: square(3)}
		for a := range 3 { // estimate a of the test is of metric order[a] of the other fit
			x.Estimates[a] = tests[from].Estimates[a] * unit[a]
			for b := range 3 {
				x.Cov[a][b] = tests[from].Cov[a][b] * unit[a] * unit[b]
			}
		}
		other[i] = x
	}
	for _, method := range []Method{Likelihood, Moments} {
		e, f := assert.Must(Fit(tests, Options{Method: method})), assert.Must(Fit(other, Options{Method: method}))
		for a := range 3 {
			assert.Near(t, "mean", f.Mean[order[a]]/unit[a], e.Mean[a], 1e-7)
			for b := range 3 {
				assert.Near(t, "Λ", f.Cov[order[a]][order[b]]/unit[a]/unit[b], e.Cov[a][b], 1e-7)
				assert.Near(t, "SE", f.CovSE[order[a]][order[b]]/unit[a]/unit[b], e.CovSE[a][b], 1e-7)
				assert.Near(t, "correlation", f.Correlation[order[a]][order[b]], e.Correlation[a][b], 1e-7)
			}
		}
	}
}

func TestFitErrors(t *testing.T) {
	fit := func(tests ...Test) error { _, err := Fit(tests, Options{}); return err }
	one := [][]float64{{1}}
	good := Test{Estimates: []float64{0.1}, Cov: one}
	assert.Field(t, fit(), "tests")
	assert.Field(t, fit(good, Test{}), "tests[1].Estimates")
	assert.Field(t, fit(Test{Estimates: []float64{math.NaN()}, Cov: one}), "tests[0].Estimates[0]")
	assert.Field(t, fit(Test{Estimates: []float64{1}}), "tests[0].Cov")
	assert.Field(t, fit(Test{Estimates: []float64{1}, Cov: [][]float64{{1, 2}}}), "tests[0].Cov[0]")
	assert.Field(t, fit(Test{Estimates: []float64{1}, Cov: [][]float64{{0}}}), "tests[0].Cov[0][0]")
	assert.Field(t, fit(Test{Estimates: []float64{1, 1}, Cov: [][]float64{{1, 0.5}, {0.4, 1}}}), "tests[0].Cov[0][1]")
	assert.Field(t, fit(Test{Estimates: []float64{1, 1}, Cov: [][]float64{{1, 1}, {1, 1}}}), "tests[0].Cov[1]")
	assert.Field(t, fit(Test{Metrics: []int{1, 1}, Estimates: []float64{1, 1}, Cov: [][]float64{{1, 0}, {0, 1}}}), "tests[0].Metrics[1]")
	assert.Field(t, fit(Test{Metrics: []int{1}, Estimates: []float64{1, 1}, Cov: [][]float64{{1, 0}, {0, 1}}}), "tests[0].Metrics")
	assert.Field(t, fit(good, Test{Metrics: []int{1}, Estimates: []float64{1}, Cov: one}), "tests")
	assert.Field(t, fit(good, Test{Estimates: []float64{1e30}, Cov: [][]float64{{1e32}}}), "tests[1].Estimates[0]")
	_, err := Fit([]Test{good}, Options{Method: "guess"})
	assert.Field(t, err, "Method")

	_, err = NewTest([]stats.Estimate{{Value: 1, SE: 0}}, nil)
	assert.Field(t, err, "es[0].SE")
	_, err = Covariance([]float64{1, -1}, nil)
	assert.Field(t, err, "ses[1]")
	_, err = Covariance([]float64{1, 1}, [][]float64{{1, 2}, {2, 1}})
	assert.Field(t, err, "correlation[0][1]")
	_, err = Covariance([]float64{1, 1}, [][]float64{{1, 0}, {0, 2}})
	assert.Field(t, err, "correlation[1][1]")
}
