package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"pgregory.net/rapid"
)

// production is f(n) of the A/B testing problem with prior N(mu, 1) and unit
// noise sd 10, by the rule that ships a positive posterior mean.
func production(mu, n float64) float64 {
	return PosteriorMean{}.Gain(Normal{mu, 1}, 10/math.Sqrt(n))
}

// The values are recomputed from the closed form of Azevedo, Mao, Montiel Olea &
// Velez (2023) in an independent program, rounded to six places.
func TestPosteriorMeanGainPublished(t *testing.T) {
	for _, c := range []struct {
		mu float64
		f  [6]float64 // n = 1, 10, 100, 1000, 10000, ∞
	}{
		{0, [6]float64{.039696, .120286, .282095, .380377, .396962, .398942}},
		{-0.5, [6]float64{.000000, .006099, .099821, .181512, .196050, .197797}},
		{-1, [6]float64{.000000, .000036, .025127, .072325, .082118, .083315}},
		{-2, [6]float64{.000000, .000000, .000489, .006208, .008225, .008491}},
	} {
		for i, n := range []float64{1, 10, 100, 1000, 10000, math.Inf(1)} {
			assert.Near(t, "f", production(c.mu, n), c.f[i], 5.1e-7)
		}
	}
}

// TestPortfolioPublished splits 1000 users over K equal ideas: many small tests
// beat one big test by 3.5 times, and ten are best.
func TestPortfolioPublished(t *testing.T) {
	want := map[float64]float64{1: .072325, 2: .126414, 5: .217653, 8: .248311, 9: .251034, 10: .251273,
		11: .249557, 12: .246311, 20: .195224, 50: .047788}
	for k, total := range want {
		assert.Near(t, "portfolio", k*production(-1, 1000/k), total, 5.1e-7)
	}
}

// TestEfficientSizePublished: the size with the highest gain per user, and the
// one-sided p-value at which the rule then ships, far above 0.05.
func TestEfficientSizePublished(t *testing.T) {
	for _, c := range []struct{ mu, n, cut float64 }{{-0.5, 38.5, .210}, {-1, 104.1, .163}, {-2, 291.5, .121}} {
		best := 1.0
		for n := 1.0; n < 1000; n *= 1.0005 {
			if production(c.mu, n)/n > production(c.mu, best)/best {
				best = n
			}
		}
		assert.Near(t, "argmax f/n", best, c.n, 0.005*c.n)
		se := 10 / math.Sqrt(best)
		// An idea without effect ships with exactly that probability.
		assert.Near(t, "p cut", PosteriorMean{}.ProbShip(0, Normal{c.mu, 1}, se), c.cut, 0.0015)
	}
}

// Feit & Berman (2019), Marketing Science 38(6), Tables 1 and 2: two arms with
// priors N(mu, sigma²); deploying the better one gains mu plus the gain on their
// difference, N(0, 2 sigma²).
func TestTestAndRollPublished(t *testing.T) {
	for _, c := range []struct{ population, mu, sigma, sd, n, profit, tolerance float64 }{
		{100000, .68, .03, math.Sqrt(.68 * .32), 2283.890, 69535.999, 0.01},
		{1000000, 10.36044, 4.39646, 103.77, 11391.105, 12727e3, 500},
	} {
		gain := PosteriorMean{}.Gain(Normal{0, math.Sqrt2 * c.sigma}, c.sd*math.Sqrt(2/c.n))
		assert.Near(t, "profit", c.mu*2*c.n+(c.population-2*c.n)*(c.mu+gain), c.profit, c.tolerance)
	}
}

// The knowledge gradient of independent normals (Frazier, Powell & Dayanik 2008)
// is the gain of the rule that ships above the best alternative, less what is
// had without a test; values recomputed from its closed form.
func TestKnowledgeGradientPublished(t *testing.T) {
	for _, c := range []struct{ mean, variance, other, want float64 }{
		{0, 1, .1, .132854}, {.1, .5, 0, .052370}, {-.2, 2, .1, .197478},
	} {
		rule, prior := PosteriorMean{Cut: c.other}, Normal{c.mean, math.Sqrt(c.variance)}
		assert.Near(t, "KG", rule.Gain(prior, 2)-rule.Gain(prior, math.Inf(1)), c.want, 5.1e-7)
	}
}

var ruleCases = []struct {
	prior Normal
	se    float64
}{
	{Normal{0, 0.01}, 0.01}, {Normal{-0.01, 0.01}, 0.02}, {Normal{0.004, 0.02}, 0.003}, {Normal{0.01, 0.002}, 0.05},
}

// TestGainIsMonteCarlo plays the rules literally: draw an effect, measure it,
// decide from the measurement.
func TestGainIsMonteCarlo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, c := range ruleCases {
		const draws = 400_000
		rules := []ShipRule{PosteriorMean{}, PosteriorMean{Cut: 0.005}, Significant{}, Significant{Alpha: 0.2}}
		sum, squares := make([]float64, len(rules)), make([]float64, len(rules))
		for range draws {
			delta := c.prior.Mean + c.prior.SD*rng.NormFloat64()
			estimate := delta + c.se*rng.NormFloat64()
			mean := c.prior.Posterior(estimate, c.se).Mean
			for i, gained := range []float64{
				delta * indicator(mean > 0), (delta - 0.005) * indicator(mean > 0.005),
				delta * indicator(estimate/c.se > 1.959963984540054), delta * indicator(estimate/c.se > 0.8416212335729143),
			} {
				sum[i] += gained
				squares[i] += gained * gained
			}
		}
		for i, rule := range rules {
			mean := sum[i] / draws
			se := math.Sqrt((squares[i]/draws - mean*mean) / draws)
			assert.Near(t, "Monte Carlo gain", rule.Gain(c.prior, c.se), mean, 4*se)
		}
	}
}

