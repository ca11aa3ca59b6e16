package bayes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// TestBetaAgainstClosedForm: for whole numbers of successes,
//
//	P(θ₂ > θ₁) = Σ_{i < a₂} B(a₁ + i, b₁ + b₂)/((b₂ + i) B(1 + i, b₂) B(a₁, b₁))
//
// Source: Miller (2015), "Formulas for Bayesian A/B Testing"; Cook (2005), "Exact
// Calculation of Beta Inequalities", for the recursion behind it.
func TestBetaAgainstClosedForm(t *testing.T) {
	lbeta := func(a, b float64) float64 {
		x, _ := math.Lgamma(a)
		y, _ := math.Lgamma(b)
		z, _ := math.Lgamma(a + b)
		return x + y - z
	}
	for _, c := range [][2]Beta{{{1, 1}, {1, 1}}, {{3, 9}, {5, 8}}, {{121, 1001}, {141, 990}}, {{0.5, 0.5}, {2, 7}}, {{1001, 99001}, {1080, 98999}}, {{0.02, 3}, {1, 0.3}}} {
		want := 0.0
		for i := 0.0; i < c[1].A; i++ {
			want += math.Exp(lbeta(c[0].A+i, c[0].B+c[1].B) - math.Log(c[1].B+i) - lbeta(1+i, c[1].B) - lbeta(c[0].A, c[0].B))
		}
		got := assert.Must(Compare(c[:], CompareOptions{}))
		assert.Near(t, "P(best)", got.Arms[1].ProbBest, want, 1e-9)
		assert.Near(t, "sum", got.Arms[0].ProbBest+got.Arms[1].ProbBest, 1, 1e-9)
		// max − θ₁ less max − θ₂ is θ₂ − θ₁, whatever the max.
		assert.Near(t, "difference of losses", got.Arms[0].ExpectedLoss-got.Arms[1].ExpectedLoss, c[1].Mean()-c[0].Mean(), 1e-9)
	}
	// Of two uniform rates the larger has mean 2/3.
	same := assert.Must(Compare([]Beta{{1, 1}, {1, 1}}, CompareOptions{}))
	assert.Near(t, "loss", same.Arms[0].ExpectedLoss, 1.0/6, 1e-12)
}

// TestGammaAgainstClosedForm: for whole shapes P(λ₂ > λ₁) is Miller's (2015) sum
// Σ_{k < a₂} (b₁+b₂)^−(k+a₁) b₂ᵏ b₁^a₁/((k + a₁) B(k + 1, a₁)).
func TestGammaAgainstClosedForm(t *testing.T) {
	for _, c := range [][2]Gamma{{{3, 2}, {4, 3}}, {{12, 0.5}, {20, 0.7}}, {{0.3, 5}, {1, 9}}, {{900, 10}, {950, 10}}} {
		want := 0.0
		for k := 0.0; k < c[1].Shape; k++ {
			x, _ := math.Lgamma(k + 1)
			y, _ := math.Lgamma(c[0].Shape)
			z, _ := math.Lgamma(k + 1 + c[0].Shape)
			want += math.Exp(k*math.Log(c[1].Rate) + c[0].Shape*math.Log(c[0].Rate) - (k+c[0].Shape)*math.Log(c[0].Rate+c[1].Rate) - math.Log(k+c[0].Shape) - x - y + z)
		}
		got := assert.Must(Compare(c[:], CompareOptions{}))
		assert.Near(t, "P(best)", got.Arms[1].ProbBest, want, 1e-9)
	}
}

