package registry

import (
	"errors"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

func noPlan(t *testing.T, r planner.Registry) {
	if _, err := r.CurrentPlan(t.Context()); !errors.Is(err, planner.ErrNoPlan) {
		t.Errorf("a new store gives %v, want ErrNoPlan", err)
	}
	s, err := r.Starts(t.Context(), night)
	if err != nil || len(s) != 0 {
		t.Errorf("a new store has starts %v, %v", s, err)
	}
}

func planInForce(t *testing.T, r planner.Registry) {
	for later := range 3 {
		want := planOf(night.AddDate(0, 0, later), "a")
		save(t, r, want)
		got, err := r.CurrentPlan(t.Context())
		diff(t, err, want, got)
	}
}

func olderPlanIsRefused(t *testing.T, r planner.Registry) {
	want := planOf(night, "a")
	save(t, r, want)
	if err := r.SavePlan(t.Context(), planOf(night.Add(-time.Nanosecond), "b")); !errors.Is(err, planner.ErrLaterPlan) {
		t.Errorf("an older plan gives %v, want ErrLaterPlan", err)
	}
	got, err := r.CurrentPlan(t.Context())
	diff(t, err, want, got)
	diff(t, nil, "a", started(t, r, night.Add(time.Hour)))
}

func sameTimeReplaces(t *testing.T, r planner.Registry) {
	save(t, r, planOf(night.AddDate(0, 0, -1), "kept"))
	save(t, r, planOf(night, "a", "b"))
	want := planOf(night.In(time.FixedZone("elsewhere", 3600)), "b", "c") // the same moment
	save(t, r, want)
	got, err := r.CurrentPlan(t.Context())
	if err != nil || !got.At.Equal(night) || len(got.Entries) != len(want.Entries) {
		t.Errorf("the plan in force is %s with %d entries, %v", got.At, len(got.Entries), err)
	}
	diff(t, nil, "kept b c", started(t, r, night.Add(time.Hour)))
}

func starts(t *testing.T, r planner.Registry) {
	first, second := planOf(night, "b", "a"), planOf(night.AddDate(0, 0, 1), "c")
	save(t, r, first)
	save(t, r, second)
	diff(t, nil, "", started(t, r, night)) // before is exclusive
	diff(t, nil, "a b", started(t, r, night.Add(time.Nanosecond)))
	diff(t, nil, "a b", started(t, r, second.At))
	diff(t, nil, "a b c", started(t, r, second.At.Add(time.Hour)))
	all, err := r.Starts(t.Context(), second.At)
	diff(t, err, []planner.Start{*first.Entries[1].Start, *first.Entries[0].Start}, all)
}

func planBefore(t *testing.T, r planner.Registry) {
	first, second := planOf(night, "a"), planOf(night.AddDate(0, 0, 1), "b")
	save(t, r, first)
	save(t, r, second)
	if _, err := r.PlanBefore(t.Context(), night); !errors.Is(err, planner.ErrNoPlan) { // before is exclusive
		t.Errorf("before the first plan: %v, want ErrNoPlan", err)
	}
	for before, want := range map[time.Time]planner.Plan{night.Add(time.Nanosecond): first, second.At: first, second.At.Add(time.Hour): second} {
		got, err := r.PlanBefore(t.Context(), before)
		diff(t, err, want, got)
	}
}

func survives(t *testing.T, open func(*testing.T, string) planner.Registry) {
	ctx := t.Context()
	r := open(t, "survives")
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a")}); err != nil {
		t.Fatal(err)
	}
	save(t, r, planOf(night, "a"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = open(t, "survives")
	defer r.Close()
	h, err := r.Hypothesis(ctx, "a")
	diff(t, err, idea("a"), h)
	p, err := r.CurrentPlan(ctx)
	diff(t, err, planOf(night, "a"), p)
	diff(t, nil, "a", started(t, r, night.Add(time.Hour)))
}

func save(t *testing.T, r planner.Registry, p planner.Plan) {
	t.Helper()
	if err := r.SavePlan(t.Context(), p); err != nil {
		t.Fatalf("SavePlan %s: %v", p.ID, err)
	}
}

// started names what all plans before the time started.
func started(t *testing.T, r planner.Registry, before time.Time) string {
	t.Helper()
	all, err := r.Starts(t.Context(), before)
	if err != nil {
		t.Fatalf("Starts: %v", err)
	}
	var hs []planner.Hypothesis
	for _, s := range all {
		hs = append(hs, planner.Hypothesis{ID: s.Hypothesis})
	}
	return ids(hs)
}
