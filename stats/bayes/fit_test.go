package bayes

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// drawn are n estimates of effects from a t prior, with standard errors spread by a
// factor around se.
func drawn(seed uint64, n int, prior StudentT, se float64) []stats.Estimate {
	rng := rand.New(rand.NewPCG(seed, 1))
	t := distuv.StudentsT{Mu: prior.Location, Sigma: prior.Scale, Nu: prior.DF, Src: rng}
	es := make([]stats.Estimate, n)
	for i := range es {
		noise := se * math.Exp(0.5*rng.NormFloat64())
		es[i] = stats.Estimate{Value: t.Rand() + noise*rng.NormFloat64(), SE: noise}
	}
	return es
}

// TestStudentLikelihoodDerivatives holds the sum against LogMarginal, and its gradient
// and Hessian against differences.
func TestStudentLikelihoodDerivatives(t *testing.T) {
	es := drawn(3, 60, StudentT{-0.002, 0.01, 2}, 0.01)
	l := newStudentLikelihood(es)
	for _, x := range [][3]float64{{0.1, -0.5, 0.7}, {-0.3, 0.4, math.Log(1.05)}, {0, -3, 3}, {0.2, -0.2, math.Log(900)}} {
		p, direct := l.evaluate(x), 0.0
		for _, e := range es {
			direct += l.prior(x).LogMarginal(e.Value, e.SE)
		}
		assert.Near(t, "log likelihood", p.value+l.offset, direct, 1e-8)
		for i := range 3 {
			const h = 1e-5
			up, down := x, x
			up[i] += h
			down[i] -= h
			a, b := l.evaluate(up), l.evaluate(down)
			assert.Near(t, "gradient", (a.value-b.value)/(2*h), p.gradient[i], 3e-7*(1+math.Abs(p.gradient[i])))
			for j := range 3 {
				assert.Near(t, "Hessian", (a.gradient[j]-b.gradient[j])/(2*h), p.hessian[i][j], 1e-6*(1+math.Abs(p.hessian[i][j])))
			}
		}
	}
}

// TestFitStudentTIsTheMaximum: no neighbour and no point of a grid is higher, and the
// profile at the interval's ends is lower by what the level asks for.
func TestFitStudentTIsTheMaximum(t *testing.T) {
	for seed, df := range []float64{1.31, 3, 8} {
		es := drawn(uint64(seed), 400, StudentT{-0.002, 0.01, df}, 0.01)
		fit := assert.Must(FitStudentT(es, FitOptions{}))
		at := func(p StudentT) (sum float64) {
			for _, e := range es {
				sum += p.LogMarginal(e.Value, e.SE)
			}
			return sum
		}
		assert.Near(t, "log likelihood", fit.LogLikelihood, at(fit.Prior), 1e-7)
		for _, m := range []float64{-0.001, 0, 0.001} {
			for _, s := range []float64{0.9, 1, 1.1} {
				for _, v := range []float64{0.8, 1, 1.25} {
					p := StudentT{fit.Prior.Location + m, fit.Prior.Scale * s, min(fit.Prior.DF*v, 1000)}
					if p != fit.Prior && at(p) >= fit.LogLikelihood+1e-9 {
						t.Errorf("df %g: %+v is likelier than %+v", df, p, fit.Prior)
					}
				}
			}
		}
		l := newStudentLikelihood(es)
		for i, end := range []float64{fit.DF.Low, fit.DF.High} {
			if end == fitMinDF || end == fitMaxDF {
				continue
			}
			x := [3]float64{(fit.Prior.Location - l.centre) / l.unit, math.Log(fit.Prior.Scale / l.unit), math.Log(end)}
			profile := l.climb(x, [3]bool{true, true, false}, 1e-9).value + l.offset
			assert.Near(t, "drop at the interval's end", fit.LogLikelihood-profile, 1.920729, 2e-3)
			assert.Near(t, "log likelihood of the prior at the interval's end", at(fit.Ends[i]), profile, 1e-5)
		}
		ratio := 2 * (fit.LogLikelihood - fit.Normal.LogLikelihood)
		assert.Near(t, "p-value of the normal", fit.NormalP, distuv.ChiSquared{K: 1}.Survival(ratio)/2, 1e-10)
		if !fit.DF.Contains(fit.Prior.DF) || fit.LogLikelihood < fit.Normal.LogLikelihood {
			t.Errorf("df %g: %+v", df, fit)
		}
	}
}

