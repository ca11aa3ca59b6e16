package planner

import (
	"context"

	"github.com/assay-planner/assay/allocator"

	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/value"
)

// FitModel is what a plan of the snapshot is made from.
func FitModel(ctx context.Context, s Snapshot) (Model, error) { return fitModel(ctx, s.asOf()) }

// TwoLevel are the same beliefs by surface and source alone.
func (m Model) TwoLevel() Model {
	priors := []PriorFit{}
	for _, p := range m.Priors {
		p.Model = nil
		priors = append(priors, p)
	}
	m.Priors = priors
	return m
}

// Believed is the distribution of a hypothesis's true lift on its target metric.
func (m Model) Believed(h Hypothesis) bayes.Mixture {
	f, err := m.believed(h, h.Metric)
	if err != nil {
		panic(err)
	}
	return f.Effect
}

// Chosen is a test of the plan by some beliefs.
type Chosen struct {
	Hypothesis  Hypothesis
	Ship        value.Ship
	Yearly, Net float64 // currency of a lift of 1: per year, and over its life with delay
	Cost        float64
}

// ChosenBy lets the allocator choose by the beliefs.
func ChosenBy(s Snapshot, m Model) ([]Chosen, error) {
	a := arena{Snapshot: s.asOf(), ships: map[test]value.Ship{}, model: m}
	var err error
	if a.candidates, err = candidates(a.Snapshot, m); err != nil {
		return nil, err
	}
	solution, err := allocator.Solve(context.Background(), problem(a.Snapshot, a.candidates), allocator.Options{})
	if err != nil {
		return nil, err
	}
	of := map[string]candidate{}
	for _, c := range a.candidates {
		of[c.ID] = c
	}
	var all []Chosen
	for _, choice := range solution.Choices {
		c := of[choice.Candidate]
		w := c.ways[choice.Option]
		segment, _ := a.Policy.segment(c.Hypothesis)
		all = append(all, Chosen{c.Hypothesis, a.ship(c, w.SE), a.Policy.yearly(c.Hypothesis, segment),
			a.Policy.scale(c.Hypothesis, segment) * a.Policy.delay(w.wait+float64(w.Weeks)), w.Cost})
	}
	return all, nil
}
