package returns

import (
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// thinned is what a rule returns on one experiment in expectation over the thinning
// noise, with the probability that it ships.
//
//	X₁ = L̂ + a e      X₂ = L̂ − e/a      e ~ N(0, Σ), Σ the covariance of the errors of L̂
//
// are independent given the true lifts, with covariances (1 + a²)Σ and (1 + 1/a²)Σ.
// The rule sees X₁ with its standard errors, and the chosen arm's X₂ is the return.
//
// Source: Neufeld, Dharamshi, Gao & Witten (2024), "Data Thinning for
// Convolution-Closed Distributions", JMLR 25, §3, normal case.
func thinned(e Experiment, r Rule, a float64, draws int, rng *rand.Rand) (lift, ships float64, err error) {
	t := thinning{a: a, at: e.Arms, noise: e.noise(), seen: make([]stats.Estimate, len(e.Arms))}
	for k, arm := range e.Arms {
		t.seen[k].SE = arm.SE * math.Sqrt(1+a*a)
	}
	if r.bar == nil {
		return t.mean(draws, rng, func(u float64, v []float64) (float64, float64, error) { return t.one(r.Choose, u, v) })
	}
	cuts := r.bar.cuts(t.seen)
	switch {
	case len(e.Arms) == 1:
		lift, ships = t.above(0, e.Arms[0].Value, e.Arms[0].SE, 0, cuts[0])
		return lift, ships, nil
	case !r.bar.byValue(t.seen):
		choose := func(arms []stats.Estimate) int { return r.bar.choose(arms, cuts) }
		return t.mean(draws, rng, func(u float64, v []float64) (float64, float64, error) { return t.one(choose, u, v) })
	}
	return t.mean(draws, rng, func(u float64, v []float64) (float64, float64, error) {
		lift, ships := t.each(cuts, u, v)
		return lift, ships, nil
	})
}

// thinning is one experiment while it is thinned; seen is what the rule sees.
type thinning struct {
	a     float64
	at    []stats.Estimate
	noise noise
	seen  []stats.Estimate
}

// mean averages over pairs of opposite noise: u is the control's, v each arm's own,
// all standard normal.
func (t thinning) mean(draws int, rng *rand.Rand, f func(u float64, v []float64) (lift, ships float64, err error)) (lift, ships float64, err error) {
	v, pairs := make([]float64, len(t.at)), (draws+1)/2
	for range pairs {
		u := rng.NormFloat64()
		for k := range v {
			v[k] = rng.NormFloat64()
		}
		for range 2 {
			l, s, err := f(u, v)
			if err != nil {
				return 0, 0, err
			}
			lift, ships = lift+l, ships+s
			u = -u
			for k := range v {
				v[k] = -v[k]
			}
		}
	}
	return lift / float64(2*pairs), ships / float64(2*pairs), nil
}

// see sets what the rule sees in one draw.
func (t thinning) see(u float64, v []float64) {
	for k, arm := range t.at {
		t.seen[k].Value = arm.Value + t.a*(t.noise.control[k]*u+t.noise.own[k]*v[k])
	}
}

// one is a draw of any rule: what the chosen arm scores.
func (t thinning) one(choose func([]stats.Estimate) int, u float64, v []float64) (lift, ships float64, err error) {
	t.see(u, v)
	k, err := choice(choose, t.seen)
	if err != nil || k == None {
		return 0, 0, err
	}
	return t.at[k].Value - (t.noise.control[k]*u+t.noise.own[k]*v[k])/t.a, 1, nil
}

// each is a draw of a rule that ships the largest value above the cuts. An arm is
// chosen if its value exceeds its own cut and every other arm that passes; over its
// own noise, given the rest, that is in closed form. So each draw serves all arms,
// with less variance than one has.
func (t thinning) each(cuts []float64, u float64, v []float64) (lift, ships float64) {
	t.see(u, v)
	first, second := None, None
	for k, arm := range t.seen {
		switch {
		case !(arm.Value > cuts[k]):
		case first == None || arm.Value > t.seen[first].Value:
			first, second = k, first
		case second == None || arm.Value > t.seen[second].Value:
			second = k
		}
	}
	for k, cut := range cuts {
		rival := first
		if k == first {
			rival = second
		}
		if rival != None {
			cut = math.Max(cut, t.seen[rival].Value)
		}
		l, s := t.above(u, t.at[k].Value, t.noise.own[k], t.noise.control[k], cut)
		lift, ships = lift+l, ships+s
	}
	return lift, ships
}

// above is E[X₂; X₁ > cut] and P(X₁ > cut) of one arm over its own noise, N(0, own²),
// given the control's, control·u. With m the mean of X₁,
//
//	P = Φ((m − cut)/(a own))      E = (value − control u/a) P − (own/a) φ((m − cut)/(a own))
//
// Source: the mean of a truncated normal, Johnson, Kotz & Balakrishnan (1994),
// Continuous Univariate Distributions, vol. 1, ch. 13.
func (t thinning) above(u, value, own, control, cut float64) (lift, ships float64) {
	z := (value + t.a*control*u - cut) / (t.a * own)
	ships = norm.CDF(z)
	return (value-control*u/t.a)*ships - own/t.a*norm.Density(z), ships
}
