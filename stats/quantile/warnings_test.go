package quantile

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestWarningThresholds: each warning on either side of where it begins.
func TestWarningThresholds(t *testing.T) {
	// Events spread evenly over a hundred bins of width 1.
	flat := func(events float64) Histogram {
		h := Histogram{Edges: []float64{0}}
		for i := range 100 {
			h.Edges, h.Counts = append(h.Edges, float64(i+1)), append(h.Counts, events/100)
		}
		return h
	}
	// Users of two events each, of which a share lies below the threshold together.
	pairs := func(users int, share float64) Clusters {
		n := float64(users)
		return Clusters{Users: users, Events: 2 * n, Below: 2 * n * share, EventSquares: 4 * n, BelowSquares: 4 * n * share, Product: 4 * n * share}
	}
	check := func(s Sample, q float64, part string, want bool) {
		t.Helper()
		if e := assert.Must(s.Quantile(q, Options{})); warned(e.Warnings, part) != want {
			t.Errorf("q %g of %g events, %+v: %q, want %q: %t", q, e.Events, s.Clusters, e.Warnings, part, want)
		}
	}
	check(Sample{Sketch: flat(599)}, 0.95, "beyond the quantile", true)
	check(Sample{Sketch: flat(601)}, 0.95, "beyond the quantile", false)
	check(Sample{Sketch: flat(1190), Clusters: pairs(595, 0.05)}, 0.05, "beyond the quantile", true)
	check(Sample{Sketch: flat(1210), Clusters: pairs(605, 0.05)}, 0.05, "beyond the quantile", false)
	check(Sample{Sketch: flat(2000), Clusters: pairs(1000, 0.939)}, 0.95, "another quantile", true)
	check(Sample{Sketch: flat(2000), Clusters: pairs(1000, 0.941)}, 0.95, "another quantile", false)
	check(Sample{Sketch: flat(2021), Clusters: pairs(1000, 0.5)}, 0.5, "the sketch", true)
	check(Sample{Sketch: flat(2019), Clusters: pairs(1000, 0.5)}, 0.5, "the sketch", false)
	check(Sample{Sketch: flat(198), Clusters: pairs(99, 0.5)}, 0.5, "below 100", true)
	check(Sample{Sketch: flat(200), Clusters: pairs(100, 0.5)}, 0.5, "below 100", false)
}

// TestBoundWarning: a cap that divides a bin is worth a warning exactly if it makes
// the mean less sure than its standard error does.
func TestBoundWarning(t *testing.T) {
	for _, n := range []float64{3, 30, 300, 3000, 3e6} {
		// Even bins: n users from 0 to 1 and n from 1 to 3.
		h := Histogram{Edges: []float64{0, 1, 3}, Counts: []float64{n, n}, Sums: []float64{n / 2, 2 * n}, Squares: []float64{n / 3, n * 13 / 3}}
		m := assert.Must(Winsorised(h, UpTo(2)))
		se := math.Sqrt(m.Arm.Variance / (2 * n))
		// Capped values of the second bin add up to at least 1.5n (all at 1 or 3), at most 2n.
		assert.Near(t, "bound", m.Bound, 0.25*0.5, 1e-12)
		if warned(m.Warnings, "divides a bin") != (m.Bound > se) {
			t.Errorf("%g users: bound %g, standard error %g: %q", 2*n, m.Bound, se, m.Warnings)
		}
	}
}

// TestDigestSpreadsEvenly: without Squares the values of a centroid spread over its
// share of the quantile function; here two halves of 0 to 100.
func TestDigestSpreadsEvenly(t *testing.T) {
	d := Digest{Centroids: []Centroid{{Mean: 25, Weight: 5e5}, {Mean: 75, Weight: 5e5}}, Max: 100}
	m := assert.Must(Winsorised(d, UpTo(1000)))
	assert.Near(t, "mean", m.Arm.Mean, 50, 1e-9)
	assert.Near(t, "variance", m.Arm.Variance, 1e4/12, 0.02)
}
