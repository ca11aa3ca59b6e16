package quantile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Digest is the list of centroids of a t-digest (or of any other clustering
// of values in order), as ClickHouse, DataSketches and others keep them: small
// weights at the ends, large ones in the middle. The order does not matter.
//
// The mean of a centroid stands at the middle of its mass. Min stands at rank ½
// and Max at n − ½, the middle of one event.
//
// Source: Dunning & Ertl (2019), "Computing Extremely Accurate Quantiles Using
// t-Digests", arXiv 1902.04023, §2.9.
type Digest struct {
	Centroids []Centroid
	Min, Max  float64 // smallest and largest value; both 0 means unknown
}

// Centroid is a group of neighbouring values.
type Centroid struct {
	Mean   float64 // of its values, in the metric's unit
	Weight float64 // its events, above 0
	// Squares is Σy² of its events, used only by Winsorised and Trimmed. Zero
	// means unknown: then the values of a centroid of more than one event are taken to
	// spread evenly over its share of the quantile function.
	Squares float64
}

// Merge puts the centroids of two digests together, without compressing them.
// Min and Max are known only if both know them.
func (d Digest) Merge(other Digest) (Digest, error) {
	merged, err := d.merge("", other, "other.")
	if err != nil {
		return Digest{}, err
	}
	return merged.(Digest), nil
}

func (d Digest) merge(prefix string, with Sketch, otherPrefix string) (Sketch, error) {
	other, same := with.(Digest)
	if err := input.First(input.Check(same, otherPrefix+"Centroids", 0, "a digest adds up only with a digest"), d.check(prefix), other.check(otherPrefix)); err != nil {
		return nil, err
	}
	sum := Digest{Centroids: slices.Concat(d.Centroids, other.Centroids)}
	if d.bounded() && other.bounded() {
		sum.Min, sum.Max = min(d.Min, other.Min), max(d.Max, other.Max)
	}
	return sum, nil
}

// bounded reports whether the ends are known: both 0 says that they are not. A digest
// of zeros alone loses nothing by this.
func (d Digest) bounded() bool { return d.Min != 0 || d.Max != 0 }

func (d Digest) curve(prefix string) (curve, error) {
	if err := d.check(prefix); err != nil {
		return curve{}, err
	}
	return d.sorted().knots(prefix)
}

// knots wants sorted centroids.
func (d Digest) knots(prefix string) (curve, error) {
	c := curve{knots: make([]knot, 0, 2*len(d.Centroids)+2)}
	for i := 0; i < len(d.Centroids); {
		first, from := d.Centroids[i], c.total
		for ; i < len(d.Centroids) && d.Centroids[i].Mean == first.Mean; i++ {
			c.total += d.Centroids[i].Weight
		}
		// Equal centroids are a point mass from the middle of the lightest to that of
		// another as light, whichever comes first.
		c.knots = append(c.knots, knot{first.Mean, from + first.Weight/2})
		if end := c.total - first.Weight/2; end > from+first.Weight/2 {
			c.knots = append(c.knots, knot{first.Mean, end})
		}
	}
	c.low, c.high = c.knots[0].rank, c.knots[len(c.knots)-1].rank
	if d.bounded() {
		if c.low > 0.5 {
			c.knots = slices.Insert(c.knots, 0, knot{d.Min, 0.5})
		}
		if c.high < c.total-0.5 {
			c.knots = append(c.knots, knot{d.Max, c.total - 0.5})
		}
	}
	// Below the first value and above the last there is nothing, if they are known.
	if d.bounded() || c.low <= 0.5 {
		c.low = 0
	}
	if d.bounded() || c.high >= c.total-0.5 {
		c.high = c.total
	}
	return c, enough(prefix+"Centroids", c.total)
}

// cells share the quantile function out among the centroids.
func (d Digest) cells(prefix string) ([]cell, error) {
	if err := d.check(prefix); err != nil {
		return nil, err
	}
	d = d.sorted()
	c, err := d.knots(prefix)
	if err != nil {
		return nil, err
	}
	cells, rank := make([]cell, len(d.Centroids)), 0.0
	for i, g := range d.Centroids {
		low := min(c.at(rank), g.Mean)
		rank += g.Weight
		b := cell{low: low, high: max(c.at(rank), g.Mean), count: g.Weight, sum: g.Weight * g.Mean, squares: g.Squares}
		if g.Weight <= 1 {
			b.low, b.high = g.Mean, g.Mean
		}
		if g.Squares == 0 {
			width := b.high - b.low
			b.squares = g.Weight * (g.Mean*g.Mean + width*width/12)
		}
		cells[i] = b
	}
	return cells, nil
}

func (d Digest) sorted() Digest {
	byMean := func(a, b Centroid) int {
		return cmp.Or(cmp.Compare(a.Mean, b.Mean), cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.Squares, b.Squares))
	}
	if !slices.IsSortedFunc(d.Centroids, byMean) {
		d.Centroids = slices.SortedFunc(slices.Values(d.Centroids), byMean)
	}
	return d
}

func (d Digest) check(prefix string) error {
	if err := input.First(input.Check(len(d.Centroids) > 0, prefix+"Centroids", 0, "there are none"),
		input.Finite(prefix+"Min", d.Min), input.Finite(prefix+"Max", d.Max), input.Check(d.Min <= d.Max, prefix+"Min", d.Min, "is above Max")); err != nil {
		return err
	}
	for i, g := range d.Centroids {
		ok := math.Abs(g.Mean) <= input.Max && g.Weight >= 1/input.Max && g.Weight <= input.Max && g.Squares >= 0 && g.Squares <= 2*input.Max*input.Max
		if ok && (!d.bounded() || g.Mean >= d.Min && g.Mean <= d.Max) && (g.Squares == 0 || g.Squares >= g.Weight*g.Mean*g.Mean*(1-1e-9)) {
			continue
		}
		at := fmt.Sprintf("%sCentroids[%d]", prefix, i)
		return input.First(input.Finite(at+".Mean", g.Mean), input.Positive(at+".Weight", g.Weight),
			input.Check(!d.bounded() || g.Mean >= d.Min && g.Mean <= d.Max, at+".Mean", g.Mean, "lies outside Min and Max"),
			input.Check(false, at+".Squares", g.Squares, "must be 0 (unknown) or at least Weight·Mean²"))
	}
	return nil
}
