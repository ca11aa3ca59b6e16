package value

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// drawnMixture is a scale mixture, as of a heavy tail, or any other mixture.
func drawnMixture(t *rapid.T) bayes.Mixture {
	var m bayes.Mixture
	mean := rapid.Float64Range(-2, 2).Draw(t, "mean")
	for range rapid.IntRange(1, 6).Draw(t, "components") {
		if rapid.Bool().Draw(t, "apart") {
			mean = rapid.Float64Range(-2, 2).Draw(t, "mean")
		}
		m.Weights = append(m.Weights, rapid.Float64Range(0.01, 1).Draw(t, "weight"))
		m.Components = append(m.Components, stats.Normal{Mean: mean, SD: rapid.Float64Range(0.05, 5).Draw(t, "sd")})
	}
	return m
}

// TestShipByLaws: the posterior mean is the cut at the threshold; no other threshold gains
// more; the probability is that of Given over the prior.
func TestShipByLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prior, se := drawnMixture(t), rapid.Float64Range(0.05, 5).Draw(t, "se")
		cut := rapid.Float64Range(-1, 1).Draw(t, "cut")
		s := assert.Must(ShipBy(stats.PosteriorMean{Cut: cut}, prior, se))
		if m := prior.PosteriorMean(s.Threshold, se); math.Abs(m-cut) > 1e-9*(1+math.Abs(s.Threshold-cut)) {
			t.Fatalf("posterior mean %g at the threshold %g, not %g", m, s.Threshold, cut)
		}
		if mean := prior.Mean(); s.Gain < math.Max(0, mean-cut)-1e-12 || s.Prob < 0 || s.Prob > 1 {
			t.Fatalf("%+v, of a prior with mean %g", s, mean)
		}
		if _, other := shipped(prior, cut, se, s.Threshold+rapid.Float64Range(-3, 3).Draw(t, "off")*se); other > s.Gain+1e-12 {
			t.Fatalf("another threshold gains %g, more than %g", other, s.Gain)
		}
		for _, s := range []Ship{s, assert.Must(ShipBy(stats.Significant{Alpha: 0.1}, prior, se))} {
			over := func(f func(delta float64) float64) (sum float64) {
				total := 0.0
				for k, c := range prior.Components {
					// Given is a step of width se at the threshold.
					at := func(delta float64) float64 { return math.Max(-9, math.Min(9, (delta-c.Mean)/c.SD)) }
					knots := []float64{-9, at(s.Threshold - 9*se), at(s.Threshold), at(s.Threshold + 9*se), 9}
					for i := 1; i < len(knots); i++ {
						part, _ := quad.Integrate(knots[i-1], knots[i], 1e-10, func(z float64) float64 {
							return f(c.Mean+z*c.SD) * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
						})
						sum += prior.Weights[k] * part
					}
					total += prior.Weights[k]
				}
				return sum / total
			}
			if p := over(s.Given); math.Abs(p-s.Prob) > 1e-8 {
				t.Fatalf("P(ship) %g, over the prior %g", s.Prob, p)
			}
		}
	})
}

// TestShipByOfOneNormal: of one component both rules say what their own methods do.
func TestShipByOfOneNormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := stats.Normal{Mean: rapid.Float64Range(-2, 2).Draw(t, "mean"), SD: rapid.Float64Range(0.3, 3).Draw(t, "sd")}
		se, delta := rapid.Float64Range(0.1, 3).Draw(t, "se"), rapid.Float64Range(-3, 3).Draw(t, "delta")
		for _, rule := range []stats.ShipRule{stats.PosteriorMean{Cut: rapid.Float64Range(-1, 1).Draw(t, "cut")}, stats.Significant{}, stats.Significant{Alpha: 0.1}} {
			s := assert.Must(ShipBy(rule, bayes.Single(n), se))
			if want := rule.Gain(n, se); math.Abs(s.Gain-want) > 1e-11 {
				t.Fatalf("%#v gains %.16g, want %.16g", rule, s.Gain, want)
			}
			if got, want := s.Given(delta), rule.ProbShip(delta, n, se); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%#v ships %g with %.16g, want %.16g", rule, delta, got, want)
			}
		}
	})
}

// TestShipByOfFatTails: a t as a mixture of normals, here its posterior after an estimate
// that says next to nothing, gains what Production says of the t itself.
func TestShipByOfFatTails(t *testing.T) {
	prior := bayes.StudentT{Location: -0.2, Scale: 1, DF: 4}
	mixture := prior.Posterior(0, 1e7)
	for _, se := range []float64{0.1, 1, 5} {
		want := assert.Must(Production{Prior: prior, Sigma: se}.At(1))
		got := assert.Must(ShipBy(stats.PosteriorMean{}, mixture, se))
		assert.Near(t, "gain", got.Gain, want.Gain, 1e-8)
		assert.Near(t, "threshold", got.Threshold, want.Cut, 1e-5)
	}
}

// TestShipByAtTheEdge: where no estimate changes the decision of the prior, and what is no
// question.
func TestShipByAtTheEdge(t *testing.T) {
	sure := bayes.Single(stats.Normal{Mean: 0.01})
	s := assert.Must(ShipBy(stats.PosteriorMean{}, sure, 1))
	if s.Prob != 1 || s.Gain != 0.01 || s.Given(-5) != 1 {
		t.Errorf("a certain gain: %+v", s)
	}
	s = assert.Must(ShipBy(stats.PosteriorMean{Cut: 0.02}, sure, 1))
	if s.Prob != 0 || s.Gain != 0 || s.Given(5) != 0 {
		t.Errorf("certainly below the cut: %+v", s)
	}
	one := bayes.Single(stats.Normal{SD: 1})
	for name, ask := range map[string]func() error{
		"se 0":       func() error { _, err := ShipBy(stats.PosteriorMean{}, one, 0); return err },
		"no prior":   func() error { _, err := ShipBy(stats.PosteriorMean{}, bayes.Mixture{}, 1); return err },
		"NaN cut":    func() error { _, err := ShipBy(stats.PosteriorMean{Cut: math.NaN()}, one, 1); return err },
		"alpha of 2": func() error { _, err := ShipBy(stats.Significant{Alpha: 2}, one, 1); return err },
		"no rule":    func() error { _, err := ShipBy(nil, one, 1); return err },
	} {
		if err := ask(); !errors.Is(err, stats.ErrInput) {
			t.Errorf("%s gives %v", name, err)
		}
	}
}
