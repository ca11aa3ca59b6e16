package anytime

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// reach is how many standard deviations of a normal density are integrated over:
// 2·10⁻¹² of the probability lies beyond.
const reach = 7

// crossing follows a Brownian motion with the given drift through looks at times
// t₁ < t₂ < …, and returns the probability that it has left (−bounds[k], bounds[k])
// at look k or before: above, and below. lower = false has no lower boundary.
//
// The density of paths that stayed inside is carried from look to look by
// Gauss–Legendre quadrature, whose nodes lie within one standard deviation of a
// step: the error of a smooth integrand is then below 10⁻⁸.
//
// Source: Armitage, McPherson & Rowe (1969), JRSS A 132:235–244.
func crossing(times, bounds []float64, drift float64, lower bool) (above, below []float64) {
	above, below = make([]float64, len(times)), make([]float64, len(times))
	var at, mass []float64 // nodes of the look before, and the probability that each stands for
	before := 0.0
	for k, t := range times {
		step := math.Sqrt(t - before)
		shift := drift * (t - before)
		if k == 0 {
			at, mass = []float64{0}, []float64{1}
		}
		low := math.Inf(-1)
		if lower {
			low = -bounds[k]
		}
		for j, x := range at {
			above[k] += mass[j] * norm.CDF((x+shift-bounds[k])/step)
			below[k] += mass[j] * norm.CDF((low-x-shift)/step)
		}
		if k > 0 {
			above[k] += above[k-1]
			below[k] += below[k-1]
		}
		spread := math.Sqrt(t)
		at, mass = advance(at, mass, shift, step,
			math.Max(low, drift*t-reach*spread), math.Min(bounds[k], drift*t+reach*spread))
		before = t
	}
	return above, below
}

// advance carries the density one step on, to nodes in [low, high].
func advance(at, mass []float64, shift, step, low, high float64) (nodes, masses []float64) {
	if high <= low {
		return nil, nil
	}
	half, centre := (high-low)/2, (high+low)/2
	// Legendre nodes are π/2 times sparser in the middle than on average.
	// Multiples of 16 keep the rules few.
	n := 16 * (1 + int((8+math.Pi*half/step)/16))
	rule := quad.Legendre(n)
	nodes, masses = make([]float64, n), make([]float64, n)
	first := 0
	for i := range n {
		// The rule lists its nodes from high to low; they are symmetric.
		y := centre - half*rule.Nodes[i]
		nodes[i] = y
		for first < len(at) && at[first]+shift < y-8*step {
			first++
		}
		density := 0.0
		for j := first; j < len(at); j++ {
			z := (y - at[j] - shift) / step
			if z < -8 {
				break
			}
			density += mass[j] * math.Exp(-z*z/2)
		}
		masses[i] = half * rule.Weights[i] * density / (step * math.Sqrt(2*math.Pi))
	}
	return nodes, masses
}
