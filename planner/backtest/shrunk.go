package backtest

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/shrink"
)

// Shrunk forecasts every idea by one scale mixture of normals, fitted to all past
// effects (shrink.Adaptive): the tail is estimated, nothing tells ideas apart. Of sets
// it takes the differences of disjoint pairs, which are independent.
type Shrunk struct{}

// Name implements Model.
func (Shrunk) Name() string { return "adaptive shrinkage" }

// Fit implements Model.
func (Shrunk) Fit(_ context.Context, past []forecast.Past) (Forecaster, error) {
	alone, sets := apart(past)
	var s shrunk
	if len(alone) > 0 {
		es := make([]stats.Estimate, len(alone))
		for i, p := range alone {
			es[i] = p.Effect
		}
		fit, err := shrink.Adaptive(es, shrink.Options{EstimateMode: true, NullWeight: 1})
		if err != nil {
			return nil, err
		}
		s.alone = compact(fit.Prior())
	}
	if len(sets) > 0 {
		prior, err := pairPrior(sets)
		if err != nil {
			return nil, err
		}
		s.pair = prior
	}
	return s, nil
}

var errNoPair = errors.New("no two ideas were compared with each other")

// pairs are differences of two ideas of a set, each idea in one pair at most, so that
// they are independent.
func pairs(past []forecast.Past) (es []stats.Estimate) {
	waiting := map[string]stats.Estimate{}
	for _, p := range past {
		if first, waits := waiting[p.Set]; waits {
			es = append(es, less(first, p.Effect))
			delete(waiting, p.Set)
		} else {
			waiting[p.Set] = p.Effect
		}
	}
	return es
}

// pairPrior is the distribution of the true difference of two ideas of a set. Which
// comes first says nothing, so it is symmetric around 0.
func pairPrior(past []forecast.Past) (bayes.Mixture, error) {
	es := pairs(past)
	if len(es) == 0 {
		return bayes.Mixture{}, errNoPair
	}
	fit, err := shrink.Adaptive(es, shrink.Options{NullWeight: 1})
	if err != nil {
		return bayes.Mixture{}, err
	}
	return compact(fit.Prior()), nil
}

type shrunk struct{ alone, pair bayes.Mixture }

func (s shrunk) Forecast(i forecast.Idea) (bayes.Mixture, error) {
	if i.Set == "" {
		if len(s.alone.Weights) == 0 {
			return bayes.Mixture{}, fmt.Errorf("no past effect against a control")
		}
		return s.alone, nil
	}
	one := bayes.Mixture{Weights: s.pair.Weights}
	for _, c := range s.pair.Components { // half of the variance of the difference of two
		one.Components = append(one.Components, stats.Normal{SD: c.SD / math.Sqrt2})
	}
	return one, nil
}

func (s shrunk) Difference(_, _ forecast.Idea) (bayes.Mixture, error) { return s.pair, nil }

// compact leaves out components that are next to never drawn.
func compact(m bayes.Mixture) bayes.Mixture {
	var kept bayes.Mixture
	for k, w := range m.Weights {
		if w > 1e-6 {
			kept.Weights = append(kept.Weights, w)
			kept.Components = append(kept.Components, m.Components[k])
		}
	}
	return kept
}
