package shrink

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// onSupport takes Newton steps on the support until no weights on it are better
// by more than tolerance·W.
func (p programme) onSupport(m mixing, tolerance float64) mixing {
	here := p.expand(m)
	for range 60 {
		if math.Log(slices.Max(here.gradient)) <= tolerance {
			break
		}
		next, there, ok := p.newton(m, here)
		if !ok {
			break
		}
		m, here = next, there
	}
	return m
}

// newton goes to the minimum of the quadratic model, or part of the way if the
// objective does not rise there. That it need not rise by more than rounding lets
// the last steps pass, which are too short to be seen in a sum of n logarithms.
func (p programme) newton(m mixing, here expansion) (mixing, expansion, bool) {
	slope := slices.Clone(here.gradient)
	floats.AddConst(-1, slope)
	target := bounded{here.hessian, slope, m.weights}.solve()
	promised := 0.0
	for j, s := range slope {
		promised += s * (target[j] - m.weights[j])
	}
	if !(promised > 0) {
		return m, here, false
	}
	for share := 1.0; share > 1e-12; share /= 2 {
		next := mixing{steps: m.steps + 1}
		for j, w := range m.weights {
			if w += share * (target[j] - w); w > 0 {
				next.support, next.weights = append(next.support, m.support[j]), append(next.weights, w)
			}
		}
		if len(next.support) == 0 {
			continue
		}
		next = next.normalised()
		there := p.expand(next)
		if there.value >= here.value+share*promised/5-1e-13*max(1, math.Abs(here.value)) {
			return next, there, true
		}
	}
	return m, here, false
}
