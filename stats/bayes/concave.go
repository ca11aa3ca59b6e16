package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/quad"
	"github.com/assay-planner/assay/stats/internal/solve"
)

func whenValid(d interface{ Check() error }, x float64) float64 {
	if d.Check() != nil {
		return math.NaN()
	}
	return x
}

// many is the number of users (events) above which the incomplete beta and gamma
// functions, whose norm is a difference of log gammas, are less exact than the
// integral of the density.
const many = 300

// concave is the law of u, a rate's logarithm or log odds less its mode: the distance
// keeps its digits however many users there were. Its log density is concave.
type concave struct {
	log, slope  func(u float64) float64                // the log density, and its derivative
	width       float64                                // 1/√(−second derivative) at the mode
	few         func(u float64) (below, above float64) // the tails up to many users; else nil
	left, right float64                                // where the density has fallen by concaveDepth
}

// concaveDepth is how far below its maximum, in logs, a density is left out: 1e-17 of it all.
const concaveDepth = 40

func newConcave(width float64, log, slope func(u float64) float64) concave {
	c := concave{log: log, slope: slope, width: width}
	c.left, c.right = -c.reach(-1), c.reach(1)
	return c
}

// reach is how far from the mode, on one side, the density falls by concaveDepth.
func (c concave) reach(side float64) float64 {
	top, far := c.log(0), c.width
	for top-c.log(side*far) < concaveDepth {
		far *= 2
	}
	return solve.Root(0, far, 1e-3*far, func(u float64) float64 { return top - c.log(side*u) - concaveDepth })
}

// knots are points around the mode between which lies all but 1e-17.
func (c concave) knots() []float64 {
	return []float64{c.left, c.left / 3, max(-c.width, c.left/6), min(c.width, c.right/6), c.right / 3, c.right}
}

// tails are P(≤ u) and P(> u): the smaller is computed.
func (c concave) tails(u float64) (below, above float64) {
	switch {
	case c.few != nil:
		return c.few(u)
	case u < 0:
		below = c.beyond(u, -1)
		return below, 1 - below
	}
	above = c.beyond(u, 1)
	return 1 - above, above
}

// beyond integrates from u away from the mode, as far as the density falls by
// concaveDepth: as its log is concave that is no farther than from the mode itself, and
// no farther than along the tangent. Panels resolve the width and the slope.
func (c concave) beyond(u, side float64) float64 {
	if c.log(u) < -800 { // no float64
		return 0
	}
	steep := math.Abs(c.slope(u))
	far := min(concaveDepth/steep, max(side*c.left, side*c.right))
	panel := min(4.5*c.width, 2, 16/steep)
	return smooth(0, far, panel, func(x float64) float64 { return math.Exp(c.log(u + side*x)) })
}

// quantile is the u with mass q below it, by the log of the smaller tail, which is
// nearly straight far out.
func (c concave) quantile(q float64) float64 {
	const least = math.SmallestNonzeroFloat64 // a root finder cannot use log 0
	excess := func(u float64) float64 {
		below, above := c.tails(u)
		if q > 0.5 {
			return math.Log(max(above, least)) - math.Log(1-q)
		}
		return math.Log(max(below, least)) - math.Log(q)
	}
	lo, hi := c.left, c.right
	for i := 0; i < 60 && (excess(lo) > 0) == (excess(hi) > 0); i++ { // beyond it
		lo, hi = lo-(hi-lo)/2, hi+(hi-lo)/2
	}
	return solve.Root(lo, hi, 0, excess)
}

// arm is that of a rate whose logarithm or log odds is mode + u.
func (c concave) arm(mode, mean, sd float64) arm {
	a := arm{mean: mean, sd: sd,
		density: func(v float64) float64 { return math.Exp(c.log(v - mode)) },
		tails: func(v float64) (below, above float64) {
			switch u := v - mode; {
			case u < c.left: // less than 1e-17
				return 0, 1
			case u > c.right:
				return 1, 0
			default:
				return c.tails(u)
			}
		}}
	for _, u := range c.knots() {
		a.knots = append(a.knots, mode+u)
	}
	return a
}

// smooth integrates a density by the 16-point Gauss–Legendre rule on panels of about
// this length: to 1e-14 where that is four and a half widths of a Gaussian, sixteen of
// an exponential, or 2 where eᵗ bends it.
func smooth(lo, hi, panel float64, density func(float64) float64) (sum float64) {
	rule := quad.Legendre(16)
	panels := max(1, math.Ceil((hi-lo)/panel))
	half := (hi - lo) / panels / 2
	for i := range int(panels) {
		centre := lo + float64(2*i+1)*half
		for n, x := range rule.Nodes {
			sum += rule.Weights[n] * density(centre+half*x)
		}
	}
	return sum * half
}
