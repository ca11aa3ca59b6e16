package shrink

import (
	"slices"

	"gonum.org/v1/gonum/floats"
)

// mixing is a point of the programme, on the components of its support alone.
type mixing struct {
	support []int     // components, rising
	weights []float64 // of each
	steps   int       // Newton steps taken
	gap     float64   // log max_k g_k
}

// with adds components at a small weight.
func (m mixing) with(ks []int, weight float64) mixing {
	next := mixing{steps: m.steps}
	next.support = slices.Clone(m.support)
	for _, k := range ks {
		if !slices.Contains(m.support, k) {
			next.support = append(next.support, k)
		}
	}
	slices.Sort(next.support)
	for _, k := range next.support {
		if old := slices.Index(m.support, k); old >= 0 {
			next.weights = append(next.weights, m.weights[old])
		} else {
			next.weights = append(next.weights, weight)
		}
	}
	return next.normalised()
}

// normalised has weights of sum 1.
func (m mixing) normalised() mixing {
	m.weights = slices.Clone(m.weights)
	floats.Scale(1/floats.Sum(m.weights), m.weights)
	return m
}
