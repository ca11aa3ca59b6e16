package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/mixed"
)

// Forecast returns the distribution of the idea's true effect: of one in a Set, less the
// level that the set has in common. Of a whole set that is known, ForecastSet says more.
func (m *Model) Forecast(i Idea) (Forecast, error) {
	scale := m.spread.of(i)
	p, err := m.predict(m.features(i, scale), scale, m.unlike(i))
	if err != nil {
		return Forecast{}, fmt.Errorf("forecast %q: %w", i.ID, err)
	}
	m.widenUnclaimed(&p, i, scale)
	f := Forecast{Effect: p.Effect, Evidence: m.evidence(p.SE / scale), Scale: scale}
	f.Drivers, err = m.drivers(i)
	return f, err
}

// evidence is how many usual effects would know a mean to ± se, in units of the scale.
func (m *Model) evidence(se float64) float64 {
	if se == 0 {
		return float64(m.N)
	}
	return m.usual / (se * se)
}

// ForecastSet forecasts ideas that will be compared with each other, each less the mean of
// all: what they share, such as the words of all headlines of a story, moves none of
// them and makes none of them uncertain. So that differences of two are as uncertain as
// they should be, the variance (zᵢ − z̄)ᵀA⁻¹(zᵢ − z̄) of the mean counts n/(n − 1) times, as if
// ideas were independent of each other. Of a single idea it is Forecast.
func (m *Model) ForecastSet(set []Idea) ([]Forecast, error) {
	out := make([]Forecast, len(set))
	for j, z := range m.centred(set) {
		scale := m.spread.of(set[j])
		p, err := m.predict(z, scale, 0)
		if err != nil {
			return nil, fmt.Errorf("forecast %q: %w", set[j].ID, err)
		}
		m.widenUnclaimed(&p, set[j], scale)
		out[j] = Forecast{Effect: widened(p, len(set)), Evidence: m.evidence(p.SE / scale), Scale: scale}
		if out[j].Drivers, err = m.drivers(set[j]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// widened gives the mean n/(n − 1) times its variance.
func widened(p mixed.Forecast, n int) bayes.Mixture {
	if n > 1 {
		more := p.SE * p.SE / float64(n-1)
		for k, c := range p.Effect.Components {
			p.Effect.Components[k].SD = math.Sqrt(c.SD*c.SD + more)
		}
	}
	return p.Effect
}

// centred are the features of each idea of a set, less their means.
func (m *Model) centred(set []Idea) [][]mixed.Feature {
	all := make([][]mixed.Feature, len(set))
	var mean []mixed.Feature
	for j, i := range set {
		all[j] = m.features(i, m.spread.of(i))
		for _, f := range all[j] {
			f.Value /= -float64(len(set))
			mean = append(mean, f)
		}
	}
	for j := range all {
		if len(set) > 1 {
			all[j] = append(all[j], mean...)
		}
	}
	return all
}

// most is how many drivers of one block are told apart; the rest are one.
const most = 8

// drivers add up to the mean of the forecast.
func (m *Model) drivers(i Idea) (all []Driver, err error) {
	scale := m.spread.of(i)
	for b := range m.blocks {
		if m.blocks[b].isWithin() {
			continue // moves no mean
		}
		of := []Driver{}
		for _, f := range m.blocks[b].features(i) {
			if m.blocks[b].Claims != nil {
				f.value /= scale
			}
			p, err := m.predict([]mixed.Feature{{Block: b, Column: f.column, Value: f.value}}, scale, 0)
			if err != nil {
				return nil, err
			}
			past := m.blocks[b].Past[f.column]
			of = append(of, Driver{Block: m.blocks[b].Name, Feature: f.name, Effect: p.Mean, SD: p.SE, Past: past})
		}
		slices.SortStableFunc(of, larger)
		if len(of) > most {
			rest := Driver{Block: of[0].Block, Feature: fmt.Sprintf("%d others", len(of)-most+1)}
			for _, d := range of[most-1:] {
				rest.Effect += d.Effect
				rest.SD = math.Hypot(rest.SD, d.SD)
				rest.Past = max(rest.Past, d.Past)
			}
			of = append(of[:most-1], rest)
		}
		all = append(all, of...)
	}
	slices.SortStableFunc(all, larger)
	return all, nil
}

func larger(a, b Driver) int { return -cmp.Compare(math.Abs(a.Effect), math.Abs(b.Effect)) }
