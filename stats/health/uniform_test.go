package health

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// R 4.2.2, exact distribution of the two-sided one-sample Kolmogorov–Smirnov
// statistic (its compiled pKolmogorov2x, called directly): P(D ≥ d).
func TestKolmogorovAgainstR(t *testing.T) {
	for _, c := range []struct {
		n       int
		d, want float64
		within  float64
	}{
		{5, 0.22360679774997896, 0.9162082823, 1e-9},
		{5, 0.60821048987994286, 0.02669176738, 1e-9},
		{10, 0.31622776601683794, 0.2182838539, 1e-9},
		{10, 0.43006976178289957, 0.03390127428, 1e-9},
		{30, 0.24830089273567532, 0.04083458723, 1e-9},
		{30, 0.32863353450309968, 0.002183797674, 1e-9},
		{100, 0.05, 0.9532159711, 1e-9},
		{100, 0.136, 0.04486029979, 1e-9},
		{300, 0.057735026918962568, 0.2598780053, 1e-9},
		{300, 0.078519636609789098, 0.04684888305, 1e-9},
		{500, 0.022360679774997897, 0.9591548089, 0.02},
		{500, 0.044721359549995794, 0.2621270367, 0.02},
		{500, 0.060821048987994279, 0.04745134553, 0.02},
		{500, 0.080498447189992425, 0.002888293901, 0.02},
		{2000, 0.022360679774997897, 0.2660346223, 0.02},
		{2000, 0.040249223594996213, 0.002981549673, 0.02},
	} {
		if c.n > exactUpTo {
			c.within /= float64(c.n)
		}
		assert.Near(t, "P(D ≥ d)", kolmogorovP(c.n, c.d), c.want, c.within)
	}
	// The far tail: of few values in closed form, 2(1 − d)ⁿ once d ≥ 1 − 1/n, of
	// 300 by the matrix, which still has 11 digits there.
	for n, d := range map[int]float64{3: 0.9999, 5: 0.95, 20: 0.96} {
		assert.Near(t, "closed form", kolmogorovP(n, d)/(2*math.Pow(1-d, float64(n))), 1, 1e-12)
	}
	assert.Near(t, "tail", kolmogorovP(300, 2.05/math.Sqrt(300))/(1-exactKolmogorov(300, 2.05/math.Sqrt(300))), 1, 1e-9)
}

// The limit of P(A² ≥ a) by Imhof's inversion of the characteristic function of
// Σ χ²₁/(j(j + 1)), in R 4.2.2 with 20,000 terms; 2.492 is the published 5% point.
func TestAndersonAgainstR(t *testing.T) {
	for a, p := range map[float64]float64{
		0.5: 0.7468144, 1.933: 0.09999462, 2.492: 0.05002219, 3.0775: 0.02499896, 3.857: 0.01024115, 6: 0.0009674519, 10: 1.381504e-05,
	} {
		assert.Near(t, "P(A² ≥ a)", 1-limitAnderson(a), p, 5e-8)
	}
	if series, tail := 1-limitAnderson(20), andersonP(100, 20.0001); math.Abs(tail/series-1) > 0.02 {
		t.Errorf("the tail %g does not continue the series %g", tail, series)
	}
}

// Both statistics by their definition, for values picked by hand.
func TestUniformStatistics(t *testing.T) {
	p := []float64{0.1, 0.2, 0.8}
	assert.Near(t, "D", kolmogorov(p), 2./3-0.2, 1e-15)
	want := -3 - (math.Log(0.1)+math.Log(0.2)+3*(math.Log(0.2)+math.Log(0.8))+5*(math.Log(0.8)+math.Log(0.9)))/3
	assert.Near(t, "A²", anderson(p), want, 1e-14)
}

// The p-values of uniform samples are uniform, at a small and a large n.
func TestUniformityIsUniform(t *testing.T) {
	assert.Long(t)
	for seed, n := range []int{8, 60, 1000} {
		rng := rand.New(rand.NewPCG(uint64(seed), 21))
		const runs = 10_000
		p := make([]float64, n)
		var ks, ad [2]int
		for range runs {
			for i := range p {
				p[i] = rng.Float64()
			}
			slices.Sort(p)
			for i, level := range []float64{0.05, 0.5} {
				if kolmogorovP(n, kolmogorov(p)) < level {
					ks[i]++
				}
				if andersonP(n, anderson(p)) < level {
					ad[i]++
				}
			}
		}
		for i, level := range []float64{0.05, 0.5} {
			assert.Binomial(t, "Kolmogorov–Smirnov", ks[i], runs, level)
			assert.Binomial(t, "Anderson–Darling", ad[i], runs, level)
		}
	}
}

// The correction for few values, through each of its pieces, against 2 million samples.
func TestAndersonOfFewValues(t *testing.T) {
	assert.Long(t)
	const n, runs = 8, 2_000_000
	at := []float64{0.15, 0.2, 0.25, 0.5, 0.8, 1.2, 1.9, 2.5, 4}
	below := make([]int, len(at))
	rng := rand.New(rand.NewPCG(1, 99))
	p := make([]float64, n)
	for range runs {
		for i := range p {
			p[i] = rng.Float64()
		}
		slices.Sort(p)
		statistic := anderson(p)
		for i, a := range at {
			if statistic < a {
				below[i]++
			}
		}
	}
	for i, a := range at {
		assert.Binomial(t, fmt.Sprintf("A² < %g", a), below[i], runs, 1-andersonP(n, a))
	}
}
