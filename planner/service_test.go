package planner_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator/mip"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/registry"
)

var tonight = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// past is a history that is already mined.
type past struct {
	effects []history.Effect
	noise   []history.Noise
	broken  error
}

func (p past) Effects(_ context.Context, q history.EffectQuery) ([]history.Effect, error) {
	if p.broken != nil {
		return nil, p.broken
	}
	var known []history.Effect
	for _, e := range p.effects {
		if !e.Ended.IsZero() && !e.Ended.After(q.AsOf) {
			known = append(known, e)
		}
	}
	return known, nil
}

func (p past) Noise(context.Context, time.Time) ([]history.Noise, error) { return p.noise, nil }

// house is a planner over a SQLite registry, with a clock that tests turn.
type house struct {
	*planner.Planner
	registry planner.Registry
	history  *past
	now      *time.Time
}

func open(t testing.TB) house { return openUnder(t, policy()) }

func openUnder(t testing.TB, rules planner.Policy) house {
	t.Helper()
	reg, err := registry.Open(t.Context(), filepath.Join(t.TempDir(), "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reg.Close(); err != nil {
			t.Error(err)
		}
	})
	now, h := tonight, &past{noise: []history.Noise{{Surface: "feed", Metric: "rpm", RelativeSD: 2, Effects: 9}}}
	for i, lift := range []float64{-0.004, -0.002, 0, 0.001, 0.003, 0.005} {
		h.effects = append(h.effects, history.Effect{Experiment: "E-" + string(rune('1'+i)), Metric: "rpm", Surface: "feed",
			Source: "human", Lift: lift, SE: 0.001, Ended: tonight.AddDate(0, 0, -i-1), Usable: true, Verdict: history.Usable})
	}
	return house{planner.New(reg, h, rules, func() time.Time { return now }), reg, h, &now}
}

// policy has room for two of the ideas below at a time.
func policy() planner.Policy {
	return planner.Policy{
		Currency: "EUR", HorizonWeeks: 3, GainYears: 1, DelayCost: 0.01,
		ShipRule: planner.ShipRule{Rule: "posterior-mean"},
		Metrics:  []planner.Metric{{Name: "rpm", Worth: map[string]float64{"feed": 1e9}}, {Name: "hide_rate", Down: true}},
		Pools:    []planner.Pool{{Name: "a100", GPUHours: 250, CostPerHour: 2}},
		Segments: []planner.Segment{{Name: "feed-all", Surface: "feed", WeeklyUsers: 1e6, Growth: 0.5, Share: 1,
			Layers: []planner.Layer{{Name: "models"}, {Name: "supply"}}}},
		Designs: planner.Menu{Shares: []float64{0.5, 1}, Weeks: []int{1, 2}},
	}
}

func idea(id string) planner.Hypothesis {
	return planner.Hypothesis{ID: id, Title: "Idea " + id, Surface: "feed", Component: "ranking", Source: planner.Human,
		Metric: "rpm", Compute: planner.Demand{Pool: "a100", Train: 100, Serve: 10}}
}

func (h house) submit(t testing.TB, ids ...string) {
	t.Helper()
	var drafts []planner.Hypothesis
	for _, id := range ids {
		drafts = append(drafts, idea(id))
	}
	if _, err := h.Submit(t.Context(), drafts); err != nil {
		t.Fatal(err)
	}
}

