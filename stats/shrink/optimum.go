package shrink

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// programme is the convex programme of the weights:
//
//	maximise Σᵢ log Σ_k π_k L_ik + Σ_k c_k log π_k   over π_k ≥ 0, Σ_k π_k = 1
//
// with the likelihood L and penalties c_k ≥ 0. Divided by W = n + Σ c_k, its
// gradient g at a π of sum 1 has Σ_k π_k g_k = 1, and no other π is better by
// more than W log max_k g_k: by concavity of the logarithm
//
//	Σᵢ log(f*ᵢ/fᵢ) + Σ_k c_k log(π*_k/π_k) ≤ W log Σ_k π*_k g_k ≤ W log max_k g_k
//
// That bound is the certificate: at the optimum it is 0.
type programme struct {
	*matrix
	penalty []float64 // c_k
}

func (p programme) total() float64 { return float64(len(p.es)) + floats.Sum(p.penalty) }

// maximise solves the programme until the bound is below tolerance·W, from
// weights on a few components: Newton steps on those, each a quadratic programme
// of its own, then one look at all components, of which the local maxima of the
// gradient above 1 are taken in. The support stays small, so the passes that need
// second derivatives are cheap.
//
// Source: Wang (2007), "On fast computation of the non-parametric maximum
// likelihood estimate of a mixing distribution", JRSS B 69:185–198, for the
// support; Kim, Carbonetto, Stephens & Anitescu (2020), "A fast algorithm for
// maximum likelihood estimation of mixture proportions using sequential quadratic
// programming", JCGS 29:261–273, for the step.
func (p programme) maximise(start mixing, tolerance float64) mixing {
	m := start
	best := m
	best.gap = math.Inf(1)
	loose := 0.1
	for range 100 {
		before := m
		m = p.onSupport(m, max(tolerance/4, loose))
		gradient := p.gradient(m)
		m.gap = math.Log(max(1, slices.Max(gradient)))
		if m.gap < best.gap {
			best = m
		}
		near, far := p.peaks(gradient)
		next := m.with(near, 0).with(far, 1/p.total())
		stuck := m.steps == before.steps && len(next.support) == len(m.support) && loose <= tolerance/4
		if m.gap <= tolerance || stuck {
			break
		}
		loose = m.gap / 50
		m = next
	}
	best.steps = m.steps
	return best
}

// peaks are the components at which the gradient is above 1 and no neighbour's is
// higher. Those far above 1 are there for estimates whose density has collapsed,
// about which a quadratic model knows nothing: from 0 it would take a Newton step
// for each doubling of the weight. The weight 1/W is better than 0 for them, by
// (log(1 + g) − 1)/W or more.
func (p programme) peaks(gradient []float64) (near, far []int) {
	for k, g := range gradient {
		switch {
		case g <= 1, k > 0 && g < gradient[k-1], k < len(gradient)-1 && g <= gradient[k+1]:
		case g > 10:
			far = append(far, k)
		default:
			near = append(near, k)
		}
	}
	return near, far
}
