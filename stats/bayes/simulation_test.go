package bayes

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestCoverageUnderThePrior: if effects come from the prior, credible intervals hold
// them as often as they say, one test at a time and at any tail index.
func TestCoverageUnderThePrior(t *testing.T) {
	assert.Long(t)
	for seed, df := range []float64{1.31, 3, 12} {
		const n, shorter = 20_000, 600
		prior := StudentT{-0.002, 0.01, df}
		rng := rand.New(rand.NewPCG(uint64(seed), 11))
		draw := distuv.StudentsT{Mu: prior.Location, Sigma: prior.Scale, Nu: df, Src: rng}
		inside, below, shortest := 0, 0, 0
		for i := range n {
			delta, se := draw.Rand(), 0.002+0.03*rng.Float64()
			post := prior.Posterior(delta+se*rng.NormFloat64(), se)
			switch q := post.CDF(delta); {
			case q < 0.05:
				below++
			case q <= 0.95:
				inside++
			}
			if i < shorter && assert.Must(HighestDensity(post, 0.9)).Contains(delta) {
				shortest++
			}
		}
		assert.Binomial(t, "equal-tailed 90%", inside, n, 0.9)
		assert.Binomial(t, "below it", below, n, 0.05)
		assert.Binomial(t, "highest density 90%", shortest, shorter, 0.9)
	}
}

// TestStoppingKeepsCalibration: tests that stop as soon as the posterior is sure of a
// gain, or of a loss, are right as often as it says, if the prior is right.
func TestStoppingKeepsCalibration(t *testing.T) {
	assert.Long(t)
	const n, looks = 6_000, 15
	prior := StudentT{-0.002, 0.01, 3}
	rng := rand.New(rand.NewPCG(2, 12))
	draw := distuv.StudentsT{Mu: prior.Location, Sigma: prior.Scale, Nu: prior.DF, Src: rng}
	right, stopped, said := 0, 0, 0.0
	for range n {
		delta, sum, weight := draw.Rand(), 0.0, 0.0
		for range looks {
			const w = 1 / (0.03 * 0.03)
			sum, weight = sum+w*(delta+0.03*rng.NormFloat64()), weight+w
			sure := prior.Posterior(sum/weight, 1/math.Sqrt(weight)).ProbAbove(0)
			if sure < 0.9 && sure > 0.1 {
				continue
			}
			stopped++
			said += max(sure, 1-sure)
			if (sure > 0.5) == (delta > 0) {
				right++
			}
			break
		}
	}
	if stopped < n/10 {
		t.Fatalf("%d of %d stopped", stopped, n)
	}
	// The runs have different probabilities; their sum varies less than a binomial.
	assert.Binomial(t, "right when stopped", right, stopped, said/float64(stopped))
}

// TestProbBestIsCalibrated: rates from the prior, counts from the rates; the chosen
// arm is best as often as it says, and costs what it says.
func TestProbBestIsCalibrated(t *testing.T) {
	assert.Long(t)
	const n, users = 6_000, 500
	prior := Beta{20, 180}
	rng := rand.New(rand.NewPCG(3, 13))
	draw := distuv.Beta{Alpha: prior.A, Beta: prior.B, Src: rng}
	best, said, lost, expected := 0, 0.0, 0.0, 0.0
	for range n {
		var rates [3]float64
		arms := make([]Beta, 3)
		for i := range arms {
			rates[i] = draw.Rand()
			successes := distuv.Binomial{N: users, P: rates[i], Src: rng}.Rand()
			arms[i] = prior.Posterior(successes, users-successes)
		}
		c := assert.Must(Compare(arms, CompareOptions{}))
		said += c.Arms[c.Choice].ProbBest
		expected += c.Arms[c.Choice].ExpectedLoss
		top := max(rates[0], rates[1], rates[2])
		if rates[c.Choice] == top {
			best++
		}
		lost += top - rates[c.Choice]
	}
	assert.Binomial(t, "chosen is best", best, n, said/n)
	// A loss has an SD of about 0.006: five standard errors of the mean.
	assert.Near(t, "mean loss", lost/n, expected/n, 5*0.006/math.Sqrt(float64(n)))
}

// TestSharedControlIsCalibrated: lifts from the prior, one noisy control for all.
// Taking the arms for independent would miss: then the control seems better or worse
// than all of them too rarely.
func TestSharedControlIsCalibrated(t *testing.T) {
	assert.Long(t)
	const n, own, control = 4_000, 0.01, 0.012
	prior := Single(stats.Normal{SD: 0.01})
	rng := rand.New(rand.NewPCG(4, 14))
	chosen, saidChosen, none, saidNone := 0, 0.0, 0, 0.0
	for range n {
		var truth [3]float64
		lifts := make([]stats.Estimate, 2)
		unlucky := control * rng.NormFloat64()
		for i := range lifts {
			truth[i+1] = 0.01 * rng.NormFloat64()
			lifts[i].Value = (1+truth[i+1]+own*rng.NormFloat64())/(1+unlucky) - 1
			lifts[i].SE = math.Sqrt(own*own + (1+lifts[i].Value)*(1+lifts[i].Value)*control*control)
		}
		c := assert.Must(CompareLifts(prior, lifts, control, CompareOptions{}))
		top := max(truth[0], truth[1], truth[2])
		if truth[c.Choice] == top {
			chosen++
		}
		if top == 0 {
			none++
		}
		saidChosen += c.Arms[c.Choice].ProbBest
		saidNone += c.Arms[0].ProbBest
	}
	assert.Binomial(t, "chosen is best", chosen, n, saidChosen/n)
	assert.Binomial(t, "control is best", none, n, saidNone/n)
}

// TestTailIndexIsRecovered: the profile interval of the degrees of freedom covers the
// truth as often as it says.
func TestTailIndexIsRecovered(t *testing.T) {
	assert.Long(t)
	const runs = 80
	for _, df := range []float64{1.5, 3} {
		covered, near := 0, 0
		for i := range runs {
			fit := assert.Must(FitStudentT(drawn(uint64(100+i), 400, StudentT{-0.002, 0.01, df}, 0.007), FitOptions{Level: 0.9}))
			if fit.DF.Contains(df) {
				covered++
			}
			if fit.LocationSE > 0 && math.Abs(fit.Prior.Location+0.002) < 1.644854*fit.LocationSE {
				near++
			}
		}
		assert.Binomial(t, "interval of the tail index", covered, runs, 0.9)
		assert.Binomial(t, "interval of the location", near, runs, 0.9)
	}
}

// TestNormalIsRejectedRarely: where the prior is normal NormalP is below 0.05 one time
// in twenty at most; under 2 degrees of freedom nearly always.
func TestNormalIsRejectedRarely(t *testing.T) {
	assert.Long(t)
	const runs = 150
	wrongly, rightly := 0, 0
	for i := range runs {
		if assert.Must(FitStudentT(drawn(uint64(500+i), 200, StudentT{0, 0.01, 1e6}, 0.007), FitOptions{})).NormalP < 0.05 {
			wrongly++
		}
		if i < 30 && assert.Must(FitStudentT(drawn(uint64(500+i), 200, StudentT{0, 0.01, 2}, 0.007), FitOptions{})).NormalP < 0.05 {
			rightly++
		}
	}
	assert.AtMost(t, "normal rejected", wrongly, runs, 0.05)
	assert.AtLeast(t, "fat tails seen", rightly, 30, 0.9)
}
