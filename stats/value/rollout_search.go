package value

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// search maximises what is added over both sizes: a grid, geometric with 0, then golden
// sections, the second size within the first.
func (r Rollout) search() (n1, n2 float64) {
	grid := []float64{0}
	for n := r.Population / 1e9; n < r.Population; n *= 1.4 {
		grid = append(grid, n)
	}
	best := r.added(0, 0)
	for _, a := range grid {
		for _, b := range grid {
			if p := r.added(a, b); a+b <= r.Population && p > best {
				n1, n2, best = a, b, p
			}
		}
	}
	return r.refine(n1, n2)
}

func (r Rollout) refine(n1, n2 float64) (float64, float64) {
	second := func(a float64) float64 {
		if n2 == 0 {
			return 0
		}
		return peak(n2/1.6, min(n2*1.6, r.Population-a), func(b float64) float64 { return r.added(a, b) })
	}
	if n1 > 0 {
		n1 = peak(n1/1.6, min(n1*1.6, r.Population), func(a float64) float64 { return r.added(a, second(a)) })
	}
	return n1, second(n1)
}

// peak is where f, of one maximum between lo and hi, is highest, by the sign of its
// central difference.
func peak(lo, hi float64, f func(float64) float64) float64 {
	if !(lo < hi) {
		return max(0, hi)
	}
	return solve.Bisect(lo, hi, func(x float64) bool {
		h := 1e-4 * x
		return hi-lo > 1e-9*hi && f(x+h) > f(x-h)
	})
}

// round finds the best multiples of m around the optimum, by steps as long as any of
// the eight neighbours is better.
func (r Rollout) round(n1, n2, m float64) (float64, float64) {
	n1, n2 = math.Floor(n1/m)*m, math.Floor(n2/m)*m
	for range 1000 {
		best, a, b := r.added(n1, n2), n1, n2
		for _, d1 := range []float64{-m, 0, m} {
			for _, d2 := range []float64{-m, 0, m} {
				x, y := n1+d1, n2+d2
				if p := r.added(x, y); x >= 0 && y >= 0 && x+y <= r.Population && p > best {
					best, a, b = p, x, y
				}
			}
		}
		if a == n1 && b == n2 {
			break
		}
		n1, n2 = a, b
	}
	return n1, n2
}
