package planner

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/allocator/mip"
	"github.com/assay-planner/assay/history"
)

// Make decides one night. It is pure: the same snapshot, in any order, gives
// the same plan, byte for byte.
func Make(s Snapshot) (Plan, error) {
	return decide(context.Background(), s, PlanRequest{Progress: func(string, float64) {}})
}

// decide is Make that tells how far it is, keeps to the limits of a request, and stops
// when ctx is done.
func decide(ctx context.Context, s Snapshot, r PlanRequest) (Plan, error) {
	progress := r.Progress
	s = s.asOf()
	if err := s.check(); err != nil {
		return Plan{}, err
	}
	var model Model
	if r.from != nil {
		model = r.from.model(s.Policy)
	} else {
		progress("learning from past effects", 0.1)
		fitted, err := fitModel(ctx, s)
		if err != nil {
			return Plan{}, err
		}
		model = fitted
	}
	s.rests, s.filling = rests(s, model), r.from != nil
	progress("valuing designs", 0.3)
	cs, err := candidates(s, model)
	if err != nil {
		return Plan{}, err
	}
	progress("allocating capacity", 0.4)
	limited, cancel := limit(ctx, r)
	defer cancel()
	allocate := settle
	if r.from != nil {
		allocate, cs = fill, onlyTonight(cs)
	}
	solution, stability, err := allocate(limited, s, cs, r)
	if err == nil {
		err = ctx.Err() // a plan that was cut short because the caller went away is no plan
	}
	if err != nil {
		return Plan{}, err
	}
	progress("writing the plan", 0.9)
	p, err := assemble(s, model, cs, solution, stability)
	if r.from != nil {
		p.Backfill = s.backfill(*r.from, p)
	}
	return p, err
}

// How many options may be left open for an exact solver: for our own, which takes a second
// for so few; and for a better one, whose work is counted, or that has time. What is counted
// is some seconds of HiGHS: with a few hundred open that proves the best plan.
const (
	openSmall   = 300
	openCounted = 2_000
	workCounted = 100_000
	openLarge   = 12_000
)

// limit is the context of the allocation.
func limit(ctx context.Context, r PlanRequest) (context.Context, context.CancelFunc) {
	if r.TimeLimit > 0 {
		return context.WithTimeout(ctx, r.TimeLimit)
	}
	return context.WithCancel(ctx)
}

// options are the allocator's, within the limits of a request.
func (r PlanRequest) options(currency string, former *allocator.Plan) allocator.Options {
	o := allocator.Options{Effort: r.effort, Gap: r.Gap, Unit: currency, Former: former, Exact: mip.BranchAndBound{}, Open: openSmall}
	if r.exact != nil {
		o.Exact, o.Open, o.Work = r.exact, openCounted, workCounted
		if r.TimeLimit > 0 {
			o.Open = openLarge
		}
	}
	return o
}

// assemble writes the plan down.
func assemble(s Snapshot, m Model, cs []candidate, solution allocator.Plan, stability *Stability) (Plan, error) {
	digest, err := s.digest()
	if err != nil {
		return Plan{}, err
	}
	p := Plan{
		ID:       night(s.At),
		At:       s.At,
		Weeks:    s.Policy.HorizonWeeks,
		Currency: s.Policy.Currency,
		ShipRule: s.Policy.ShipRule,
		Value:    solution.Value,
		Bound:    solution.Bound,
		Gap:      solution.Gap,
		Optimal:  solution.Optimal,
		Cut:      solution.Cut,
		Uses:     uses(s, solution.Prices),
		Quotas:   s.quotaUses(solution.Quotas),
		Entries:  []Entry{},
		Running:  s.running(),
		Resting:  s.rests,
		Layers:   s.Policy.Partitions(),
		Priors:   m.Priors,
		Joint:    m.Joint,
		Noise:    m.Noise,
		Evidence: evidence(s.Effects, digest),

		Stability: stability,
	}
	if c := s.calendar(); !c.next.Equal(c.at.Add(week)) {
		p.NextWeek = c.next
	}
	verdicts := byCandidate(solution)
	prices := pricesOf(p.Uses)
	for _, c := range cs {
		e := c.entry(s, verdicts[c.ID], prices, verdicts)
		if p.Cut && !p.Optimal && c.contends(e) {
			e.Reason += "; the time limit ended the search, and with more time it may have found a place"
		}
		if change := stability.of(c.ID); change != nil {
			e.Reason += fmt.Sprintf("; it was announced for %s: %s", day(change.Was.From), change.Reason)
		}
		p.Entries = append(p.Entries, e)
	}
	p.Entries = ranked(p.Entries)
	return p, nil
}

