package quantile

import "sort"

// A Sketch is what a warehouse knows of the distribution of one arm's events: a
// Histogram or a Digest, or a pointer to one.
type Sketch interface {
	// curve is the distribution as values at ranks; cells are its bins with
	// sums; merge adds another one of the same kind. Errors name fields below the prefix.
	curve(prefix string) (curve, error)
	cells(prefix string) ([]cell, error)
	merge(prefix string, other Sketch, otherPrefix string) (Sketch, error)
}

// value is the sketch that a pointer points to; nil where there is none.
func value(s Sketch) Sketch {
	switch p := s.(type) {
	case *Histogram:
		if p == nil {
			return nil
		}
		return *p
	case *Digest:
		if p == nil {
			return nil
		}
		return *p
	}
	return s
}

// curve is a quantile function: straight lines between knots, in order of rank
// and value. A vertical piece is a point mass, a horizontal one a gap.
type curve struct {
	knots     []knot
	total     float64 // events
	low, high float64 // ranks outside have unknown values
}

type knot struct{ value, rank float64 }

// at is the value at a rank; ranks outside the known ones give the nearest known value.
func (c curve) at(rank float64) float64 {
	from, to := c.around(rank)
	a, b := c.knots[from], c.knots[to]
	switch {
	case rank <= a.rank && rank >= b.rank:
		return a.value + (b.value-a.value)/2
	case rank <= a.rank:
		return a.value
	case rank >= b.rank:
		return b.value
	}
	// A mean with weights of 0 to 1 stays between its ends, rounded too.
	share := (rank - a.rank) / (b.rank - a.rank)
	return min(max(a.value*(1-share)+b.value*share, a.value), b.value)
}

// around gives the knots that enclose a rank: neighbours, or at the rank of a
// knot the first and the last knot with this rank.
func (c curve) around(rank float64) (from, to int) {
	last := len(c.knots) - 1
	from = sort.Search(len(c.knots), func(i int) bool { return c.knots[i].rank >= rank })
	to = sort.Search(len(c.knots), func(i int) bool { return c.knots[i].rank > rank }) - 1
	if from > to { // between two knots, or outside
		from, to = to, from
	}
	return min(max(from, 0), last), min(max(to, 0), last)
}

// resolution is the distance of the two knots between which the value at a
// rank is interpolated; at a knot it is that of the wider neighbouring piece.
func (c curve) resolution(rank float64) float64 {
	from, to := c.around(rank)
	if c.knots[from].rank != c.knots[to].rank || from != to {
		return c.knots[to].value - c.knots[from].value
	}
	below, above := max(from-1, 0), min(to+1, len(c.knots)-1)
	return max(c.knots[from].value-c.knots[below].value, c.knots[above].value-c.knots[to].value)
}

// cell is a bin with its sums, for means.
type cell struct {
	low, high           float64
	count, sum, squares float64
	open                bool // its sums are unknown
}
