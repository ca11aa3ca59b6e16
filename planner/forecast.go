package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats/bayes"
)

// Model is what Assay believes on one night: enough to forecast a hypothesis
// and to value its designs. It is made from a snapshot, or from a stored plan,
// which answers for ideas that arrived after it.
type Model struct {
	Policy Policy
	Priors []PriorFit
	Joint  forecast.Joint
	Noise  []Noise
}

// model returns the beliefs that the plan was made from, under a policy.
func (p Plan) model(policy Policy) Model { return Model{policy, p.Priors, p.Joint, p.Noise} }

// forecast predicts the true lift of a hypothesis on its target metric,
// positive being better.
func (m Model) forecast(h Hypothesis) (Forecast, error) {
	f, err := m.believed(h, h.Metric)
	if err != nil {
		return Forecast{Metric: h.Metric}, err
	}
	least, prior := m.Policy.least(h.Metric), m.prior(h.Metric)
	g := prior.group(h)
	out := Forecast{
		Metric:       h.Metric,
		Mean:         f.Mean(),
		SD:           f.SD(),
		Q05:          f.Quantile(0.05),
		Low:          f.Quantile(0.1),
		Q25:          f.Quantile(0.25),
		Median:       f.Quantile(0.5),
		Q75:          f.Quantile(0.75),
		High:         f.Quantile(0.9),
		Q95:          f.Quantile(0.95),
		ProbPositive: f.ProbAbove(0),
		Least:        least,
		ProbLeast:    f.ProbAbove(least),
		Scale:        f.Scale,
		Drivers:      told(f.Drivers),
		Group:        g,
		Effects:      prior.Fit.Count(g),
		Evidence:     f.Evidence,
	}
	out.Breach, err = m.breach(h, f)
	return out, err
}

// believed is the distribution of the hypothesis's true lift on any metric. The error is
// an *unplannableError where none measured it.
func (m Model) believed(h Hypothesis, metric string) (forecast.Forecast, error) {
	p := m.prior(metric)
	if p == nil {
		return forecast.Forecast{}, unplannable("no_history",
			"no past experiment measured %s: there is nothing to forecast its lift from", metric)
	}
	if p.Model == nil { // too little to learn from, or the plan of an earlier version
		g := p.group(h)
		return forecast.Forecast{Effect: bayes.Single(p.Fit.Predict(g)), Evidence: p.Fit.Evidence(g), Scale: 1}, nil
	}
	return p.Model.Forecast(h.idea(metric, p.Texts))
}

func (m Model) prior(metric string) *PriorFit {
	if i := slices.IndexFunc(m.Priors, func(f PriorFit) bool { return f.Metric == metric }); i >= 0 {
		return &m.Priors[i]
	}
	return nil
}

// breach is how likely the hypothesis harms its guardrails; nil if it has none.
func (m Model) breach(h Hypothesis, target forecast.Forecast) (*Breach, error) {
	if len(h.Guardrails) == 0 {
		return nil, nil
	}
	b := &Breach{}
	var known []forecast.Guardrail
	for _, name := range h.Guardrails {
		if f, err := m.believed(h, name); err == nil {
			metric, _ := m.Policy.metric(name)
			known = append(known, forecast.Guardrail{Metric: name, Margin: metric.Margin, Forecast: f})
		} else {
			b.Unknown = append(b.Unknown, name)
		}
	}
	joined, err := m.Joint.Breach(h.Metric, target, known)
	if err != nil {
		return nil, fmt.Errorf("breach of the guardrails of %s: %w", h.ID, err)
	}
	b.Each, b.Any, b.AnyGivenGain = joined.Each, joined.Any, joined.AnyGivenGain
	return b, nil
}

// mostDrivers is how many drivers of a forecast are told apart; the rest are one.
const mostDrivers = 8

// told leaves out what moves nothing, and sums up what moves little.
func told(all []Driver) []Driver {
	all = slices.DeleteFunc(slices.Clone(all), func(d Driver) bool { return d.Effect == 0 && d.SD == 0 })
	if len(all) <= mostDrivers {
		return all
	}
	rest := Driver{Block: "others", Feature: fmt.Sprintf("%d features", len(all)-mostDrivers+1)}
	for _, d := range all[mostDrivers-1:] {
		rest.Effect += d.Effect
	}
	return append(all[:mostDrivers-1], rest)
}

// least is the smallest lift of a metric worth shipping.
func (p Policy) least(metric string) float64 {
	if m, ok := p.metric(metric); ok && m.Least > 0 {
		return m.Least
	}
	return p.ShipRule.Cut
}

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
