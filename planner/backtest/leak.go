package backtest

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats/bayes"
)

// Ceiling is what a forecaster would reach who knows every true effect, because
// outcomes are noisy: a figure of the scale mixture that was fitted to the outcomes. 0:
// there are no pairs to fit it to.
type Ceiling struct {
	PairAccuracy      float64 `json:"pair_accuracy"`
	ClearPairAccuracy float64 `json:"clear_pair_accuracy"`
}

// mostPairs is how many pairs the ceiling is reckoned from.
const mostPairs = 20_000

// ceiling averages over pairs, for a difference δ drawn from N(0, τ²) and measured
// with the standard error s,
//
//	P(right) = ½ + arctan(τ/s)/π
//	P(right, |z| > c) = 2 ∫ φ(d; τ² + s²) Φ(d τ/(s √(τ² + s²))) dd over d > c s
//
// in which δ given the observed d is N(κd, κs²), κ = τ²/(τ² + s²).
func (a *arena) ceiling() (Ceiling, error) {
	var past []forecast.Past
	for _, t := range a.tested {
		p := t.Past
		p.Set = fmt.Sprint(t.group) // pairs of one group, sets or not
		past = append(past, p)
	}
	prior, err := pairPrior(past)
	if errors.Is(err, errNoPair) {
		return Ceiling{}, nil
	}
	if err != nil {
		return Ceiling{}, err
	}
	var right, pairs, clearRight, clear float64
	total := 0
	for _, g := range a.groups {
		total += len(g.members) * (len(g.members) - 1) / 2
	}
	every := max(1, total/mostPairs)
	seen := 0
	for _, g := range a.groups {
		for k, i := range g.members {
			for _, j := range g.members[k+1:] {
				if seen++; seen%every != 0 {
					continue
				}
				s := less(a.tested[i].Effect, a.tested[j].Effect).SE
				pairs++
				right += average(prior, func(tau float64) float64 { return 0.5 + math.Atan(tau/s)/math.Pi })
				clear += average(prior, func(tau float64) float64 { return math.Erfc(clearZ / math.Sqrt2 / math.Hypot(tau/s, 1)) })
				clearRight += average(prior, func(tau float64) float64 { return clearlyRight(tau / s) })
			}
		}
	}
	return Ceiling{right / pairs, clearRight / clear}, nil
}

const clearZ = 1.96

// average is over the components' SDs, all of mean 0.
func average(m bayes.Mixture, f func(sd float64) float64) float64 {
	var sum, total float64
	for k, w := range m.Weights {
		sum += w * f(m.Components[k].SD)
		total += w
	}
	return sum / total
}

// clearlyRight is P(right, |z| > 1.96) where the true difference is drawn with t
// standard errors as its SD. Simpson's rule over eight SDs, to 1e-6.
func clearlyRight(t float64) float64 {
	const steps = 64
	sd := math.Hypot(t, 1)
	width := 8 * sd / steps
	sum := 0.0
	for k := range steps + 1 {
		z := clearZ + float64(k)*width
		f := math.Exp(-z*z/(2*sd*sd)) / (sd * math.Sqrt(2*math.Pi)) * 0.5 * math.Erfc(-z*t/sd/math.Sqrt2)
		switch {
		case k == 0 || k == steps:
			sum += f
		case k%2 == 1:
			sum += 4 * f
		default:
			sum += 2 * f
		}
	}
	return 2 * sum * width / 3
}

// sure is how many standard errors a check asks for before it speaks of a leak: a
// false alarm in fewer than one of 10,000 checks.
const sure = 3.8

// mirror checks that skill comes from the past. The model was fitted once more to a
// past in which every effect had the opposite sign. What it has learned from that is
// wrong, or nothing; if it still ranks the blocks better than chance, then it knows
// them from elsewhere.
func (s *score) mirror(name string, b bootstrap) Check {
	pairs, _ := s.pairs()
	all := b.of(pairs)
	c := Check{Model: name, Name: "skill from the past alone", Detail: "after a past of opposite signs " + s.pairsRight(all[0])}
	c.Passed = s.few() || !(all[0]-sure*standardDeviation(all) > 0.5)
	if s.few() {
		c.Detail = fewExperiments
	}
	return c
}

