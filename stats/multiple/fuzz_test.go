package multiple

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// floats reads a fuzzed text as doubles.
func floats(text []byte) (xs []float64) {
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

func FuzzAdjust(f *testing.F) {
	f.Add(bytesOf(0.01, 0.01, 0.5, 1, 0), 0.0)
	f.Add(bytesOf(5e-324, 1e-300, 0.99, 0.96), 0.5)
	f.Add(bytesOf(math.NaN()), 1.0)
	f.Fuzz(func(t *testing.T, text []byte, pi0 float64) {
		p := floats(text)
		for _, c := range allCorrections {
			a, err := Adjust(p, c)
			assert.Answered[[]float64](t)(a, err)
			for i := range a {
				if a[i] > 1 || a[i] < p[i]*(1-1e-14) {
					t.Fatalf("%s: %g became %g", c, p[i], a[i])
				}
			}
		}
		for _, o := range []Storey{{Pi0: pi0}, {}, {Smoother: true}} {
			r, err := QValues(p, o)
			assert.Answered[QResult](t)(r, err)
			if err == nil && !(r.Pi0 > 0 && r.Pi0 <= 1) {
				t.Fatalf("π₀ = %g", r.Pi0)
			}
		}
	})
}

func FuzzOnline(f *testing.F) {
	f.Add(uint8(0), 0.05, 0.0, 0.0, 0.0, bytesOf(1e-9, 0.5, 0.02))
	f.Add(uint8(5), 0.1, 0.05, 0.1, 1.0, bytesOf(0, 0, 0, 1))
	f.Add(uint8(1), 5e-324, 0.0, 0.0, 0.0, bytesOf(0, 0))
	f.Fuzz(func(t *testing.T, method uint8, alpha, wealth, lambda, tau float64, text []byte) {
		o, err := NewOnline(Options{allMethods[int(method)%len(allMethods)], alpha, wealth, lambda, tau})
		if err != nil {
			assert.Answered[int](t)(0, err)
			return
		}
		for _, p := range floats(text) {
			if level := o.Level(); !(level >= 0 && level <= 1) {
				t.Fatalf("level %g", level)
			}
			assert.Answered[Decision](t)(o.Next(p))
		}
		stored := assert.Must(json.Marshal(o))
		var back Online
		if err := json.Unmarshal(stored, &back); err != nil || back.Level() != o.Level() {
			t.Fatalf("%v: %s", err, stored)
		}
	})
}

// FuzzReadOnline: whatever is read goes on like a stream.
func FuzzReadOnline(f *testing.F) {
	f.Add([]byte(`{"options":{"method":"SAFFRON"},"state":{"started":5,"rejected":1,"costly":3,"rejections":[{"known":4,"costly":2,"count":1}]}}`), 0.01)
	f.Add([]byte(`{"options":{"method":"LORD3"},"state":{"started":2000000000,"rejected":9,"costly":2000000000,"wealth":0.1,"at_last":0.2,"last":7}}`), 0.0)
	f.Add([]byte(`{"state":{"started":3,"costly":3,"running":[{"number":1,"level":0.001},{"number":3,"level":0.001}]}}`), 0.5)
	f.Fuzz(func(t *testing.T, text []byte, p float64) {
		var o Online
		if json.Unmarshal(text, &o) != nil {
			return
		}
		for range 3 {
			if level := o.Level(); !(level >= 0 && level <= 1) {
				t.Fatalf("level %g of %s", level, text)
			}
			assert.Answered[Decision](t)(o.Next(p))
		}
		for _, test := range o.Running() {
			assert.Answered[Decision](t)(o.Finish(test.Number, p))
		}
		var back Online
		if err := json.Unmarshal(assert.Must(json.Marshal(&o)), &back); err != nil {
			t.Fatalf("%v: %s", err, assert.Must(json.Marshal(&o)))
		}
	})
}

func FuzzCurse(f *testing.F) {
	f.Add(bytesOf(0.1, 0.05, -0.2, 0.1), 0.0, 1.0, 0.05, 0.1)
	f.Add(bytesOf(), 1.0, 1.0, 72.9, 1.0)
	f.Add(bytesOf(1e40, 1e-40, -1e40, 1e40), 1e40, 1e-40, 0.999, 5e-324)
	f.Fuzz(func(t *testing.T, text []byte, mean, sd, alpha, share float64) {
		var es []stats.Estimate
		for xs := floats(text); len(xs) >= 2; xs = xs[2:] {
			es = append(es, stats.Estimate{Value: xs[0], SE: xs[1]})
		}
		assert.Answered[float64](t)(TotalBias(es, alpha))
		assert.Answered[Curse](t)(WinnersCurse(es, stats.Normal{Mean: mean, SD: sd}, alpha))
		assert.Answered[[]stats.Interval](t)(Intervals(es, Sidak, alpha))
		assert.Answered[[]stats.Interval](t)(Intervals(es, Bonferroni, alpha))
		assert.Answered[[]Selected](t)(SelectedIntervals(es, alpha))
		assert.Answered[float64](t)(Programme{share, mean, alpha}.FalsePositiveRisk())
		assert.Answered[float64](t)(ImpliedPower(share, alpha, sd))
	})
}
