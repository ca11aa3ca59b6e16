package forecast

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/mixed"
)

// Errors that callers test for.
var ErrPast = errors.New("forecast: nothing to learn from")

// Options of Learn. The zero value is the usual model.
type Options struct{}

// Model is what past effects of one metric say of ideas.
type Model struct {
	fit    mixed.Fit
	traits []trait
	usual  float64 // variance of a usual past effect around its forecast
}

// Learn fits the model. Effects are of one metric; their order makes no difference but
// for rounding. The error is ErrPast for fewer than two effects, or says what is wrong
// with which of them.
func Learn(past []Past, _ Options) (*Model, error) {
	if len(past) < 2 {
		return nil, fmt.Errorf("%w: %d effects, of at least 2", ErrPast, len(past))
	}
	m := &Model{traits: traits(past)}
	blocks := []mixed.Block{{Name: "mean", Columns: 1, Fixed: true}}
	for _, t := range m.traits {
		blocks = append(blocks, mixed.Block{Name: t.name, Columns: len(t.levels) + 1})
	}
	effects, err := mixed.NewEffects(blocks...)
	if err != nil {
		return nil, err
	}
	sets := map[string]int{"": mixed.NoGroup}
	for _, p := range past {
		if p.Metric != past[0].Metric {
			return nil, fmt.Errorf("%w: effects of two metrics, %q and %q", ErrPast, past[0].Metric, p.Metric)
		}
		set, known := sets[p.Set]
		if !known {
			set = len(sets)
			sets[p.Set] = set
		}
		if err := effects.Add(p.Effect, set, m.features(p.Idea)...); err != nil {
			return nil, fmt.Errorf("forecast: effect of %q: %w", p.ID, err)
		}
	}
	if m.fit, err = mixed.Learn(effects, mixed.Options{}); err != nil {
		return nil, err
	}
	precision, tau := 0.0, m.fit.Tail.SD()
	for _, p := range past {
		precision += 1 / (tau*tau + p.Effect.SE*p.Effect.SE) / float64(len(past))
	}
	m.usual = 1 / precision
	return m, nil
}

// Forecast returns the distribution of the idea's true effect: of one in a Set, less the
// level that the set has in common.
func (m *Model) Forecast(i Idea) (Forecast, error) {
	features := m.features(i)
	p, err := m.fit.Predict(features...)
	if err != nil {
		return Forecast{}, err
	}
	f := Forecast{Effect: p.Effect, Evidence: m.usual / (p.SE * p.SE)}
	for _, x := range features {
		mean, sd, err := m.fit.Coefficient(x.Block, x.Column)
		if err != nil {
			return Forecast{}, err
		}
		d := Driver{Block: "mean", Feature: "all past effects", Effect: mean, SD: sd}
		if x.Block > 0 {
			t := m.traits[x.Block-1]
			d.Block, d.Feature, d.Past = t.name, i.Traits[t.name], t.past(x.Column)
		}
		f.Drivers = append(f.Drivers, d)
	}
	slices.SortStableFunc(f.Drivers, func(a, b Driver) int { return -cmp.Compare(math.Abs(a.Effect), math.Abs(b.Effect)) })
	return f, nil
}