// few says that there are too few experiments for their draws to tell how far a share of
// pairs can go by chance: of a single one, every draw is the same.
func (s *score) few() bool { return s.clusters < 10 }

const fewExperiments = "too few experiments to tell"

// roughest is the largest standard error of a log rate that is about normal: with fewer
// than some four events in an arm, its error is mostly smaller than that.
const roughest = 0.5

// tooGood checks that no forecast knows the noise of a measurement. Whatever a
// forecast f knows of the true effect, it is independent of the error of measurement,
// so that
//
//	Q = Σ (y − f)²/SE²,  within sets less the weighted mean of each,
//
// is at least the number of effects less that of sets in the mean, which is what one
// who knows the truth gets, with a variance of twice that. It looks at all ideas and at
// each fourth of them by standard error: where measurements are noisy, a forecast that
// holds the outcome is soonest beyond what is possible. Sets in which an arm had next to no
// events are left out, as their errors are not normal. Pairs ranked right must also
// not exceed the noise ceiling.
func (s *score) tooGood(name string, b bootstrap, ceiling Ceiling) Check {
	c := Check{Model: name, Name: "no better than the truth", Passed: true}
	f, y := s.centred(s.forecast, s.weight, true), s.centred(s.outcome, s.weight, true)
	worst := math.Inf(1)
	for _, part := range s.byPrecision() {
		var q, freedom float64
		for _, g := range part {
			group := s.groups[g]
			if group.set && slices.ContainsFunc(group.members, func(i int) bool { return s.tested[i].Effect.SE > roughest }) {
				continue
			}
			for _, i := range group.members {
				q += s.weight(i) * (y[i] - f[i]) * (y[i] - f[i])
			}
			freedom += float64(len(group.members))
			if group.set {
				freedom--
			}
		}
		if freedom > 0 {
			worst = math.Min(worst, (q-freedom)/math.Sqrt(2*freedom))
		}
	}
	pairs, _ := s.pairs()
	all := b.of(pairs)
	c.Passed = worst > -sure
	c.Detail = fmt.Sprintf("errors %+.1f SDs from the least possible", worst)
	if math.IsInf(worst, 1) {
		c.Detail = "too few events to tell"
	}
	if ceiling.PairAccuracy == 0 || s.few() {
		return c
	}
	c.Passed = c.Passed && !(all[0]-sure*standardDeviation(all) > ceiling.PairAccuracy)
	c.Detail = s.pairsRight(all[0]) + ", " + c.Detail
	return c
}

// pairsRight says how many pairs were ranked right. Equal forecasts rank none: the half
// that they are counted as is no finding.
func (s *score) pairsRight(share float64) string {
	if s.level() {
		return "all forecasts are equal"
	}
	return fmt.Sprintf("%.1f%% of pairs right", 100*share)
}

// byPrecision lists all groups, and each fourth of them by mean squared error of
// measurement. Groups without sets are taken apart: what is ranked together does not
// matter here.
func (s *score) byPrecision() [][]int {
	all := make([]int, len(s.groups))
	noise := make([]float64, len(s.groups))
	for g, group := range s.groups {
		all[g] = g
		for _, i := range group.members {
			noise[g] += 1 / s.weight(i) / float64(len(group.members))
		}
	}
	slices.SortStableFunc(all, func(g, h int) int { return cmp.Compare(noise[g], noise[h]) })
	parts := [][]int{all}
	if len(all) >= 40 {
		for k := range 4 {
			parts = append(parts, all[k*len(all)/4:(k+1)*len(all)/4])
		}
	}
	return parts
}
