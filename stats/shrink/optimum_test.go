package shrink

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// density is N(d; 0, v).
func density(d, v float64) float64 { return math.Exp(-d*d/v/2) / math.Sqrt(2*math.Pi*v) }

// em is one update of the weights, straight from the formula
//
//	r_ik = π_k L_ik/Σ_l π_l L_il      π_k = (Σᵢ r_ik + λ_k − 1)/(n + Σ_k (λ_k − 1))
func em(fit Fit, es []stats.Estimate, nullWeight float64) []float64 {
	next := make([]float64, len(fit.Weights))
	next[0] = nullWeight - 1
	for _, e := range es {
		total := 0.0
		for k, c := range fit.Components {
			total += fit.Weights[k] * density(e.Value-c.Mean, c.SD*c.SD+e.SE*e.SE)
		}
		for k, c := range fit.Components {
			next[k] += fit.Weights[k] * density(e.Value-c.Mean, c.SD*c.SD+e.SE*e.SE) / total
		}
	}
	for k := range next {
		next[k] /= float64(len(es)) + nullWeight - 1
	}
	return next
}

// spiked draws effects of which most are 0 and the others have heavy tails.
func spiked(rng *rand.Rand, n int) []stats.Estimate {
	es := make([]stats.Estimate, n)
	for i := range es {
		se, effect := math.Exp(0.5*rng.NormFloat64()), 0.0
		if rng.Float64() < 0.3 {
			effect = 2 * rng.NormFloat64() / math.Sqrt(rng.Float64())
		}
		es[i] = stats.Estimate{Value: effect + se*rng.NormFloat64(), SE: se}
	}
	return es
}

// TestEMStays: the EM update, which knows nothing of Newton steps and gaps,
// leaves the optimum where it is, and EM from equal weights climbs towards it
// (a weight that ends at 0 falls like one over the number of updates).
func TestEMStays(t *testing.T) {
	es := spiked(rand.New(rand.NewPCG(1, 1)), 400)
	for _, nullWeight := range []float64{1, 10} {
		fit := assert.Must(Adaptive(es, Options{NullWeight: nullWeight, SDs: []float64{0.5, 1, 2, 4, 8, 16, 32}}))
		next := em(fit, es, nullWeight)
		for k, w := range fit.Weights {
			assert.Near(t, "weight after an EM update", next[k], w, 1e-8)
		}
		slow := fit
		slow.Weights = slices.Repeat([]float64{1. / 8}, 8)
		for range 2000 {
			slow.Weights = em(slow, es, nullWeight)
		}
		short := fit.Objective - objective(slow, es, nullWeight)
		if short < -1e-9 || short > 0.01 {
			t.Errorf("EM alone ends %g below the optimum", short)
		}
	}
}

// objective of a fit, straight from its definition.
func objective(fit Fit, es []stats.Estimate, nullWeight float64) float64 {
	sum := (nullWeight - 1) * math.Log(fit.Weights[0])
	for _, e := range es {
		f := 0.0
		for k, c := range fit.Components {
			f += fit.Weights[k] * density(e.Value-c.Mean, c.SD*c.SD+e.SE*e.SE)
		}
		sum += math.Log(f)
	}
	return sum
}

// TestCertificate: no other weights are better than the gap says, by a direct
// evaluation of the objective.
func TestCertificate(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	es := spiked(rng, 300)
	fit := assert.Must(Adaptive(es, Options{}))
	assert.Near(t, "objective", objective(fit, es, 10), fit.Objective, 1e-9)
	if fit.Gap > 1e-9*309 || fit.Gap < 0 {
		t.Errorf("gap %g", fit.Gap)
	}
	for range 2000 {
		k, l := rng.IntN(len(fit.Weights)), rng.IntN(len(fit.Weights))
		other := fit
		other.Weights = slices.Clone(fit.Weights)
		moved := min(fit.Weights[k], math.Exp(-20*rng.Float64()))
		other.Weights[k] -= moved
		other.Weights[l] += moved
		if o := objective(other, es, 10); o > fit.Objective+fit.Gap+1e-10 {
			t.Fatalf("moving %g from component %d to %d gains %g, the gap is %g", moved, k, l, o-fit.Objective, fit.Gap)
		}
	}
}

// TestGapOfWeights: of weights that are not the optimum the bound holds as well,
// and is not 0.
func TestGapOfWeights(t *testing.T) {
	es, o := small()
	f := o.spreads(es, 0)
	p := programme{newMatrix(f, es), o.penalty(f)}
	best := assert.Must(Adaptive(es, o)).Objective
	rapid.Check(t, func(t *rapid.T) {
		m := mixing{}
		for k := range f.sds {
			m.support = append(m.support, k)
			m.weights = append(m.weights, math.Exp(-rapid.Float64Range(0, 30).Draw(t, "w")))
		}
		m = m.normalised()
		short := best - p.expand(m).value*p.total() - p.logScale
		gap := math.Log(slices.Max(p.gradient(m))) * p.total()
		if !(gap >= short-1e-12) || short < -1e-9 || gap < 1e-4*short {
			t.Fatalf("%g below the optimum, by a bound of %g", short, gap)
		}
	})
}

// TestHeld: a likelihood that is computed again in each pass is that which is held.
func TestHeld(t *testing.T) {
	es := ordered(spiked(rand.New(rand.NewPCG(9, 1)), 5000))
	f := Options{}.spreads(es, 0)
	p := programme{newMatrix(f, es), Options{}.penalty(f)}
	q := programme{newMatrix(f, es), p.penalty}
	q.held = nil
	a, b := p.maximise(p.start(), tolerance), q.maximise(q.start(), tolerance)
	if !cmp.Equal(a, b, cmp.AllowUnexported(mixing{})) {
		t.Errorf("held %v, not held %v", a, b)
	}
}

// TestAlwaysCertified: data sets of all shapes are solved to a bound below 1e-9 per
// estimate, in few steps.
func TestAlwaysCertified(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	for range 150 {
		es := make([]stats.Estimate, 1+rng.IntN(int(math.Pow(10, 1+2.3*rng.Float64()))))
		spread, tail, share := 3*rng.Float64(), 0.3+2*rng.Float64(), rng.Float64()
		for i := range es {
			se, effect := math.Exp(spread*rng.NormFloat64()), rng.NormFloat64()
			if rng.Float64() < share {
				effect *= math.Pow(rng.Float64(), -tail)
			}
			es[i] = stats.Estimate{Value: effect + se*rng.NormFloat64(), SE: se}
		}
		for _, nullWeight := range []float64{1, 1.001, 10, 1e6} {
			certified(t, assert.Must(Adaptive(es, Options{NullWeight: nullWeight})), nullWeight)
		}
		certified(t, assert.Must(Nonparametric(es, Points{})), 1)
	}
}

func certified(t *testing.T, fit Fit, nullWeight float64) {
	t.Helper()
	if !(fit.Gap <= 1e-9*(float64(fit.N)+nullWeight)) || fit.Steps > 100 {
		t.Errorf("n = %d, λ₀ = %g: gap %g after %d steps", fit.N, nullWeight, fit.Gap, fit.Steps)
	}
}
