package quantile_test

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/quantile"
)

// Page loads in milliseconds, by arm.
var (
	edges   = []float64{0, 50, 100, 150, 200, 300, 400, 600, 800, 1200, 2000}
	control = quantile.Histogram{Edges: edges, Counts: []float64{310, 4180, 10400, 9950, 11200, 5210, 4300, 1390, 880, 180}, Over: 12}
	faster  = quantile.Histogram{Edges: edges, Counts: []float64{350, 4640, 11100, 10100, 10700, 4750, 3790, 1180, 690, 140}, Over: 9}
)

func ExampleCompare() {
	c, err := quantile.Compare(quantile.Sample{Sketch: faster}, quantile.Sample{Sketch: control}, 0.95, quantile.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("p95 %.0f → %.0f ms: %+.1f%% (%.1f%% to %.1f%%), P = %.1g\n", c.Control.Value, c.Treatment.Value,
		100*c.Relative.Value, 100*c.Relative.Interval.Low, 100*c.Relative.Interval.High, c.P)
	fmt.Println(c.Control.Warnings[0])
	// Output:
	// p95 609 → 581 ms: -4.5% (-6.3% to -2.8%), P = 1e-06
	// the resolution dominates: the interval (width 23.8) lies inside one bin or gap of width 200, and no value in it is known better than that
}

// Users load several pages each: the sums per user widen the interval.
func ExampleSample_Quantile() {
	s := quantile.Sample{Sketch: control, Clusters: quantile.Clusters{Users: 12_000, Events: 48_012, Below: 43_211,
		EventSquares: 260_000, BelowSquares: 214_000, Product: 229_000}}
	e, err := s.Quantile(0.9, quantile.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("p90 = %.0f ms, %.0f to %.0f; an event is worth 1/%.2f\n", e.Value, e.Interval.Low, e.Interval.High, e.DesignEffect)
	// Output:
	// p90 = 491 ms, 481 to 501; an event is worth 1/2.87
}

func ExampleEstimate_Arm() {
	e, err := quantile.Sample{Sketch: control}.Quantile(0.5, quantile.Options{})
	if err != nil {
		panic(err)
	}
	arm := e.Arm()
	fmt.Printf("%d units, mean %.1f, variance %.0f\n", arm.N, arm.Mean, arm.Variance)
	// Output:
	// 48012 units, mean 195.8, variance 18744
}

func ExampleClusters_DesignEffect() {
	// 1,000 users with five loads each, all of them fast or all slow.
	deff, err := quantile.Clusters{Users: 1000, Events: 5000, Below: 4500, EventSquares: 25_000, BelowSquares: 22_500, Product: 22_500}.DesignEffect()
	fmt.Printf("%.2f %v\n", deff, err)
	// Output: 5.01 <nil>
}

func ExampleHistogram_Merge() {
	both, err := control.Merge(faster)
	fmt.Println(both.Counts[0], both.Over, err)
	// Output: 660 21 <nil>
}

func ExampleDigest_Merge() {
	monday := quantile.Digest{Centroids: []quantile.Centroid{{Mean: 80, Weight: 1}, {Mean: 120, Weight: 3}}, Min: 80, Max: 130}
	tuesday := quantile.Digest{Centroids: []quantile.Centroid{{Mean: 95, Weight: 4}}, Min: 70, Max: 110}
	both, err := monday.Merge(tuesday)
	fmt.Println(len(both.Centroids), both.Min, both.Max, err)
	// Output: 3 70 130 <nil>
}

// Revenue per user, most of it 0, with sums per bin.
var revenue = quantile.Histogram{
	Edges: []float64{0, 0, 10, 50, 200, 1000}, Counts: []float64{9000, 600, 300, 80, 20},
	Sums: []float64{0, 3300, 7500, 7600, 8400}, Squares: []float64{0, 23_000, 225_000, 850_000, 4_100_000},
}

func ExampleWinsorised() {
	m, err := quantile.Winsorised(revenue, quantile.UpTo(200))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f per user, SD %.1f; %.1f%% of users capped, bound %g\n", m.Arm.Mean, math.Sqrt(m.Arm.Variance), 100*m.ShareHigh, m.Bound)
	// Output:
	// 2.24 per user, SD 13.6; 0.2% of users capped, bound 0
}

func ExampleTrimmed() {
	m, err := quantile.Trimmed(revenue, quantile.UpTo(200))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f per user of %d\n", m.Arm.Mean, m.Arm.N)
	// Output:
	// 1.84 per user of 9980
}

func ExamplePooledLimits() {
	other := revenue
	other.Counts = []float64{8900, 650, 320, 105, 25}
	limits, err := quantile.PooledLimits(0, 0.999, revenue, other)
	fmt.Printf("cap at %.0f %v\n", limits.High, err)
	// Output:
	// cap at 644 <nil>
}

func ExampleUpTo() {
	fmt.Println(quantile.UpTo(200))
	// Output: {-Inf 200}
}
