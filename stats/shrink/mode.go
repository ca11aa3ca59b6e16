package shrink

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// candidates is how many quantiles of the estimates are tried as the mode.
const candidates = 33

// likeliestMode maximises over the mode what the weights maximise for each mode.
// It looks for the best candidate on up to 2,048 estimates, and follows the
// maximum from there to all of them, eight times as many at a time. No mode outside
// of the estimates is the likeliest; the root's tolerance is kept from saying so.
func likeliestMode(f spreads, es []stats.Estimate, penalty []float64) float64 {
	low, high := extent(es)
	if len(es) <= 2048 {
		return min(max(low, scan(f, es, penalty)), high)
	}
	var few []stats.Estimate
	for i := thinning / 2; i < len(es); i += thinning {
		few = append(few, es[i])
	}
	mode := climb(f, es, penalty, likeliestMode(f, few, scaled(penalty, 1./thinning)))
	return min(max(low, mode), high)
}

// scan climbs from the best of the candidates.
func scan(f spreads, es []stats.Estimate, penalty []float64) float64 {
	values := make([]float64, len(es))
	for i, e := range es {
		values[i] = e.Value
	}
	slices.Sort(values)
	best, highest := 0.0, math.Inf(-1)
	for c := range candidates {
		mode := values[(len(values)-1)*(c+1)/(candidates+1)]
		if p := profileAt(f, es, penalty, mode); p.value > highest {
			best, highest = mode, p.value
		}
	}
	return climb(f, es, penalty, best)
}

// climb follows the derivative uphill until it changes sign, by steps that start
// at the standard error of the mode, and returns where it is 0.
func climb(f spreads, es []stats.Estimate, penalty []float64, mode float64) float64 {
	here := profileAt(f, es, penalty, mode)
	if here.slope == 0 {
		return mode
	}
	slope := func(m float64) float64 { return profileAt(f, es, penalty, m).slope }
	step := math.Copysign(1/math.Sqrt(here.information), here.slope)
	for range 60 {
		next := profileAt(f, es, penalty, mode+step)
		if math.Signbit(next.slope) != math.Signbit(here.slope) || next.slope == 0 {
			return solve.Root(min(mode, mode+step), max(mode, mode+step), 1e-7*math.Abs(step), slope)
		}
		mode, here, step = mode+step, next, 2*step
	}
	return mode
}

// profile is the maximum over the weights at one mode.
type profile struct {
	value       float64 // of the objective
	slope       float64 // its derivative by the mode: Σᵢ Σ_k r_ik (δ̂ᵢ − m)/(s_k² + seᵢ²)
	information float64 // Σᵢ Σ_k r_ik/(s_k² + seᵢ²)
}

// profileAt uses that the weights are optimal: to first order, the objective
// changes with the mode as if they stayed (the envelope theorem).
func profileAt(f spreads, es []stats.Estimate, penalty []float64, mode float64) profile {
	f.mode = mode
	p := programme{newMatrix(f, es), penalty}
	m := p.maximise(p.start(), tolerance)
	value := p.expand(m).value*p.total() + p.logScale
	sums := p.sum(2, len(m.support), func(b int, buffer, sums []float64) {
		columns := make([][]float64, len(m.support))
		for j, k := range m.support {
			columns[j] = p.at(b, k, buffer[j*blockRows:])
		}
		for i, e := range p.es[b*blockRows:][:len(p.block(b))] {
			density, precision := 0.0, 0.0
			for j, k := range m.support {
				joint := m.weights[j] * columns[j][i]
				density += joint
				precision += joint / (f.sds[k]*f.sds[k] + e.SE*e.SE)
			}
			sums[0] += (e.Value - mode) * precision / density
			sums[1] += precision / density
		}
	})
	return profile{value, sums[0], sums[1]}
}

// median of the estimates, without regard to their standard errors: halfway
// between the middle two, so that it mirrors with them.
func median(es []stats.Estimate) float64 {
	values := make([]float64, len(es))
	for i, e := range es {
		values[i] = e.Value
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]/2 + values[len(values)/2]/2
}
