package shrink

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// truths are distributions of true effects. The first three have one mode at 0
// and are mixtures of normals, as Adaptive assumes; the skew one is not.
var truths = map[string]func(*rand.Rand) float64{
	"spike and normal": func(r *rand.Rand) float64 {
		if r.Float64() < 0.7 {
			return 0
		}
		return 2 * r.NormFloat64()
	},
	"Student-t": func(r *rand.Rand) float64 { return studentT3(r) },
	"normal":    func(r *rand.Rand) float64 { return r.NormFloat64() },
	"skew": func(r *rand.Rand) float64 {
		switch u := r.Float64(); {
		case u < 0.7:
			return 0
		case u < 0.9:
			return 1 + r.NormFloat64()
		}
		return 4 + r.NormFloat64()
	},
}

// studentT3 has 3 degrees of freedom.
func studentT3(r *rand.Rand) float64 {
	s := 0.0
	for range 3 {
		z := r.NormFloat64()
		s += z * z
	}
	return r.NormFloat64() / math.Sqrt(s/3)
}

// drawn are effects and their estimates, with standard errors from 0.5 to 1.5.
func drawn(r *rand.Rand, n int, truth func(*rand.Rand) float64) (effects []float64, es []stats.Estimate) {
	for range n {
		effect, se := truth(r), 0.5+r.Float64()
		effects = append(effects, effect)
		es = append(es, stats.Estimate{Value: effect + se*r.NormFloat64(), SE: se})
	}
	return effects, es
}

// wrong: the better guess of the sign, that of the posterior's larger side, is not
// the sign of the effect; a zero has none that could be guessed.
func wrong(p Posterior, effect float64) bool { return effect*p.Mean <= 0 }

// signs counts guesses of signs, by lfsr in tenths and among those called.
type signs struct {
	n, wrong            [10]int
	promised            [10]float64 // Σ lfsr
	called, calledWrong int         // with an s-value below 5%
}

func (c *signs) add(effects []float64, post []Posterior) {
	for i, p := range post {
		bin := min(9, int(10*p.LFSR))
		miss := 0
		if wrong(p, effects[i]) {
			miss = 1
		}
		c.n[bin]++
		c.wrong[bin] += miss
		c.promised[bin] += p.LFSR
		if p.SValue < 0.05 {
			c.called++
			c.calledWrong += miss
		}
	}
}

// each gives the bins that have something in them.
func (c *signs) each(check func(wrong, n int, lfsr float64)) {
	for b, n := range c.n {
		if n > 0 {
			check(c.wrong[b], n, c.promised[b]/float64(n))
		}
	}
}

// TestLFSRUnderTruth: if the prior is the truth, signs are wrong as often as the
// lfsr says, zeros counted as wrong, and calls by s-value keep their level.
func TestLFSRUnderTruth(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(21, 1))
	truth := Fit{Components: []stats.Normal{{}, {SD: 2}}, Weights: []float64{0.7, 0.3}}
	var c signs
	for range 20 {
		effects, es := drawn(rng, 20000, truths["spike and normal"])
		c.add(effects, assert.Must(truth.Posteriors(es)))
	}
	c.each(func(wrong, n int, lfsr float64) { assert.Binomial(t, "wrong signs", wrong, n, lfsr) })
	assert.AtMost(t, "wrong signs among called", c.calledWrong, c.called, 0.05)
	assert.AtLeast(t, "wrong signs among called", c.calledWrong, c.called, 0.045) // not by calling too little
}

// TestLFSR: with a fitted prior and no zeros in the truth, the lfsr is right where
// nothing pulls to zero, and on the safe side where the default does.
func TestLFSR(t *testing.T) {
	assert.Long(t)
	for _, name := range []string{"Student-t", "normal"} {
		rng := rand.New(rand.NewPCG(22, 1))
		var fair, null signs
		for range 10 {
			effects, es := drawn(rng, 20000, truths[name])
			fit := assert.Must(Adaptive(es, Options{NullWeight: 1, NoPointMass: true}))
			fair.add(effects, assert.Must(fit.Posteriors(es)))
			fit = assert.Must(Adaptive(es, Options{}))
			null.add(effects, assert.Must(fit.Posteriors(es)))
		}
		fair.each(func(wrong, n int, lfsr float64) {
			assert.AtMost(t, name+": wrong signs", wrong, n, lfsr)
			assert.AtLeast(t, name+": wrong signs", wrong, n, 0.95*lfsr)
		})
		null.each(func(wrong, n int, lfsr float64) {
			assert.AtMost(t, name+", null-biased: wrong signs", wrong, n, lfsr)
		})
	}
}

