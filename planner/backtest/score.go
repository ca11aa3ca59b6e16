package backtest

import (
	"math"
	"slices"
)

// score is what one model's forecasts came to, ready to be drawn again.
type score struct {
	*arena
	belief
	pit []float64 // of units: probability that the prediction gave to less than was observed
}

// sums are numerators and denominators by experiment.
type sums struct{ num, den []float64 }

func (a *arena) sums() sums { return sums{make([]float64, a.clusters), make([]float64, a.clusters)} }

func (s sums) add(cluster int, num, den float64) {
	s.num[cluster] += num
	s.den[cluster] += den
}

func (s sums) ratio() statistic { return ratio(s.num, s.den, 1, 0) }

func newScore(a *arena, b belief) *score {
	s := &score{arena: a, belief: b, pit: make([]float64, len(a.units))}
	for k, u := range a.units {
		s.pit[k] = observed(b.unit[k], u.se).CDF(u.y)
	}
	return s
}

// statistics are those of All, by its order.
func (s *score) statistics() []statistic {
	density, spread := s.sums(), s.sums()
	for k, u := range s.units {
		o := observed(s.unit[k], u.se)
		density.add(u.cluster, o.LogDensity(u.y), 1)
		spread.add(u.cluster, crps(o, u.y), 1)
	}
	pairs, clear := s.pairs()
	return []statistic{pairs, clear, s.groupSpearman(), s.pooledSpearman(), s.pickLift(), s.weightedR2(), density.ratio(), spread.ratio(),
		s.coverage(0.5, ""), s.coverage(0.8, ""), s.coverage(0.9, ""), s.coverage(0.95, "")}
}

// pairs ranked right, of all and of clear ones. Pairs of different experiments count
// on both sides.
func (s *score) pairs() (all, clear statistic) {
	every, sure := s.sums(), s.sums()
	across := false
	for _, g := range s.groups {
		for k, i := range g.members {
			for _, j := range g.members[k+1:] {
				d := less(s.tested[i].Effect, s.tested[j].Effect)
				if d.Value == 0 {
					continue
				}
				right := agreement(s.mean[i]-s.mean[j], d.Value)
				ci, cj := s.tested[i].cluster, s.tested[j].cluster
				across = across || ci != cj
				for _, c := range []int{ci, cj} { // twice within one experiment too: the ratio is the same
					every.add(c, right, 1)
					if math.Abs(d.Value) > 1.96*d.SE {
						sure.add(c, right, 1)
					}
				}
			}
		}
	}
	if across {
		return projected(every.num, every.den), projected(sure.num, sure.den)
	}
	return every.ratio(), sure.ratio()
}

// level says whether the forecasts of each group are equal.
func (s *score) level() bool {
	return !slices.ContainsFunc(s.groups, func(g group) bool {
		return slices.ContainsFunc(g.members, func(i int) bool { return s.mean[i] != s.mean[g.members[0]] })
	})
}

// agreement is 1 for a forecast of the right sign, ½ for none.
func agreement(forecast, outcome float64) float64 {
	switch {
	case forecast == 0:
		return 0.5
	case (forecast > 0) == (outcome > 0):
		return 1
	}
	return 0
}

// groupSpearman averages over groups of three or more; equal forecasts count 0.
func (s *score) groupSpearman() statistic {
	var parts []statistic
	within := s.sums()
	for _, g := range s.groups {
		if len(g.members) < 3 {
			continue
		}
		var x, y []float64
		var cluster []int
		for _, i := range g.members {
			x, y, cluster = append(x, s.mean[i]), append(y, s.tested[i].Effect.Value), append(cluster, s.tested[i].cluster)
		}
		part := rankCorrelation(x, y, cluster)
		if !g.set {
			parts = append(parts, part)
			continue
		}
		ones := make([]float64, s.clusters)
		ones[cluster[0]] = 1
		within.add(cluster[0], part(ones), 1)
	}
	if len(parts) == 0 {
		return within.ratio()
	}
	return func(w []float64) float64 { // blocks are few: each counts once, whatever is drawn of it
		total, n := 0.0, 0.0
		for _, p := range parts {
			total, n = total+p(w), n+1
		}
		for c := range within.num {
			total, n = total+w[c]*within.num[c], n+w[c]*within.den[c]
		}
		return total / n
	}
}

