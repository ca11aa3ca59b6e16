package returns

import (
	"math"

	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// posteriorCut is the largest estimate whose posterior mean is not above c. The mean
// rises with the estimate: its slope is the posterior variance over se². The cut is
// to 1e-12 se; beyond 2⁴⁰ se from c it counts as infinite.
//
// Source: Efron (2011), "Tweedie's Formula and Selection Bias", JASA 106, §2, for the
// slope.
func posteriorCut(prior bayes.Prior, c, se float64) float64 {
	if m, ok := prior.(bayes.Mixture); ok && len(m.Components) == 1 {
		return normalCut(m.Components[0].Mean, m.Components[0].SD, c, se)
	}
	above := func(x float64) float64 { return prior.PosteriorMean(x, se) - c }
	lo, hi := c, c
	step := se
	for above(lo) > 0 {
		if step > se*(1<<40) {
			return math.Inf(-1)
		}
		lo, step = c-step, 2*step
	}
	step = se
	for !(above(hi) > 0) {
		if step > se*(1<<40) {
			return math.Inf(1)
		}
		hi, step = c+step, 2*step
	}
	return solve.Root(lo, hi, 1e-12*se, above)
}

// normalCut solves μ + (x − μ) τ²/(τ² + se²) = c for x.
func normalCut(mean, sd, c, se float64) float64 {
	switch {
	case sd == 0 && mean > c:
		return math.Inf(-1)
	case sd == 0:
		return math.Inf(1)
	case mean == c:
		return c
	}
	return c + (c-mean)*(se/sd)*(se/sd)
}
