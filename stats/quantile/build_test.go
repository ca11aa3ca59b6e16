package quantile

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// histogramOf counts raw values, with their sums.
func histogramOf(edges, values []float64) Histogram {
	m := len(edges) - 1
	h := Histogram{Edges: edges, Counts: make([]float64, m), Sums: make([]float64, m), Squares: make([]float64, m)}
	for _, y := range values {
		switch i := sort.Search(len(edges), func(i int) bool { return edges[i] > y }) - 1; {
		case i < 0:
			h.Under++
		case i >= m:
			h.Over++
		default:
			h.Counts[i]++
			h.Sums[i] += y
			h.Squares[i] += y * y
		}
	}
	return h
}

// digestOf is a merging t-digest of sorted values with the arcsine scale
// function (Dunning & Ertl 2019, §2.1 k₁).
func digestOf(values []float64, delta float64) Digest {
	sorted := slices.Sorted(slices.Values(values))
	n := float64(len(sorted))
	d := Digest{Min: sorted[0], Max: sorted[len(sorted)-1]}
	scale := func(q float64) float64 { return delta / (2 * math.Pi) * math.Asin(2*min(max(q, 0), 1)-1) }
	weight, sum, before := 0.0, 0.0, 0.0
	for _, y := range sorted {
		if weight > 0 && scale((before+weight+1)/n)-scale(before/n) > 1 {
			d.Centroids = append(d.Centroids, Centroid{Mean: sum / weight, Weight: weight})
			before, weight, sum = before+weight, 0, 0
		}
		weight++
		sum += y
	}
	// A sum of equal values over their number may leave their range by rounding.
	d.Centroids = append(d.Centroids, Centroid{Mean: min(max(sum/weight, d.Min), d.Max), Weight: weight})
	return d
}

func singletons(values []float64) Digest {
	var d Digest
	for _, y := range values {
		d.Centroids = append(d.Centroids, Centroid{Mean: y, Weight: 1})
	}
	return d
}

// ratioEdges are bins of equal ratio.
func ratioEdges(low, high, ratio float64) []float64 {
	edges := []float64{low}
	for edges[len(edges)-1] < high {
		edges = append(edges, edges[len(edges)-1]*ratio)
	}
	return edges
}

func logNormal(r *rand.Rand) float64 { return math.Exp(5 + 0.8*r.NormFloat64()) }

// pareto has tail index 2.5: the mean and the variance exist, hardly more.
func pareto(r *rand.Rand) float64 { return 100 * math.Pow(1-r.Float64(), -1/2.5) }

func draw(r *rand.Rand, n int, from func(*rand.Rand) float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = from(r)
	}
	return values
}
