package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// LogMarginal returns the natural logarithm of the density of an estimate with
// standard error se before it was seen: log ∫ t(δ) N(estimate; δ, se²) dδ, to 1e-12
// of max(1, |itself|). With se = 0 it is LogDensity; se = +Inf gives −Inf.
//
// Source: Andrews & Mallows (1974), Journal of the Royal Statistical Society B
// 36:99–102, for the t as a mixture of normals over its precision λ.
func (t StudentT) LogMarginal(estimate, se float64) float64 {
	switch {
	case t.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil:
		return math.NaN()
	case se > input.Max:
		return math.Inf(-1)
	case se < exact:
		return t.LogDensity(estimate)
	}
	p := t.precisions(estimate, se)
	sum := 0.0
	p.each(func(_, w float64) { sum += math.Exp(w) })
	log := p.peak() + math.Log(sum*p.step) - math.Log(t.Scale)
	if se/t.Scale > wide { // the density per unit of the true, wider error
		log -= math.Log(se / t.Scale / wide)
	}
	return log
}

// Posterior returns the distribution of the true effect after it was measured
// once as estimate with standard error se ≥ 0: a mixture of normals whose moments are
// the posterior's to 1e-12 relative, for estimates up to 1e6 scales away and se from
// 1e-9 to 1e9 scales, and in practice beyond. Its tail probabilities are to 1e-12 of
// themselves or 1e-16, whichever is more, and its density is to 1e-12 of the peak, apart
// from the rounding of x: what
// lies farther out is carried by normals too improbable to be kept. It has 25 to 400
// components and all moments.
//
// se = 0 gives a point mass at the estimate. Above 1e12 scales an estimate says
// nothing, and the mixture is the prior but for the 1e-16 farthest out in its
// tails: its SD is then finite where the prior's is not.
//
// Source: as LogMarginal; given λ the posterior is a normal one, and the sum over λ is
// a quadrature of our own.
func (t StudentT) Posterior(estimate, se float64) Mixture {
	switch {
	case t.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil:
		return Mixture{}
	case se < exact:
		return Single(stats.Normal{Mean: estimate})
	}
	p := t.precisions(estimate, se)
	post := Mixture{make([]float64, 0, 192), make([]stats.Normal, 0, 192)}
	p.each(func(u, w float64) {
		post.Weights = append(post.Weights, math.Exp(w))
		post.Components = append(post.Components, t.given(u, estimate, se))
	})
	return post
}

// given is the posterior where log λ = u. An SD is capped where numbers are.
func (t StudentT) given(u, estimate, se float64) stats.Normal {
	sd := t.Scale * math.Exp(-u/2)
	if math.IsInf(se, 1) {
		return stats.Normal{Mean: t.Location, SD: min(sd, input.Max)}
	}
	towards := sd / math.Hypot(sd, se)
	return stats.Normal{Mean: t.Location + (estimate-t.Location)*towards*towards, SD: min(se*towards, input.Max)}
}

// PosteriorMean returns Posterior(estimate, se).Mean(), with its precision and in less
// time than it takes to make the mixture.
func (t StudentT) PosteriorMean(estimate, se float64) float64 {
	switch {
	case t.Check() != nil || !(se >= 0) || input.Finite("estimate", estimate) != nil:
		return math.NaN()
	case se < exact:
		return estimate
	}
	p := t.precisions(estimate, se)
	sum, total := 0.0, 0.0
	ratio := (se / t.Scale) * (se / t.Scale)
	p.each(func(u, w float64) {
		w = math.Exp(w)
		total += w
		sum += w / (1 + ratio*math.Exp(u))
	})
	return t.Location + (estimate-t.Location)*(sum/total)
}

// Split returns E[δ; δ̂ > cut] and E[δ; δ̂ ≤ cut], where δ̂ has standard error
// se ≥ 0, to 1e-12 of E|δ|. It is NaN if DF ≤ 1, where there is no mean.
//
// Given λ it is that of a normal. For few degrees of freedom the sum over λ
// converges slowly, like a geometric series, towards λ = 0; there the terms are
// M/2 ± s/√(2πλ), and what is left out is summed in closed form.
//
// Source: as Posterior.
func (t StudentT) Split(cut, se float64) (above, below float64) {
	if t.Check() != nil || t.DF <= 1 || !(se >= 0) || input.Finite("cut", cut) != nil {
		return math.NaN(), math.NaN()
	}
	if math.IsInf(se, 1) {
		return t.Location / 2, t.Location / 2
	}
	h, a := step(t.DF), t.DF/2
	distance := math.Abs(cut - t.Location)
	reach := (math.Hypot(distance, se)/t.Scale + math.Sqrt(distance/t.Scale)*math.Sqrt(math.Abs(t.Location)/t.Scale))
	u := min(math.Log(80/t.DF+4)+0.5, math.Sqrt(80/a)) // beyond it the gamma density is 0 to 1e-17
	scale := h * math.Exp(logGammaPeak(a))
	weight := func() float64 { return scale * math.Exp(-a*(math.Expm1(u)-u)) }
	for end := -depth - 2*math.Log(max(1, reach)); u > end && !(u < 0 && weight() == 0); u -= h {
		up, down := split(stats.Normal{Mean: t.Location, SD: t.Scale * math.Exp(-u/2)}, cut, se)
		above += weight() * up
		below += weight() * down
	}
	half := t.Location / 2 * weight() / -math.Expm1(-a*h)
	side := t.Scale / math.Sqrt(2*math.Pi) * weight() * math.Exp(-u/2) / -math.Expm1(-(a-0.5)*h)
	return above + half + side, below + half - side
}
