package stats

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

func TestNormalPointMass(t *testing.T) {
	p := Normal{Mean: 0.01}
	if got := p.Posterior(5, 0.1); got != p {
		t.Errorf("a point mass moved to %v", got)
	}
	for _, c := range []struct{ got, want float64 }{
		{p.Quantile(0), 0.01}, {p.Quantile(0.3), 0.01}, {p.Quantile(1), 0.01},
		{p.CDF(0.01), 1}, {p.CDF(0.0099), 0}, {p.ProbAbove(0.01), 0}, {p.ProbAbove(0.0099), 1},
	} {
		assert.Near(t, "point mass", c.got, c.want, 0)
	}
}

func TestPosteriorLimits(t *testing.T) {
	p := Normal{0.01, 0.02}
	if got := p.Posterior(0.5, 0); got != (Normal{0.5, 0}) {
		t.Errorf("se 0: %v", got)
	}
	if got := p.Posterior(0.5, math.Inf(1)); got != p {
		t.Errorf("se +Inf: %v", got)
	}
}

func TestPosteriorLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Normal{rapid.Float64Range(-1, 1).Draw(t, "mean"), rapid.Float64Range(1e-6, 1).Draw(t, "sd")}
		x, se := rapid.Float64Range(-1, 1).Draw(t, "estimate"), rapid.Float64Range(1e-6, 1).Draw(t, "se")
		post := p.Posterior(x, se)
		if post.Mean < min(p.Mean, x)-1e-15 || post.Mean > max(p.Mean, x)+1e-15 {
			t.Errorf("posterior mean %g outside %g .. %g", post.Mean, p.Mean, x)
		}
		if post.SD > min(p.SD, se) {
			t.Errorf("posterior sd %g above prior %g or data %g", post.SD, p.SD, se)
		}
		// Two halves of the data, one after the other, say what the whole says.
		twice := p.Posterior(x, se*math.Sqrt2).Posterior(x, se*math.Sqrt2)
		if math.Abs(twice.Mean-post.Mean) > 1e-12 || math.Abs(twice.SD-post.SD) > 1e-12 {
			t.Errorf("in halves %v, at once %v", twice, post)
		}
		q := rapid.Float64Range(0.001, 0.999).Draw(t, "q")
		// The quantile is rounded to a multiple of about 1e-16 of itself.
		if back := p.CDF(p.Quantile(q)); math.Abs(back-q) > 1e-13+2e-16*(1+math.Abs(p.Mean))/p.SD {
			t.Errorf("CDF(Quantile(%g)) = %g", q, back)
		}
		if sum := p.CDF(x) + p.ProbAbove(x); math.Abs(sum-1) > 1e-12 {
			t.Errorf("CDF + ProbAbove = %g", sum)
		}
	})
}

// Far tail: Φ(−30) by erfc in 30-digit arithmetic.
func TestProbAboveFarTail(t *testing.T) {
	got := Normal{0, 1}.ProbAbove(30)
	assert.Near(t, "Φ(−30)", got/4.906713927148187e-198, 1, 1e-12)
}

func TestNormalRefusesNonsense(t *testing.T) {
	for _, p := range []Normal{{math.NaN(), 1}, {0, math.NaN()}, {0, -1}, {math.Inf(1), 1}, {0, math.Inf(1)}} {
		if p.Check() == nil {
			t.Errorf("Check accepts %v", p)
		}
		for _, x := range []float64{p.CDF(0), p.ProbAbove(0), p.Quantile(0.5), p.Posterior(0, 1).Mean} {
			if !math.IsNaN(x) {
				t.Errorf("%v gives %g", p, x)
			}
		}
	}
}
