package bayes

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// CompareLifts compares treatments that share one control, which is arm 0 of the
// result with a lift of exactly 0. The true lifts are independent draws from prior;
// lifts are the estimates, relative as fractions, with standard errors that include
// the control's noise, and controlSE > 0 is the relative standard error of the
// control's mean, se(ȳ₀)/ȳ₀. Errors of the lifts are then correlated,
//
//	cov(L̂ᵢ, L̂ⱼ) = gᵢ gⱼ controlSE²      gᵢ = 1 + L̂ᵢ
//
// (delta method), and one unlucky control makes all treatments look good. Given the
// control's relative error c the lifts are independent, of estimate L̂ᵢ + gᵢc and
// variance seᵢ² − gᵢ²controlSE²; the answer is the mean over what the lifts say of c,
//
//	p(c) ∝ N(c; 0, controlSE²) Πᵢ p(L̂ᵢ + gᵢc)
//
// by the trapezoidal rule over c within 60 controlSE, to 1e-8 where Compare is to
// 1e-9. For estimates that say all, take a normal prior
// far wider than the standard errors. The error is an *InputError; a standard error
// of a lift that is not above its part from the control, by 1e-5 of itself, is one.
//
// Source of the covariance: Casella & Berger (2002), Statistical Inference, 2nd ed.,
// §5.5.4. Integrating over the shared control is our own.
func CompareLifts(prior Prior, lifts []stats.Estimate, controlSE float64, o CompareOptions) (Comparison, error) {
	s, err := newShared(prior, lifts, controlSE, o)
	if err != nil {
		return Comparison{}, err
	}
	logs, errors := s.lattice()
	top := slices.Max(logs)
	mean := Comparison{Arms: make([]ArmOdds, len(lifts)+1)}
	total := 0.0
	for i, c := range errors {
		if logs[i] < top-25 {
			continue
		}
		w := math.Exp(logs[i] - top)
		total += w
		for k, a := range s.given(c).facing(o).odds(o).Arms {
			mean.Arms[k].Mean += w * a.Mean
			mean.Arms[k].ProbBest += w * a.ProbBest
			mean.Arms[k].ExpectedLoss += w * a.ExpectedLoss
		}
	}
	for k := range mean.Arms {
		a := &mean.Arms[k]
		*a = ArmOdds{a.Mean / total, a.ProbBest / total, a.ExpectedLoss / total}
	}
	return mean.decide(o), nil
}

// nothingOwn is the least part of a lift's standard error that must not be the
// control's: its own is then 0.0045 of it, as with 50,000 times the users. The lattice
// needs as many steps.
const nothingOwn = 1e-5

// shared is treatments over one control: own are their errors without its part, and
// slopes are the gᵢ.
type shared struct {
	prior     Prior
	lifts     []stats.Estimate
	own       []float64
	slopes    []float64
	controlSE float64
}

func newShared(prior Prior, lifts []stats.Estimate, controlSE float64, o CompareOptions) (*shared, error) {
	if prior == nil {
		return nil, &stats.InputError{Field: "prior", Reason: "there is no prior"}
	}
	mean := prior.Mean()
	if err := input.First(input.Within("prior.", prior.Check()), input.Positive("controlSE", controlSE), input.NonNegative("Care", o.Care),
		input.Check(!math.IsNaN(mean), "prior.Mean", mean, "the prior must have a mean"),
		input.Check(len(lifts) > 0, "lifts", 0, "there must be one at least")); err != nil {
		return nil, err
	}
	s := &shared{prior: prior, lifts: lifts, controlSE: controlSE}
	for i, l := range lifts {
		field := fmt.Sprintf("lifts[%d]", i)
		if err := input.First(input.Finite(field+".Value", l.Value), input.Positive(field+".SE", l.SE)); err != nil {
			return nil, err
		}
		slope := 1 + l.Value
		part := math.Abs(slope) * controlSE / l.SE
		if err := input.Check(part < 1-nothingOwn, field+".SE", l.SE, "must be above its part from the control, |1 + lift|·controlSE, by 1e-5 of itself"); err != nil {
			return nil, err
		}
		s.slopes = append(s.slopes, slope)
		s.own = append(s.own, l.SE*math.Sqrt((1-part)*(1+part)))
	}
	return s, nil
}

// lattice lists errors c of the control, at steps that resolve what the sharpest
// lift could say of it, with their log density, as far as it is above exp(−40).
func (s *shared) lattice() (logs, errors []float64) {
	information, sharp := 1/(s.controlSE*s.controlSE), sharpest(s.prior)
	for i, g := range s.slopes {
		sd := math.Hypot(s.own[i], sharp)
		information += (g / sd) * (g / sd)
	}
	step, far, top := 0.8/math.Sqrt(information), s.farthest(), math.Inf(-1)
	for _, side := range []float64{-1, 1} {
		for c := min(0, side) * step; ; c += side * step {
			log := s.logDensity(c)
			top = max(top, log)
			logs, errors = append(logs, log), append(errors, c)
			if log < top-40 && math.Abs(c) > far || math.Abs(c) > 60*s.controlSE {
				break
			}
		}
	}
	return logs, errors
}

// farthest is the largest error of the control that a lift could be due to: between
// it and 0 the density may have valleys.
func (s *shared) farthest() float64 {
	far := 6.0
	for i, l := range s.lifts {
		far = max(far, 6+math.Abs(l.Value/s.slopes[i])/s.controlSE)
	}
	return min(far, 60) * s.controlSE
}

// sharpest is the SD of the sharpest feature of a prior: the marginal density of an
// estimate has none sharper than that and its own error together.
func sharpest(p Prior) float64 {
	switch p := p.(type) {
	case StudentT:
		return p.Scale / 2
	case Mixture:
		sd := math.Inf(1)
		for k, c := range p.Components {
			if p.Weights[k] > 0 {
				sd = min(sd, c.SD)
			}
		}
		return sd
	}
	return 0
}

func (s *shared) logDensity(c float64) float64 {
	log := logNormal(c, s.controlSE)
	for i, l := range s.lifts {
		log += s.prior.LogMarginal(l.Value+s.slopes[i]*c, s.own[i])
	}
	return log
}

// given is the arms once the control's error is known.
func (s *shared) given(c float64) armField {
	f := armField{scale: func(float64) float64 { return 1 }}
	f.arms = append(f.arms, Single(stats.Normal{}).arm())
	for i, l := range s.lifts {
		f.arms = append(f.arms, s.prior.Posterior(l.Value+s.slopes[i]*c, s.own[i]).arm())
	}
	return f
}
