package proxy

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func fixed(omega [][]float64) func(*rand.Rand) [][]float64 {
	return func(*rand.Rand) [][]float64 { return omega }
}

// TestSignIsRight: true effects correlate by 0.3, users' metrics by −0.6, and the
// effects have a tenth of the errors' variance. Estimates regressed on estimates say
// that what helps the one hurts the other.
func TestSignIsRight(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	truth, noise := [][]float64{{0.1, 0.03}, {0.03, 0.1}}, [][]float64{{1, -0.6}, {-0.6, 1}}
	tests := simulate(rng, 20_000, []float64{0, 0}, truth, fixed(noise))
	q := assert.Must(Assess(tests, []int{0}, 1, Options{}))
	if !(q.CorrelationInterval.Low > 0 && q.CorrelationInterval.Contains(0.3) && q.WeightIntervals[0].Contains(0.3)) {
		t.Errorf("correlation in %v, slope in %v", q.CorrelationInterval, q.WeightIntervals[0])
	}
	// (0.03 − 0.6)/(0.1 + 1) is what the naive one must be.
	assert.Near(t, "naive", q.Naive.Correlation, -0.57/1.1, 0.03)
	assert.Near(t, "naive slope", q.Naive.Weights[0], -0.57/1.1, 0.03)
	moments := assert.Must(Fit(tests, Options{Method: Moments}))
	assert.Near(t, "moments", moments.Correlation[0][1], q.Correlation, 1e-3)
}

// TestPerfectProxy: the long-term effect is twice the short-term one. 1 is not below
// the interval's top, and the estimate is close.
func TestPerfectProxy(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	tests := simulate(rng, 2000, []float64{0, 0}, [][]float64{{1, 2}, {2, 4}}, fixed([][]float64{{1, -0.5}, {-0.5, 1}}))
	q := assert.Must(Assess(tests, []int{0}, 1, Options{}))
	if q.R2Interval.High < 1-1e-9 || q.R2 < 0.9 || !q.WeightIntervals[0].Contains(2) {
		t.Errorf("%+v", q)
	}
}

// TestUselessProxy: two metrics that say nothing of a third, beside noise that does.
func TestUselessProxy(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	truth := [][]float64{{1, 0.3, 0}, {0.3, 1, 0}, {0, 0, 1}}
	noise := [][]float64{{1, 0, 0.5}, {0, 1, 0.5}, {0.5, 0.5, 1}}
	tests := simulate(rng, 500, []float64{0, 0, 0}, truth, fixed(noise))
	for _, short := range [][]int{{0}, {1}, {0, 1}} {
		q := assert.Must(Assess(tests, short, 2, Options{}))
		if q.R2Interval.Low != 0 || q.R2Interval.High > 0.2 || q.Naive.Correlation < 0.15 {
			t.Errorf("%v: %+v", short, q)
		}
	}
}

// TestAssessIsFit: where all is measured, the same numbers as of Fit and Index.
func TestAssessIsFit(t *testing.T) {
	tests := simulate(rand.New(rand.NewPCG(8, 1)), 400, trueMean, truth, uneven)
	e := assert.Must(Fit(tests, Options{}))
	x := assert.Must(e.Index([]int{2, 0}, 1, nil))
	q := assert.Must(Assess(tests, []int{2, 0}, 1, Options{}))
	assert.Near(t, "R²", q.R2, x.R2, 1e-7)
	for j := range x.Weights {
		assert.Near(t, "weight", q.Weights[j], x.Weights[j], 1e-6)
		if !q.WeightIntervals[j].Contains(q.Weights[j]) {
			t.Errorf("weight %g outside of %v", q.Weights[j], q.WeightIntervals[j])
		}
	}
	if !q.R2Interval.Contains(q.R2) || !q.CorrelationInterval.Contains(q.Correlation) {
		t.Errorf("%+v", q)
	}
}

// TestAssessUnits: a metric whose good direction is down turns the sign, no more.
func TestAssessUnits(t *testing.T) {
	tests := simulate(rand.New(rand.NewPCG(9, 1)), 200, trueMean, truth, uneven)
	q := assert.Must(Assess(tests, []int{0}, 1, Options{Level: 0.8}))
	for i := range tests {
		y, cov := append([]float64(nil), tests[i].Estimates...), square(3)
		y[0] *= -100
		unit := []float64{-100, 1, 1}
		for a := range 3 {
			for b := range 3 {
				cov[a][b] = tests[i].Cov[a][b] * unit[a] * unit[b]
			}
		}
		tests[i] = Test{Estimates: y, Cov: cov}
	}
	r := assert.Must(Assess(tests, []int{0}, 1, Options{Level: 0.8}))
	assert.Near(t, "correlation", r.Correlation, -q.Correlation, 1e-7)
	assert.Near(t, "low", r.CorrelationInterval.Low, -q.CorrelationInterval.High, 1e-4)
	assert.Near(t, "high", r.CorrelationInterval.High, -q.CorrelationInterval.Low, 1e-4)
	assert.Near(t, "slope", r.Weights[0], -q.Weights[0]/100, 1e-7)
	assert.Near(t, "slope's low", r.WeightIntervals[0].Low, -q.WeightIntervals[0].High/100, 1e-4)
	assert.Near(t, "naive", r.Naive.Weights[0], -q.Naive.Weights[0]/100, 1e-9)
}