func (h house) plan(t testing.TB, r planner.PlanRequest) planner.Plan {
	t.Helper()
	p, err := h.Plan(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h house) row(t testing.TB, id string) planner.Row {
	t.Helper()
	r, err := h.Hypothesis(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSubmit(t *testing.T) {
	h := open(t)
	*h.now = tonight.Add(-time.Hour + 400*time.Millisecond)
	dated, future := idea("dated"), idea("future")
	dated.Submitted, future.Submitted = tonight.AddDate(-1, 0, 0), tonight.AddDate(1, 0, 0)
	future.Withdrawn = &tonight
	spaced := idea("a")
	spaced.ID, spaced.Title = " a ", "Idea a\n"
	receipts, err := h.Submit(t.Context(), []planner.Hypothesis{spaced, dated, future})
	want := []planner.Receipt{{ID: "a", Created: true}, {ID: "dated", Created: true}, {ID: "future", Created: true}}
	if d := cmp.Diff(want, receipts); err != nil || d != "" {
		t.Fatalf("%v (-want +got):\n%s", err, d)
	}
	stamp := tonight.Add(-time.Hour)
	for id, at := range map[string]time.Time{"a": stamp, "dated": tonight.AddDate(-1, 0, 0), "future": stamp} {
		if r := h.row(t, id); !r.Submitted.Equal(at) || r.Withdrawn != nil || r.Status != planner.Queued {
			t.Errorf("%s: %+v", id, r)
		}
	}
	again, err := h.Submit(t.Context(), []planner.Hypothesis{idea("a")})
	if err != nil || again[0].Created {
		t.Errorf("the same idea again: %v, %v", again, err)
	}
	other := idea("a")
	other.Title = "something else"
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{other}); !errors.Is(err, planner.ErrExists) {
		t.Errorf("a taken id gives %v", err)
	}
}

func TestSubmitListsAllMistakes(t *testing.T) {
	h := open(t)
	bad, worse := idea("bad"), idea("worse")
	bad.Metric = "joy"
	worse.Title, worse.Compute.Train = "", -1
	_, err := h.Submit(t.Context(), []planner.Hypothesis{bad, idea("good"), worse})
	var drafts planner.DraftErrors
	if !errors.As(err, &drafts) || len(drafts) != 2 || drafts[1].Index != 2 || len(drafts[1].Fields) != 2 {
		t.Fatalf("got %v", err)
	}
	if rows, err := h.Backlog(t.Context()); err != nil || len(rows) != 0 {
		t.Errorf("%d were stored, %v", len(rows), err)
	}
}

// The life of a test: queued, starting, running, finished, measured; and what
// waits for capacity meanwhile.
func TestLife(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c", "d", "e")
	if r := h.row(t, "a"); r.Status != planner.Queued || r.Reason != "waits for the first plan" || r.Forecast != nil {
		t.Errorf("before the first plan: %+v", r)
	}
	p := h.plan(t, planner.PlanRequest{})
	var start planner.Start
	for _, e := range p.Entries {
		if e.Status == planner.Starting && start.Hypothesis == "" {
			start = *e.Start
		}
	}
	id := start.Hypothesis
	if id == "" {
		t.Fatal("nothing starts")
	}
	h.submit(t, "new")
	h.history.effects = append(h.history.effects, history.Effect{Experiment: start.Experiment, Ended: start.Until, Metric: "rpm"})
	for _, tc := range []struct {
		after time.Duration
		want  planner.Status
	}{
		{0, planner.Starting}, {23 * time.Hour, planner.Starting}, {24 * time.Hour, planner.Running},
		{start.Until.Sub(tonight) - 1, planner.Running}, {start.Until.Sub(tonight), planner.Measured},
	} {
		*h.now = tonight.Add(tc.after)
		if r := h.row(t, id); r.Status != tc.want || r.Start == nil || r.Rank == 0 || r.Reason == "" {
			t.Errorf("after %v: %+v", tc.after, r)
		}
	}
	h.history.effects = h.history.effects[:6]
	if r := h.row(t, id); r.Status != planner.Finished || !strings.Contains(r.Reason, start.Experiment) {
		t.Errorf("without outcomes: %+v", r)
	}
	if r := h.row(t, "new"); r.Status != planner.Queued || r.Forecast == nil || r.Value == 0 || r.Rank != 0 {
		t.Errorf("a later arrival: %+v", r)
	}
}

func TestBacklogOrder(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c", "d", "e", "gone")
	if r, err := h.Withdraw(t.Context(), "gone"); err != nil || r.Status != planner.Withdrawn {
		t.Fatalf("%+v, %v", r, err)
	}
	p := h.plan(t, planner.PlanRequest{})
	h.submit(t, "z", "y")
	rows, err := h.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, e := range p.Entries {
		want = append(want, e.Hypothesis)
	}
	for _, r := range rows {
		got = append(got, r.ID)
	}
	if d := cmp.Diff(append(want, "y", "z", "gone"), got); d != "" || len(want) != 5 {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The same night again gives the same bytes and replaces the plan: its own
// starts do not count as running work.
func TestPlanTwice(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c")
	var plans []string
	for _, dry := range []bool{true, false, false, true} {
		text, err := json.Marshal(h.plan(t, planner.PlanRequest{DryRun: dry}))
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, string(text))
	}
	current, err := h.CurrentPlan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(current)
	if err != nil {
		t.Fatal(err)
	}
	if plans = slices.Compact(append(plans, string(text))); len(plans) != 1 {
		t.Errorf("(-first +second):\n%s", cmp.Diff(plans[0], plans[1]))
	}
}

func TestOlderPlan(t *testing.T) {
	h := open(t)
	if _, err := h.CurrentPlan(t.Context()); !errors.Is(err, planner.ErrNoPlan) {
		t.Errorf("CurrentPlan: %v", err)
	}
	if _, err := h.Explain(t.Context(), "a"); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("Explain: %v", err)
	}
	h.submit(t, "a")
	if _, err := h.Explain(t.Context(), "a"); !errors.Is(err, planner.ErrNoPlan) {
		t.Errorf("Explain: %v", err)
	}
	h.plan(t, planner.PlanRequest{})
	before := tonight.Add(-time.Hour)
	if _, err := h.Plan(t.Context(), planner.PlanRequest{At: before}); !errors.Is(err, planner.ErrLaterPlan) {
		t.Errorf("an older plan: %v", err)
	}
	if p := h.plan(t, planner.PlanRequest{At: before, DryRun: true}); len(p.Entries) != 0 {
		t.Errorf("an hour ago the backlog was empty, yet %v", p.Entries)
	}
}

// A mistyped year must not stand in the way of every night before it.
func TestPlanFarAhead(t *testing.T) {
	h := open(t)
	h.submit(t, "a")
	far := tonight.AddDate(1, 0, 1)
	if _, err := h.Plan(t.Context(), planner.PlanRequest{At: far}); !errors.Is(err, planner.ErrFarAhead) {
		t.Errorf("a plan for %s: %v", far, err)
	}
	h.plan(t, planner.PlanRequest{At: far, DryRun: true})
	h.plan(t, planner.PlanRequest{})
	h.plan(t, planner.PlanRequest{At: tonight.AddDate(1, 0, 0)})
}

// What runs has the capacity that it holds, week for week; what is over or was
// withdrawn has nothing to weigh.
func TestExplainAfterTheStart(t *testing.T) {
	h := open(t)
	twoWeeks := policy()
	twoWeeks.Designs.Weeks = []int{2}
	h.Planner = planner.New(h.registry, h.history, twoWeeks, func() time.Time { return *h.now })
	h.submit(t, "a", "b", "c", "d", "e")
	var start planner.Start
	for _, e := range h.plan(t, planner.PlanRequest{}).Entries {
		if e.Status == planner.Starting {
			start = *e.Start
		}
	}
	explain := func(id string) planner.Explanation {
		t.Helper()
		x, err := h.Explain(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	*h.now = tonight.AddDate(0, 0, 7)
	p := h.plan(t, planner.PlanRequest{})
	held := map[string]float64{} // of this week
	for _, u := range p.Uses {
		if u.Week == 0 {
			held[u.Name] = u.Held
		}
	}
	priced := 0
	for _, e := range p.Entries {
		for _, d := range explain(e.Hypothesis).Designs {
			if priced++; d.Week == 0 && float64(d.Buckets) > planner.Buckets-held[planner.LayerKey("feed-all", d.Layer)] {
				t.Errorf("%s: %s in %s is priced for a week that running work fills: %v", e.Hypothesis, d.Name, d.Layer, held)
			}
		}
	}
	if priced == 0 || held["feed-all/models"]+held["feed-all/supply"] < planner.Buckets {
		t.Errorf("%d designs beside work that holds %v", priced, held)
	}
	x := explain(start.Hypothesis)
	if x.Entry.Status != planner.Running || len(x.Designs) != 0 || x.Rival != nil || len(x.Capacity) != 2 {
		t.Errorf("a running test: %+v", x)
	}
	for _, u := range x.Capacity {
		if u.Week != 0 || u.Held == 0 {
			t.Errorf("it holds %+v in its last week", u)
		}
	}
	*h.now = start.Until
	if x := explain(start.Hypothesis); x.Entry.Status != planner.Finished || len(x.Designs)+len(x.Capacity) != 0 || x.Rival != nil {
		t.Errorf("a finished test: %+v", x)
	}
	for _, r := range h.plan(t, planner.PlanRequest{}).Entries {
		if _, err := h.Withdraw(t.Context(), r.Hypothesis); err != nil {
			t.Fatal(err)
		}
		if x := explain(r.Hypothesis); x.Entry.Status != planner.Withdrawn || len(x.Designs)+len(x.Capacity) != 0 || x.Rival != nil {
			t.Errorf("a withdrawn idea: %+v", x)
		}
	}
}

func TestOnePlanAtATime(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b")
	var mu sync.Mutex
	stages, planning, most := map[string]bool{}, 0, 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			h.plan(t, planner.PlanRequest{Progress: func(stage string, done float64) {
				mu.Lock()
				defer mu.Unlock()
				stages[stage] = true
				switch done {
				case 0:
					planning++
				case 1:
					planning--
				}
				most = max(most, planning)
			}})
		})
	}
	wg.Wait()
	if most != 1 || len(stages) != 7 {
		t.Errorf("%d plans at a time; stages %v", most, stages)
	}
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	h.plan(t, planner.PlanRequest{DryRun: true, Progress: func(stage string, done float64) {
		if done == 0 {
			go func() { _, err := h.Plan(ctx, planner.PlanRequest{}); waiting <- err }()
			cancel()
			if err := <-waiting; !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled wait gives %v", err)
			}
		}
	}})
}

