package history

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"
)

// Noise says how much one user varies, per surface and metric, in order of
// both. It uses experiments that ended by asOf; a zero asOf uses all.
func (h *History) Noise(ctx context.Context, asOf time.Time) ([]Noise, error) {
	effects, err := h.Effects(ctx, EffectQuery{AsOf: asOf})
	if err != nil {
		return nil, err
	}
	return noiseOf(effects), nil
}

// noiseOf takes medians over the usable effects: one experiment with a broken
// metric does not move them. An effect's standard error, times the square root
// of its effective number of users, is the standard deviation of one user over
// the baseline when both arms vary alike:
//
//	SE = sd/ȳ꜀ · √(1/nₜ + 1/n꜀)  ⇒  sd/ȳ꜀ = SE·√(nₜn꜀/(nₜ + n꜀))
//
// with the SE before any adjustment: a new test may lack what was adjusted for.
//
// SE 0.026 with 10,000 users in each arm: 0.026·√5000 = 1.84.
func noiseOf(effects []Effect) []Noise {
	type key struct{ surface, metric string }
	sds, baselines := map[key][]float64{}, map[key][]float64{}
	for _, e := range effects {
		if !e.Usable {
			continue
		}
		k := key{e.Surface, e.Metric}
		se := e.SE
		if e.Adjusted {
			se = e.UnadjustedSE
		}
		users := e.TreatmentUsers * e.ControlUsers / (e.TreatmentUsers + e.ControlUsers)
		sds[k] = append(sds[k], se*math.Sqrt(users))
		baselines[k] = append(baselines[k], e.Baseline)
	}
	keys := slices.SortedFunc(maps.Keys(sds), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.surface, b.surface), cmp.Compare(a.metric, b.metric))
	})
	noise := make([]Noise, 0, len(keys))
	for _, k := range keys {
		noise = append(noise, Noise{Surface: k.surface, Metric: k.metric,
			RelativeSD: median(sds[k]), Baseline: median(baselines[k]), Effects: len(sds[k])})
	}
	return noise
}

// median of a non-empty slice, which it sorts.
func median(xs []float64) float64 {
	slices.Sort(xs)
	half := len(xs) / 2
	if len(xs)%2 == 1 {
		return xs[half]
	}
	return (xs[half-1] + xs[half]) / 2
}
