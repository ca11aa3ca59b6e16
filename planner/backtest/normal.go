package backtest

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// NormalPrior knows surface and source, and that effects are normal around their
// group's mean (stats.FitGroups). Of ideas in sets it knows how much they differ, from
// the differences of disjoint pairs (stats.FitNormal), and nothing that tells them apart.
type NormalPrior struct{}

// Name implements Model.
func (NormalPrior) Name() string { return "normal prior" }

// Fit implements Model.
func (NormalPrior) Fit(_ context.Context, past []forecast.Past) (Forecaster, error) {
	alone, sets := apart(past)
	n := normalPrior{}
	var err error
	if len(alone) > 0 {
		groups := map[string][]stats.Estimate{}
		for _, p := range alone {
			groups[groupOf(p.Idea)] = append(groups[groupOf(p.Idea)], p.Effect)
		}
		if n.groups, err = stats.FitGroups(groups); err != nil {
			return nil, err
		}
	}
	if len(sets) > 0 {
		n.spread, err = setSpread(sets)
	}
	return n, err
}

type normalPrior struct {
	groups stats.GroupsFit
	spread float64
}

func (n normalPrior) Forecast(i forecast.Idea) (bayes.Mixture, error) {
	if i.Set != "" {
		return bayes.Single(stats.Normal{SD: n.spread}), nil
	}
	if len(n.groups.Groups) == 0 {
		return bayes.Mixture{}, fmt.Errorf("no past effect against a control")
	}
	return bayes.Single(n.groups.Predict(groupOf(i))), nil
}

func groupOf(i forecast.Idea) string { return i.Traits["surface"] + "/" + i.Traits["source"] }

// apart tells effects against a control from those within sets.
func apart(past []forecast.Past) (alone, sets []forecast.Past) {
	for _, p := range past {
		if p.Set == "" {
			alone = append(alone, p)
		} else {
			sets = append(sets, p)
		}
	}
	return alone, sets
}

// setSpread is the SD of true effects around the level of their set: 1/√2 of that of
// true differences.
func setSpread(past []forecast.Past) (float64, error) {
	pairs := pairs(past)
	if len(pairs) == 0 {
		return 0, errNoPair
	}
	fit, err := stats.FitNormal(pairs)
	return fit.Prior.SD / math.Sqrt2, err
}
