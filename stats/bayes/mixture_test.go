package bayes

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// spiked is a prior of no effect with probability 0.7.
var spiked = Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}

// TestPointNull holds the posterior probability of no effect against Deng (2015), in
// units of one user's SD: p₀φ(z)/(p₀φ(z) + (1 − p₀)φ(z; 0, 1 + N_E V²)).
func TestPointNull(t *testing.T) {
	const v, size = 0.02, 1e4 // N_E = 1/(1/N_T + 1/N_C) for two arms of 20,000
	for _, z := range []float64{0, 1, 1.96, 3, 5, 30} {
		alternative := norm.Density(z/math.Sqrt(1+size*v*v)) / math.Sqrt(1+size*v*v)
		want := 0.7 * norm.Density(z) / (0.7*norm.Density(z) + 0.3*alternative)
		se := 1 / math.Sqrt(size)
		post := spiked.Posterior(z*se, se)
		assert.Near(t, "P(H0|z)", post.PointMass(0), want, 1e-14)
		assert.Near(t, "tails and the mass", post.CDF(0)+post.ProbAbove(0), 1, 1e-14)
	}
}

func TestMixtureOfOneIsTheNormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := stats.Normal{Mean: rapid.Float64Range(-1, 1).Draw(t, "mean"), SD: rapid.Float64Range(0, 1).Draw(t, "sd")}
		x, se := rapid.Float64Range(-3, 3).Draw(t, "x"), rapid.Float64Range(0.001, 5).Draw(t, "se")
		m, post := Single(n), n.Posterior(x, se)
		q := rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "q")
		agree(t, "mean", m.Posterior(x, se).Mean(), post.Mean)
		agree(t, "SD", m.Posterior(x, se).SD(), post.SD)
		agree(t, "CDF", m.CDF(x), n.CDF(x))
		agree(t, "tail", m.ProbAbove(x), n.ProbAbove(x))
		agree(t, "quantile", m.Quantile(q), n.Quantile(q))
	})
}

// TestMixtureQuantileInverts, jumps included.
func TestMixtureQuantileInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mixture{}
		for range rapid.IntRange(1, 5).Draw(t, "k") {
			m.Weights = append(m.Weights, rapid.Float64Range(0.01, 3).Draw(t, "w"))
			sd := 0.0
			if rapid.Bool().Draw(t, "wide") {
				sd = math.Exp(rapid.Float64Range(-9, 3).Draw(t, "log sd"))
			}
			m.Components = append(m.Components, stats.Normal{Mean: rapid.Float64Range(-2, 2).Draw(t, "mean"), SD: sd})
		}
		q := rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "q")
		x := m.Quantile(q)
		before, after := m.CDF(x-1e-9*(1+math.Abs(x))), m.CDF(x+1e-9*(1+math.Abs(x)))
		if before > q+1e-12 || after < q-1e-12 {
			t.Fatalf("quantile %g of %g: CDF from %g to %g around it", x, q, before, after)
		}
	})
}

// TestMixtureLimits: a flat likelihood returns the prior, an exact estimate itself,
// and impossible data the nearest that is possible.
func TestMixtureLimits(t *testing.T) {
	same := spiked.Posterior(3, math.Inf(1))
	assert.Near(t, "weight", same.PointMass(0), 0.7, 1e-15)
	assert.Near(t, "SD", same.SD(), spiked.SD(), 1e-15)
	exactly := spiked.Posterior(0.01, 0)
	if exactly.Mean() != 0.01 || exactly.SD() != 0 || exactly.PointMass(0) != 0 {
		t.Errorf("after an exact estimate: %+v", exactly)
	}
	points := Mixture{[]float64{1, 1, 0}, []stats.Normal{{Mean: 0}, {Mean: 1}, {Mean: 0.4}}}
	if near := points.Posterior(0.4, 0); near.PointMass(0) != 1 {
		t.Errorf("nearest possible value: %+v", near)
	}
	if q := points.Quantile(0.75); q != 1 {
		t.Errorf("quantile of point masses: %g", q)
	}
	far := spiked.Posterior(1e9, 1e-9) // the likelihoods underflow, their ratio does not
	assert.Near(t, "mean", far.Mean()/1e9, 1, 1e-12)
}

func TestMixtureRefuses(t *testing.T) {
	assert.Field(t, Mixture{}.Check(), "Weights")
	assert.Field(t, Mixture{[]float64{1}, nil}.Check(), "Weights")
	assert.Field(t, Mixture{[]float64{1, -1}, make([]stats.Normal, 2)}.Check(), "Weights[1]")
	assert.Field(t, Mixture{[]float64{0, 0}, make([]stats.Normal, 2)}.Check(), "Weights")
	assert.Field(t, Mixture{[]float64{1}, []stats.Normal{{SD: -1}}}.Check(), "Components[0].SD")
	assert.Field(t, StudentT{Scale: 0, DF: 3}.Check(), "Scale")
	assert.Field(t, StudentT{Scale: 1, DF: 0.1}.Check(), "DF")
	assert.Field(t, StudentT{Location: math.NaN(), Scale: 1, DF: 3}.Check(), "Location")
	if m := spiked.Posterior(math.NaN(), 1); m.Check() == nil || !math.IsNaN(m.Mean()) {
		t.Error("a posterior of NaN")
	}
}

func agree(t *rapid.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
		t.Fatalf("%s: %.15g, want %.15g", what, got, want)
	}
}
