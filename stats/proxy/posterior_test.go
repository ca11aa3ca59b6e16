package proxy

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func TestPosteriorByHand(t *testing.T) {
	// A prior of variances 1 and 4 and covariance 1; the first is measured as 3 with
	// variance 1: half of it is believed, and the second moves with slope 1/2.
	e := Effects{Mean: []float64{1, 0}, Cov: [][]float64{{1, 1}, {1, 4}}}
	p := assert.Must(e.Posterior(Test{Metrics: []int{0}, Estimates: []float64{3}, Cov: [][]float64{{1}}}))
	for i, want := range []float64{2, 1} {
		assert.Near(t, "mean", p.Mean[i], want, 1e-14)
	}
	for i, want := range [][]float64{{0.5, 0.5}, {0.5, 3.5}} {
		assert.Near(t, "cov", p.Cov[i][0], want[0], 1e-14)
		assert.Near(t, "cov", p.Cov[i][1], want[1], 1e-14)
	}
	q := assert.Must(p.Given(0, 4))
	assert.Near(t, "given: mean", q.Of(1).Mean, 3, 1e-14)
	assert.Near(t, "given: SD", q.Of(1).SD, math.Sqrt(3), 1e-14)
	if q.Of(0) != (stats.Normal{Mean: 4}) {
		t.Errorf("given: %v", q.Of(0))
	}
	if n := p.Of(2); !math.IsNaN(n.Mean) || !math.IsNaN(n.SD) {
		t.Errorf("no metric: %v", n)
	}
}

// TestPosteriorOfOneMetric is that of a stats.Normal.
func TestPosteriorOfOneMetric(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		prior := stats.Normal{Mean: rapid.Float64Range(-1, 1).Draw(rt, "mean"), SD: rapid.Float64Range(0, 3).Draw(rt, "sd")}
		y, se := rapid.Float64Range(-9, 9).Draw(rt, "y"), rapid.Float64Range(0.01, 9).Draw(rt, "se")
		e := Effects{Mean: []float64{prior.Mean}, Cov: [][]float64{{prior.SD * prior.SD}}}
		got := assert.Must(e.Posterior(assert.Must(NewTest([]stats.Estimate{{Value: y, SE: se}}, nil)))).Of(0)
		want := prior.Posterior(y, se)
		assert.Near(t, "mean", got.Mean, want.Mean, 1e-12)
		assert.Near(t, "sd", got.SD, want.SD, 1e-12)
	})
}

// TestPredictionIsPosterior: an index made for a test's noise predicts what the test
// itself says of the long-term metric.
func TestPredictionIsPosterior(t *testing.T) {
	e := Effects{Mean: trueMean, Cov: truth}
	noise := [][]float64{{0.3, 0.1}, {0.1, 0.2}}
	x := assert.Must(e.Index([]int{2, 0}, 1, noise))
	y := []float64{0.7, -0.4}
	got := assert.Must(x.Predict(y))
	want := assert.Must(e.Posterior(Test{Metrics: []int{2, 0}, Estimates: y, Cov: noise})).Of(1)
	assert.Near(t, "mean", got.Mean, want.Mean, 1e-12)
	assert.Near(t, "SD", got.SD, want.SD, 1e-12)
	assert.Near(t, "R²", x.R2, 1-want.SD*want.SD/truth[1][1], 1e-12)

	// The other way round: weights are the same in any order, and true effects predict
	// better than measured ones.
	exact := assert.Must(e.Index([]int{0, 2}, 1, nil))
	if exact.R2 <= x.R2 || exact.ResidualSD >= x.ResidualSD || exact.Agreement <= x.Agreement {
		t.Errorf("exact %+v, measured %+v", exact, x)
	}
	again := assert.Must(e.Index([]int{2, 0}, 1, nil))
	assert.Near(t, "weight", again.Weights[0], exact.Weights[1], 1e-12)
}