// TestFitStudentTUnits: a fit in other units and around another origin is the same.
func TestFitStudentTUnits(t *testing.T) {
	es := drawn(9, 300, StudentT{-0.002, 0.01, 2.5}, 0.008)
	fit := assert.Must(FitStudentT(es, FitOptions{}))
	moved := make([]stats.Estimate, len(es))
	for i, e := range es {
		moved[len(es)-1-i] = stats.Estimate{Value: 5 + 1000*e.Value, SE: 1000 * e.SE}
	}
	other := assert.Must(FitStudentT(moved, FitOptions{}))
	assert.Near(t, "location", (other.Prior.Location-5)/1000, fit.Prior.Location, 1e-7)
	assert.Near(t, "scale", other.Prior.Scale/1000, fit.Prior.Scale, 1e-6)
	assert.Near(t, "df", other.Prior.DF, fit.Prior.DF, 1e-3)
	assert.Near(t, "log likelihood", other.LogLikelihood+300*math.Log(1000), fit.LogLikelihood, 1e-7)
}

// TestFitStudentTNothingToSee: estimates that differ by less than their errors, and
// one alone, give a scale of next to nothing, and say so.
func TestFitStudentTNothingToSee(t *testing.T) {
	for _, es := range [][]stats.Estimate{{{Value: 0.01, SE: 0.02}}, {{Value: 0.01, SE: 0.02}, {Value: 0.012, SE: 0.02}, {Value: 0.009, SE: 0.03}}} {
		fit := assert.Must(FitStudentT(es, FitOptions{}))
		if fit.Prior.Scale > 0.001 || fit.ScaleSE != 0 || len(fit.Warnings) != 2 || fit.NormalP != 0.5 {
			t.Errorf("%+v", fit)
		}
		assert.Near(t, "location", fit.Prior.Location, fit.Normal.Prior.Mean, 1e-6)
		assert.Near(t, "log likelihood", fit.LogLikelihood, fit.Normal.LogLikelihood, 1e-6)
	}
}

func TestFitsRefuse(t *testing.T) {
	_, err := FitStudentT(nil, FitOptions{})
	assert.Field(t, err, "es")
	_, err = FitStudentT([]stats.Estimate{{Value: 1, SE: 1}, {Value: 1}}, FitOptions{})
	assert.Field(t, err, "es[1].SE")
	_, err = FitStudentT([]stats.Estimate{{Value: 1, SE: 1}}, FitOptions{Level: 1})
	assert.Field(t, err, "Level")
	_, err = FitSpike(nil)
	assert.Field(t, err, "es")
}

// TestFitSpikeIsTheMaximum, of a likelihood that an EM algorithm climbs too.
func TestFitSpikeIsTheMaximum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var es []stats.Estimate
	for i := range 500 {
		e := stats.Estimate{SE: 0.01 * math.Exp(0.3*rng.NormFloat64())}
		if e.Value = e.SE * rng.NormFloat64(); i%10 < 3 {
			e.Value += 0.03 * rng.NormFloat64()
		}
		es = append(es, e)
	}
	fit := assert.Must(FitSpike(es))
	null, variance := 0.5, 0.01*0.01
	for range 3000 { // EM: the share of nulls, and E[δ²] of the others
		nulls, square, others := 0.0, 0.0, 0.0
		for _, e := range es {
			post := SpikeFit{Null: null, SD: math.Sqrt(variance)}.Prior().Posterior(e.Value, e.SE)
			c := post.Components[1]
			nulls += post.Weights[0]
			others += post.Weights[1]
			square += post.Weights[1] * (c.Mean*c.Mean + c.SD*c.SD)
		}
		null, variance = nulls/500, square/others
	}
	assert.Near(t, "p₀", fit.Null, null, 1e-5)
	assert.Near(t, "V", fit.SD, math.Sqrt(variance), 1e-6)
	if !(fit.LogLikelihood > fit.Normal && fit.Normal > fit.NoEffect) {
		t.Errorf("%+v", fit)
	}
	none := assert.Must(FitSpike([]stats.Estimate{{Value: 0.001, SE: 0.01}, {Value: -0.002, SE: 0.02}}))
	if none.Null != 1 || none.SD != 0 || none.LogLikelihood != none.NoEffect {
		t.Errorf("no effects: %+v", none)
	}
}