// centred takes from values of tested ideas the weighted mean of their group, or with
// sets alone only of those in sets.
func (a *arena) centred(values, weight func(int) float64, setsAlone bool) []float64 {
	out := make([]float64, len(a.tested))
	for _, g := range a.groups {
		var sum, weights float64
		first := values(g.members[0]) // taken off first, so that equal values are 0 and not rounding
		for _, i := range g.members {
			sum += weight(i) * (values(i) - first)
			weights += weight(i)
		}
		for _, i := range g.members {
			if out[i] = values(i); g.set || !setsAlone {
				out[i] = (out[i] - first) - sum/weights
			}
		}
	}
	return out
}

func equally(int) float64 { return 1 }

// weight is the precision of a measured effect.
func (a *arena) weight(i int) float64 { se := a.tested[i].Effect.SE; return 1 / (se * se) }

func (a *arena) outcome(i int) float64 { return a.tested[i].Effect.Value }

func (s *score) forecast(i int) float64 { return s.mean[i] }

func (a *arena) clusterOf() []int {
	of := make([]int, len(a.tested))
	for i, t := range a.tested {
		of[i] = t.cluster
	}
	return of
}

func (s *score) pooledSpearman() statistic {
	return rankCorrelation(s.centred(s.forecast, s.weight, false), s.centred(s.outcome, s.weight, false), s.clusterOf())
}

// weightedR2 takes forecasts of effects as they are, and those within sets less the
// set's level.
func (s *score) weightedR2() statistic {
	spread, f, y := s.centred(s.outcome, s.weight, false), s.centred(s.forecast, s.weight, true), s.centred(s.outcome, s.weight, true)
	r := s.sums()
	for i, t := range s.tested {
		r.add(t.cluster, s.weight(i)*(y[i]-f[i])*(y[i]-f[i]), s.weight(i)*spread[i]*spread[i])
	}
	return ratio(r.num, r.den, -1, 1)
}

// pickLift is the rate of each set's best forecast over the set's mean rate, less 1,
// averaged over sets; and without sets, the mean effect of each block's best fifth less
// that of the block. Of equal forecasts it takes the mean.
func (s *score) pickLift() statistic {
	within := s.sums()
	for _, g := range s.groups {
		if !g.set {
			continue
		}
		best, mean, lift, n := math.Inf(-1), 0.0, 0.0, 0.0
		for _, i := range g.members {
			best = math.Max(best, s.mean[i])
			mean += s.tested[i].Rate / float64(len(g.members))
		}
		for _, i := range g.members {
			if s.mean[i] == best {
				lift, n = lift+s.tested[i].Rate, n+1
			}
		}
		if first := s.tested[g.members[0]]; mean > 0 {
			lift = lift/n/mean - 1
			if first.Down {
				lift = -lift
			}
			within.add(first.cluster, lift, 1)
		}
	}
	if slices.ContainsFunc(s.groups, func(g group) bool { return g.set }) {
		return within.ratio()
	}
	return s.top(0.2, s.forecast)
}

// coverage is the share of units within the central interval of a level; of one source,
// or of all.
func (s *score) coverage(level float64, source string) statistic {
	c := s.sums()
	for k, u := range s.units {
		if source != "" && sourceOf(s.tested[u.a]) != source {
			continue
		}
		inside := 0.0
		if math.Abs(s.pit[k]-0.5) <= level/2 {
			inside = 1
		}
		c.add(u.cluster, inside, 1)
	}
	return c.ratio()
}

func sourceOf(t tested) string {
	if s := t.Traits["source"]; s != "" {
		return s
	}
	return "not given"
}