// TestGainIsIntegralOfProbShip: the gain is E[(δ − c)·P(ship | δ)], which ties
// the two methods of each rule to each other to quadrature precision.
func TestGainIsIntegralOfProbShip(t *testing.T) {
	for _, c := range ruleCases {
		for _, rule := range []ShipRule{PosteriorMean{}, PosteriorMean{Cut: 0.005}, PosteriorMean{Cut: -0.01}, Significant{}, Significant{Alpha: 0.3}} {
			cut := 0.0
			if p, ok := rule.(PosteriorMean); ok {
				cut = p.Cut
			}
			sum, step := 0.0, 0.002
			for z := -10.0; z <= 10; z += step {
				delta := c.prior.Mean + c.prior.SD*z
				sum += (delta - cut) * rule.ProbShip(delta, c.prior, c.se) * norm.Density(z) * step
			}
			assert.Near(t, "gain", rule.Gain(c.prior, c.se), sum, 1e-12)
		}
	}
}

func TestRuleLimits(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"no test, good prior", PosteriorMean{}.Gain(Normal{0.02, 0.1}, inf), 0.02},
		{"no test, bad prior", PosteriorMean{}.Gain(Normal{-0.02, 0.1}, inf), 0},
		{"point mass above the cut", PosteriorMean{Cut: 0.01}.Gain(Normal{0.03, 0}, 0.1), 0.02},
		{"point mass below the cut", PosteriorMean{Cut: 0.04}.Gain(Normal{0.03, 0}, 0.1), 0},
		{"perfect test", PosteriorMean{}.Gain(Normal{0, 0.01}, 0), 0.01 / math.Sqrt(2*math.Pi)},
		{"perfect significance test", Significant{}.Gain(Normal{0, 0.01}, 0), 0.01 / math.Sqrt(2*math.Pi)},
		{"significance without a test", Significant{Alpha: 0.1}.Gain(Normal{0.02, 0.1}, inf), 0.002},
		{"significance, nothing random, good", Significant{}.Gain(Normal{0.02, 0}, 0), 0.02},
		{"significance, nothing random, bad", Significant{}.Gain(Normal{-0.02, 0}, 0), 0},
		{"significance, point mass", Significant{}.Gain(Normal{0.02, 0}, 0.01), 0.02 * norm.CDF(2-1.959963984540054)},
		{"ship, perfect test, good", PosteriorMean{}.ProbShip(0.01, Normal{0, 0.1}, 0), 1},
		{"ship, perfect test, at the cut", PosteriorMean{Cut: 0.01}.ProbShip(0.01, Normal{0, 0.1}, 0), 0},
		{"ship, no test, good prior", PosteriorMean{}.ProbShip(-1, Normal{0.01, 0.1}, inf), 1},
		{"ship, no test, bad prior", PosteriorMean{}.ProbShip(1, Normal{-0.01, 0.1}, inf), 0},
		{"ship, point mass", PosteriorMean{}.ProbShip(-1, Normal{0.01, 0}, 0.1), 1},
		{"ship, mean at the cut", PosteriorMean{}.ProbShip(0, Normal{0, 0.1}, 0.1), 0.5},
		{"false positives", Significant{Alpha: 0.01}.ProbShip(0, Normal{0, 1}, 0.3), 0.01},
		{"default level", Significant{}.ProbShip(0, Normal{0, 1}, 0.3), 0.025},
		{"significant, perfect, bad", Significant{}.ProbShip(-0.1, Normal{0, 1}, 0), 0},
		{"significant, no test", Significant{Alpha: 0.1}.ProbShip(-0.1, Normal{0, 1}, inf), 0.1},
	} {
		assert.Near(t, c.what, c.got, c.want, 1e-15)
	}
}

// TestPosteriorMeanIsBest: no significance level gains more than shipping what
// has a positive posterior mean, and more precise tests never gain less.
func TestPosteriorMeanIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prior := Normal{rapid.Float64Range(-0.05, 0.05).Draw(t, "mean"), rapid.Float64Range(0, 0.05).Draw(t, "sd")}
		se := rapid.Float64Range(0, 0.1).Draw(t, "se")
		alpha := rapid.Float64Range(0.001, 0.999).Draw(t, "alpha")
		best := PosteriorMean{}.Gain(prior, se)
		if other := (Significant{alpha}).Gain(prior, se); other > best+1e-15 {
			t.Errorf("significance at %g gains %g, posterior mean %g", alpha, other, best)
		}
		if worse := (PosteriorMean{}).Gain(prior, 1.1*se); worse > best+1e-15 {
			t.Errorf("a noisier test gains %g instead of %g", worse, best)
		}
		if best < math.Max(prior.Mean, 0) || best > (PosteriorMean{}).Gain(prior, 0)+1e-15 {
			t.Errorf("gain %g outside no information .. perfect information", best)
		}
	})
}
