package planner

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/stats/value"
)

// PolicyResult is how one way of choosing experiments does where the truth is
// known: what it is expected to ship, over the noise of its tests alone.
type PolicyResult struct {
	Name   string  `json:"name"`   // "Assay", "first come, first served" …
	Design string  `json:"design"` // how tests are sized, in one of the three ways below
	Tests  float64 `json:"tests"`  // started within the horizon
	// Worth is the currency per year of the true lift that ships,
	// Σ δ·P(ship | δ, design)·worth, and Share the same as a fraction of the
	// worth of all metrics on all surfaces.
	Worth float64 `json:"worth"`
	Share float64 `json:"share"`
	// Lift adds up lifts of all surfaces unweighted, Σ δ·P(ship | δ, design).
	Lift float64 `json:"lift_unweighted"`
	// Net is the gain over the policy's gain years, with delays, less costs.
	Net float64 `json:"net"`
	// Runs is 1, or the seeds of a random policy: then the numbers above are
	// means, and WorthLow and WorthHigh the range of Worth.
	Runs      int     `json:"runs"`
	WorthLow  float64 `json:"worth_low"`
	WorthHigh float64 `json:"worth_high"`
}

// How the tests of a policy are sized and placed, among the places that are
// still free.
const (
	// priced takes what Assay values highest over its price in Assay's own plan.
	priced = "value over price"
	// mostValuable takes what Assay values highest, whatever it uses up.
	mostValuable = "most valuable"
	// customary takes the smallest design with 80% power for the author's claim
	// (1% without one), as early as possible.
	customary = "customary power"
)

// seeds is how many random orders are averaged.
const seeds = 20

// Compare plays the snapshot's night by several policies at the same capacity
// and scores each against the true relative lifts, by hypothesis, of the target
// metrics as measured (a fall of a Down metric is negative). All ship by the
// same rule and forecasts.
//
// The rivals (ICE score, first come first served, random) walk the backlog in
// their order and give each hypothesis the best place there still is, sized in
// each of the three ways, within the most of every quota; a least binds Assay
// alone. The first two ways flatter them: they borrow Assay's forecasts, and the
// first even its prices, so that nothing but the order is their own.
//
// The last row, the oracle, is Assay's own allocation of true values: no
// forecast could lead to more Net under this ship rule, up to the plan's gap.
func Compare(s Snapshot, truth map[string]float64) ([]PolicyResult, error) {
	a, err := newArena(s, truth)
	if err != nil {
		return nil, err
	}
	assay, prices, err := a.allocated("Assay", a.candidates)
	if err != nil {
		return nil, err
	}
	oracle, _, err := a.allocated("oracle", a.trueCandidates())
	if err != nil {
		return nil, err
	}
	a.prices = prices
	results := []PolicyResult{assay}
	for _, design := range []string{priced, mostValuable, customary} {
		results = append(results, a.walk("ICE", design, byICE), a.walk("first come, first served", design, byArrival), a.random(design))
	}
	return append(results, oracle), nil
}

// arena is one night with its truth.
type arena struct {
	Snapshot
	candidates []candidate
	model      Model
	truth      map[string]float64 // positive is better
	prices     prices             // of Assay's plan
	ships      map[test]value.Ship
}

func newArena(s Snapshot, truth map[string]float64) (arena, error) {
	s.Announced = nil // rivals have announced nothing
	a := arena{Snapshot: s.asOf(), truth: map[string]float64{}, ships: map[test]value.Ship{}}
	if err := a.check(); err != nil {
		return a, err
	}
	model, err := fitModel(context.Background(), a.Snapshot)
	if err != nil {
		return a, err
	}
	a.model = model
	a.rests = rests(a.Snapshot, model)
	if a.candidates, err = candidates(a.Snapshot, model); err != nil {
		return a, err
	}
	for _, c := range a.candidates {
		lift, ok := truth[c.ID]
		if !ok || math.IsNaN(lift) {
			return a, fmt.Errorf("compare: the true lift of %s is missing", c.ID)
		}
		metric, _ := a.Policy.metric(c.Metric)
		a.truth[c.ID] = metric.better(lift)
	}
	return a, nil
}

// allocated lets the allocator choose.
func (a arena) allocated(name string, cs []candidate) (PolicyResult, prices, error) {
	solution, err := allocator.Solve(context.Background(), problem(a.Snapshot, cs), allocator.Options{})
	if err != nil {
		return PolicyResult{}, nil, fmt.Errorf("compare %s: %w", name, err)
	}
	r := PolicyResult{Name: name, Design: priced, Runs: 1}
	for _, choice := range solution.Choices {
		i := slices.IndexFunc(cs, func(c candidate) bool { return c.ID == choice.Candidate })
		r = a.add(r, cs[i], cs[i].ways[choice.Option])
	}
	r.WorthLow, r.WorthHigh = r.Worth, r.Worth
	return r, pricesOf(uses(a.Snapshot, solution.Prices)), nil
}

