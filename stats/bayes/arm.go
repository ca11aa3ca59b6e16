package bayes

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/quad"
)

// arm is a distribution of v, of which the value of interest is a rising function.
type arm struct {
	density  func(v float64) float64                // of the part that has one
	tails    func(v float64) (below, above float64) // P(≤ v), P(> v): the smaller keeps its digits
	knots    []float64                              // where the density is and is not, rising
	atoms    []atom                                 // point masses
	mean, sd float64                                // of the value, not of v
}

type atom struct{ at, mass float64 }

// armField is arms on one coordinate v with the derivative of the value by it.
type armField struct {
	arms  []arm
	scale func(v float64) float64
}

// facing turns the arms round where the lowest is best.
func (f armField) facing(o CompareOptions) armField {
	if !o.LowerIsBetter {
		return f
	}
	turned := armField{scale: func(v float64) float64 { return f.scale(-v) }}
	for _, a := range f.arms {
		turned.arms = append(turned.arms, a.turned())
	}
	return turned
}

// turned is the arm of −v.
func (a arm) turned() arm {
	b := arm{mean: -a.mean, sd: a.sd, density: func(v float64) float64 { return a.density(-v) }}
	b.tails = func(v float64) (below, above float64) {
		above, below = a.tails(-v)
		m := a.massAt(-v)
		return below + m, max(0, above-m)
	}
	for _, v := range slices.Backward(a.knots) {
		b.knots = append(b.knots, -v)
	}
	for _, p := range a.atoms {
		b.atoms = append(b.atoms, atom{-p.at, p.mass})
	}
	return b
}

// odds integrates all that is asked in one pass.
func (f armField) odds(o CompareOptions) Comparison {
	k := len(f.arms)
	unit := 0.0
	for _, a := range f.arms {
		unit = max(unit, a.sd, math.Abs(a.mean-f.arms[0].mean)*1e-6)
	}
	c := Comparison{Arms: make([]ArmOdds, k)}
	for i, a := range f.arms {
		if c.Arms[i].Mean = a.mean; o.LowerIsBetter {
			c.Arms[i].Mean = -a.mean
		}
	}
	below, above, lose := make([]float64, k), make([]float64, k), make([]float64, k)
	totals := quad.Several(f.knots(), 2*k, 1e-10, func(v float64, out []float64) {
		scale := f.scale(v) / unit
		for i, a := range f.arms {
			below[i], above[i] = a.tails(v)
		}
		others(above, lose)
		for i, a := range f.arms {
			out[i] = 0
			if lose[i] < 1 {
				out[i] = a.density(v) * (1 - lose[i])
			}
			out[k+i] = below[i] * lose[i] * scale
		}
	})
	f.bestAtAtoms(totals[:k])
	for i := range c.Arms {
		c.Arms[i].ProbBest = min(1, totals[i])
		c.Arms[i].ExpectedLoss = totals[k+i] * unit
	}
	return c
}

// others sets lose[i] = 1 − Πⱼ≠ᵢ Fⱼ, the probability that another arm is above, by
// 1 − (1−p)(1−q) = p + q − pq, which keeps small ones: from the left, then from the right.
func others(above, lose []float64) {
	union := 0.0
	for i, p := range above {
		lose[i] = union
		union += (1 - union) * p
	}
	union = 0
	for i, p := range slices.Backward(above) {
		lose[i] += (1 - lose[i]) * union
		union += (1 - union) * p
	}
}

// bestAtAtoms adds to won[i] the probability that arm i is best by one of its point
// masses. Arms that tie there draw lots, uniform on [0, 1]: given i's lot u, another arm
// with mass m there loses with probability P(< v) + u·m, a polynomial to integrate.
func (f armField) bestAtAtoms(won []float64) {
	var at []float64
	for _, a := range f.arms {
		for _, p := range a.atoms {
			at = append(at, p.at)
		}
	}
	slices.Sort(at)
	above, mass, beaten, lose := make([]float64, len(won)), make([]float64, len(won)), make([]float64, len(won)), make([]float64, len(won))
	for _, v := range slices.Compact(at) {
		ties := 0
		for i, a := range f.arms {
			_, above[i] = a.tails(v)
			if mass[i] = a.massAt(v); mass[i] > 0 {
				ties++
			}
		}
		rule := quad.Legendre(ties/2 + 1) // exact for a polynomial of degree ties − 1
		for n, x := range rule.Nodes {
			for i, m := range mass {
				beaten[i] = above[i] + (1-x)/2*m // by a larger value, or a larger lot
			}
			others(beaten, lose)
			for i, m := range mass {
				won[i] += rule.Weights[n] / 2 * m * (1 - lose[i])
			}
		}
	}
}

func (a arm) massAt(v float64) (mass float64) {
	for _, p := range a.atoms {
		if p.at == v {
			mass += p.mass
		}
	}
	return mass
}

// knots are those of all arms, without what is closer together than the narrowest
// arm asks for, and with every point mass, where the distribution functions jump.
func (f armField) knots() []float64 {
	var all, jumps []float64
	closest := math.Inf(1)
	for _, a := range f.arms {
		for i, v := range a.knots {
			all = append(all, v)
			if i > 0 {
				closest = min(closest, v-a.knots[i-1])
			}
		}
		for _, p := range a.atoms {
			jumps = append(jumps, p.at)
		}
	}
	slices.Sort(all)
	var kept []float64
	for i, v := range all {
		if i == 0 || i == len(all)-1 || v-kept[len(kept)-1] > closest/2 {
			kept = append(kept, v)
		}
	}
	kept = append(kept, jumps...)
	slices.Sort(kept)
	return slices.Compact(kept)
}
