package quantile

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// numbers reads floats from bytes.
func numbers(data []byte) []float64 {
	var xs []float64
	for ; len(data) >= 8; data = data[8:] {
		xs = append(xs, math.Float64frombits(binary.LittleEndian.Uint64(data)))
	}
	return xs
}

func bytesOf(xs ...float64) []byte {
	var data []byte
	for _, x := range xs {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
	}
	return data
}

func FuzzQuantile(f *testing.F) {
	f.Add(bytesOf(0, 1, 2, 4, 10, 8, 16, 3, 15, 7), 0.5, 0.95, 1.0, 3.0, 100, 300.0, 150.0, 1200.0, 400.0, 500.0)
	f.Add(bytesOf(0, 0, 1, 1e40, 1e18, 2, 0, 0), 0.999999, 0.999999, -1e40, 1e40, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
	f.Add(bytesOf(-1e40, 1e-300, 1e40, 0.001, 1e-40, 5, 1, 1), 1e-12, 1e-9, 1e-300, 2.0, 2, 2.0, 1.0, 2.0, 1.0, 1.0)
	f.Add(bytesOf(1, 1, 1, 2, 2, 2), 0.5, 0.0, 0.0, math.Inf(1), 1<<62, 1e18, 1e17, 1e40, 1e30, 1e30)
	f.Add(bytesOf(math.NaN(), 1), math.NaN(), 1.0, math.Inf(-1), math.NaN(), -1, math.NaN(), math.Inf(1), -1.0, 0.0, 0.0)
	f.Fuzz(func(t *testing.T, data []byte, q, level, low, high float64, users int, events, below, ee, bb, eb float64) {
		xs := numbers(data)
		c := Clusters{users, events, below, ee, bb, eb}
		k := len(xs) / 5
		h := Histogram{Edges: xs[:min(k+1, len(xs))], Counts: xs[len(xs)-k:], Under: math.Abs(math.Mod(below, 5)), Over: math.Abs(math.Mod(eb, 5))}
		if k > 0 {
			h.Sums, h.Squares = xs[k+1:2*k+1], xs[2*k+1:3*k+1]
		}
		d := Digest{Min: low, Max: high}
		for i := 0; i+1 < len(xs); i += 2 {
			d.Centroids = append(d.Centroids, Centroid{Mean: xs[i], Weight: xs[i+1]})
		}
		assert.Answered[float64](t)(c.DesignEffect())
		for _, s := range []Sketch{h, d, Digest{Centroids: d.Centroids}} {
			assert.Answered[Estimate](t)(Sample{Sketch: s}.Quantile(q, Options{level}))
			assert.Answered[Estimate](t)(Sample{s, c}.Quantile(q, Options{level}))
			assert.Answered[Comparison](t)(Compare(Sample{Sketch: s}, Sample{s, c}, q, Options{level}))
			assert.Answered[CappedMean](t)(Winsorised(s, Limits{low, high}))
			assert.Answered[CappedMean](t)(Trimmed(s, Limits{low, high}))
			assert.Answered[CappedMean](t)(Winsorised(s, UpTo(high)))
			if l, err := PooledLimits(q/2, q, s, s); err == nil && (math.IsNaN(l.Low) || math.IsNaN(l.High)) {
				t.Fatalf("%+v", l)
			}
		}
	})
}
