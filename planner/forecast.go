package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
)

// Model is what Assay believes on one night: enough to forecast a hypothesis
// and to value its designs. It is made from a snapshot, or from a stored plan,
// which answers for ideas that arrived after it.
type Model struct {
	Policy Policy
	Priors []PriorFit
	Noise  []Noise
}

var _ Forecaster = Model{}

// Model returns the beliefs that the plan was made from, under a policy.
func (p Plan) Model(policy Policy) Model { return Model{policy, p.Priors, p.Noise} }

// fitModel learns one prior for each metric of the policy that has usable
// effects, in the order of the policy.
func fitModel(s Snapshot) (Model, error) {
	m := Model{Policy: s.Policy, Priors: []PriorFit{}, Noise: noises(s.Noise)}
	for _, metric := range s.Policy.Metrics {
		groups := estimates(s.Effects, metric)
		if len(groups) == 0 {
			continue
		}
		fit, err := stats.FitGroups(groups)
		if err != nil {
			return Model{}, fmt.Errorf("fit the prior of %s: %w", metric.Name, err)
		}
		m.Priors = append(m.Priors, PriorFit{Metric: metric.Name, Fit: fit})
	}
	return m, nil
}

// estimates groups a metric's usable effects by surface and source. A lift is
// turned so that positive is better: a fall of a Down metric counts as a rise.
func estimates(effects []history.Effect, m Metric) map[string][]stats.Estimate {
	groups := map[string][]stats.Estimate{}
	for _, e := range effects {
		if e.Usable && e.Metric == m.Name && e.Segment == "" && e.SE > 0 {
			g := group(e.Surface, Source(e.Source))
			groups[g] = append(groups[g], stats.Estimate{Value: m.better(e.Lift), SE: e.SE})
		}
	}
	return groups
}

// group names the past experiments that a forecast learns from most. A surface
// or source without any falls back to the population of all groups.
func group(surface string, source Source) string {
	if source == "" {
		source = "unknown"
	}
	return surface + "/" + string(source)
}

// better turns a lift of the metric so that positive is better.
func (m Metric) better(lift float64) float64 {
	if m.Down {
		return -lift
	}
	return lift
}

// Forecast predicts the true lift of a hypothesis on its target metric,
// positive being better.
func (m Model) Forecast(h Hypothesis) (Forecast, error) {
	i := slices.IndexFunc(m.Priors, func(f PriorFit) bool { return f.Metric == h.Metric })
	if i < 0 {
		return Forecast{Metric: h.Metric}, unplannable("no_history",
			"no past experiment measured %s: there is nothing to forecast its lift from", h.Metric)
	}
	g := group(h.Surface, h.Source)
	fit := m.Priors[i].Fit
	prior := fit.Predict(g)
	return Forecast{
		Metric:       h.Metric,
		Mean:         prior.Mean,
		SD:           prior.SD,
		Low:          prior.Quantile(0.1),
		High:         prior.Quantile(0.9),
		ProbPositive: prior.ProbAbove(0),
		Group:        g,
		Effects:      fit.Count(g),
		Evidence:     fit.Evidence(g),
	}, nil
}

// normal is the forecast as a distribution.
func (f Forecast) normal() stats.Normal { return stats.Normal{Mean: f.Mean, SD: f.SD} }

// noises keeps what sizes a design, in the order given.
func noises(all []history.Noise) []Noise {
	out := make([]Noise, 0, len(all))
	for _, n := range all {
		if n.RelativeSD > 0 {
			out = append(out, Noise{Surface: n.Surface, Metric: n.Metric, RelativeSD: n.RelativeSD, Effects: n.Effects})
		}
	}
	return out
}

// relativeSD returns how much one user varies on the hypothesis's metric: as
// measured on its surface, else the median over the surfaces that measured it.
func (m Model) relativeSD(h Hypothesis) (float64, error) {
	var all []float64
	for _, n := range m.Noise {
		if n.Metric == h.Metric && n.Surface == h.Surface {
			return n.RelativeSD, nil
		}
		if n.Metric == h.Metric {
			all = append(all, n.RelativeSD)
		}
	}
	if len(all) == 0 {
		return 0, unplannable("no_history",
			"no past experiment measured %s on any surface: how many users a test needs is unknown", h.Metric)
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2, nil
}

// unplannableError says why a hypothesis has no design that could be valued.
type unplannableError struct {
	Kind   string // one word, as Entry.ReasonKind
	Reason string // in plain English
}

func (u *unplannableError) Error() string { return strings.TrimSpace(u.Reason) }

func unplannable(kind, format string, args ...any) *unplannableError {
	return &unplannableError{kind, fmt.Sprintf(format, args...)}
}