func TestCompareNormals(t *testing.T) {
	a, b := stats.Normal{Mean: 0.02, SD: 0.03}, stats.Normal{Mean: -0.01, SD: 0.04}
	got := assert.Must(Compare([]Mixture{Single(a), Single(b)}, CompareOptions{Care: 0.02}))
	z := 0.03 / 0.05
	assert.Near(t, "P(best)", got.Arms[0].ProbBest, norm.CDF(z), 1e-10)
	assert.Near(t, "loss", got.Arms[0].ExpectedLoss, 0.05*norm.Density(z)-0.03*norm.CDF(-z), 1e-11)
	if got.Choice != 0 || !got.Stop {
		t.Errorf("choice %d, stop %v", got.Choice, got.Stop)
	}
	if !(got.Arms[0].ExpectedLoss > 0.008) || assert.Must(Compare([]Mixture{Single(a), Single(b)}, CompareOptions{Care: 0.008})).Stop {
		t.Error("it stops above its threshold")
	}
	// A loss keeps its digits far out, on the scale of its own; 1e-9 of the SD is promised.
	far := assert.Must(Compare([]Mixture{Single(stats.Normal{SD: 1}), Single(stats.Normal{Mean: -9, SD: 1})}, CompareOptions{}))
	z = 9 / math.Sqrt2
	assert.Near(t, "a tiny loss", far.Arms[0].ExpectedLoss/(math.Sqrt2*(norm.Density(z)-z*norm.CDF(-z))), 1, 0.05)
}

// TestComparePointMasses: ties are drawn by lot, and the integral of the maximum
// does not mind jumps.
func TestComparePointMasses(t *testing.T) {
	zero := Single(stats.Normal{})
	got := assert.Must(Compare([]Mixture{zero, zero, Single(stats.Normal{SD: 1})}, CompareOptions{}))
	for i, want := range []float64{0.25, 0.25, 0.5} {
		assert.Near(t, "P(best)", got.Arms[i].ProbBest, want, 1e-10)
		assert.Near(t, "loss", got.Arms[i].ExpectedLoss, norm.Density(0), 1e-10)
	}
	half := Mixture{[]float64{1, 1}, []stats.Normal{{}, {Mean: 1}}}
	got = assert.Must(Compare([]Mixture{half, zero}, CompareOptions{}))
	assert.Near(t, "P(best)", got.Arms[0].ProbBest, 0.75, 1e-12)
	assert.Near(t, "loss", got.Arms[1].ExpectedLoss, 0.5, 1e-12)
}

// TestCompareSeesNarrowComponents among many wide ones, of which the rule's nodes
// lie far apart.
func TestCompareSeesNarrowComponents(t *testing.T) {
	for _, at := range []float64{0.37, 0.123, -0.8, 9} {
		for _, sd := range []float64{1e-2, 1e-4, 1e-7} {
			m := Mixture{Weights: []float64{0.05}, Components: []stats.Normal{{Mean: at, SD: sd}}}
			for i := range 5 {
				m.Weights = append(m.Weights, 0.19)
				m.Components = append(m.Components, stats.Normal{Mean: 0.1 * float64(i), SD: 1})
			}
			want := 0.0
			for i, c := range m.Components {
				want += m.Weights[i] * norm.CDF(c.Mean/math.Hypot(1, c.SD))
			}
			c := assert.Must(Compare([]Mixture{m, Single(stats.Normal{SD: 1})}, CompareOptions{}))
			assert.Near(t, "P(best)", c.Arms[0].ProbBest, want, 1e-9)
		}
	}
}

// TestCompareLaws: probabilities sum to 1; losses differ as means do; order and shift
// of the arms change nothing but places.
func TestCompareLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "k")
		arms, moved := make([]Mixture, k), make([]Mixture, k)
		for i := range arms {
			n := stats.Normal{Mean: rapid.Float64Range(-2, 2).Draw(t, "mean"), SD: rapid.Float64Range(0.05, 3).Draw(t, "sd")}
			arms[i] = Single(n)
			if rapid.Bool().Draw(t, "posterior of a t") {
				arms[i] = StudentT{0, 1, 2.5}.Posterior(n.Mean, n.SD)
			}
			moved[k-1-i] = arms[i]
		}
		got, other := assert.Must(Compare(arms, CompareOptions{})), assert.Must(Compare(moved, CompareOptions{}))
		sum := 0.0
		for i, a := range got.Arms {
			sum += a.ProbBest
			if math.Abs(a.ProbBest-other.Arms[k-1-i].ProbBest) > 1e-9 || math.Abs(a.ExpectedLoss-other.Arms[k-1-i].ExpectedLoss) > 3e-9 {
				t.Fatalf("reversed arms: %+v and %+v", a, other.Arms[k-1-i])
			}
			if d := (a.ExpectedLoss + a.Mean) - (got.Arms[0].ExpectedLoss + got.Arms[0].Mean); math.Abs(d) > 1e-8 {
				t.Fatalf("E[max] differs by %g between arms", d)
			}
		}
		if math.Abs(sum-1) > 1e-8 {
			t.Fatalf("probabilities sum to 1 + %g", sum-1)
		}
	})
}