// TestWeightsAreRegression: of true long-term effects on estimates, the very thing
// that they are for. Standard errors of a slope are about 1/√100,000.
func TestWeightsAreRegression(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	e := Effects{Mean: trueMean, Cov: truth}
	noise := [][]float64{{1, -0.6}, {-0.6, 1}}
	x := assert.Must(e.Index([]int{0, 2}, 1, noise))
	cov, inside, agree := make([]float64, 9), 0, 0
	const n = 100_000
	for range n {
		effect := draw(rng, trueMean, truth)
		y := draw(rng, []float64{effect[0], effect[2]}, noise)
		z := []float64{y[0] - trueMean[0], y[1] - trueMean[2], effect[1] - trueMean[1]}
		for i := range 3 {
			for j := range 3 {
				cov[i*3+j] += z[i] * z[j]
			}
		}
		p := assert.Must(x.Predict(y))
		if math.Abs(effect[1]-p.Mean) < 1.2815515655446004*p.SD {
			inside++
		}
		if (p.Mean > 0) == (effect[1] > 0) {
			agree++
		}
	}
	b := bestPrediction(cov, 2)
	assert.Near(t, "weight", x.Weights[0], b.weights[0], 0.01)
	assert.Near(t, "weight", x.Weights[1], b.weights[1], 0.01)
	assert.Binomial(t, "80% of predictions", inside, n, 0.8)
	assert.Binomial(t, "agreement", agree, n, x.Agreement)
}

func TestAgreementByHand(t *testing.T) {
	for _, r := range []float64{0.1, 0.5, 0.9, 1} {
		e := Effects{Mean: []float64{0, 0}, Cov: [][]float64{{1, 3 * r}, {3 * r, 9}}}
		x := assert.Must(e.Index([]int{0}, 1, nil))
		assert.Near(t, "agreement", x.Agreement, 0.5+math.Asin(r)/math.Pi, 2e-4)
		assert.Near(t, "slope", x.Weights[0], 3*r, 1e-12)
		assert.Near(t, "residual SD", x.ResidualSD, 3*math.Sqrt(1-r*r), 1e-7)
	}
	// A proxy that says nothing leaves the mean: ship, if it is above 0.
	for mean, want := range map[float64]float64{1: 0.841344746, -1: 0.841344746, 0: 0.5} {
		e := Effects{Mean: []float64{0, mean}, Cov: [][]float64{{1, 0}, {0, 1}}}
		assert.Near(t, "useless", assert.Must(e.Index([]int{0}, 1, nil)).Agreement, want, 1e-9)
	}
	// Two metrics that are one share its weight.
	e := Effects{Mean: []float64{0, 0, 0}, Cov: [][]float64{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}}
	x := assert.Must(e.Index([]int{0, 1}, 2, nil))
	assert.Near(t, "shared", x.Weights[0], 0.5, 1e-12)
	assert.Near(t, "R²", x.R2, 1, 1e-12)
	// No spread at all: nothing to predict, nothing left open.
	e = Effects{Mean: []float64{0, 0.5}, Cov: [][]float64{{0, 0}, {0, 0}}}
	x = assert.Must(e.Index([]int{0}, 1, nil))
	if x.R2 != 0 || x.ResidualSD != 0 || x.Agreement != 1 || x.Intercept != 0.5 {
		t.Errorf("%+v", x)
	}
}

// TestBox: orthants that are known in closed form, and independence.
func TestBox(t *testing.T) {
	at := func(rho float64, n int) Posterior {
		p := Posterior{Mean: make([]float64, n), Cov: square(n)}
		for i := range n {
			for j := range n {
				p.Cov[i][j] = rho
			}
			p.Cov[i][i] = 1
		}
		return p
	}
	all := func(p Posterior, x float64) float64 {
		var rs []Region
		for k := range p.Mean {
			rs = append(rs, Above(k, x))
		}
		return assert.Must(p.Probability(rs...))
	}
	for _, rho := range []float64{-0.99, -0.5, 0, 0.3, 0.8, 0.999} {
		assert.Near(t, "two", all(at(rho, 2), 0), 0.25+math.Asin(rho)/2/math.Pi, map[bool]float64{true: 1e-7, false: 1e-5}[math.Abs(rho) < 0.995])
	}
	for _, rho := range []float64{-0.4, 0, 0.5, 0.9} { // three: Sheppard's formula
		assert.Near(t, "three", all(at(rho, 3), 0), 1./8+3*math.Asin(rho)/4/math.Pi, 1e-7)
	}
	for n := 1; n <= 10; n++ { // all correlations ½: the first of n + 1 is the least
		assert.Near(t, "half", all(at(0.5, n), 0), 1/float64(n+1), 1e-4)
		tail := stats.Normal{SD: 1}.ProbAbove(1)
		assert.Near(t, "independent", all(at(0, n), 1), math.Pow(tail, float64(n)), 1e-9)
	}
	assert.Near(t, "one and the same", all(at(1, 3), 0.5), stats.Normal{SD: 1}.ProbAbove(0.5), 1e-3)
	assert.Near(t, "opposites", all(at(-1, 2), 0.5), 0, 1e-3)

	p := at(0.5, 2)
	assert.Near(t, "nothing", assert.Must(p.Probability()), 1, 0)
	assert.Near(t, "a range", assert.Must(p.Probability(Above(0, -1), Below(0, 1))), math.Erf(1/math.Sqrt2), 1e-15)
	assert.Near(t, "no range", assert.Must(p.Probability(Above(0, 1), Below(0, -1))), 0, 0)
	assert.Near(t, "far", assert.Must(p.Probability(Above(0, 30))), 4.906713927148187e-198, 1e-210)
	whole := assert.Must(p.Probability(Above(0, 0.3), Above(1, 0.1))) + assert.Must(p.Probability(Above(0, 0.3), Below(1, 0.1)))
	assert.Near(t, "parts", whole, stats.Normal{SD: 1}.ProbAbove(0.3), 1e-5)

	p.Cov[1] = []float64{0, 0}
	p.Cov[0][1] = 0
	assert.Near(t, "no spread, in", assert.Must(p.Probability(Above(0, 0), Above(1, -1))), 0.5, 1e-15)
	assert.Near(t, "no spread, out", assert.Must(p.Probability(Above(0, 0), Above(1, 1))), 0, 0)
}

