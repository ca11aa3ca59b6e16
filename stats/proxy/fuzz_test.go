package proxy

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// numbers reads a fuzzed text as doubles.
func numbers(text []byte) (xs []float64) {
	for len(text) >= 8 {
		xs = append(xs, math.Float64frombits(binary.LittleEndian.Uint64(text)))
		text = text[8:]
	}
	return xs
}

func bytesOf(xs ...float64) (text []byte) {
	for _, x := range xs {
		text = binary.LittleEndian.AppendUint64(text, math.Float64bits(x))
	}
	return text
}

// FuzzAll: tests of two metrics, five numbers each, give finite answers or an error
// that names a field.
func FuzzAll(f *testing.F) {
	f.Add(bytesOf(1, 2, 1, 1, 0.5, 0, 1, 1, 1, 0.5, 3, -1, 2, 1, -0.5), uint8(0))
	f.Add(bytesOf(1e15, -1e15, 1, 1, 0.99999999, 0, 1, 1e-3, 1e3, -0.9), uint8(3))
	f.Add(bytesOf(0, 0, 1e-30, 1e-30, 0, 1e-20, 0, 1e-30, 1e-25, 0), uint8(4))
	f.Add(bytesOf(0, 0, 1e40, 1e-40, 0), uint8(1))
	f.Add(bytesOf(math.NaN(), 0, 1, 1, 0), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, missing uint8) {
		var tests []Test
		for x := numbers(text); len(x) >= 5 && len(tests) < 40; x = x[5:] {
			es := []stats.Estimate{{Value: x[0], SE: x[2]}, {Value: x[1], SE: x[3]}}
			one, err := NewTest(es, [][]float64{{1, x[4]}, {x[4], 1}})
			if err != nil {
				assert.Answered[int](t)(0, err)
				one = Test{Estimates: x[:2], Cov: [][]float64{{x[2], x[4]}, {x[4], x[3]}}}
			}
			if missing>>(len(tests)%8)&1 == 1 {
				one = Test{Metrics: []int{1}, Estimates: one.Estimates[1:], Cov: [][]float64{{one.Cov[1][1]}}}
			}
			tests = append(tests, one)
		}
		for _, method := range []Method{Likelihood, Moments} {
			e, err := Fit(tests, Options{Method: method})
			assert.Answered[Effects](t)(e, err)
			if err != nil || len(e.Mean) < 2 {
				return
			}
			assert.Answered[Index](t)(e.Index([]int{0}, 1, nil))
			p, err := e.Posterior(tests[0])
			assert.Answered[Posterior](t)(p, err)
			if err == nil {
				assert.Answered[float64](t)(p.Probability(Above(0, 0), Below(1, p.Mean[1])))
				assert.Answered[Posterior](t)(p.Given(0, e.Mean[0]))
			}
		}
		q, err := Assess(tests, []int{0}, 1, Options{})
		if err != nil {
			assert.Answered[int](t)(0, err)
			return
		}
		w := q.WeightIntervals[0]
		if math.IsNaN(w.Low) || math.IsNaN(w.High) || w.Low > w.High {
			t.Fatalf("slope in %v", w)
		}
		q.WeightIntervals = nil // ends may be infinite
		assert.Answered[Quality](t)(q, nil)
		if !q.R2Interval.Contains(q.R2) || !q.CorrelationInterval.Contains(q.Correlation) {
			t.Fatalf("%+v", q)
		}
	})
}
