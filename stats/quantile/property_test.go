package quantile

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats/internal/assert"
)

var near = cmpopts.EquateApprox(1e-9, 1e-9)

// genHistogram draws edges that may repeat, with empty bins and open ends.
func genHistogram(t *rapid.T) Histogram {
	edges := rapid.SliceOfN(rapid.Float64Range(-50, 50), 2, 12).Draw(t, "edges")
	slices.Sort(edges)
	m := len(edges) - 1
	counts := make([]float64, m)
	for i := range counts {
		counts[i] = float64(rapid.IntRange(0, 40).Draw(t, "count"))
	}
	counts[0] += 5
	return Histogram{Edges: edges, Counts: counts, Under: float64(rapid.IntRange(0, 3).Draw(t, "under")), Over: float64(rapid.IntRange(0, 3).Draw(t, "over"))}
}

// genDigest draws means that other units keep apart: nearly equal ones would
// round to a tie.
func genDigest(t *rapid.T) Digest {
	var d Digest
	for range rapid.IntRange(1, 12).Draw(t, "centroids") {
		d.Centroids = append(d.Centroids, Centroid{Mean: float64(rapid.IntRange(-400, 400).Draw(t, "mean")) / 8, Weight: float64(rapid.IntRange(1, 30).Draw(t, "weight"))})
	}
	d.Centroids[0].Weight++
	if rapid.Bool().Draw(t, "bounded") {
		d.Min, d.Max = -60, 55
	}
	return d
}

func genSketch(t *rapid.T) Sketch {
	if rapid.Bool().Draw(t, "digest") {
		return genDigest(t)
	}
	return genHistogram(t)
}

// The quantile, and both ends of its interval, rise with q; the interval holds
// the quantile and shrinks with the level.
func TestMonotoneInQ(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sample{Sketch: genSketch(t)}
		a, b := rapid.Float64Range(0.01, 0.99).Draw(t, "a"), rapid.Float64Range(0.01, 0.99).Draw(t, "b")
		low, errLow := s.Quantile(min(a, b), Options{})
		high, errHigh := s.Quantile(max(a, b), Options{})
		if errLow != nil || errHigh != nil {
			return
		}
		if low.Value > high.Value || low.Interval.Low > high.Interval.Low+1e-6 || low.Interval.High > high.Interval.High+1e-6 {
			t.Fatalf("%+v\n%+v", low, high)
		}
		narrow := assert.Must(s.Quantile(a, Options{Level: 0.6}))
		wide := assert.Must(s.Quantile(a, Options{Level: 0.9}))
		if !narrow.Interval.Contains(narrow.Value) || narrow.Interval.Low < wide.Interval.Low || narrow.Interval.High > wide.Interval.High || wide.SE < 0 {
			t.Fatalf("%+v\n%+v", narrow, wide)
		}
	})
}

// Other units of the metric: y → 3y + 7 moves values and scales errors.
func TestAffineUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, q := genSketch(t), rapid.Float64Range(0.01, 0.99).Draw(t, "q")
		e, err := Sample{Sketch: s}.Quantile(q, Options{})
		f, errMoved := Sample{Sketch: moved(s)}.Quantile(q, Options{})
		if (err == nil) != (errMoved == nil) {
			t.Fatal(err, errMoved)
		}
		if err != nil {
			return
		}
		e.Value, e.SE, e.Resolution = 3*e.Value+7, 3*e.SE, 3*e.Resolution
		e.Interval.Low, e.Interval.High = 3*e.Interval.Low+7, 3*e.Interval.High+7
		if diff := cmp.Diff(e, f, near, cmpopts.IgnoreFields(Estimate{}, "Warnings")); diff != "" {
			t.Fatal(diff)
		}
	})
}

func moved(s Sketch) Sketch {
	switch s := s.(type) {
	case Histogram:
		s.Edges = slices.Clone(s.Edges)
		for i := range s.Edges {
			s.Edges[i] = 3*s.Edges[i] + 7
		}
		return s
	case Digest:
		s.Centroids = slices.Clone(s.Centroids)
		for i := range s.Centroids {
			s.Centroids[i].Mean = 3*s.Centroids[i].Mean + 7
		}
		if s.bounded() {
			s.Min, s.Max = 3*s.Min+7, 3*s.Max+7
		}
		return s
	}
	return nil
}

