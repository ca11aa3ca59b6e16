package quantile

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Values on a line that a person can follow: bins of 10 with 4, 8, 4 events.
func TestHistogramByHand(t *testing.T) {
	h := Histogram{Edges: []float64{0, 10, 20, 40}, Counts: []float64{4, 8, 4}}
	for q, want := range map[float64]float64{0.125: 5, 0.25: 10, 0.5: 15, 0.75: 20, 0.875: 30} {
		e := assert.Must(Sample{Sketch: h}.Quantile(q, Options{}))
		assert.Near(t, "quantile", e.Value, want, 1e-12)
	}
	e := assert.Must(Sample{Sketch: h}.Quantile(0.5, Options{}))
	// The bandwidth for 16 events is cut to half of the way, 0.25: from 10 to 20,
	// over logit 0.75 − logit 0.25 = 2 log 3.
	assert.Near(t, "SE", e.SE, 10/(2*math.Log(3))/math.Sqrt(16*0.25), 1e-12)
	if e.Resolution != 10 || e.Events != 16 || e.DesignEffect != 1 {
		t.Errorf("got %+v", e)
	}
}

// Zero-width bins are point masses, empty bins are gaps whose middle is the median.
func TestPointMassesAndGaps(t *testing.T) {
	h := Histogram{Edges: []float64{0, 0, 1, 2}, Counts: []float64{60, 0, 40}}
	at := func(q float64) Estimate { return assert.Must(Sample{Sketch: h}.Quantile(q, Options{})) }
	if e := at(0.3); e.Value != 0 || e.SE != 0 || e.Interval.Low != 0 || e.Interval.High != 0 || !warned(e.Warnings, "point mass") {
		t.Errorf("in the mass: %+v", e)
	}
	assert.Near(t, "on the step", at(0.6).Value, 0.5, 1e-12)
	assert.Near(t, "above", at(0.8).Value, 1.5, 1e-12)
	// The interval of a quantile just above the mass reaches it.
	if e := at(0.62); e.Interval.Low != 0 || e.Value < 1 {
		t.Errorf("near the mass: %+v", e)
	}
}

// Centroids of weight 1 give type 5 quantiles: R's quantile(c(1, 2, 4, 8, 16),
// c(0.1, 0.25, 0.5, 0.75, 0.9), type = 5) is 1, 1.75, 4, 10, 16.
func TestDigestOfSingletons(t *testing.T) {
	d := singletons([]float64{8, 1, 16, 2, 4})
	for q, want := range map[float64]float64{0.1: 1, 0.25: 1.75, 0.5: 4, 0.75: 10, 0.9: 16, 0.01: 1, 0.99: 16} {
		assert.Near(t, "quantile", assert.Must(Sample{Sketch: d}.Quantile(q, Options{})).Value, want, 1e-12)
	}
}

// The ends of a digest: known with Min and Max, refused without.
func TestDigestEnds(t *testing.T) {
	d := Digest{Centroids: []Centroid{{Mean: 10, Weight: 50}, {Mean: 20, Weight: 50}}}
	_, err := Sample{Sketch: d}.Quantile(0.99, Options{})
	assert.Field(t, err, "q")
	d.Min, d.Max = 0, 40
	// Mass 99 lies between 75 (value 20) and 99.5 (value 40).
	assert.Near(t, "with Max", assert.Must(Sample{Sketch: d}.Quantile(0.99, Options{})).Value, 20+20*24/24.5, 1e-12)
	assert.Near(t, "with Min", assert.Must(Sample{Sketch: d}.Quantile(0.001, Options{})).Value, 0, 1e-12)
}

// The interval of raw values as bins is the order-statistic interval itself.
func TestIntervalIsOrderStatistics(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(1, 2)), 10, logNormal)
	e := assert.Must(Sample{Sketch: singletons(values)}.Quantile(0.5, Options{Level: 1 - 22.0/1024}))
	slices.Sort(values)
	assert.Near(t, "low", e.Interval.Low, values[1], 1e-4)
	assert.Near(t, "high", e.Interval.High, values[8], 1e-4)
}

// A wide bin says how wide it is; bins of the same data that are fine do not.
func TestResolutionWarning(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(3, 4)), 10_000, logNormal)
	coarse := assert.Must(Sample{Sketch: histogramOf([]float64{0, 100, 200, 1000, 1e5}, values)}.Quantile(0.95, Options{}))
	fine := assert.Must(Sample{Sketch: histogramOf(ratioEdges(1, 1e5, 1.02), values)}.Quantile(0.95, Options{}))
	if !warned(coarse.Warnings, "resolution") || coarse.Resolution != 800 {
		t.Errorf("coarse: %+v", coarse)
	}
	if len(fine.Warnings) > 0 || fine.Resolution > 0.02*fine.Value {
		t.Errorf("fine: %+v", fine)
	}
}

