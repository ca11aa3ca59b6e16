package value

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// TestProductionLaws: f rises with the users, from (prior mean)⁺ to at most E[δ⁺];
// the slope is its derivative; the cut is where the posterior mean is 0, and no other
// cut gains more.
func TestProductionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var prior bayes.Prior = bayes.StudentT{Location: rapid.Float64Range(-1, 1).Draw(t, "location"), Scale: rapid.Float64Range(0.1, 2).Draw(t, "scale"), DF: rapid.Float64Range(1.05, 60).Draw(t, "df")}
		if rapid.Bool().Draw(t, "mixture") {
			prior = bayes.Mixture{Weights: []float64{2, 1, 1}, Components: []stats.Normal{{}, {Mean: rapid.Float64Range(-1, 1).Draw(t, "mean"), SD: 0.5}, {Mean: -0.1, SD: 0.1}}}
		}
		p := Production{prior, rapid.Float64Range(0.5, 20).Draw(t, "sigma")}
		n := math.Exp(rapid.Float64Range(-2, 8).Draw(t, "log n"))
		v, more := assert.Must(p.At(n)), assert.Must(p.At(n*1.001))
		positive, _ := prior.Split(0, 0)
		floor := max(0, prior.Mean())
		if v.Gain < floor || more.Gain < v.Gain-1e-13 || v.Gain > positive+1e-13 {
			t.Fatalf("f from %g to %g, between %g and %g", v.Gain, more.Gain, floor, positive)
		}
		// f can bend sharply at small n: the quotient is extrapolated from two steps.
		quotient := func(h float64) float64 {
			up, down := assert.Must(p.At(n*(1+h))), assert.Must(p.At(n*(1-h)))
			return (up.Value - down.Value) / (2 * h * n)
		}
		if slope := (4*quotient(5e-4) - quotient(1e-3)) / 3; math.Abs(slope-v.Slope) > 1e-6*v.Slope+1e-12/n {
			t.Fatalf("slope %g, difference quotient %g", v.Slope, slope)
		}
		if m := prior.Posterior(v.Cut, v.SE).Mean(); math.Abs(m) > 1e-9*(v.SE+1) {
			t.Fatalf("posterior mean %g at the cut", m)
		}
		other, _ := prior.Split(v.Cut+rapid.Float64Range(-2, 2).Draw(t, "off")*v.SE, v.SE)
		if other > v.Gain+1e-13 {
			t.Fatalf("another cut gains %g, more than %g", other, v.Gain)
		}
		if math.Abs(v.PCut-norm.CDF(-v.TStat)) > 1e-15 || math.Abs(v.Gain-v.Value-floor) > 1e-14 {
			t.Fatalf("%+v", v)
		}
	})
}

// TestProductionAgreesWithTheRule: for a normal prior f is the gain of the rule that
// ships above a posterior mean of 0.
func TestProductionAgreesWithTheRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := stats.Normal{Mean: rapid.Float64Range(-2, 2).Draw(t, "mean"), SD: rapid.Float64Range(0.3, 3).Draw(t, "sd")}
		v := assert.Must(Production{bayes.Single(n), 5}.At(math.Exp(rapid.Float64Range(0, 9).Draw(t, "log n"))))
		if want := (stats.PosteriorMean{}).Gain(n, v.SE); math.Abs(v.Gain-want) > 1e-12*max(want, 1e-3) {
			t.Fatalf("f = %.16g, Gain %.16g", v.Gain, want)
		}
	})
}

// TestFatTailsAreLean (Azevedo et al. 2020, §4): f is concave at once under 1.31
// degrees of freedom, where no test is too small; under 8 the first users are worth
// next to nothing. At small n its log-log slope tends to (α − 1)/2.
func TestFatTailsAreLean(t *testing.T) {
	lean, big := Production{bayes.StudentT{Location: -0.2, Scale: 1, DF: 1.31}, 10}, Production{bayes.StudentT{Location: -0.2, Scale: 1, DF: 8}, 10}
	last := math.Inf(1)
	for n := 1e-3; n < 1e5; n *= 2 {
		v := assert.Must(lean.At(n))
		if v.Slope >= last {
			t.Errorf("the slope rises to %g at %g users", v.Slope, n)
		}
		last = v.Slope
	}
	a, b := assert.Must(lean.At(1e-12)), assert.Must(lean.At(1e-10))
	assert.Near(t, "log-log slope", math.Log(b.Value/a.Value)/math.Log(100), 0.155, 0.02)
	if s := assert.Must(big.Shape()); !(s.Efficient > s.Inflection && s.Inflection > 0) {
		t.Errorf("%+v", s)
	}
	if s := assert.Must(lean.Shape()); s != (Shape{}) {
		t.Errorf("%+v, want no smallest size", s)
	}
}

// TestShapeAgainstHighPrecision: sizes for normal priors of SD 1, with σ = 10, in
// 30-digit arithmetic (mpmath).
func TestShapeAgainstHighPrecision(t *testing.T) {
	for mean, want := range map[float64]Shape{-0.5: {38.51609076778762, 17.32501170411728}, -1: {104.1659723297319, 50}, -2: {291.2268495348303, 144.3000468164691}} {
		s := assert.Must(Production{bayes.Single(stats.Normal{Mean: mean, SD: 1}), 10}.Shape())
		assert.Near(t, "efficient size", s.Efficient/want.Efficient, 1, 1e-9)
		assert.Near(t, "inflection", s.Inflection/want.Inflection, 1, 1e-9)
	}
}

// TestIdle: a test of ideas known to be bad, or good, changes nothing.
func TestIdle(t *testing.T) {
	bad := assert.Must(Production{bayes.Single(stats.Normal{Mean: -1}), 1}.At(100))
	good := assert.Must(Production{bayes.Single(stats.Normal{Mean: 1}), 1}.At(100))
	if !bad.Idle || bad.Gain != 0 || bad.PCut != 0 || !good.Idle || good.Gain != 1 || good.PCut != 1 || good.Value != 0 {
		t.Errorf("%+v and %+v", bad, good)
	}
}

func TestProductionRefuses(t *testing.T) {
	_, err := Production{nil, 1}.At(1)
	assert.Field(t, err, "Prior")
	_, err = Production{bayes.StudentT{Location: 0, Scale: 1, DF: 1}, 1}.At(1)
	assert.Field(t, err, "Prior.Mean")
	_, err = Production{bayes.StudentT{Location: 0, Scale: 1, DF: 3}, 0}.At(1)
	assert.Field(t, err, "Sigma")
	_, err = Production{bayes.StudentT{Location: 0, Scale: 1, DF: 3}, 1}.At(0)
	assert.Field(t, err, "users")
	_, err = Production{bayes.StudentT{DF: 3}, 1}.At(1)
	assert.Field(t, err, "Prior.Scale")
	_, err = Production{bayes.Single(stats.Normal{Mean: 1}), 1}.Shape()
	assert.Field(t, err, "Prior.SD")
	_, err = Production{bayes.StudentT{Location: 0, Scale: 1, DF: 3}, 1}.Portfolio(100, 0)
	assert.Field(t, err, "ideas")
}