// TestBreachOnce: a guardrail that moves against the target breaches more often when
// the target wins.
func TestBreachOnce(t *testing.T) {
	p := Posterior{Mean: []float64{0.01, 0}, Cov: [][]float64{{1e-4, -0.6e-4}, {-0.6e-4, 1e-4}}}
	breach := assert.Must(p.Probability(Below(1, -0.01)))
	win := assert.Must(p.Probability(Above(0, 0)))
	both := assert.Must(p.Probability(Below(1, -0.01), Above(0, 0)))
	if !(both/win > breach) {
		t.Errorf("%g given a win, %g at all", both/win, breach)
	}
}

func TestPosteriorErrors(t *testing.T) {
	e := Effects{Mean: []float64{0, 0}, Cov: [][]float64{{1, 0}, {0, 1}}}
	good := Test{Estimates: []float64{1}, Cov: [][]float64{{1}}}
	posterior := func(e Effects, x Test) error { _, err := e.Posterior(x); return err }
	assert.Field(t, posterior(Effects{}, good), "Mean")
	assert.Field(t, posterior(Effects{Mean: []float64{0}}, good), "Cov")
	assert.Field(t, posterior(Effects{Mean: []float64{0}, Cov: [][]float64{{1, 2}}}, good), "Cov[0]")
	assert.Field(t, posterior(Effects{Mean: []float64{math.NaN()}, Cov: [][]float64{{1}}}, good), "Mean[0]")
	assert.Field(t, posterior(Effects{Mean: []float64{0}, Cov: [][]float64{{-1}}}, good), "Cov[0][0]")
	assert.Field(t, posterior(e, Test{}), "t.Estimates")
	assert.Field(t, posterior(e, Test{Metrics: []int{2}, Estimates: []float64{1}, Cov: [][]float64{{1}}}), "t.Metrics[0]")

	index := func(short []int, long int, noise [][]float64) error {
		_, err := e.Index(short, long, noise)
		return err
	}
	assert.Field(t, index([]int{2}, 1, nil), "short[0]")
	assert.Field(t, index([]int{0}, 2, nil), "long")
	assert.Field(t, index([]int{0}, 1, [][]float64{}), "noise")
	assert.Field(t, index([]int{0}, 1, [][]float64{{-1}}), "noise[0][0]")
	x := assert.Must(e.Index([]int{0}, 1, nil))
	_, err := x.Predict(nil)
	assert.Field(t, err, "short")
	_, err = x.Predict([]float64{math.NaN()})
	assert.Field(t, err, "short[0]")

	p := Posterior{e.Mean, e.Cov}
	_, err = p.Given(2, 0)
	assert.Field(t, err, "metric")
	_, err = p.Given(0, math.Inf(1))
	assert.Field(t, err, "value")
	_, err = p.Probability(Above(0, 0), Above(-1, 0))
	assert.Field(t, err, "regions[1].Metric")
	_, err = p.Probability(Above(0, math.NaN()))
	assert.Field(t, err, "regions[0].Low")
	_, err = p.Probability(Region{0, 1, 0})
	assert.Field(t, err, "regions[0].High")
}
