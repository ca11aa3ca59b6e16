package quantile

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// part is a bin seen through limits.
type part struct {
	inside       cell    // units within the limits
	below, above float64 // units beyond
	fewer, more  float64 // what Σ of capped values could be off by: fewer ≤ 0 ≤ more
	// Where a limit divides the bin: its units, and between which values those inside lie.
	divided   bool
	whole     float64
	low, high float64
}

func (c cell) capped(l Limits) (part, error) {
	switch {
	case c.count == 0:
		return part{}, nil
	case c.low >= l.High:
		return part{above: c.count}, nil
	case c.high <= l.Low && c.low < l.Low:
		return part{below: c.count}, nil
	case c.open && c.low < l.Low || c.open && math.IsInf(c.low, -1):
		return part{}, input.Check(false, "limits.Low", l.Low, "is below the first edge, and the units under it have no sums")
	case c.open:
		return part{}, input.Check(false, "limits.High", l.High, "is above the last edge, and the units over it have no sums")
	case c.low < l.Low && c.high > l.High:
		return part{}, input.Check(false, "limits.Low", l.Low, "lies in the same bin as High")
	case c.high > l.High:
		return c.split(l.High), nil
	case c.low < l.Low:
		// Seen in a mirror, a lower cap is an upper one.
		p := cell{low: -c.high, high: -c.low, count: c.count, sum: -c.sum, squares: c.squares}.split(-l.Low)
		p.inside.sum, p.below, p.above = -p.inside.sum, p.above, p.below
		p.fewer, p.more = -p.more, -p.fewer
		p.low, p.high = -p.high, -p.low
		return p, nil
	}
	return part{inside: c}, nil
}

// split divides a bin at an upper cap within it, by a density that has the
// bin's mean.
//
// The sum of capped values lies, for any values with this count and mean,
// between the chord of min(y, cap) and min(mean, cap), since min is concave.
func (c cell) split(limit float64) part {
	width := c.high - c.low
	mean := min(max((c.sum/c.count-c.low)/width, 1e-9), 1-1e-9) // on the bin's scale, from 0 to 1
	s := (limit - c.low) / width
	share, first, second := below(mean, s)
	capped := first + s*(1-share)
	inside := c.count * share
	return part{
		inside: cell{count: inside, sum: inside*c.low + c.count*width*first,
			squares: inside*c.low*c.low + 2*c.low*c.count*width*first + c.count*width*width*second},
		above:   c.count - inside,
		fewer:   c.count * width * (s*mean - capped),
		more:    c.count * width * (min(s, mean) - capped),
		divided: true, whole: c.count, low: c.low, high: limit,
	}
}

// below is ∫₀ˢ of dF, u dF and u² dF for a distribution on 0 to 1 with mean m: where a straight
// line can have this mean, the density 1 + b(2u − 1) with b = 6m − 3,
//
//	s + b(s² − s)    s²/2 + b(2s³/3 − s²/2)    s³/3 + b(s⁴/2 − s³/3)
//
// and above two thirds F(u) = uᵏ with k = m/(1 − m); below one third its mirror image.
func below(m, s float64) (share, first, second float64) {
	switch b := 6*m - 3; {
	case m > 2.0/3:
		k := m / (1 - m)
		share = math.Pow(s, k)
		return share, m * share * s, k / (k + 2) * share * s * s
	case m < 1.0/3:
		// With v = 1 − u, what is above s is what v has below 1 − s.
		_, _, square := below(1-m, 1)
		v0, v1, v2 := below(1-m, 1-s)
		return 1 - v0, m - (v0 - v1), 1 - 2*(1-m) + square - (v0 - 2*v1 + v2)
	default:
		return s + b*(s*s-s), s*s/2 + b*(2*s*s*s/3-s*s/2), s*s*s/3 + b*(s*s*s*s/2-s*s*s/3)
	}
}