func TestExplain(t *testing.T) {
	h := open(t)
	h.submit(t, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	p := h.plan(t, planner.PlanRequest{})
	for _, e := range p.Entries {
		x, err := h.Explain(t.Context(), e.Hypothesis)
		if err != nil {
			t.Fatal(err)
		}
		if x.Plan != p.ID || x.Entry.Reason != e.Reason || len(x.Designs) != 8 || len(x.Capacity) == 0 {
			t.Errorf("%s: %+v", e.Hypothesis, x)
		}
		for i, d := range x.Designs {
			if d.Week+d.Weeks > p.Weeks {
				t.Errorf("%s: design %d outlives the plan: %+v", e.Hypothesis, i, d)
			}
			if d.Surplus != d.Value-d.Price || i > 0 && d.Surplus > x.Designs[i-1].Surplus {
				t.Errorf("%s: design %d: %+v", e.Hypothesis, i, d)
			}
		}
		if queued := e.Status == planner.Queued; queued != (x.Rival != nil) {
			t.Errorf("%s is %s and its rival is %+v", e.Hypothesis, e.Status, x.Rival)
		}
	}
	h.submit(t, "late")
	x, err := h.Explain(t.Context(), "late")
	if err != nil || x.Entry.Status != planner.Queued || x.Entry.Best == nil || len(x.Designs) != 8 {
		t.Errorf("a later arrival: %+v, %v", x, err)
	}
	unknown := idea("unknown")
	unknown.Metric = "hide_rate"
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{unknown}); err != nil {
		t.Fatal(err)
	}
	if x, err := h.Explain(t.Context(), "unknown"); err != nil || len(x.Designs) != 0 || x.Entry.Best != nil {
		t.Errorf("a metric without a past: %+v, %v", x, err)
	}
}

// asked counts what is asked of an exact solver without a limit of time.
type asked struct {
	mip.BranchAndBound
	times *int
}

func (a asked) Solve(ctx context.Context, p mip.Problem, o mip.Options) (mip.Solution, error) {
	if o.TimeLimit == 0 && o.Effort == 100_000 {
		*a.times++
	}
	return a.BranchAndBound.Solve(ctx, p, o)
}

// A small programme is proved by the exact solver that there is, also where no time is
// named; and what that may do is counted.
func TestSmallPlansAreProved(t *testing.T) {
	h, times := open(t), 0
	h.Exact = asked{times: &times}
	h.submit(t, "a", "b", "c", "d", "e", "f")
	if p := h.plan(t, planner.PlanRequest{}); !p.Optimal || p.Gap != 0 || times == 0 {
		t.Errorf("worth %v of %v, optimal %v; the solver was asked %d times", p.Value, p.Bound, p.Optimal, times)
	}
}