// verdict is what the allocator said of one candidate.
type verdict struct {
	allocator.Reason
	choice *allocator.Choice
}

func byCandidate(solution allocator.Plan) map[string]verdict {
	verdicts := make(map[string]verdict, len(solution.Reasons))
	for _, r := range solution.Reasons {
		verdicts[r.Candidate] = verdict{Reason: r}
	}
	for i, c := range solution.Choices {
		verdicts[c.Candidate] = verdict{verdicts[c.Candidate].Reason, &solution.Choices[i]}
	}
	return verdicts
}

func (c candidate) entry(s Snapshot, v verdict, prices prices, all map[string]verdict) Entry {
	e := Entry{
		Hypothesis: c.ID, Title: c.Title, Surface: c.Surface, Component: c.Component,
		Source: c.Source, Generator: c.Generator, Team: c.Team,
		Status: Queued, ICE: c.ICE.Score(), Forecast: c.forecast, Best: c.best,
	}
	if c.best != nil {
		e.Value = s.Policy.value(*c.best, 0)
	}
	if v.Option >= 0 && v.Option < len(c.ways) {
		w := c.ways[v.Option]
		e.Price = prices.of(w)
		e.Density = w.value / math.Max(e.Price, 1)
	}
	if v.choice != nil {
		e.Start = c.start(s, *v.choice)
		e.Status = Scheduled
		if e.Start.Week == 0 {
			e.Status = Starting
		}
	}
	e.ReasonKind, e.Reason = c.reason(s, v, prices, all)
	return e
}

// contends tells whether it is for what else the plan has that a candidate is not in it.
func (c candidate) contends(e Entry) bool {
	alone := e.ReasonKind == string(allocator.Infeasible) || e.ReasonKind == string(allocator.NoValue)
	return e.Start == nil && c.blocked == nil && !alone
}

// start places the chosen way: its cohort in two halves, its dates, and the id
// under which its outcomes come back.
func (c candidate) start(s Snapshot, choice allocator.Choice) *Start {
	w := c.ways[choice.Option]
	control, treatment := cohort.Split(choice.Cohort)
	partition := s.Policy.partition(w.segment, w.layer)
	return &Start{
		Hypothesis: c.ID,
		Experiment: c.ID + "@" + w.from.Format("2006-01-02"),
		Design:     *w.Design,
		Week:       w.week,
		From:       w.from,
		Until:      w.until(s.calendar()),
		Segment:    w.segment,
		Layer:      w.layer,
		Salt:       partition.Salt,
		Of:         partition.Buckets,
		Control:    control,
		Treatment:  treatment,
		Value:      w.value,
	}
}

// until is when a way ends: after its weeks or, if it begins late in one, with its last.
func (w way) until(c calendar) time.Time {
	if w.Late > 0 {
		return c.begin(w.end())
	}
	return w.from.Add(time.Duration(w.Weeks) * week)
}

// ranked orders entries by what they return for what they take: value per unit
// of price at tonight's prices, where a price below one unit of currency counts
// as one, so that what needs only idle capacity comes first, by value. Ties go to
// the more valuable, then to the smaller id. A hypothesis that cannot be tested
// comes last.
func ranked(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.hopeless(), b.hopeless()),
			-cmp.Compare(a.Density, b.Density),
			-cmp.Compare(a.Value, b.Value),
			strings.Compare(a.Hypothesis, b.Hypothesis))
	})
	for i := range entries {
		entries[i].Rank = i + 1
	}
	return entries
}

// hopeless is 1 for what cannot be tested at all, and otherwise 0.
func (e Entry) hopeless() int {
	if e.Best == nil || e.ReasonKind == string(allocator.Infeasible) {
		return 1
	}
	return 0
}

// evidence counts what the plan was learnt from.
func evidence(effects []history.Effect, digest string) Evidence {
	e := Evidence{Effects: len(effects), Screened: map[string]int{}, Digest: digest}
	experiments := map[string]bool{}
	for _, f := range effects {
		experiments[f.Experiment] = true
		if f.Usable {
			e.Usable++
		} else {
			e.Screened[history.VerdictKind(f.Verdict)]++
		}
	}
	e.Experiments = len(experiments)
	return e
}
