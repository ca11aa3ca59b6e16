package planner_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/planner"
)

// lived is a start with the time at which it let go of its capacity.
type lived struct {
	planner.Start
	until time.Time
}

// Over ten nights, an irregular time apart, some of which only fill what has become free,
// with ideas arriving and being withdrawn and tests that are stopped, both of which may be
// taken back,
// no pool is ever overbooked, no bucket of a layer is held twice,
// those of the holdout never, conflicts and prerequisites are kept, what runs never
// moves, and a treatment rests for as long as it must.
func TestNights(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		rules := policy()
		rules.CoolDown.Weeks = rapid.IntRange(0, 3).Draw(t, "cool down")
		rules.Designs.Shares = []float64{0.2, 0.5, 1}
		rules.Segments[0].Layers[0].Holdout = rapid.SampledFrom([]float64{0, 0.05, 0.3}).Draw(t, "holdout")
		rules.Segments[0].Layers[1].Buckets = 1000
		h := openUnder(outer, rules)
		decided := map[string]planner.Start{}
		hours := rapid.IntRange(1, 24*9)
		var all []planner.Hypothesis
		for night := range 10 {
			for range rapid.IntRange(0, 4).Draw(t, "arrivals") {
				all = append(all, drawn(t, all))
				if _, err := h.Submit(outer.Context(), all[len(all)-1:]); err != nil {
					t.Fatal(err)
				}
			}
			fills := night > 0 && rapid.Bool().Draw(t, "backfill")
			for _, id := range slices.Sorted(maps.Keys(decided)) {
				if s := decided[id]; s.Until.After(*h.now) && s.From.Before(*h.now) && rapid.IntRange(0, 5).Draw(t, "stop") == 0 {
					if _, err := h.Stop(outer.Context(), s.Hypothesis, planner.Stop{}); err != nil && !errors.Is(err, planner.ErrRequest) {
						t.Fatal(id, err)
					}
				}
			}
			for _, id := range slices.Sorted(maps.Keys(decided)) {
				if rapid.IntRange(0, 3).Draw(t, "resume") > 0 {
					continue
				}
				row, err := h.Resume(outer.Context(), decided[id].Hypothesis)
				if err == nil && row.Stopped == nil && row.Start != nil && !row.Start.Until.Equal(decided[id].Until) || err != nil && !errors.Is(err, planner.ErrTaken) && !errors.Is(err, planner.ErrRequest) {
					t.Fatal(id, row.Start, err)
				}
			}
			if len(all) > 0 && rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
				id := rapid.SampledFrom(all).Draw(t, "withdrawn").ID
				if _, err := h.Withdraw(outer.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			first := h.plan(outer, planner.PlanRequest{Backfill: fills})
			checkUnmoved(t, first, decided)
			checkLedger(outer, t, h, first, rules)
			if night%4 == 3 && !first.At.Before(*h.now) { // one of what was due is not made again
				samePlan(t, first, h.plan(outer, planner.PlanRequest{Backfill: fills, DryRun: true}))
			}
			*h.now = first.At.Add(time.Duration(hours.Draw(t, "hours")) * time.Hour) // it may be of a time to come
		}
		ideas := map[string]planner.Hypothesis{}
		stored, err := h.registry.Hypotheses(outer.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range stored {
			ideas[h.ID] = h
		}
		checkLives(t, lives(outer, h, ideas), ideas)
		checkBuckets(t, lives(outer, h, ideas), rules)
	})
}

// checkUnmoved holds what runs against what was decided when it started.
func checkUnmoved(t *rapid.T, p planner.Plan, decided map[string]planner.Start) {
	for _, r := range p.Running {
		if d := cmp.Diff(decided[r.Experiment], r); d != "" {
			t.Fatalf("%s has moved (-decided +runs):\n%s", r.Experiment, d)
		}
	}
	for _, e := range p.Entries {
		if e.Start != nil && e.Start.Week == 0 {
			decided[e.Start.Experiment] = *e.Start
		}
	}
}

