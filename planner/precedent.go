package planner

import (
	"slices"
	"time"

	"github.com/assay-planner/assay/history"
)

// Precedent is one treatment arm of a past experiment and what became of it.
type Precedent struct {
	Experiment string    `json:"experiment"`
	Arm        string    `json:"arm"`
	Title      string    `json:"title"`
	Likeness   float64   `json:"likeness"` // similar.Match: 1 says the same in words and traits
	Surface    string    `json:"surface,omitempty"`
	Component  string    `json:"component,omitempty"`
	ChangeType string    `json:"change_type,omitempty"`
	Source     string    `json:"source,omitempty"`
	Ended      time.Time `json:"ended_at,omitzero"`
	Metric     string    `json:"metric"` // the hypothesis's target
	// Lift is nil where the metric was not measured, or not so that it may be learned from.
	Lift     *PastLift `json:"lift,omitempty"`
	Verdict  string    `json:"verdict"`            // history's: usable, or why not
	Decision string    `json:"decision,omitempty"` // what was done about it, in the words of the import
}

// PastLift is a measured relative lift, positive being better, and what is
// believed of the true one: the forecast of such an idea, moved by the measurement.
type PastLift struct {
	Lift float64 `json:"lift"`
	SE   float64 `json:"se"`
	Low  float64 `json:"low"` // of the 95% interval of Lift
	High float64 `json:"high"`
	// Shrunk and ShrunkSD are the posterior's; nil before the first plan.
	Shrunk   *float64 `json:"shrunk,omitempty"`
	ShrunkSD *float64 `json:"shrunk_sd,omitempty"`
}

// precedents are the arms that share an experiment's idea, on the target metric of
// the hypothesis.
func (m Model) precedents(h Hypothesis, effects []history.Effect, likeness float64) []Precedent {
	of := map[string]*Precedent{}
	var arms []string
	for _, e := range effects {
		p := of[e.Arm]
		if p == nil {
			p = &Precedent{Experiment: e.Experiment, Arm: e.Arm, Title: e.Title, Likeness: likeness, Surface: e.Surface, Component: e.Component,
				ChangeType: e.ChangeType, Source: e.Source, Ended: e.Ended, Metric: h.Metric, Verdict: h.Metric + " was not measured", Decision: e.Decision}
			of[e.Arm], arms = p, append(arms, e.Arm)
		}
		if e.Metric == h.Metric {
			if p.Verdict = e.Verdict; e.Usable {
				p.Lift = m.pastLift(e)
			}
		}
	}
	all := make([]Precedent, len(arms))
	for i, arm := range arms {
		all[i] = *of[arm]
	}
	return all
}

func (m Model) pastLift(e history.Effect) *PastLift {
	const z975 = 1.959963984540054
	metric := Metric{Name: e.Metric}
	if i := slices.IndexFunc(m.Policy.Metrics, func(of Metric) bool { return of.Name == e.Metric }); i >= 0 {
		metric = m.Policy.Metrics[i]
	}
	lift := metric.better(e.Lift)
	l := &PastLift{Lift: lift, SE: e.SE, Low: lift - z975*e.SE, High: lift + z975*e.SE}
	f, err := m.believed(Hypothesis{ID: e.Experiment, Title: e.Title, Text: e.Hypothesis, Surface: e.Surface, Component: e.Component, ChangeType: e.ChangeType,
		Source: Source(e.Source), Generator: e.Generator, Author: e.Author, Team: e.Team}, e.Metric)
	if err == nil {
		after := f.Effect.Posterior(lift, e.SE)
		mean, sd := after.Mean(), after.SD()
		l.Shrunk, l.ShrunkSD = &mean, &sd
	}
	return l
}
