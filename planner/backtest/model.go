package backtest

import (
	"context"
	"math"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Model is a way to forecast. It sees nothing but what Fit is given: effects of
// one metric that had been measured by the cut.
type Model interface {
	Name() string
	Fit(ctx context.Context, past []forecast.Past) (Forecaster, error)
}

// Forecaster is a fitted Model.
type Forecaster interface {
	// Forecast returns the predictive distribution of the idea's true effect: of one in
	// a set, up to a level that all ideas of the set share.
	Forecast(forecast.Idea) (bayes.Mixture, error)
}

// differencer is a Forecaster that knows how the errors of two forecasts of one set go
// together. Those of any other are taken as independent.
type differencer interface {
	// Difference returns the distribution of the true effect of a less that of b.
	Difference(a, b forecast.Idea) (bayes.Mixture, error)
}

// setForecaster is a Forecaster that knows more of ideas when it sees all that they will
// be compared with.
type setForecaster interface {
	// ForecastSet returns the distribution of each idea's true effect, up to a level
	// that they share.
	ForecastSet(set []forecast.Idea) ([]bayes.Mixture, error)
}

// Learned is the model of planner/forecast.
type Learned struct {
	Options forecast.Options
	choices *choices // of one backtest; nil: none is remembered
}

// Name implements Model.
func (Learned) Name() string { return "forecast" }

// Fit implements Model.
func (l Learned) Fit(ctx context.Context, past []forecast.Past) (Forecaster, error) {
	if l.Options.Spec == nil {
		l.Options.Spec = l.choices.of(past)
	}
	m, err := forecast.Learn(ctx, past, l.Options)
	if err != nil {
		return nil, err
	}
	l.choices.keep(past, m.Spec)
	return learned{m}, nil
}

type learned struct{ *forecast.Model }

func (l learned) Forecast(i forecast.Idea) (bayes.Mixture, error) {
	f, err := l.Model.Forecast(i)
	return f.Effect, err
}

func (l learned) ForecastSet(set []forecast.Idea) ([]bayes.Mixture, error) {
	effects := make([]bayes.Mixture, len(set))
	m, knows := any(l.Model).(interface {
		ForecastSet([]forecast.Idea) ([]forecast.Forecast, error)
	})
	if !knows {
		for j, i := range set {
			f, err := l.Model.Forecast(i)
			if err != nil {
				return nil, err
			}
			effects[j] = f.Effect
		}
		return effects, nil
	}
	fs, err := m.ForecastSet(set)
	for j, f := range fs {
		effects[j] = f.Effect
	}
	return effects, err
}

// Difference is by the forecast of the two as a set, which is exact: what they share says
// nothing.
func (l learned) Difference(a, b forecast.Idea) (bayes.Mixture, error) {
	pair, err := l.ForecastSet([]forecast.Idea{a, b})
	if err != nil {
		return bayes.Mixture{}, err
	}
	return difference(pair[0], pair[1]), nil
}

// difference is the distribution of a less b where their errors are independent.
func difference(a, b bayes.Mixture) bayes.Mixture {
	var d bayes.Mixture
	for i, x := range a.Components {
		for j, y := range b.Components {
			if w := a.Weights[i] * b.Weights[j]; w > 0 {
				d.Weights = append(d.Weights, w)
				d.Components = append(d.Components, stats.Normal{Mean: x.Mean - y.Mean, SD: math.Hypot(x.SD, y.SD)})
			}
		}
	}
	return d
}

// observed is the distribution of a measurement with a standard error.
func observed(m bayes.Mixture, se float64) bayes.Mixture {
	o := bayes.Mixture{Weights: m.Weights, Components: make([]stats.Normal, len(m.Components))}
	for k, c := range m.Components {
		o.Components[k] = stats.Normal{Mean: c.Mean, SD: math.Hypot(c.SD, se)}
	}
	return o
}
