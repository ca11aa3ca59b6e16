package quantile

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Histogram counts the events of one arm in bins of the metric's unit (ms,
// dollars). Bin i has the events with Edges[i] ≤ y < Edges[i+1]; if both edges
// are equal it is a point mass, and the bin after it begins just above. Counts
// need not be whole: sampled or adaptive histograms have fractions.
//
// Edges cannot depend on the arm: use the same for both, fixed beforehand or
// taken from pooled data. Bins of equal ratio (1% to 5% wide) suit latencies.
type Histogram struct {
	Edges  []float64 // m + 1 edges, not falling
	Counts []float64 // events per bin, m of them, 0 or above
	Under  float64   // events below the first edge
	Over   float64   // events above the last bin
	// Only for Winsorised and Trimmed: Σy and Σy² of the events of each bin, m
	// of each. Under and Over have none: a cap replaces their values.
	Sums, Squares []float64
}

// Merge adds up two histograms with the same edges, such as those of two days or
// of two arms that are to be pooled. The result has sums only if both have.
func (h Histogram) Merge(other Histogram) (Histogram, error) {
	merged, err := h.merge("", other, "other.")
	if err != nil {
		return Histogram{}, err
	}
	return merged.(Histogram), nil
}

func (h Histogram) merge(prefix string, with Sketch, otherPrefix string) (Sketch, error) {
	other, same := with.(Histogram)
	if err := input.First(
		input.Check(same && slices.Equal(h.Edges, other.Edges), otherPrefix+"Edges", float64(len(other.Edges)), "histograms add up only over the same edges"),
		h.check(prefix), other.check(otherPrefix)); err != nil {
		return nil, err
	}
	sum := Histogram{Edges: slices.Clone(h.Edges), Counts: add(h.Counts, other.Counts), Under: h.Under + other.Under, Over: h.Over + other.Over}
	if h.Sums != nil && other.Sums != nil && h.Squares != nil && other.Squares != nil {
		sum.Sums, sum.Squares = add(h.Sums, other.Sums), add(h.Squares, other.Squares)
	}
	return sum, nil
}

func add(a, b []float64) []float64 {
	sum := slices.Clone(a)
	for i := range sum {
		sum[i] += b[i]
	}
	return sum
}

func (h Histogram) curve(prefix string) (curve, error) {
	if err := h.check(prefix); err != nil {
		return curve{}, err
	}
	c := curve{knots: make([]knot, 0, len(h.Edges)), low: h.Under}
	rank := h.Under
	c.knots = append(c.knots, knot{h.Edges[0], rank})
	for i, n := range h.Counts {
		rank += n
		c.knots = append(c.knots, knot{h.Edges[i+1], rank})
	}
	c.high, c.total = rank, rank+h.Over
	return c, enough(prefix+"Counts", c.total)
}

func (h Histogram) cells(prefix string) ([]cell, error) {
	if err := input.First(h.check(prefix), h.checkSums(prefix)); err != nil {
		return nil, err
	}
	last := len(h.Counts)
	cells := make([]cell, 0, last+2)
	cells = append(cells, cell{low: math.Inf(-1), high: h.Edges[0], count: h.Under, open: true})
	for i, n := range h.Counts {
		cells = append(cells, cell{low: h.Edges[i], high: h.Edges[i+1], count: n, sum: h.Sums[i], squares: h.Squares[i]})
	}
	return append(cells, cell{low: h.Edges[last], high: math.Inf(1), count: h.Over, open: true}), nil
}

func (h Histogram) check(prefix string) error {
	bins := len(h.Edges) - 1
	if err := input.First(input.Check(bins >= 1, prefix+"Edges", float64(len(h.Edges)), "at least two edges are needed"),
		input.Check(len(h.Counts) == bins, prefix+"Counts", float64(len(h.Counts)), "must be one fewer than Edges"),
		input.NonNegative(prefix+"Under", h.Under), input.NonNegative(prefix+"Over", h.Over)); err != nil {
		return err
	}
	for i, e := range h.Edges {
		if !(math.Abs(e) <= input.Max) || i > 0 && e < h.Edges[i-1] {
			return input.Check(false, fmt.Sprintf("%sEdges[%d]", prefix, i), e, "edges must be numbers of magnitude at most 1e40 that do not fall")
		}
	}
	for i, n := range h.Counts {
		if !(n >= 0 && n <= input.Max) {
			return input.NonNegative(fmt.Sprintf("%sCounts[%d]", prefix, i), n)
		}
	}
	return nil
}

// checkSums refuses sums that no events of the bin can have. The tolerance
// is the rounding of sums of floats.
func (h Histogram) checkSums(prefix string) error {
	if err := input.First(
		input.Check(len(h.Sums) == len(h.Counts), prefix+"Sums", float64(len(h.Sums)), "a mean needs Σy of each bin, as many as Counts"),
		input.Check(len(h.Squares) == len(h.Counts), prefix+"Squares", float64(len(h.Squares)), "a variance needs Σy² of each bin, as many as Counts")); err != nil {
		return err
	}
	for i, n := range h.Counts {
		sum, squares, low, high := h.Sums[i], h.Squares[i], h.Edges[i], h.Edges[i+1]
		slack := 1e-9 * n * max(math.Abs(low), math.Abs(high))
		if !(sum >= n*low-slack && sum <= n*high+slack) {
			return input.Check(false, fmt.Sprintf("%sSums[%d]", prefix, i), sum, "lies outside what the events of this bin can add up to")
		}
		if !(squares <= 2*input.Max*input.Max && squares*n >= sum*sum*(1-1e-9)) {
			return input.Check(false, fmt.Sprintf("%sSquares[%d]", prefix, i), squares, "is below sum²/count, which no values can give")
		}
	}
	return nil
}

func enough(field string, total float64) error {
	return input.Check(total >= 2 && total <= 1e18, field, total, "must add up to at least 2 events (at most 1e18)")
}
