package analysis

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/quantile"
)

// cell is what some users of one arm add up to.
type cell struct {
	moments  effect.Moments
	sketch   quantile.Sketch
	clusters quantile.Clusters
}

func cellOf(r Row) cell { return cell{r.Moments, r.Sketch, r.Clusters} }

// plus adds disjoint users.
func (c cell) plus(other cell) (sum cell, err error) {
	if c.empty() {
		return other, nil
	}
	a, b := c.clusters, other.clusters
	sum.clusters = quantile.Clusters{Users: a.Users + b.Users, Events: a.Events + b.Events, Below: a.Below + b.Below,
		EventSquares: a.EventSquares + b.EventSquares, BelowSquares: a.BelowSquares + b.BelowSquares, Product: a.Product + b.Product}
	switch sketch := c.sketch.(type) {
	case nil:
		sum.moments, err = c.moments.Merge(other.moments)
		return sum, err
	case quantile.Histogram:
		with, ok := other.sketch.(quantile.Histogram)
		if !ok {
			return sum, mixed()
		}
		sum.sketch, err = sketch.Merge(with)
	case quantile.Digest:
		with, ok := other.sketch.(quantile.Digest)
		if !ok {
			return sum, mixed()
		}
		sum.sketch, err = sketch.Merge(with)
	default:
		err = mixed()
	}
	return sum, err
}

func mixed() error {
	return &stats.InputError{Field: "Sketch", Value: math.NaN(), Reason: "rows that add up must all be histograms, or all be digests"}
}

func (c cell) empty() bool { return c.sketch == nil && c.moments.N == 0 }

// users counts them, or without clusters a sketch's events.
func (c cell) users() int {
	total := 0.0
	switch sketch := c.sketch.(type) {
	case nil:
		return c.moments.N
	case quantile.Histogram:
		total = sketch.Under + sketch.Over
		for _, n := range sketch.Counts {
			total += n
		}
	case quantile.Digest:
		for _, centroid := range sketch.Centroids {
			total += centroid.Weight
		}
	}
	if c.clusters.Users > 0 {
		return c.clusters.Users
	}
	if !(total >= 0 && total < 1e15) {
		return 0
	}
	return int(math.Round(total))
}

// byArm is a cell for each arm that has one.
type byArm map[string]cell

func (b byArm) add(arm string, c cell) error {
	sum, err := b[arm].plus(c)
	b[arm] = sum
	return err
}

// group is the rows of the segments of one dimension.
type group struct {
	dimension string
	names     []string
	rows      map[string][]Row
}

// segments are the dimensions that the rows name, in their order.
func (s series) segments() []group {
	var groups []group
	at := map[string]int{}
	for _, r := range s.rows {
		if r.Segment == "" {
			continue
		}
		d := dimension(r.Segment)
		i, known := at[d]
		if !known {
			i, at[d] = len(groups), len(groups)
			groups = append(groups, group{dimension: d, rows: map[string][]Row{}})
		}
		if groups[i].rows[r.Segment] == nil {
			groups[i].names = append(groups[i].names, r.Segment)
		}
		groups[i].rows[r.Segment] = append(groups[i].rows[r.Segment], r)
	}
	return groups
}
