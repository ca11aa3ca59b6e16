package backtest

import (
	"cmp"
	"maps"
	"slices"
)

// calibration holds the forecasts of each source against outcomes. Within sets both
// count less their set's mean: a plain one for means, and for slopes one by precision.
func (s *score) calibration(b bootstrap) []Calibration {
	x, z := s.centred(s.forecast, s.spread, true), s.centred(s.outcome, s.spread, true)
	f, y := s.centred(s.forecast, equally, true), s.centred(s.outcome, equally, true)
	sources := map[string][]int{}
	for i, t := range s.tested {
		sources[sourceOf(t)] = append(sources[sourceOf(t)], i)
	}
	all := []Calibration{}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		c := Calibration{Source: name, Ideas: len(sources[name])}
		var fs, ys, weights []float64
		var clusters []int
		sets := true
		for _, i := range sources[name] {
			sets = sets && s.groups[s.tested[i].group].set
			fs, ys, weights, clusters = append(fs, x[i]), append(ys, z[i]), append(weights, s.spread(i)), append(clusters, s.tested[i].cluster)
			c.Forecast += f[i] / float64(c.Ideas)
			c.Observed += y[i] / float64(c.Ideas)
		}
		c.Slope = measure(b.of(slope(fs, ys, weights, clusters, !sets)))
		c.Coverage80 = measure(b.of(s.coverage(0.8, name)))
		all = append(all, c)
	}
	return all
}

// spread is the precision of a measured effect around its forecast.
func (s *score) spread(i int) float64 {
	sd, se := s.effect[i].SD(), s.tested[i].Effect.SE
	return 1 / (sd*sd + se*se)
}

// fifths are of ideas in order of their forecast; of equal forecasts nobody is first,
// so there are none where all are equal.
func (s *score) fifths(b bootstrap) []Fifth {
	f, y := s.centred(s.forecast, equally, true), s.centred(s.outcome, equally, true)
	order := make([]int, len(f))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(f[i], f[j]), cmp.Compare(s.tested[i].ID, s.tested[j].ID))
	})
	if len(order) < 5 || f[order[len(order)-1]]-f[order[0]] <= 1e-12 {
		return []Fifth{}
	}
	fifths := make([]Fifth, 5)
	for k := range fifths {
		of := order[k*len(order)/5 : (k+1)*len(order)/5]
		observed := s.sums()
		fifths[k].Ideas = len(of)
		for _, i := range of {
			fifths[k].Forecast += f[i] / float64(len(of))
			observed.add(s.tested[i].cluster, y[i], 1)
		}
		fifths[k].Observed = measure(b.of(observed.ratio()))
	}
	return fifths
}