func TestOpenEnds(t *testing.T) {
	h := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{50, 48}, Over: 2}
	e := assert.Must(Sample{Sketch: h}.Quantile(0.97, Options{}))
	if e.Interval.High != 2 || !warned(e.Warnings, "open above") {
		t.Errorf("got %+v", e)
	}
	_, err := Sample{Sketch: h}.Quantile(0.99, Options{})
	assert.Field(t, err, "q")
	few := assert.Must(Sample{Sketch: singletons([]float64{1, 2, 3})}.Quantile(0.5, Options{}))
	if few.Interval.Low != 1 || few.Interval.High != 3 || !warned(few.Warnings, "open below") || !warned(few.Warnings, "only 1.5") {
		t.Errorf("three events: %+v", few)
	}
}

// Users of k equal events each are worth one event each: deff = k n/(n − 1).
// Users who each have exactly the share q below are worth more than any number.
func TestDesignEffectByHand(t *testing.T) {
	same := Clusters{Users: 1000, Events: 5000, Below: 4500, EventSquares: 25_000, BelowSquares: 900 * 25, Product: 900 * 25}
	assert.Near(t, "all or none", assert.Must(same.DesignEffect()), 5*1000.0/999, 1e-12)
	even := Clusters{Users: 1000, Events: 10_000, Below: 9000, EventSquares: 100_000, BelowSquares: 81_000, Product: 90_000}
	assert.Near(t, "each the same", assert.Must(even.DesignEffect()), 0, 1e-12)
	single := Clusters{Users: 1000, Events: 1000, Below: 900, EventSquares: 1000, BelowSquares: 900, Product: 900}
	assert.Near(t, "one event each", assert.Must(single.DesignEffect()), 1000.0/999, 1e-12)
}

// The delta method is the variance of the ratio of stats/effect.
func TestDesignEffectIsRatioVariance(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var c Clusters
	for range 500 {
		n := 1 + r.IntN(6)
		b := r.IntN(n + 1)
		c = c.plus(float64(n), float64(b))
	}
	k := float64(c.Users)
	moment := func(ab, a, b float64) float64 { return (ab - a*b/k) / (k - 1) }
	arm := assert.Must(effect.RatioArm{N: c.Users, Numerator: c.Below / k, Denominator: c.Events / k, NumeratorVariance: moment(c.BelowSquares, c.Below, c.Below),
		DenominatorVariance: moment(c.EventSquares, c.Events, c.Events), Covariance: moment(c.Product, c.Below, c.Events)}.Arm())
	p := c.Below / c.Events
	assert.Near(t, "deff", assert.Must(c.DesignEffect())/(arm.Variance/k/(p*(1-p)/c.Events)), 1, 1e-9)
}

func (c Clusters) plus(n, below float64) Clusters {
	return Clusters{c.Users + 1, c.Events + n, c.Below + below, c.EventSquares + n*n, c.BelowSquares + below*below, c.Product + n*below}
}

// A design effect of 4 is the answer of a quarter of the events.
func TestDesignEffectWidens(t *testing.T) {
	h := histogramOf(ratioEdges(1, 1e5, 1.01), draw(rand.New(rand.NewPCG(7, 8)), 40_000, logNormal))
	quarter := h
	quarter.Counts = nil
	for _, n := range h.Counts {
		quarter.Counts = append(quarter.Counts, n/4)
	}
	// 10,000 users of 4 equal events, 9,000 of them below: deff 4 but for n/(n − 1).
	c := Clusters{Users: 10_000, Events: 40_000, Below: 36_000, EventSquares: 160_000, BelowSquares: 144_000, Product: 144_000}
	a := assert.Must(Sample{h, c}.Quantile(0.9, Options{}))
	b := assert.Must(Sample{Sketch: quarter}.Quantile(0.9, Options{}))
	assert.Near(t, "value", a.Value, b.Value, 1e-9)
	assert.Near(t, "SE", a.SE/b.SE, 1, 1e-4)
	assert.Near(t, "high", a.Interval.High/b.Interval.High, 1, 1e-4)
	if a.Units != 10_000 {
		t.Errorf("units %d", a.Units)
	}
}

func TestCompareAndArm(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	edges := ratioEdges(1, 1e5, 1.01)
	control := Sample{Sketch: histogramOf(edges, draw(r, 20_000, logNormal))}
	treatment := Sample{Sketch: histogramOf(edges, draw(r, 20_000, func(r *rand.Rand) float64 { return 1.1 * logNormal(r) }))}
	c := assert.Must(Compare(treatment, control, 0.9, Options{Level: 0.9}))
	if !c.Relative.Interval.Contains(0.1) || c.P > 0.05 || c.Difference.Interval.Level != 0.9 {
		t.Errorf("got %+v, relative %+v", c, c.Relative)
	}
	// stats/effect says the same of the two as arms.
	lift := assert.Must(effect.RelativeLift(c.Treatment.Arm(), c.Control.Arm()))
	assert.Near(t, "lift", lift.Value, c.Relative.Value, 1e-12)
	assert.Near(t, "SE of lift", lift.SE, c.Relative.SE, 1e-12)
	z := c.Difference.Value / c.Difference.SE
	assert.Near(t, "P", c.P, 2*norm.CDF(-z), 1e-12)
	assert.Near(t, "interval", c.Difference.Interval.High, c.Difference.Value+1.6448536269514722*c.Difference.SE, 1e-9)
	back := assert.Must(Compare(control, treatment, 0.9, Options{Level: 0.9}))
	if back.P != c.P || back.Difference.Value != -c.Difference.Value {
		t.Errorf("exchanged arms: %+v", back)
	}
}