// TestCompareLiftsFlat: under a flat prior the arms' levels are independent,
// N(1 + L̂ᵢ, own variance) against N(1, controlSE²).
func TestCompareLiftsFlat(t *testing.T) {
	lifts := []stats.Estimate{{Value: .01, SE: .01}, {Value: .015, SE: .012}}
	own := func(i int) float64 {
		return math.Sqrt(lifts[i].SE*lifts[i].SE - math.Pow((1+lifts[i].Value)*.007, 2))
	}
	want := assert.Must(Compare([]Mixture{Single(stats.Normal{Mean: 0, SD: .007}), Single(stats.Normal{Mean: .01, SD: own(0)}), Single(stats.Normal{Mean: .015, SD: own(1)})}, CompareOptions{}))
	got := assert.Must(CompareLifts(Single(stats.Normal{SD: 1e3}), lifts, .007, CompareOptions{}))
	for i, a := range got.Arms {
		// A common relative error moves each level by 1 + L̂ᵢ, not by 1: a second-order
		// difference of some controlSE·L̂.
		assert.Near(t, "P(best)", a.ProbBest, want.Arms[i].ProbBest, 5e-3)
		assert.Near(t, "loss", a.ExpectedLoss, want.Arms[i].ExpectedLoss, 1e-4)
	}
	alone := assert.Must(Compare([]Mixture{Single(stats.Normal{}), Single(stats.Normal{Mean: .01, SD: .01}), Single(stats.Normal{Mean: .015, SD: .012})}, CompareOptions{}))
	if d := alone.Arms[0].ProbBest - got.Arms[0].ProbBest; math.Abs(d) < 0.005 {
		t.Errorf("the shared control changes P(control is best) by %g only", d)
	}
}

// TestCompareLiftsJointly holds the answer under a normal prior against draws from
// the joint posterior, of covariance (1/τ² + V⁻¹)⁻¹ with V the estimates' own.
func TestCompareLiftsJointly(t *testing.T) {
	lifts := []stats.Estimate{{Value: .02, SE: .02}, {Value: -.01, SE: .015}}
	control, tau := .011, .012
	g1, g2 := 1.02, .99
	v11, v22, v12 := .02*.02, .015*.015, g1*g2*control*control
	// Posterior covariance τ²I − τ²(V + τ²I)⁻¹τ², mean τ²(V + τ²I)⁻¹ L̂.
	s11, s22, t2 := v11+tau*tau, v22+tau*tau, tau*tau
	det := s11*s22 - v12*v12
	i11, i22, i12 := s22/det, s11/det, -v12/det
	m1, m2 := t2*(i11*.02+i12*-.01), t2*(i12*.02+i22*-.01)
	c11, c22, c12 := t2-t2*t2*i11, t2-t2*t2*i22, -t2*t2*i12
	got := assert.Must(CompareLifts(Single(stats.Normal{SD: tau}), lifts, control, CompareOptions{}))
	assert.Near(t, "mean", got.Arms[1].Mean, m1, 1e-9)
	assert.Near(t, "mean", got.Arms[2].Mean, m2, 1e-9)
	const n = 200_000
	rng, best := rand.New(rand.NewPCG(3, 4)), [3]int{}
	l11 := math.Sqrt(c11)
	l21 := c12 / l11
	l22 := math.Sqrt(c22 - l21*l21)
	for range n {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		x, y := m1+l11*a, m2+l21*a+l22*b
		switch {
		case x > max(y, 0):
			best[1]++
		case y > max(x, 0):
			best[2]++
		default:
			best[0]++
		}
	}
	for i, a := range got.Arms {
		assert.Binomial(t, "P(best)", best[i], n, a.ProbBest)
	}
}