// Seen in a mirror, y → −y exchanges q and 1 − q.
func TestMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, q := genDigest(t), rapid.Float64Range(0.01, 0.99).Draw(t, "q")
		mirrored := Digest{Min: -d.Max, Max: -d.Min}
		for _, g := range d.Centroids {
			mirrored.Centroids = append(mirrored.Centroids, Centroid{Mean: -g.Mean, Weight: g.Weight})
		}
		e, err := Sample{Sketch: d}.Quantile(q, Options{})
		m, errMirrored := Sample{Sketch: mirrored}.Quantile(1-q, Options{})
		if err != nil || errMirrored != nil {
			return
		}
		want := []float64{-e.Value, e.SE, -e.Interval.High, -e.Interval.Low}
		if diff := cmp.Diff(want, []float64{m.Value, m.SE, m.Interval.Low, m.Interval.High}, cmpopts.EquateApprox(1e-6, 1e-6)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Histograms of parts add up to the histogram of the whole; centroids may come in any
// order and in any number of digests.
func TestMergeIsUnion(t *testing.T) {
	edges := []float64{0, 50, 100, 200, 400, 800}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := draw(r, 1+r.IntN(50), logNormal), draw(r, 1+r.IntN(50), logNormal)
		merged := assert.Must(histogramOf(edges, a).Merge(histogramOf(edges, b)))
		if diff := cmp.Diff(histogramOf(edges, slices.Concat(a, b)), merged, near); diff != "" {
			t.Fatal(diff)
		}
		whole := Digest{Centroids: singletons(slices.Concat(b, a)).Centroids, Min: 0.001, Max: 1e6}
		parts := assert.Must(Digest{singletons(a).Centroids, 0.001, 1e6}.Merge(Digest{singletons(b).Centroids, 1, 10_000}))
		q := rapid.Float64Range(0, 1).Filter(func(q float64) bool { return q > 0 && q < 1 }).Draw(t, "q")
		if diff := cmp.Diff(assert.Must(Sample{Sketch: whole}.Quantile(q, Options{})), assert.Must(Sample{Sketch: parts}.Quantile(q, Options{}))); diff != "" {
			t.Fatal(diff)
		}
		r.Shuffle(len(whole.Centroids), func(i, j int) {
			whole.Centroids[i], whole.Centroids[j] = whole.Centroids[j], whole.Centroids[i]
		})
		if diff := cmp.Diff(assert.Must(Winsorised(whole, UpTo(150))), assert.Must(Winsorised(parts, UpTo(150)))); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A fine histogram and a t-digest of δ = 500 give what the raw values do. A centroid
// of w events does not know how these lie: ½√w of them is one standard
// deviation, where w = n 2π√(q(1 − q))/δ, against the √(nq(1 − q)) of sampling.
func TestSketchesAgree(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(19, 20)), 20_000, logNormal)
	h := Sample{Sketch: histogramOf(ratioEdges(1, 1e5, 1.002), values)}
	d := Sample{Sketch: digestOf(values, 500)}
	raw := Sample{Sketch: singletons(values)}
	for _, q := range []float64{0.1, 0.5, 0.9, 0.99} {
		want := assert.Must(raw.Quantile(q, Options{}))
		spread := math.Sqrt(20_000 * q * (1 - q))
		tolerance := map[string]float64{"histogram": 0.15, "digest": 4 * 0.5 * math.Sqrt(2*math.Pi/500*math.Sqrt(20_000)*spread) / spread}
		for name, s := range map[string]Sample{"histogram": h, "digest": d} {
			got := assert.Must(s.Quantile(q, Options{}))
			assert.Near(t, name, got.Value, want.Value, tolerance[name]*want.SE)
			assert.Near(t, name+": low", got.Interval.Low, want.Interval.Low, tolerance[name]*want.SE)
			assert.Near(t, name+": high", got.Interval.High, want.Interval.High, tolerance[name]*want.SE)
			assert.Near(t, name+": SE", got.SE/want.SE, 1, 0.05)
		}
	}
}

// A tighter cap never raises a winsorised mean, and a mean lies between its caps.
func TestWinsorisedIsMonotone(t *testing.T) {
	edges := []float64{0, 50, 100, 200, 400, 800, 1e7}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		h := histogramOf(edges, draw(r, 2+r.IntN(100), logNormal))
		a, b := rapid.Float64Range(1, 1000).Draw(t, "a"), rapid.Float64Range(1, 1000).Draw(t, "b")
		low, high := assert.Must(Winsorised(h, UpTo(min(a, b)))), assert.Must(Winsorised(h, UpTo(max(a, b))))
		if low.Arm.Mean > high.Arm.Mean*(1+1e-12) || low.Arm.Mean > min(a, b)*(1+1e-12) || math.IsNaN(low.Bound) {
			t.Fatalf("caps %g, %g: %+v %+v", a, b, low, high)
		}
	})
}
