package bayes

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// arm is the mixture as it stands.
func (m Mixture) arm() arm {
	a := arm{mean: m.Mean(), sd: m.SD()}
	smooth, atoms := m.divide()
	a.atoms, a.knots = atoms, smooth.knots()
	a.density = smooth.density
	a.tails = func(v float64) (below, above float64) {
		for k, c := range smooth.Components {
			small := smooth.Weights[k] * math.Erfc(math.Abs(v-c.Mean)/(c.SD*math.Sqrt2)) / 2
			if v < c.Mean {
				below, above = below+small, above+(smooth.Weights[k]-small)
			} else {
				below, above = below+(smooth.Weights[k]-small), above+small
			}
		}
		for _, p := range atoms {
			if p.at > v {
				above += p.mass
			} else {
				below += p.mass
			}
		}
		return below, above
	}
	return a
}

// divide parts the point masses from the rest. Neighbours that are one normal to
// 1e-9 become one, with their moments: most of a t's posterior are such.
func (m Mixture) divide() (smooth Mixture, atoms []atom) {
	total := 0.0
	for _, w := range m.Weights {
		total += w
	}
	last := -1
	for k, c := range m.Components {
		switch w := m.Weights[k] / total; {
		case w < 1e-17:
		case c.SD < exact:
			atoms = append(atoms, atom{c.Mean, w})
		case last >= 0 && near(c, smooth.Components[last]):
			was, before := smooth.Components[last], smooth.Weights[last]
			part, d := w/(w+before), c.Mean-was.Mean
			variance := was.SD*was.SD + part*((c.SD-was.SD)*(c.SD+was.SD)+(1-part)*d*d)
			smooth.Components[last], smooth.Weights[last] = stats.Normal{Mean: was.Mean + part*d, SD: math.Sqrt(variance)}, w+before
		default:
			smooth.Weights, smooth.Components = append(smooth.Weights, w), append(smooth.Components, c)
			last++
		}
	}
	return smooth, atoms
}

func near(a, b stats.Normal) bool {
	const close = 3e-5
	return math.Abs(a.Mean-b.Mean) < close*b.SD && math.Abs(a.SD-b.SD) < close*b.SD
}

// density is that of a mixture whose weights sum to 1, without point masses.
func (m Mixture) density(v float64) (sum float64) {
	for k, c := range m.Components {
		z := (v - c.Mean) / c.SD
		sum += m.Weights[k] * math.Exp(-z*z/2) / c.SD
	}
	return sum / math.Sqrt(2*math.Pi)
}

// reach is the distance in SDs beyond which a normal has a mass of 1e-17.
const reach = 8.5

// knots are where a mixture without point masses has its mass: a few SDs around each
// of few components; of many, quantiles, and around those that are so narrow that the
// rule could step over them.
func (m Mixture) knots() (knots []float64) {
	many := len(m.Components) > 4
	if many {
		for _, q := range []float64{1e-16, 1e-8, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-8, 1 - 1.2e-16} {
			knots = append(knots, m.Quantile(q))
		}
	}
	for k, c := range m.Components {
		at, _ := slices.BinarySearch(knots, c.Mean)
		if many && (m.Weights[k] < 1e-13 || 0 < at && at < len(knots) && knots[at]-knots[at-1] < 20*c.SD) {
			continue
		}
		for _, z := range []float64{-reach, -3.5, 0, 3.5, reach} {
			knots = append(knots, c.Mean+z*c.SD)
		}
		slices.Sort(knots)
	}
	return slices.Compact(knots)
}