// TestNoSpread: effects that are all 0 leave everything open, and say so.
func TestNoSpread(t *testing.T) {
	var tests []Test
	for i := range 20 {
		y := math.Sin(float64(i)) / 100
		tests = append(tests, Test{Estimates: []float64{y, -y}, Cov: [][]float64{{1, 0.2}, {0.2, 1}}})
	}
	q := assert.Must(Assess(tests, []int{0}, 1, Options{}))
	if len(q.Warnings) == 0 || q.R2Interval != (stats.Interval{Low: 0, High: 1, Level: 0.95}) || !math.IsInf(q.WeightIntervals[0].High, 1) {
		t.Errorf("%+v", q)
	}
}

func TestAssessErrors(t *testing.T) {
	tests := simulate(rand.New(rand.NewPCG(9, 1)), 20, trueMean, truth, uneven)
	assess := func(short []int, long int, o Options) error { _, err := Assess(tests, short, long, o); return err }
	assert.Field(t, assess(nil, 1, Options{}), "short")
	assert.Field(t, assess([]int{0, 0}, 1, Options{}), "short[1]")
	assert.Field(t, assess([]int{1}, 1, Options{}), "short[0]")
	assert.Field(t, assess([]int{-1}, 1, Options{}), "short[0]")
	assert.Field(t, assess([]int{5}, 1, Options{}), "short[0]")
	assert.Field(t, assess([]int{0}, 40, Options{}), "long")
	assert.Field(t, assess([]int{0}, 7, Options{}), "long")
	assert.Field(t, assess([]int{0}, 1, Options{Level: 1}), "Level")
	assert.Field(t, assess([]int{0}, 1, Options{Method: Moments}), "Method")
	tests[3].Estimates[1] = math.Inf(1)
	assert.Field(t, assess([]int{0}, 1, Options{}), "tests[3].Estimates[1]")
}

// TestCoverage: intervals at 95% hold the truth in about 95% of programmes: in no
// fewer than 93% of them at the truths tried, and where a value is on the border, R²
// of 0 or 1, in more.
func TestCoverage(t *testing.T) {
	assert.Long(t)
	const programmes, n = 2000, 200
	noise := [][]float64{{1, 0.3, -0.5}, {0.3, 1, -0.5}, {-0.5, -0.5, 1}}
	for _, c := range []struct {
		name  string
		truth [][]float64
		short []int
		r2    float64
		w     []float64
	}{
		{"one", [][]float64{{1, 0, 0.5}, {0, 1, 0}, {0.5, 0, 1}}, []int{0}, 0.25, []float64{0.5}},
		{"one, weak", [][]float64{{0.3, 0, 0.2}, {0, 1, 0}, {0.2, 0, 0.4}}, []int{0}, 1. / 3, []float64{2. / 3}},
		{"one, none", [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, []int{0}, 0, []float64{0}},
		{"one, all", [][]float64{{1, 0, 1}, {0, 1, 0}, {1, 0, 1}}, []int{0}, 1, []float64{1}},
		{"two", [][]float64{{1, 0, 0.5}, {0, 1, 0.5}, {0.5, 0.5, 1}}, []int{0, 1}, 0.5, []float64{0.5, 0.5}},
		{"two, none", [][]float64{{1, 0.3, 0}, {0.3, 1, 0}, {0, 0, 1}}, []int{0, 1}, 0, []float64{0, 0}},
		{"two, all", [][]float64{{1, 0, 1}, {0, 1, 1}, {1, 1, 2}}, []int{0, 1}, 1, []float64{1, 1}},
	} {
		rng := rand.New(rand.NewPCG(10, 1))
		inside, weight, open := 0, 0, 0
		for range programmes {
			q := assert.Must(Assess(simulate(rng, n, []float64{0, 0, 0}, c.truth, fixed(noise)), c.short, 2, Options{}))
			if q.R2Interval.Low <= c.r2+1e-4 && c.r2-1e-4 <= q.R2Interval.High {
				inside++
			}
			if q.WeightIntervals[0].Contains(c.w[0]) {
				weight++
			}
			if len(q.Warnings) > 0 {
				open++
			}
		}
		t.Logf("%s: R² %.4f, weight %.4f, warned %d", c.name, float64(inside)/programmes, float64(weight)/programmes, open)
		assert.AtLeast(t, c.name+": R²", inside, programmes, 0.93)
		assert.AtLeast(t, c.name+": weight", weight, programmes, 0.93)
	}
}