// TestLowerIsBetter: it is the comparison of the arms' negatives.
func TestLowerIsBetter(t *testing.T) {
	lower := CompareOptions{LowerIsBetter: true, Care: 1e-3}
	m := Mixture{[]float64{1, 1}, []stats.Normal{{Mean: 0.1}, {Mean: 0.2, SD: 0.3}}}
	n := Mixture{[]float64{1, 1}, []stats.Normal{{Mean: -0.1}, {Mean: -0.2, SD: 0.3}}}
	zero, tie := Single(stats.Normal{}), Single(stats.Normal{Mean: 0.1})
	low := assert.Must(Compare([]Mixture{m, zero, Single(stats.Normal{Mean: 0.1, SD: 1}), tie}, lower))
	high := assert.Must(Compare([]Mixture{n, zero, Single(stats.Normal{Mean: -0.1, SD: 1}), Single(stats.Normal{Mean: -0.1})}, CompareOptions{Care: 1e-3}))
	for i, a := range low.Arms {
		assert.Near(t, "mean", a.Mean, -high.Arms[i].Mean, 1e-15)
		assert.Near(t, "P(best)", a.ProbBest, high.Arms[i].ProbBest, 1e-10)
		assert.Near(t, "loss", a.ExpectedLoss, high.Arms[i].ExpectedLoss, 1e-10)
	}
	if low.Choice != high.Choice || low.Stop != high.Stop {
		t.Errorf("choices %d and %d", low.Choice, high.Choice)
	}
	// Of two arms, the one that is lower is the one that is not higher.
	for _, arms := range [][]Beta{{{30, 400}, {41, 390}}, {{1, 1}, {0.5, 7}}} {
		low, high := assert.Must(Compare(arms, lower)), assert.Must(Compare(arms, CompareOptions{}))
		assert.Near(t, "P(lower)", low.Arms[0].ProbBest, high.Arms[1].ProbBest, 1e-9)
		assert.Near(t, "loss", low.Arms[0].ExpectedLoss, high.Arms[1].ExpectedLoss, 1e-9)
	}
	lifts := []stats.Estimate{{Value: .02, SE: .02}, {Value: -.01, SE: .015}}
	prior := Single(stats.Normal{SD: .012})
	a, b := assert.Must(CompareLifts(prior, lifts, .011, CompareOptions{})), assert.Must(CompareLifts(prior, lifts, .011, lower))
	for i := range a.Arms { // E[max] − E[min] is the sum of both losses, of any arm
		range0 := a.Arms[0].ExpectedLoss + b.Arms[0].ExpectedLoss
		assert.Near(t, "range", a.Arms[i].ExpectedLoss+b.Arms[i].ExpectedLoss, range0, 1e-8)
		assert.Near(t, "mean", a.Arms[i].Mean, b.Arms[i].Mean, 1e-15)
	}
	if a.Choice != 1 || b.Choice != 2 {
		t.Errorf("the best is %d, the lowest %d", a.Choice, b.Choice)
	}
}

