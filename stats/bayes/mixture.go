package bayes

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Mixture is a finite mixture of normal distributions of a true effect, a lift
// as a fraction: component k has the probability Weights[k]/Σ Weights. A
// component of SD 0 is a point mass, so "no effect with probability 0.7, else
// N(0, 0.02²)" is
//
//	Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
//
// It is a prior and, whatever the prior was, a posterior. Methods return NaN, and
// Posterior an empty Mixture, exactly if Check reports an error or an argument is
// NaN or outside its stated range (±1e40 for effects).
type Mixture struct {
	Weights    []float64      `json:"weights"`    // 0 or above, some above 0; they need not sum to 1
	Components []stats.Normal `json:"components"` // as many as Weights
}

// Single is the mixture of one component: a normal prior as a [Prior].
func Single(n stats.Normal) Mixture {
	return Mixture{Weights: []float64{1}, Components: []stats.Normal{n}}
}

// Check reports, as an *InputError, lists that are empty or of different lengths,
// a weight that is negative or no finite number, weights that are all 0, and an
// invalid component.
func (m Mixture) Check() error {
	if len(m.Components) == 0 || len(m.Weights) != len(m.Components) {
		return &stats.InputError{Field: "Weights", Value: float64(len(m.Weights)), Reason: "there must be as many as Components, at least one"}
	}
	sum := 0.0
	for k, w := range m.Weights {
		if input.NonNegative("Weights", w) != nil {
			return &stats.InputError{Field: fmt.Sprintf("Weights[%d]", k), Value: w, Reason: "must be 0 or above, at most 1e40"}
		}
		c := m.Components[k]
		if c.Check() != nil {
			return componentError(k, c)
		}
		sum += w
	}
	return input.Check(sum >= 1/input.Max, "Weights", sum, "must sum to more than 0 (1e-40)")
}

func componentError(k int, c stats.Normal) error {
	field := fmt.Sprintf("Components[%d]", k)
	return input.First(input.Finite(field+".Mean", c.Mean), input.NonNegative(field+".SD", c.SD))
}

// Mean returns Σ wₖ μₖ, with the weights wₖ divided by their sum.
func (m Mixture) Mean() float64 {
	if m.Check() != nil {
		return math.NaN()
	}
	// Distances from one component are small where the means are large and near
	// to each other, and then keep the digits that the sum of means would lose.
	first := m.Components[0].Mean
	return first + m.average(func(c stats.Normal) float64 { return c.Mean - first })
}

// SD returns the standard deviation √(Σ wₖ (σₖ² + (μₖ − mean)²)).
func (m Mixture) SD() float64 {
	if m.Check() != nil {
		return math.NaN()
	}
	first := m.Components[0].Mean
	offset := m.average(func(c stats.Normal) float64 { return c.Mean - first })
	return math.Sqrt(m.average(func(c stats.Normal) float64 {
		d := (c.Mean - first) - offset
		return c.SD*c.SD + d*d
	}))
}

// CDF returns P(δ ≤ x) = Σ wₖ Φ((x − μₖ)/σₖ), to 1e-14 of itself or, of a term far in
// its tail, the rounding of its z; a point mass steps at its mean.
func (m Mixture) CDF(x float64) float64 {
	return min(1, m.average(func(c stats.Normal) float64 { return below(c, x) }))
}

// ProbAbove returns P(δ > x), accurate where 1 − CDF(x) would round to 0.
func (m Mixture) ProbAbove(x float64) float64 {
	return min(1, m.average(func(c stats.Normal) float64 { return above(c, x) }))
}

// PointMass returns P(δ = x): the weight of the components of SD 0 at x. For the
// posterior of a prior with a point mass at 0, PointMass(0) is the probability
// that there is no effect (the local false discovery rate).
func (m Mixture) PointMass(x float64) float64 {
	if math.IsNaN(x) {
		return math.NaN()
	}
	return m.average(func(c stats.Normal) float64 {
		if c.SD == 0 && c.Mean == x {
			return 1
		}
		return 0
	})
}

// Quantile returns the smallest x with CDF(x) ≥ q, for q in [0, 1], up to the
// rounding of CDF and, above the median, of ProbAbove; at 0 and 1 it is infinite,
// unless all components are point masses.
func (m Mixture) Quantile(q float64) float64 {
	if m.Check() != nil || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for k, c := range m.Components {
		if m.Weights[k] > 0 {
			x := c.Quantile(q)
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	if lo == hi || math.IsInf(lo, 0) {
		return lo
	}
	return m.invert(q, lo, hi)
}

// invert finds the quantile between lo and hi, the least and greatest of the
// components'. Above the median it works with the upper tail, which 1 − q has not
// yet rounded away.
func (m Mixture) invert(q, lo, hi float64) float64 {
	excess := func(x float64) float64 {
		if q > 0.5 {
			return (1 - q) - m.weigh(func(c stats.Normal) float64 { return above(c, x) })
		}
		return m.weigh(func(c stats.Normal) float64 { return below(c, x) }) - q
	}
	for k, c := range m.Components { // at a point mass the CDF jumps over q
		if c.SD == 0 && m.Weights[k] > 0 && excess(c.Mean) >= 0 && excess(math.Nextafter(c.Mean, math.Inf(-1))) < 0 {
			return c.Mean
		}
	}
	if excess(lo) >= 0 { // rounding only
		return lo
	}
	if excess(hi) <= 0 {
		return hi
	}
	return solve.Root(lo, hi, 0, excess)
}

// average is Σ wₖ f(component k)/Σ wₖ; NaN of an invalid mixture.
func (m Mixture) average(f func(stats.Normal) float64) float64 {
	if m.Check() != nil {
		return math.NaN()
	}
	return m.weigh(f)
}

// weigh is the same of a mixture known to be valid.
func (m Mixture) weigh(f func(stats.Normal) float64) float64 {
	var sum, total float64
	for k, w := range m.Weights {
		if w > 0 {
			sum += w * f(m.Components[k])
			total += w
		}
	}
	return sum / total
}

// below is P(δ ≤ x) of a valid component, above the other tail.
func below(c stats.Normal, x float64) float64 {
	if c.SD == 0 {
		return c.CDF(x)
	}
	return norm.CDF((x - c.Mean) / c.SD)
}

func above(c stats.Normal, x float64) float64 {
	if c.SD == 0 {
		return c.ProbAbove(x)
	}
	return norm.CDF((c.Mean - x) / c.SD)
}
