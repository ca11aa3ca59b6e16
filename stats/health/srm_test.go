package health

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/quad"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func TestExactSplit(t *testing.T) {
	// 1 of 10 in an arm of 30%: as far from 3 as X ≤ 1 or X ≥ 5.
	r := assert.Must(SampleRatio([]int{1, 9}, []float64{3, 7}))
	if r.Exact == nil || len(r.Warnings) != 1 {
		t.Fatalf("%+v", r)
	}
	want := 0.0
	binomial := distuv.Binomial{N: 10, P: 0.3}
	for _, k := range []float64{0, 1, 5, 6, 7, 8, 9, 10} {
		want += binomial.Prob(k)
	}
	assert.Near(t, "two arms", *r.Exact, want, 1e-12)
	// A perfect split has probability 1 of one at least as uneven.
	assert.Near(t, "three arms", *assert.Must(SampleRatio([]int{2, 2, 2}, []float64{1, 1, 1})).Exact, 1, 1e-12)
	// All in one of three equal arms: three such splits of 3⁴.
	assert.Near(t, "all in one", *assert.Must(SampleRatio([]int{4, 0, 0}, []float64{1, 1, 1})).Exact, 3./81, 1e-12)
	if r := assert.Must(SampleRatio([]int{500, 500}, []float64{1, 1})); r.Exact != nil || len(r.Warnings) > 0 {
		t.Errorf("%+v", r)
	}
}

// The Bayes factor by its definition, for two arms, by quadrature.
func TestBayesFactorIsItsIntegral(t *testing.T) {
	const share, c = 0.3, 20.0
	for _, x := range [][]int{{1, 0}, {30, 70}, {45, 55}, {0, 40}} {
		prior := distuv.Beta{Alpha: c * share, Beta: c * (1 - share)}
		want, _ := quad.Integrate(0, 1, 1e-14, func(p float64) float64 {
			return prior.Prob(p) * math.Exp(float64(x[0])*math.Log(p/share)+float64(x[1])*math.Log((1-p)/(1-share)))
		})
		r := assert.Must(SequentialSampleRatio([][]int{x}, []float64{3, 7}, c))
		assert.Near(t, "ln BF", r.LogBayesFactor, math.Log(want), 1e-9)
	}
}

// The stable form is the textbook's, where that keeps its digits.
func TestBayesFactorByGammaFunctions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "arms")
		counts, weights := make([]int, k), make([]float64, k)
		for a := range k {
			counts[a] = rapid.IntRange(0, 5000).Draw(t, "users")
			weights[a] = rapid.Float64Range(0.1, 10).Draw(t, "weight")
		}
		c := rapid.Float64Range(0.5, 20_000).Draw(t, "c")
		got := assert.Must(SequentialSampleRatio([][]int{counts}, weights, c)).LogBayesFactor
		shares := assert.Must(designed(weights))
		want, users := lnGamma(c), 0.0
		for a, n := range counts {
			users += float64(n)
			want += lnGamma(c*shares[a]+float64(n)) - lnGamma(c*shares[a]) - float64(n)*math.Log(shares[a])
		}
		want -= lnGamma(c + users)
		if math.Abs(got-want) > 1e-9*(1+math.Abs(want))+1e-14*lnGamma(c+users+10) {
			t.Fatalf("ln BF %.12g, want %.12g", got, want)
		}
	})
}

func lnGamma(x float64) float64 {
	l, _ := math.Lgamma(x)
	return l
}

// 10⁵ sound tests of three arms, looked at 30 times: at most α of them ever have
// P < α; and a loss of 2% of one arm's users is found.
func TestSequentialSampleRatioLevel(t *testing.T) {
	assert.Long(t)
	const runs, looks = 100_000, 30
	weights := []float64{2, 1, 1}
	var low, alarms, found int
	src := rand.NewPCG(1, 22)
	counts := make([][]int, looks)
	for i := range counts {
		counts[i] = make([]int, 3)
	}
	// Users who arrive at random make arms independent Poissons: a multinomial, given their total.
	walk := func(loss float64) SequentialResult {
		var sum [3]int
		for i := range counts {
			for a := range sum {
				mean := 2000 * weights[a]
				if a == 2 {
					mean *= 1 - loss
				}
				sum[a] += int(distuv.Poisson{Lambda: mean, Src: src}.Rand())
				counts[i][a] = sum[a]
			}
		}
		return assert.Must(SequentialSampleRatio(counts, weights, 0))
	}
	for range runs {
		r := walk(0)
		if r.P < 0.05 {
			low++
		}
		if r.AlarmAt > 0 {
			alarms++
		}
	}
	assert.AtMost(t, "P < 0.05", low, runs, 0.05)
	assert.AtMost(t, "alarms", alarms, runs, SampleRatioAlarm)
	for range 1000 {
		if walk(0.04).AlarmAt > 0 {
			found++
		}
	}
	assert.AtLeast(t, "a loss of 4% found", found, 1000, 0.99)
	t.Logf("P < 0.05 in %.4f, alarms in %.5f; 4%% lost of one arm: %.3f found", float64(low)/runs, float64(alarms)/runs, float64(found)/1000)
}

func TestSampleRatioInput(t *testing.T) {
	for field, call := range map[string]func() error{
		"counts":        func() error { _, err := SampleRatio([]int{1}, []float64{1}); return err },
		"weights":       func() error { _, err := SampleRatio([]int{1, 2}, []float64{1}); return err },
		"counts[1]":     func() error { _, err := SampleRatio([]int{1, -2}, []float64{1, 1}); return err },
		"weights[0]":    func() error { _, err := SampleRatio([]int{1, 2}, []float64{0, 1}); return err },
		"looks":         func() error { _, err := SequentialSampleRatio(nil, []float64{1, 1}, 0); return err },
		"looks[0]":      func() error { _, err := SequentialSampleRatio([][]int{{3}}, []float64{1, 1}, 0); return err },
		"looks[1][0]":   func() error { _, err := SequentialSampleRatio([][]int{{3, 3}, {2, 4}}, []float64{1, 1}, 0); return err },
		"concentration": func() error { _, err := SequentialSampleRatio([][]int{{3, 3}}, []float64{1, 1}, -1); return err },
	} {
		assert.Field(t, call(), field)
	}
}
