package forecast

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// scores are the log predictive densities of later effects, one a set or an effect
// without one.
//
// In a set only differences are foretold. The level that it has in common is integrated
// out, with a flat weight:
//
//	log ∫ Πⱼ p(yⱼ − a) da
func (m *Model) scores(later []Past) ([]float64, error) {
	var out []float64
	for from := 0; from < len(later); {
		to := from + 1
		for later[from].Set != "" && to < len(later) && later[to].Set == later[from].Set {
			to++
		}
		s, err := m.score(later[from:to])
		if err != nil {
			return nil, err
		}
		out = append(out, s)
		from = to
	}
	return out, nil
}

func (m *Model) score(set []Past) (float64, error) {
	ideas := make([]Idea, len(set))
	for j := range set {
		ideas[j] = set[j].Idea
	}
	effects := make([]bayes.Mixture, len(set))
	for j, z := range m.centred(ideas) {
		scale := m.spread.of(ideas[j])
		p, err := m.predict(z, scale, m.unlike(ideas[j]))
		if err != nil {
			return 0, err
		}
		m.widenUnclaimed(&p, ideas[j], scale)
		effects[j] = widened(p, len(set))
	}
	if set[0].Set == "" {
		return effects[0].LogMarginal(set[0].Effect.Value, set[0].Effect.SE), nil
	}
	return overLevels(effects, set), nil
}

// overLevels integrates by the trapezoid rule over all levels within eight SDs of where
// an arm would put it.
func overLevels(effects []bayes.Mixture, set []Past) float64 {
	if len(set) < 2 {
		return 0
	}
	low, high, narrow := math.Inf(1), math.Inf(-1), math.Inf(1)
	for j, e := range effects {
		at, sd := set[j].Effect.Value-e.Mean(), math.Hypot(set[j].Effect.SE, e.SD())
		low, high = math.Min(low, at-8*sd), math.Max(high, at+8*sd)
		narrow = math.Min(narrow, set[j].Effect.SE)
	}
	// Normals of SD s are integrated to 1e-4 by steps of s; the product of n arms is
	// about √n narrower.
	steps := int(math.Min(2000, math.Ceil((high-low)*math.Sqrt(float64(len(set)))/narrow)))
	sum, top := 0.0, math.Inf(-1)
	for k := range steps + 1 {
		a, log := low+(high-low)*float64(k)/float64(steps), 0.0
		for j, e := range effects {
			log += e.LogMarginal(set[j].Effect.Value-a, set[j].Effect.SE)
		}
		if log > top {
			sum, top = sum*math.Exp(top-log), log
		}
		sum += math.Exp(log - top)
	}
	return top + math.Log(sum*(high-low)/float64(steps))
}

// compare sums up by how much the densities of b exceed those of a, with the standard
// error of the sum.
func compare(a, b []float64) stats.Estimate {
	var sum, square float64
	for i := range a {
		d := b[i] - a[i]
		sum += d
		square += d * d
	}
	n := float64(len(a))
	return stats.Estimate{Value: sum, SE: math.Sqrt(math.Max(square-sum*sum/n, 0))}
}
