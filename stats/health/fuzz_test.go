package health

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func FuzzSampleRatio(f *testing.F) {
	f.Add(10, 1.0, 12, 2.0, 3, 0.0)
	f.Add(1<<62, 1e-40, -5, 1e300, 1<<62, 1.0)
	f.Add(1, 1.0, 2, 1e-11, 1000000, 1e15)
	f.Fuzz(func(t *testing.T, n1 int, w1 float64, n2 int, w2 float64, more int, c float64) {
		assert.Answered[SampleRatioResult](t)(SampleRatio([]int{n1, n2}, []float64{w1, w2}))
		assert.Answered[SampleRatioResult](t)(SampleRatio([]int{n1 % 20, n2 % 20, more % 20}, []float64{w1, w2, w1}))
		assert.Answered[SequentialResult](t)(SequentialSampleRatio([][]int{{n1, n2}, {n1 + more, n2}}, []float64{w1, w2}, c))
	})
}

func FuzzAA(f *testing.F) {
	f.Add(0.1, 0.5, 0.9, 1, 0.05, 0.95)
	f.Add(0.0, 1.0, 1e-320, 400, 1e-300, 0.9999)
	f.Fuzz(func(t *testing.T, a, b, c float64, n int, alpha, level float64) {
		p := []float64{a, b, c}
		for range n % 400 {
			p = append(p, math.Mod(math.Abs(a)+float64(len(p))*math.Abs(b), 1))
		}
		assert.Answered[AAResult](t)(AA(p, AAOptions{Alpha: alpha, Level: level}))
	})
}

func FuzzNovelty(f *testing.F) {
	f.Add(0.1, 0.01, 0.2, 0.02, 0, 1, 14, 0.0, 90)
	f.Add(1e40, 1e-40, -1e40, 1e40, 5, 99_000, 2, 0.999, 100_000)
	f.Fuzz(func(t *testing.T, x1, se1, x2, se2 float64, first, step, n int, rho float64, longRun int) {
		var days []Day
		for i := range n % 40 {
			e := stats.Estimate{Value: x1, SE: se1}
			if i%3 == 1 {
				e = stats.Estimate{Value: x2, SE: se2}
			}
			days = append(days, Day{first + i*(step%1000), e})
		}
		assert.Answered[NoveltyResult](t)(Novelty(days, NoveltyOptions{Correlation: rho, LongRun: longRun}))
	})
}

func FuzzCheck(f *testing.F) {
	f.Add(1, 9000.0, 8.1e7, 99, 9900.0, 30_000.0, 3)
	f.Add(1<<40, 1e40, 1e40, 2, -1e40, 1e40, 0)
	f.Fuzz(func(t *testing.T, n1 int, sum1, squares1 float64, n2 int, sum2, squares2 float64, n3 int) {
		a, b := []Bin{{n1, sum1, squares1}, {n2, sum2, squares2}}, []Bin{{n3, sum1, squares2}, {n1, sum2, squares1}}
		assert.Answered[OutliersResult](t)(Outliers(a, b))
		assert.Answered[Report](t)(Check(Experiment{Treatment: a, Control: b, Counts: [][]int{{n1, n2}, {n1, n3}}, Weights: []float64{1, 2}}))
	})
}