// TestCompareLiftsOfSpikes holds the means under a prior with a point mass against the
// sum over all 2ᵏ ways in which k treatments may have an effect or none. Given one,
// the lifts are normal with covariance diag(own² + τ²) + controlSE² ggᵀ, whose inverse
// is Sherman and Morrison's. Treatments that all look alike, and far from 0, say that
// it is the control that is off.
func TestCompareLiftsOfSpikes(t *testing.T) {
	const control, tau, null = 0.01, 0.1, 0.9
	for _, c := range []struct{ off, own float64 }{{0.013, 0.5}, {0.013, 0.03}, {-0.04, 0.05}, {0.12, 0.05}} {
		const k = 10
		var lifts [k]stats.Estimate
		for i := range lifts {
			v := c.off + 0.0002*float64(i)
			lifts[i] = stats.Estimate{Value: v, SE: math.Hypot((1+v)*control, c.own*control)}
		}
		prior := Mixture{[]float64{null, 1 - null}, []stats.Normal{{}, {SD: tau}}}
		got := assert.Must(CompareLifts(prior, lifts[:], control, CompareOptions{}))
		top, total, means := math.Inf(-1), 0.0, [k]float64{}
		for ways := range 1 << k {
			var mean [k]float64
			log, gvg, gvl := 0.0, 0.0, 0.0
			for i, l := range lifts {
				v, p := c.own*control*c.own*control, null
				if ways>>i&1 == 1 {
					v, p = v+tau*tau, 1-null
				}
				mean[i] = v
				log += math.Log(p) - math.Log(v)/2 - l.Value*l.Value/v/2
				gvg, gvl = gvg+(1+l.Value)*(1+l.Value)/v, gvl+(1+l.Value)*l.Value/v
			}
			shrink := control * control / (1 + control*control*gvg)
			log += shrink*gvl*gvl/2 - math.Log1p(control*control*gvg)/2
			for i, l := range lifts {
				if mean[i] = (l.Value - (1+l.Value)*shrink*gvl) / mean[i] * tau * tau; ways>>i&1 == 0 {
					mean[i] = 0
				}
			}
			if log > top {
				total *= math.Exp(top - log)
				for i := range means {
					means[i] *= math.Exp(top - log)
				}
				top = log
			}
			w := math.Exp(log - top)
			total += w
			for i := range means {
				means[i] += w * mean[i]
			}
		}
		for i := range means {
			assert.Near(t, "mean lift", got.Arms[i+1].Mean, means[i]/total, 1e-8*tau)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	_, err := Compare([]Beta{{1, 1}}, CompareOptions{})
	assert.Field(t, err, "arms")
	_, err = Compare([]Beta{{1, 1}, {0, 1}}, CompareOptions{})
	assert.Field(t, err, "arms[1].A")
	_, err = Compare([]Gamma{{1, 1}, {1, 1}}, CompareOptions{Care: -1})
	assert.Field(t, err, "Care")
	one := []stats.Estimate{{Value: 0, SE: 0.1}}
	_, err = CompareLifts(nil, one, 0.05, CompareOptions{})
	assert.Field(t, err, "prior")
	_, err = CompareLifts(StudentT{Scale: 1, DF: 3}, one, 0.1, CompareOptions{})
	assert.Field(t, err, "lifts[0].SE")
	_, err = CompareLifts(StudentT{Scale: -1, DF: 3}, one, 0.05, CompareOptions{})
	assert.Field(t, err, "prior.Scale")
	_, err = CompareLifts(StudentT{Scale: 1, DF: 1}, one, 0.05, CompareOptions{})
	assert.Field(t, err, "prior.Mean")
	_, err = CompareLifts(StudentT{Scale: 1, DF: 3}, nil, 0.05, CompareOptions{})
	assert.Field(t, err, "lifts")
}

// Arms that are all the same are equally likely to be best, however many they are.
func TestCompareManyTies(t *testing.T) {
	for _, k := range []int{2, 33, 500} {
		for _, spike := range []float64{1, 0.9} {
			arms := make([]Mixture, k)
			for i := range arms {
				arms[i] = Mixture{Weights: []float64{spike, 1 - spike}, Components: []stats.Normal{{}, {SD: 0.01}}}
			}
			c := assert.Must(Compare(arms, CompareOptions{}))
			for _, a := range c.Arms {
				assert.Near(t, fmt.Sprintf("P(best) of %d arms, %g of them nothing", k, spike), a.ProbBest, 1/float64(k), 1e-9)
			}
		}
	}
}

// Of equal arms the first is chosen, though rounding makes their losses differ.
func TestCompareChoosesTheFirstOfEquals(t *testing.T) {
	arms := make([]Beta, 100)
	for i := range arms {
		arms[i] = Beta{1 + float64(100+i%7), 1001 - float64(i%7)}
	}
	if c := assert.Must(Compare(arms, CompareOptions{})); c.Choice != 6 {
		t.Errorf("arm %d of the equals 6, 13, 20 …", c.Choice)
	}
	if c := assert.Must(Compare(arms, CompareOptions{LowerIsBetter: true})); c.Choice != 0 {
		t.Errorf("arm %d of the equals 0, 7, 14 …", c.Choice)
	}
}