// checkLedger holds what the ledger says of the moment of a plan against the plan.
func checkLedger(outer *testing.T, t *rapid.T, h house, p planner.Plan, rules planner.Policy) {
	book, err := h.Ledger(outer.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range rules.Partitions() {
		held, err := book.Tenancy(part.Key(), p.At)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := held.Table(); err != nil {
			t.Fatal(err)
		}
		want, got := map[string]string{}, map[string]string{}
		for _, s := range append(p.Firm(), p.Running...) {
			if s.Layer == part.Layer {
				want[s.Experiment] = fmt.Sprint(cohort.Join(slices.Concat(s.Control, s.Treatment)), s.Until)
			}
		}
		for _, r := range p.Resting {
			if r.Layer == part.Layer {
				want["rest of "+r.Experiment] = fmt.Sprint(r.Ranges, r.Until)
			}
		}
		for _, l := range held.Tests {
			got[l.Experiment] = fmt.Sprint(cohort.Join(slices.Concat(l.Control, l.Treatment, l.Waiting)), l.Until)
		}
		for _, l := range held.Rests {
			got["rest of "+l.Experiment] = fmt.Sprint(l.Resting, l.Until)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s of %s (-plan +ledger):\n%s", part.Key(), p.At, d)
		}
		if d := cmp.Diff(part.Holdout, held.Holdout); d != "" {
			t.Fatalf("the holdout (-policy +ledger):\n%s", d)
		}
	}
}

// checkBuckets looks for starts in the holdout, or where a treatment should rest. No
// outcome ever comes back here, so that every treatment rests.
func checkBuckets(t *rapid.T, all []lived, rules planner.Policy) {
	for _, part := range rules.Partitions() {
		for _, a := range all {
			if a.Layer != part.Layer {
				continue
			}
			mine := slices.Concat(a.Control, a.Treatment)
			if b, shared := cohort.Meet(mine, part.Holdout); shared || cohort.Size(mine) != a.Design.Buckets || a.Of != part.Buckets {
				t.Fatalf("%s holds %v of %s; bucket %d is in the holdout: %v", a.Hypothesis, mine, part.Layer, b, shared)
			}
			for _, b := range all {
				rested := b.until.AddDate(0, 0, 7*rules.CoolDown.Weeks)
				if bucket, shared := cohort.Meet(mine, b.Treatment); shared && a.Layer == b.Layer && b.From.Before(a.From) && a.From.Before(rested) {
					t.Fatalf("%s starts at %s in bucket %d, which rests from %s until %s", a.Hypothesis, a.From, bucket, b.Hypothesis, rested)
				}
			}
		}
	}
}

func samePlan(t *rapid.T, first, second planner.Plan) {
	a, err := json.Marshal(first)
	b, err2 := json.Marshal(second)
	if err != nil || err2 != nil || !bytes.Equal(a, b) {
		t.Fatalf("planned twice, two plans: %v, %v\n%s\n%s", err, err2, a, b)
	}
}

// drawn is an idea that may conflict with or require earlier ones.
func drawn(t *rapid.T, before []planner.Hypothesis) planner.Hypothesis {
	h := idea(fmt.Sprintf("h-%02d", len(before)))
	h.Strong = rapid.Bool().Draw(t, "strong")
	h.Ramp = rapid.SampledFrom([]string{"", "", "10% for 1 day, 30% for 3 days"}).Draw(t, "ramp")
	h.Compute.Train = rapid.Float64Range(0, 130).Draw(t, "train")
	h.Compute.Serve = rapid.Float64Range(0, 150).Draw(t, "serve")
	if len(before) > 0 && rapid.Bool().Draw(t, "has conflict") {
		h.Conflicts = []string{rapid.SampledFrom(before).Draw(t, "conflict").ID}
	}
	if len(before) > 0 && rapid.IntRange(0, 3).Draw(t, "requires") == 0 {
		h.Requires = []string{rapid.SampledFrom(before).Draw(t, "prerequisite").ID}
	}
	return h
}

// lives lists all that was ever started.
func lives(t *testing.T, h house, ideas map[string]planner.Hypothesis) []lived {
	starts, err := h.registry.Starts(t.Context(), *h.now)
	if err != nil {
		t.Fatal(err)
	}
	var all []lived
	for _, s := range starts {
		l := lived{s, s.Until}
		if st := ideas[s.Hypothesis].Stopped; st != nil {
			s.Until = st.At
			l = lived{s, s.Until}
		}
		if at := ideas[s.Hypothesis].Withdrawn; at != nil && at.Before(l.until) {
			l.until = *at
		}
		all = append(all, l)
	}
	return all
}

// checkLives looks at every moment at which anything begins.
func checkLives(t *rapid.T, all []lived, ideas map[string]planner.Hypothesis) {
	for _, a := range all {
		for _, id := range ideas[a.Hypothesis].Requires {
			i := slices.IndexFunc(all, func(b lived) bool { return b.Hypothesis == id })
			if i < 0 || all[i].until != all[i].Until || all[i].Until.After(a.From) {
				t.Fatalf("%s starts at %s before %s has ended", a.Hypothesis, a.From, id)
			}
		}
		for _, b := range all {
			if a.Hypothesis != b.Hypothesis && a.From.Before(b.until) && b.From.Before(a.until) {
				checkPair(t, a, b, ideas)
			}
		}
		for k := range a.Design.GPUHours {
			checkRate(t, all, a.From.AddDate(0, 0, 7*k))
		}
	}
}

// checkPair looks at two tests that run at the same time.
func checkPair(t *rapid.T, a, b lived, ideas map[string]planner.Hypothesis) {
	if a.Layer != b.Layer {
		if slices.Contains(ideas[a.Hypothesis].Conflicts, b.Hypothesis) {
			t.Fatalf("%s and %s conflict and meet the same users", a.Hypothesis, b.Hypothesis)
		}
		return
	}
	for _, x := range slices.Concat(a.Control, a.Treatment) {
		for _, y := range slices.Concat(b.Control, b.Treatment) {
			if x.From < y.To && y.From < x.To {
				t.Fatalf("%s and %s both hold buckets of %v and %v in %s", a.Hypothesis, b.Hypothesis, x, y, a.Layer)
			}
		}
	}
}

// checkRate adds up the GPU-hours per week at one moment. A pool that is never
// overbooked at a moment is not in any week, wherever that begins.
func checkRate(t *rapid.T, all []lived, at time.Time) {
	total := 0.0
	for _, l := range all {
		if !at.Before(l.From) && at.Before(l.until) {
			total += l.Design.GPUHours[int(at.Sub(l.From)/(7*24*time.Hour))]
		}
	}
	if capacity := policy().Pools[0].GPUHours; total > capacity {
		t.Fatalf("at %s tests take %g GPU-hours a week of %g", at, total, capacity)
	}
}
