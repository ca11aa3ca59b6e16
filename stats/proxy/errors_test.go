package proxy

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// twoMetrics are n tests whose true effects, of SD 0.01 and with df degrees of freedom
// (0: normal), correlate by effects and whose errors by noise. Standard errors are
// log-uniform between low and high.
func twoMetrics(rng *rand.Rand, n int, effects, noise, df, low, high float64) (a, b []stats.Estimate) {
	two := func(r float64) (x, y float64) {
		x = rng.NormFloat64()
		return x, r*x + math.Sqrt(1-r*r)*rng.NormFloat64()
	}
	for range n {
		scale := 0.01
		if df > 0 {
			chi := 0.0
			for range int(df) {
				z := rng.NormFloat64()
				chi += z * z
			}
			scale *= math.Sqrt((df - 2) / chi)
		}
		ta, tb := two(effects)
		na, nb := two(noise)
		sa := low * math.Pow(high/low, rng.Float64())
		sb := sa * (0.8 + 0.4*rng.Float64())
		a = append(a, stats.Estimate{Value: 0.002 + scale*ta + sa*na, SE: sa})
		b = append(b, stats.Estimate{Value: scale*tb + sb*nb, SE: sb})
	}
	return a, b
}

// The correlation of errors is told from that of true effects, also under fat tails:
// within 4.9 of its standard errors, and 95% intervals hold it about as often as they say
// (at 1 in 10⁶ of a binomial of 160, 86.5%).
func TestErrorCorrelationIsToldFromThatOfEffects(t *testing.T) {
	held, all := 0, 0
	for _, c := range []struct{ effects, noise, df float64 }{{0.5, 0, 0}, {0.5, 0.5, 4}, {-0.4, 0.6, 4}, {0, -0.7, 0}} {
		var mean, se float64
		for seed := range uint64(40) {
			a, b := twoMetrics(rand.New(rand.NewPCG(seed, 8)), 1000, c.effects, c.noise, c.df, 0.004, 0.04)
			rho := assert.Must(ErrorCorrelation(a, b))
			if math.Abs(rho.Value-c.noise) > 4.9*rho.SE {
				t.Errorf("effects %g, errors %g: %.3f ± %.3f", c.effects, c.noise, rho.Value, rho.SE)
			}
			if all++; math.Abs(rho.Value-c.noise) < 1.96*rho.SE {
				held++
			}
			mean, se = mean+rho.Value/40, se+rho.SE/40
		}
		t.Logf("effects %g, errors %g, df %g: %.3f ± %.3f on average", c.effects, c.noise, c.df, mean, se)
		if math.Abs(mean-c.noise) > 0.05 {
			t.Errorf("effects %g, errors %g: %.3f on average", c.effects, c.noise, mean)
		}
	}
	t.Logf("%d of %d 95%% intervals hold", held, all)
	if held < 138 {
		t.Errorf("%d of %d 95%% intervals hold", held, all)
	}
}

// Where all tests are of one size, nothing tells errors from effects, and it says so.
func TestErrorCorrelationOfTestsOfOneSize(t *testing.T) {
	a, b := twoMetrics(rand.New(rand.NewPCG(1, 8)), 1000, 0.5, 0.5, 0, 0.01, 0.01)
	for i := range b {
		b[i].SE = 0.01
	}
	if rho := assert.Must(ErrorCorrelation(a, b)); rho.SE < 0.3 {
		t.Errorf("%.3f ± %.3f", rho.Value, rho.SE)
	}
	for i := range a {
		a[i].Value, b[i].Value = 0.01, 0.01 // no spread at all
	}
	if rho := assert.Must(ErrorCorrelation(a, b)); !(math.Abs(rho.Value) < 1 && rho.SE > 0) {
		t.Errorf("%.3f ± %.3f", rho.Value, rho.SE)
	}
	for _, bad := range [][]stats.Estimate{nil, a[:1], b[:3]} {
		if _, err := ErrorCorrelation(a[:2], bad); err == nil {
			t.Errorf("%d estimates beside 2 are taken", len(bad))
		}
	}
}

// It is the same for either metric first, in other units, and of the other sign where
// one metric is turned; always a correlation with a standard error.
func TestErrorCorrelationLaws(t *testing.T) {
	estimate := rapid.Custom(func(t *rapid.T) stats.Estimate {
		return stats.Estimate{Value: rapid.Float64Range(-1, 1).Draw(t, "lift"), SE: math.Exp(rapid.Float64Range(-6, 2).Draw(t, "log se"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		a, b := rapid.SliceOfN(estimate, n, n).Draw(t, "a"), rapid.SliceOfN(estimate, n, n).Draw(t, "b")
		rho := assert.Must(ErrorCorrelation(a, b))
		if !(math.Abs(rho.Value) <= 0.99 && rho.SE > 0 && rho.SE <= priorErrors) {
			t.Fatalf("%+v", rho)
		}
		if other := assert.Must(ErrorCorrelation(b, a)); math.Abs(other.Value-rho.Value) > 1e-6 {
			t.Fatalf("%g and %g", rho.Value, other.Value)
		}
		turned := slices.Clone(b)
		for i := range turned {
			turned[i].Value = -turned[i].Value
		}
		if other := assert.Must(ErrorCorrelation(a, turned)); math.Abs(other.Value+rho.Value) > 1e-6 {
			t.Fatalf("%g and, turned, %g", rho.Value, other.Value)
		}
	})
}
