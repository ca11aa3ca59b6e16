package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func simulate(rng *rand.Rand, h hyper, groups, perGroup int, se float64) (map[string][]Estimate, map[string]Normal) {
	data, truth := map[string][]Estimate{}, map[string]Normal{}
	for g := range groups {
		name := fmt.Sprintf("g%03d", g)
		own := Normal{h.mean + h.between*rng.NormFloat64(), h.within * math.Exp(h.spread*rng.NormFloat64())}
		truth[name] = own
		n := perGroup/2 + rng.IntN(perGroup+1)
		for range max(n, 1) {
			s := se * math.Exp(0.5*rng.NormFloat64())
			data[name] = append(data[name], Estimate{own.Mean + own.SD*rng.NormFloat64() + s*rng.NormFloat64(), s})
		}
	}
	return data, truth
}

func TestQuick(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ g, n int }{{20, 250}, {20, 250}, {5, 20}, {8, 1}, {300, 5}, {20, 5000}} {
		data, _ := simulate(rng, hyper{0.002, 0.004, 0.01, 0.4}, c.g, c.n, 0.01)
		start := time.Now()
		f, err := FitGroups(data)
		t.Log(c, time.Since(start), err, f.Mean, f.MeanSE, f.Between, f.Within, f.WithinSpread, f.Population, f.PopulationEvidence, f.Groups[0], f.LogLikelihood)
	}
}