// A control of 0 has a difference but no relative change.
func TestCompareWithZero(t *testing.T) {
	control := Histogram{Edges: []float64{0, 0, 1, 2}, Counts: []float64{900, 50, 50}}
	treatment := Histogram{Edges: []float64{0, 0, 1, 2}, Counts: []float64{400, 300, 300}}
	c := assert.Must(Compare(Sample{Sketch: treatment}, Sample{Sketch: control}, 0.7, Options{}))
	if c.Relative != nil || c.Difference.Value != 1 {
		t.Errorf("got %+v", c)
	}
	_, err := Compare(Sample{Sketch: control}, Sample{Sketch: control}, 0.7, Options{})
	assert.Field(t, err, "treatment.Sketch")
}

func TestErrorsNameTheField(t *testing.T) {
	good := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{5, 5}}
	of := func(s Sketch) error { _, err := Sample{Sketch: s}.Quantile(0.5, Options{}); return err }
	grouped := func(c Clusters) error { _, err := Sample{good, c}.Quantile(0.5, Options{}); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{of(nil), "Sketch"},
		{of(Histogram{}), "Sketch.Edges"},
		{of(Histogram{Edges: []float64{0, 1}, Counts: []float64{1, 2}}), "Sketch.Counts"},
		{of(Histogram{Edges: []float64{0, 1}, Counts: []float64{1}}), "Sketch.Counts"},
		{of(Histogram{Edges: []float64{0, 2, 1}, Counts: []float64{5, 5}}), "Sketch.Edges[2]"},
		{of(Histogram{Edges: []float64{0, math.NaN(), 1}, Counts: []float64{5, 5}}), "Sketch.Edges[1]"},
		{of(Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{5, -1}}), "Sketch.Counts[1]"},
		{of(Histogram{Edges: []float64{0, 1}, Counts: []float64{5}, Over: math.Inf(1)}), "Sketch.Over"},
		{of(Digest{}), "Sketch.Centroids"},
		{of(Digest{Centroids: []Centroid{{1, 3, 0}, {math.NaN(), 1, 0}}}), "Sketch.Centroids[1].Mean"},
		{of(Digest{Centroids: []Centroid{{1, 0, 0}}}), "Sketch.Centroids[0].Weight"},
		{of(Digest{Centroids: []Centroid{{1, 2, 1}}}), "Sketch.Centroids[0].Squares"},
		{of(Digest{Centroids: []Centroid{{5, 2, 0}}, Max: 4}), "Sketch.Centroids[0].Mean"},
		{of(Digest{Centroids: []Centroid{{5, 2, 0}}, Min: 9, Max: 4}), "Sketch.Min"},
		{grouped(Clusters{Users: 1}), "Clusters.Users"},
		{grouped(Clusters{Users: 10, Events: 5}), "Clusters.Events"},
		{grouped(Clusters{Users: 10, Events: 20, Below: 20}), "Clusters.Below"},
		{grouped(Clusters{Users: 10, Events: 20, Below: 10, EventSquares: 30}), "Clusters.EventSquares"},
		{grouped(Clusters{Users: 10, Events: 20, Below: 10, EventSquares: 50, BelowSquares: 5}), "Clusters.BelowSquares"},
		{grouped(Clusters{Users: 10, Events: 20, Below: 10, EventSquares: 50, BelowSquares: 12, Product: 60}), "Clusters.Product"},
		{grouped(Clusters{Users: 10, Events: 20, Below: 10, EventSquares: 50, BelowSquares: 12, Product: 40}), "Clusters.Product"},
	} {
		assert.Field(t, c.err, c.field)
	}
	for _, q := range []float64{0, 1, math.NaN(), -1} {
		_, err := Sample{Sketch: good}.Quantile(q, Options{})
		assert.Field(t, err, "q")
	}
	_, err := Compare(Sample{Sketch: good}, Sample{Sketch: Histogram{}}, 0.5, Options{})
	assert.Field(t, err, "control.Sketch.Edges")
	_, err = Compare(Sample{Sketch: good}, Sample{Sketch: good}, 0.5, Options{Level: 1})
	assert.Field(t, err, "Level")
}

// Calls leave their input as it was.
func TestInputIsNotChanged(t *testing.T) {
	d := Digest{Centroids: []Centroid{{3, 1, 0}, {1, 2, 0}, {2, 5, 0}}}
	before := slices.Clone(d.Centroids)
	assert.Must(Compare(Sample{Sketch: d}, Sample{Sketch: d}, 0.5, Options{}))
	assert.Must(Winsorised(d, UpTo(2.5)))
	if diff := cmp.Diff(before, d.Centroids); diff != "" {
		t.Error(diff)
	}
}

func warned(warnings []string, part string) bool {
	return slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, part) })
}
