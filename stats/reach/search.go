package reach

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// fitted is a model's curve of least deviance, and that deviance.
func fitted(m Model, points []Point, o Options) (Curve, float64) {
	c := Curve{Model: m}
	switch {
	case m == Power && len(points) == 1:
		c, _ = stated(1, cmp.Or(o.Exponent, 0.5))
	case m == Power:
		e := least(0, 1, func(e float64) float64 {
			c.Exponent = e
			return c.deviance(points)
		})
		if e > 1-1e-6 {
			e = 1 // the line that the power law ends in
		}
		c, _ = stated(1, e)
	case m == Geometric:
		c.Visit = fraction(least(-14, 10, func(logit float64) float64 {
			c.Visit = fraction(logit)
			return c.deviance(points)
		}))
	case m == BetaBinomial:
		// The profile: for each A the best B.
		bestB := func(logA float64) float64 {
			c.A = math.Exp(logA)
			return least(math.Log(1e-2), math.Log(1e6), func(logB float64) float64 {
				c.B = math.Exp(logB)
				return c.deviance(points)
			})
		}
		logA := least(math.Log(0.02), math.Log(200), func(logA float64) float64 {
			c.B = math.Exp(bestB(logA))
			return c.deviance(points)
		})
		c.B = math.Exp(bestB(logA))
		c.A = math.Exp(logA)
	}
	last := points[len(points)-1]
	c.Scale = last.Users / c.growth(last.Day)
	return c, c.deviance(points)
}

func fraction(logit float64) float64 { return 1 / (1 + math.Exp(-logit)) }

// deviance is D of Fit; it needs no Scale, and of all growth only that from point to point.
func (c Curve) deviance(points []Point) float64 {
	deviance, before, grown := 0.0, Point{}, 0.0
	for _, p := range points {
		g := c.growthAfter(before.Day, grown, p.Day)
		if y := p.Users - before.Users; y > 0 {
			// A share that rounds to 0 is a misfit without end; a finite one lets the search turn back.
			deviance += 2 * y * math.Log(y/max(g-grown, 1e-300))
		}
		before, grown = p, g
	}
	return max(0, deviance-2*before.Users*math.Log(before.Users/grown))
}

// growthAfter is growth(day), ten times as fast where an earlier day's is known
// and few whole days lie between: each leaves (b + i)/(a + b + i) of the unseen.
func (c Curve) growthAfter(earlier, grown, day float64) float64 {
	whole := day - earlier
	if c.Model != BetaBinomial || whole > 8 || whole != math.Trunc(whole) || grown > 0.999 {
		return c.growth(day)
	}
	unseen := 1 - grown
	for i := range int(whole) {
		unseen *= (c.B + earlier + float64(i)) / (c.A + c.B + earlier + float64(i))
	}
	return 1 - unseen
}

// least is the place of the smallest value of f in [low, high]: the best of a grid
// of 25 points, refined by golden section between its neighbours. A NaN counts as infinite.
func least(low, high float64, f func(float64) float64) float64 {
	const grid = 24
	value := func(x float64) float64 {
		if y := f(x); !math.IsNaN(y) {
			return y
		}
		return math.Inf(1)
	}
	at := func(i int) float64 { return low + (high-low)*float64(i)/grid }
	best, y := 0, math.Inf(1)
	for i := range grid + 1 {
		if v := value(at(i)); v < y {
			best, y = i, v
		}
	}
	a, b := at(max(best-1, 0)), at(min(best+1, grid))
	x := solve.Maximum(a, b, func(x float64) float64 { return -value(x) })
	// An end of the range is an answer too: a curve that stays flat, or a line.
	for _, end := range []float64{low, high} {
		if value(end) <= value(x) {
			x = end
		}
	}
	return x
}