// TestSValue: calling at an s-value of 5% gives the share of wrong signs, zeros
// counted as wrong, that the comment of SValue states: 5% up to 1,000 estimates and
// at most 5.5% beyond, be the truth a spike, fat-tailed or skew.
func TestSValue(t *testing.T) {
	assert.Long(t)
	for name, truth := range truths {
		for n, level := range map[int]float64{100: 0.05, 1000: 0.05, 20000: 0.055} {
			rng := rand.New(rand.NewPCG(23, uint64(n)))
			var c signs
			for range 200_000 / n {
				effects, es := drawn(rng, n, truth)
				c.add(effects, assert.Must(assert.Must(Adaptive(es, Options{})).Posteriors(es)))
			}
			assert.AtMost(t, name+": wrong signs among called", c.calledWrong, c.called, level)
			if c.called < 1000 {
				t.Errorf("%s, n = %d: only %d called", name, n, c.called)
			}
		}
	}
}

// TestCoverage: 90% intervals hold what the comment of Credible says.
func TestCoverage(t *testing.T) {
	assert.Long(t)
	cover := func(name string, n int, o Options) (held, all int) {
		rng := rand.New(rand.NewPCG(24, uint64(n)))
		for range max(1, 20_000/n) {
			effects, es := drawn(rng, n, truths[name])
			fit := assert.Must(Adaptive(es, o))
			for i, e := range es {
				all++
				if assert.Must(fit.Credible(e, 0.9)).Contains(effects[i]) {
					held++
				}
			}
		}
		return held, all
	}
	smooth := Options{NullWeight: 1, NoPointMass: true}
	for _, name := range []string{"Student-t", "normal"} {
		held, all := cover(name, 20000, smooth)
		assert.Binomial(t, name, held, all, 0.9)
		held, all = cover(name, 200, smooth)
		assert.AtLeast(t, name+", 200 estimates", held, all, 0.89)
		held, all = cover(name, 50, smooth)
		assert.AtLeast(t, name+", 50 estimates", held, all, 0.86)
	}
	for _, name := range []string{"spike and normal", "skew"} {
		held, all := cover(name, 1000, Options{})
		assert.AtLeast(t, name, held, all, 0.9)
		held, all = cover(name, 50, smooth)
		assert.AtLeast(t, name+", 50 estimates, smooth", held, all, 0.9)
	}
}

// TestPredictive: where the truth is fat-tailed, a prior learnt from 500 estimates
// foretells the next 500 better than the likeliest normal prior does; where it is
// normal, worse by little.
func TestPredictive(t *testing.T) {
	assert.Long(t)
	for _, name := range []string{"Student-t", "spike and normal", "normal"} {
		rng := rand.New(rand.NewPCG(25, 1))
		better, gain := 0, 0.0
		for range 100 {
			_, past := drawn(rng, 500, truths[name])
			_, next := drawn(rng, 500, truths[name])
			ours := assert.Must(Adaptive(past, Options{NullWeight: 1})).Prior()
			normal := assert.Must(stats.FitNormal(past)).Prior
			sum := 0.0
			for _, e := range next {
				sum += ours.LogMarginal(e.Value, e.SE) - math.Log(density(e.Value-normal.Mean, normal.SD*normal.SD+e.SE*e.SE))
			}
			gain += sum / 500 / 100
			if sum > 0 {
				better++
			}
		}
		if name == "normal" {
			if gain < -0.005 {
				t.Errorf("normal truth: %g of log density lost per estimate", -gain)
			}
			continue
		}
		assert.AtLeast(t, name+": better", better, 100, 0.95)
		if gain < 0.03 {
			t.Errorf("%s: only %g of log density gained per estimate", name, gain)
		}
	}
}
