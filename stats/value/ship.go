package value

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Ship is what a test of one idea leads to, where a rule decides after it whether the
// idea ships. Effects and estimates are relative lifts as fractions.
type Ship struct {
	// Threshold is the estimate above which the idea ships: −Inf if it does whatever the
	// test says, +Inf if it never does.
	Threshold float64 `json:"threshold"`
	SE        float64 `json:"se"`   // of the estimate
	Prob      float64 `json:"prob"` // that it ships, over what is believed of the effect and the noise together
	Gain      float64 `json:"gain"` // expected lift gained, net of the cost of shipping if the rule has one
}

// ShipBy returns what a test with standard error se > 0 leads to, where the true effect is
// drawn from prior, with tails of any weight, and the rule is one of
//
//	stats.PosteriorMean   ships if E[δ | δ̂] > c:  k solves E[δ | δ̂ = k] = c,  gain E[(E[δ | δ̂] − c)⁺] = E[(δ − c) 1{δ̂ > k}]
//	stats.Significant     ships if δ̂ > z₁₋α se = k,                            gain E[δ 1{δ̂ > k}]
//
// The posterior mean rises with the estimate whatever the prior, since its slope is
// Var(δ | δ̂)/se²; so both rules are thresholds k, and over the components N(μⱼ, σⱼ²) of
// the prior, of weight wⱼ and with sⱼ² = σⱼ² + se², both sums are in closed form:
//
//	P(δ̂ > k) = Σ wⱼ Φ((μⱼ − k)/sⱼ),   E[δ 1{δ̂ > k}] = Σ wⱼ (μⱼ Φ((μⱼ − k)/sⱼ) + (σⱼ²/sⱼ) φ((μⱼ − k)/sⱼ))
//
// Of one component it is what the rule's own methods say of a normal. k is to 1e-11 of its
// distance from c, and Gain to 1e-12 of E|δ − c|. The error is an *InputError for an invalid
// prior, rule or se, or a rule of another kind.
//
// Source: Azevedo, Deng, Montiel Olea, Rao & Weyl (2020), "A/B Testing with Fat Tails",
// J. Political Economy 128(12), §2; the slope is Robbins' (1956), by Tweedie's formula.
func ShipBy(rule stats.ShipRule, prior bayes.Mixture, se float64) (Ship, error) {
	if err := input.First(input.Within("prior.", prior.Check()), input.Positive("se", se)); err != nil {
		return Ship{}, err
	}
	s, cost := Ship{SE: se}, 0.0
	switch r := rule.(type) {
	case stats.PosteriorMean:
		if err := input.Finite("rule.Cut", r.Cut); err != nil {
			return Ship{}, err
		}
		cost = r.Cut
		s.Threshold = crossing(prior, cost, se)
	case stats.Significant:
		alpha := r.Alpha
		if alpha == 0 {
			alpha = 0.025
		}
		if err := input.Fraction("rule.Alpha", alpha); err != nil {
			return Ship{}, err
		}
		s.Threshold = -norm.Quantile(alpha) * se
	default:
		return Ship{}, &input.Error{Field: "rule", Choice: fmt.Sprintf("%T", rule), Reason: "is neither stats.PosteriorMean nor stats.Significant"}
	}
	s.Prob, s.Gain = shipped(prior, cost, se, s.Threshold)
	if _, rational := rule.(stats.PosteriorMean); rational {
		s.Gain = math.Max(0, s.Gain) // rounding
	}
	return s, nil
}

// Given returns the probability that an idea of true effect delta ships, over the noise of
// the test alone: Φ((δ − k)/se).
//
// Source: the estimate is N(δ, se²).
func (s Ship) Given(delta float64) float64 {
	switch {
	case math.IsInf(s.Threshold, -1):
		return 1
	case math.IsInf(s.Threshold, 1):
		return 0
	}
	return norm.CDF((delta - s.Threshold) / s.SE)
}

// shipped is P(δ̂ > k) and E[(δ − cost) 1{δ̂ > k}].
func shipped(prior bayes.Mixture, cost, se, k float64) (prob, gain float64) {
	total := 0.0
	for j, c := range prior.Components {
		w, mean := prior.Weights[j], c.Mean-cost
		total += w
		switch {
		case math.IsInf(k, -1):
			prob, gain = prob+w, gain+w*mean
		case !math.IsInf(k, 1):
			s := math.Hypot(c.SD, se)
			z := (c.Mean - k) / s
			p := norm.CDF(z)
			prob += w * p
			gain += w * (mean*p + c.SD*(c.SD/s)*norm.Density(z))
		}
	}
	return prob / total, gain / total
}

// crossing is the estimate at which the posterior mean is the cut, or ±Inf where no
// estimate within 1e40 makes it so.
func crossing(prior bayes.Mixture, cut, se float64) float64 {
	f := newSurplus(prior, cut, se)
	here := f.at(cut)
	if here == 0 {
		return cut
	}
	near, far := 0.0, math.Copysign(se, -here)
	for math.Signbit(f.at(cut+far)) == math.Signbit(here) {
		if near, far = far, 2*far; math.Abs(far) > input.Max {
			return math.Inf(int(math.Copysign(1, -here)))
		}
	}
	// The gain is flat at the threshold: what is left of its error is squared.
	return cut + solve.Root(near, far, 1e-11*math.Abs(far), func(x float64) float64 { return f.at(cut + x) })
}

// surplus is the posterior mean less the cut, as a function of the estimate.
type surplus struct {
	cut   float64
	means []float64 // μⱼ
	sds   []float64 // sⱼ
	keep  []float64 // σⱼ²/sⱼ²: the part of an estimate that is believed
	logs  []float64 // of wⱼ/sⱼ
	terms []float64
}

func newSurplus(prior bayes.Mixture, cut, se float64) surplus {
	f := surplus{cut: cut}
	for j, c := range prior.Components {
		if w := prior.Weights[j]; w > 0 {
			s := math.Hypot(c.SD, se)
			f.means, f.sds = append(f.means, c.Mean), append(f.sds, s)
			f.keep, f.logs = append(f.keep, c.SD/s*(c.SD/s)), append(f.logs, math.Log(w/s))
		}
	}
	f.terms = make([]float64, len(f.means))
	return f
}

func (f surplus) at(estimate float64) float64 {
	top := math.Inf(-1)
	for j, mean := range f.means {
		z := (estimate - mean) / f.sds[j]
		f.terms[j] = f.logs[j] - z*z/2
		top = math.Max(top, f.terms[j])
	}
	sum, total := 0.0, 0.0
	for j, mean := range f.means {
		w := math.Exp(f.terms[j] - top)
		sum += w * (mean - f.cut + f.keep[j]*(estimate-mean))
		total += w
	}
	return sum / total
}