// add scores one test.
func (a arena) add(r PolicyResult, c candidate, w way) PolicyResult {
	segment, _ := a.Policy.segment(c.Hypothesis)
	lift := a.shipped(c, w)
	worth := lift * a.Policy.yearly(c.Hypothesis, segment)
	r.Tests++
	r.Lift += lift
	r.Worth += worth
	r.Share += worth / a.Policy.totalWorth()
	r.Net += a.net(c, w, segment)
	return r
}

// shipped is δ·P(ship | δ): the true lift that the test is expected to ship.
func (a arena) shipped(c candidate, w way) float64 {
	delta := a.truth[c.ID]
	return delta * a.ship(c, w.SE).Given(delta)
}

// test is a hypothesis measured with a standard error.
type test struct {
	id string
	se float64
}

// ship is what the test leads to by the night's beliefs.
func (a arena) ship(c candidate, se float64) value.Ship {
	s, known := a.ships[test{c.ID, se}]
	if !known {
		believed, _ := a.model.believed(c.Hypothesis, c.Metric) // it has designs, so it has a forecast
		s, _ = value.ShipBy(a.Policy.ShipRule.decision(), believed.Effect, se)
		if a.ships != nil {
			a.ships[test{c.ID, se}] = s
		}
	}
	return s
}

func (a arena) net(c candidate, w way, s Segment) float64 {
	return a.shipped(c, w)*a.Policy.scale(c.Hypothesis, s)*a.Policy.delay(w.wait+float64(w.Weeks)) - w.Cost
}

// totalWorth is the worth of a lift of 1 of every metric on every surface.
func (p Policy) totalWorth() float64 {
	total := 0.0
	for _, m := range p.Metrics {
		for _, s := range p.surfaces() {
			total += m.Worth[s]
		}
	}
	return total
}

// trueCandidates values every way by the truth. A way that Assay would not
// consider, because its forecast makes it worth nothing, is considered too.
func (a arena) trueCandidates() []candidate {
	var cs []candidate
	for _, c := range a.candidates {
		if c.blocked == nil {
			segment, _ := a.Policy.segment(c.Hypothesis)
			c.ways = a.everyWay(c, c.designs)
			for i, w := range c.ways {
				c.ways[i].value = a.net(c, w, segment)
			}
			c.ways = keep(c.ways, func(w way) bool { return w.value > 0 })
		}
		cs = append(cs, c)
	}
	return cs
}

// everyWay combines the designs with all layers and start weeks that running
// work permits.
func (a arena) everyWay(c candidate, designs []Design) []way {
	segment, _ := a.Policy.segment(c.Hypothesis)
	ways, _, _ := a.around().possible(c.Hypothesis,
		a.Policy.combine(a.calendar(), c.Hypothesis, segment, designs, math.Inf(-1)))
	return ways
}

func byArrival(a, b candidate) int {
	return cmp.Or(a.Submitted.Compare(b.Submitted), strings.Compare(a.ID, b.ID))
}

func byICE(a, b candidate) int {
	return cmp.Or(-cmp.Compare(a.ICE.Score(), b.ICE.Score()), byArrival(a, b))
}

// random averages over seeds.
func (a arena) random(design string) PolicyResult {
	mean := PolicyResult{Name: "random", Design: design, Runs: seeds, WorthLow: math.Inf(1), WorthHigh: math.Inf(-1)}
	for seed := range uint64(seeds) {
		order := slices.Clone(a.candidates)
		rng := rand.New(rand.NewPCG(seed, 0))
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		r := a.play(order, design)
		mean.Tests += r.Tests / seeds
		mean.Worth += r.Worth / seeds
		mean.Share += r.Share / seeds
		mean.Lift += r.Lift / seeds
		mean.Net += r.Net / seeds
		mean.WorthLow, mean.WorthHigh = min(mean.WorthLow, r.Worth), max(mean.WorthHigh, r.Worth)
	}
	return mean
}

func (a arena) walk(name, design string, order func(x, y candidate) int) PolicyResult {
	r := a.play(slices.SortedFunc(slices.Values(a.candidates), order), design)
	r.Name, r.Design, r.Runs = name, design, 1
	r.WorthLow, r.WorthHigh = r.Worth, r.Worth
	return r
}
