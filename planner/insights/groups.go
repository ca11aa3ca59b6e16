package insights

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
)

// Group is what one kind of idea has brought.
type Group struct {
	By      string `json:"by"` // surface, component, change_type, source, generator, team or segment
	Name    string `json:"name"`
	Effects int    `json:"effects"` // usable ones, one a treatment arm; of a segment, those of its users
	Wins    int    `json:"wins"`    // of these effects, the significantly positive ones
	// Mean is the mean true lift of the kind, drawn towards that of all kinds as far as
	// its own effects leave it open (stats.FitGroups).
	Mean Amount `json:"mean"`
	// Spread is the standard deviation of true lifts within the kind, and Upside what
	// its next idea would bring on average if it shipped exactly when it is good: the mean
	// of the positive part of its lift. Kinds that do not differ in their mean differ in it.
	Spread float64 `json:"spread"`
	Upside float64 `json:"upside"`
	// Positive is the probability that the next idea of the kind has a lift above 0.
	Positive float64 `json:"positive"`
}

// kinds are the traits that ideas are told apart by.
var kinds = []struct {
	name string
	of   func(history.Effect) string
}{
	{"surface", func(e history.Effect) string { return e.Surface }},
	{"component", func(e history.Effect) string { return e.Component }},
	{"change_type", func(e history.Effect) string { return e.ChangeType }},
	{"source", func(e history.Effect) string { return e.Source }},
	{"generator", func(e history.Effect) string { return e.Generator }},
	{"team", func(e history.Effect) string { return e.Team }},
}

// groups learns each trait that has two values or more, and the segments of users.
func (l *learner) groups(effects []history.Effect) ([]Group, error) {
	var all []Group
	for _, kind := range kinds {
		of := map[string][]stats.Estimate{}
		for _, t := range l.trials {
			for _, a := range t.arms {
				if name := kind.of(a.of); name != "" {
					of[name] = append(of[name], a.Estimate)
				}
			}
		}
		if len(of) < 2 {
			l.miss(kind.name, "the effects of "+l.o.Metric+" name fewer than two: map the column "+kind.name+" of the experiment")
			continue
		}
		found, err := l.learn(kind.name, of)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	of := map[string][]stats.Estimate{}
	for _, e := range effects {
		if e.Usable && e.Metric == l.o.Metric && e.Segment != "" {
			of[e.Segment] = append(of[e.Segment], better(e, l.o.Down[e.Metric]))
		}
	}
	if len(of) < 2 {
		l.miss("segment", "the history has no outcomes by segment of users: map segment")
		return all, nil
	}
	found, err := l.learn("segment", of)
	return append(all, found...), err
}

func (l *learner) learn(by string, of map[string][]stats.Estimate) ([]Group, error) {
	fit, err := stats.FitGroups(of)
	if err != nil {
		return nil, err
	}
	var all []Group
	for _, g := range fit.Groups {
		won := 0
		for _, e := range of[g.Name] {
			if e.Value > l.z*e.SE {
				won++
			}
		}
		all = append(all, Group{by, g.Name, g.N, won, l.amount(g.Mean.Mean, g.Mean.SD), g.Within, positivePart(g.Predictive), g.Predictive.ProbAbove(0)})
	}
	slices.SortFunc(all, func(a, b Group) int {
		return cmp.Or(-cmp.Compare(a.Upside, b.Upside), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

// positivePart is E[δ⁺] of a normal: μ Φ(μ/σ) + σ φ(μ/σ).
func positivePart(p stats.Normal) float64 {
	if p.SD == 0 {
		return max(0, p.Mean)
	}
	return p.Mean*upper(-p.Mean/p.SD) + p.SD*phi(p.Mean/p.SD)
}
