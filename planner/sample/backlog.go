package sample

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/planner"
)

// backlog draws the hypotheses that wait tonight, by submission, and their
// true lifts.
func (g generator) backlog(p planner.Policy) ([]planner.Hypothesis, []Lift) {
	var hs []planner.Hypothesis
	var truth []Lift
	for i, at := range g.submissions(hypotheses) {
		d := g.draft(g.author(i%3 == 2)) // a third, evenly over time
		s := g.strengths(1)[0]
		h := g.hypothesis(d, s, p)
		h.ID, h.Submitted = fmt.Sprintf("H-%04d", i+1), at
		for m, lift := range d.lifts(s) {
			truth = append(truth, Lift{ID: h.ID, Metric: metrics[m].name, Lift: lift})
		}
		hs = append(hs, h)
	}
	g.relate(hs)
	return hs, truth
}

// submissions draws n times over the last 90 days, in order, to the second.
func (g generator) submissions(n int) []time.Time {
	at := make([]time.Time, n)
	for i := range at {
		at[i] = Tonight.Add(-time.Duration(1+g.IntN(90*86400)) * time.Second)
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

// hypothesis writes a draft down as its author submits it.
func (g generator) hypothesis(d draft, s strength, p planner.Policy) planner.Hypothesis {
	h := planner.Hypothesis{
		Title: d.title, Text: d.text,
		Surface: d.surface.name, Component: d.component.name, ChangeType: d.idea.change,
		Segment: g.segment(p, d.surface.name),
		Source:  d.source(), Author: d.author, Generator: d.writer.generator, Team: d.team,
		Metric: d.metric.name, Guardrails: g.guardrails(),
		Compute: g.demand(d),
	}
	z := score(s[index(d.metric)])
	h.Claim = g.claim(d, z)
	h.ICE = g.ice(d, h.Compute, z)
	return h
}

// segment draws the market that the idea is for, by its share of the worth.
func (g generator) segment(p planner.Policy, surface string) string {
	var names []string
	var shares []float64
	for _, s := range p.Segments {
		if s.Surface == surface {
			names, shares = append(names, s.Name), append(shares, s.Share)
		}
	}
	return names[g.pick(shares...)]
}

func (g generator) guardrails() []string {
	return [][]string{{"hide_rate"}, {"hide_rate", "session_minutes"}, {"session_minutes"}}[g.pick(0.55, 0.30, 0.15)]
}

// demand draws the GPU-hours of training and serving: log-normal, half of the
// spread common to both. Three digits are as many as an author would give.
func (g generator) demand(d draft) planner.Demand {
	cost := d.idea.cost
	if cost == 0 {
		cost = 1
	}
	common := g.NormFloat64()
	draw := func(median float64) float64 {
		z := math.Sqrt(0.5)*common + math.Sqrt(0.5)*g.NormFloat64()
		return hours(median * cost * math.Exp(d.component.spread*z))
	}
	return planner.Demand{Pool: d.component.pool, Train: draw(d.component.train), Serve: draw(d.component.serve)}
}

// relate draws conflicts, one in twelve, and prerequisites, one in thirty,
// with earlier ideas for the same surface: the same component cannot be
// replaced twice at once, and some ideas build on another's result.
func (g generator) relate(hs []planner.Hypothesis) {
	for i := range hs {
		u := g.Float64()
		j := g.earlier(hs, i, u < 1.0/12)
		switch {
		case j < 0:
		case u < 1.0/12:
			hs[i].Conflicts = []string{hs[j].ID}
		case u < 1.0/12+1.0/30:
			hs[i].Requires = []string{hs[j].ID}
		}
	}
}

// earlier returns an earlier idea for the same segment, and of the same
// component if alike, or −1.
func (g generator) earlier(hs []planner.Hypothesis, i int, alike bool) int {
	var found []int
	for j := range i {
		if hs[j].Segment == hs[i].Segment && (!alike || hs[j].Component == hs[i].Component) {
			found = append(found, j)
		}
	}
	if len(found) == 0 {
		return -1
	}
	return one(g, found)
}

func index(m metric) int {
	return slices.IndexFunc(metrics, func(n metric) bool { return n.name == m.name })
}

// hours rounds to three significant digits, at least 1.
func hours(x float64) float64 {
	if x < 1 {
		return 1
	}
	unit := math.Pow10(max(0, int(math.Floor(math.Log10(x)))-2))
	return math.Round(x/unit) * unit
}
