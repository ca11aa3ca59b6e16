package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// night is the time of the first plan of every test.
var night = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// idea returns a valid hypothesis with every field filled.
func idea(id string) planner.Hypothesis {
	return planner.Hypothesis{
		ID: id, Title: "Title of " + id, Text: "because “x”, if <b>y</b>, then z\n\t🙂",
		Surface: "feed", Component: "ranking", ChangeType: "loss", Segment: "feed-all",
		Source: planner.AI, Author: "ana", Generator: "muse-2", Team: "ads", Metric: "rpm",
		Guardrails: []string{"hide_rate"}, Claim: &planner.Claim{Low: -0.001, Mid: 0.004, High: 0.01},
		Compute:   planner.Demand{Pool: "a100", Train: 1200.5, Serve: 300},
		Conflicts: []string{"other"}, Requires: []string{"first"},
		ICE: &planner.ICE{Impact: 7, Confidence: 5, Ease: 3}, Scores: planner.Scores{"reviewer": 7.5, "model b": -0.25},
		Submitted: night.Add(-time.Hour),
	}
}

// planOf returns a plan that starts the hypotheses tonight, in one bucket each, of ten that
// each night has to itself, and foresees "later" for the week after.
func planOf(at time.Time, starts ...string) planner.Plan {
	p := planner.Plan{ID: at.Format("2006-01-02T15:04Z"), At: at, Weeks: 8, Currency: "USD", Value: 5, Bound: 6, Gap: 0.2}
	p.Evidence.Digest = "digest-" + p.ID
	for i, id := range starts {
		p.Entries = append(p.Entries, entry(at, id, i, 0))
	}
	p.Entries = append(p.Entries, entry(at, "later", len(starts), 1), planner.Entry{Rank: len(starts) + 2, Hypothesis: "waits", Reason: "no room"})
	return p
}

func entry(at time.Time, id string, place, week int) planner.Entry {
	from := at.AddDate(0, 0, 7*week)
	bucket := 10*((int(at.Sub(night).Hours()/24)+9)%9) + place
	return planner.Entry{Rank: place + 1, Hypothesis: id, Start: &planner.Start{
		Hypothesis: id, Experiment: id + "@" + at.Format(time.DateOnly), Week: week, From: from, Until: from.AddDate(0, 0, 14),
		Segment: "feed-all", Layer: "feed-1", Value: 3,
		Control: []allocator.Range{{From: bucket, To: bucket + 1}}, Treatment: []allocator.Range{{From: 100 + bucket, To: 101 + bucket}},
	}}
}

// conformance states what every planner.Registry has to keep; each store of this
// package runs it. Each call of open with one name must open the same
// store, a new name an empty one; the suite closes what it opens.
func conformance(t *testing.T, open func(t *testing.T, name string) planner.Registry) {
	for name, test := range map[string]func(*testing.T, planner.Registry){
		"AddAndRead": addAndRead, "AddIsIdempotent": addIsIdempotent, "AddTakesAllOrNone": addTakesAllOrNone,
		"OrderOfHypotheses": orderOfHypotheses, "Withdraw": withdraw, "Stop": stop, "Resume": resume, "ResumeWithdrawn": resumeWithdrawn, "NoPlan": noPlan, "PlanInForce": planInForce,
		"OlderPlanIsRefused": olderPlanIsRefused, "SameTimeReplaces": sameTimeReplaces, "Starts": starts, "PlanBefore": planBefore,
		"ManyAtOnce": manyAtOnce, "LedgerIsKept": ledgerIsKept, "WithdrawnBeforeItsPlan": withdrawnBeforeItsPlan, "CancelledContext": cancelledContext,
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, name)
			test(t, r)
			if err := r.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
		})
	}
	t.Run("SurvivesReopening", func(t *testing.T) { survives(t, open) })
}

func addAndRead(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	want := idea("a")
	got, err := r.Add(ctx, []planner.Hypothesis{want})
	diff(t, err, []planner.Receipt{{ID: "a", Created: true}}, got)
	one, err := r.Hypothesis(ctx, "a")
	diff(t, err, want, one)
	all, err := r.Hypotheses(ctx)
	diff(t, err, []planner.Hypothesis{want}, all)
	if _, err := r.Hypothesis(ctx, "b"); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("an unknown id gives %v, want ErrNotFound", err)
	}
	if got, err := r.Add(ctx, nil); err != nil || len(got) != 0 {
		t.Errorf("Add of nothing gives %v, %v", got, err)
	}
}

func addIsIdempotent(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	again := idea("a")
	again.Submitted = night // a retry comes later; the first time counts
	got, err := r.Add(ctx, []planner.Hypothesis{idea("a"), again})
	diff(t, err, []planner.Receipt{{ID: "a", Created: true}, {ID: "a"}}, got)
	got, err = r.Add(ctx, []planner.Hypothesis{again, idea("b")})
	diff(t, err, []planner.Receipt{{ID: "a"}, {ID: "b", Created: true}}, got)
	one, err := r.Hypothesis(ctx, "a")
	diff(t, err, idea("a"), one)
}

func addTakesAllOrNone(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a"), idea("b")}); err != nil {
		t.Fatal(err)
	}
	a, b := idea("a"), idea("b")
	a.Title, b.Compute.Train = "another idea", 7
	_, err := r.Add(ctx, []planner.Hypothesis{idea("new"), a, b})
	if !errors.Is(err, planner.ErrExists) || !strings.Contains(err.Error(), " a:") || !strings.Contains(err.Error(), " b:") {
		t.Errorf("two taken ids give %v, want ErrExists that names both", err)
	}
	all, err := r.Hypotheses(ctx)
	diff(t, err, []planner.Hypothesis{idea("a"), idea("b")}, all)
}

func orderOfHypotheses(t *testing.T, r planner.Registry) {
	late, early, tie := idea("a"), idea("z"), idea("b")
	early.Submitted = night.Add(-2*time.Hour - time.Nanosecond)
	tie.Submitted = late.Submitted.In(time.FixedZone("elsewhere", 3600))
	if _, err := r.Add(t.Context(), []planner.Hypothesis{tie, late, early}); err != nil {
		t.Fatal(err)
	}
	all, err := r.Hypotheses(t.Context())
	diff(t, err, "z a b", ids(all))
}

func withdraw(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	if _, err := r.Withdraw(ctx, "a", night); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("withdrawing an unknown id gives %v, want ErrNotFound", err)
	}
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a")}); err != nil {
		t.Fatal(err)
	}
	want, at := idea("a"), night
	want.Withdrawn = &at
	for _, later := range []time.Duration{0, time.Hour} { // the second time is no error and changes nothing
		got, err := r.Withdraw(ctx, "a", night.Add(later))
		diff(t, err, want, got)
	}
	got, err := r.Hypothesis(ctx, "a")
	diff(t, err, want, got)
	receipts, err := r.Add(ctx, []planner.Hypothesis{idea("a")})
	diff(t, err, []planner.Receipt{{ID: "a", Withdrawn: &at}}, receipts)
}

func stop(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	want, st := idea("a"), planner.Stop{At: night.Add(time.Hour), Reason: "harms", Recorded: night.Add(2 * time.Hour)}
	if _, err := r.Stop(ctx, "a", st); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("stopping an unknown id gives %v, want ErrNotFound", err)
	}
	if _, err := r.Add(ctx, []planner.Hypothesis{want}); err != nil {
		t.Fatal(err)
	}
	save(t, r, planOf(night, "a"))
	want.Stopped = &st
	for range 2 { // the second time is no error and changes nothing
		got, err := r.Stop(ctx, "a", st)
		diff(t, err, want, got)
	}
	later := st
	later.At = later.At.Add(time.Hour)
	got, err := r.Stop(ctx, "a", later)
	diff(t, err, want, got)
	receipts, err := r.Add(ctx, []planner.Hypothesis{idea("a")})
	diff(t, err, []planner.Receipt{{ID: "a"}}, receipts)
	save(t, r, planOf(night, "a")) // the same night again, which did not know it
	if _, err := r.Withdraw(ctx, "a", night.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	once := "23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]\n" +
		"23T04 stopped feed-all/feed-1 a@2026-11-23 23T02–23T03 [{0 1}][{100 101}][][]\n"
	diff(t, nil, once+once, book(t, r))
}

// A withdrawal that is taken back leaves no mark either, and a stop before it stands.
func resumeWithdrawn(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a")}); err != nil {
		t.Fatal(err)
	}
	save(t, r, planOf(night, "a"))
	want, st, gone := idea("a"), planner.Stop{At: night.Add(2 * time.Hour), Recorded: night.Add(2 * time.Hour)}, night.Add(time.Hour)
	for range 2 {
		if _, err := r.Withdraw(ctx, "a", gone); err != nil {
			t.Fatal(err)
		}
		receipts, err := r.Add(ctx, []planner.Hypothesis{idea("a")})
		diff(t, err, []planner.Receipt{{ID: "a", Withdrawn: &gone}}, receipts)
		got, err := r.Resume(ctx, "a", gone.Add(time.Minute))
		diff(t, err, want, got)
		receipts, err = r.Add(ctx, []planner.Hypothesis{idea("a")})
		diff(t, err, []planner.Receipt{{ID: "a"}}, receipts)
		if want.Stopped == nil {
			_, err = r.Stop(ctx, "a", st)
			diff(t, err, true, true)
		}
		want.Stopped, gone = &st, night.Add(3*time.Hour)
	}
	diff(t, nil, strings.Join([]string{
		"23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T03 withdrawn feed-all/feed-1 a@2026-11-23 23T02–23T03 [{0 1}][{100 101}][][]",
		"23T03 resumed feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T04 stopped feed-all/feed-1 a@2026-11-23 23T02–23T04 [{0 1}][{100 101}][][]",
	}, "\n")+"\n", book(t, r))
}

// A stop that is taken back leaves no mark on the hypothesis; its test holds what it held.
func resume(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	if _, err := r.Resume(ctx, "a", night); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("resuming an unknown id gives %v, want ErrNotFound", err)
	}
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a"), idea("b")}); err != nil {
		t.Fatal(err)
	}
	save(t, r, planOf(night, "a"))
	st := planner.Stop{At: night.Add(time.Hour), Reason: "harms", Recorded: night.Add(2 * time.Hour)}
	again := st
	again.Recorded = night.Add(5 * time.Hour)
	if _, err := r.Stop(ctx, "a", st); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time is no error and changes nothing
		got, err := r.Resume(ctx, "a", night.Add(4*time.Hour))
		diff(t, err, idea("a"), got)
	}
	if _, err := r.Stop(ctx, "a", again); err != nil {
		t.Fatal(err)
	}
	taker := planOf(night.Add(6*time.Hour), "b") // in its bucket
	save(t, r, taker)
	want := "resume a: given to others: b@2026-11-23 has bucket 0 of feed-all/feed-1 from 2026-11-23T08:00Z until 2026-12-07T08:00Z"
	if _, err := r.Resume(ctx, "a", night.Add(7*time.Hour)); !errors.Is(err, planner.ErrTaken) || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if h, err := r.Hypothesis(ctx, "a"); err != nil || h.Stopped == nil {
		t.Errorf("a refused resumption leaves %+v, %v", h, err)
	}
	if err := r.SavePlan(ctx, planOf(night.Add(8*time.Hour), "c")); !errors.Is(err, planner.ErrTaken) {
		t.Errorf("a plan that gives a bucket to two tests is saved: %v", err)
	}
	diff(t, nil, strings.Join([]string{
		"23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T04 stopped feed-all/feed-1 a@2026-11-23 23T02–23T03 [{0 1}][{100 101}][][]",
		"23T06 resumed feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T07 stopped feed-all/feed-1 a@2026-11-23 23T02–23T03 [{0 1}][{100 101}][][]",
		"23T08 started feed-all/feed-1 b@2026-11-23 23T08–07T08 [{0 1}][{100 101}][][]",
	}, "\n")+"\n", book(t, r))
}

func manyAtOnce(t *testing.T, r planner.Registry) {
	const writers, each = 8, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				// Neighbours write the same ids: who comes second is acknowledged.
				id := fmt.Sprintf("h-%d-%d", w/2, i)
				if _, err := r.Add(t.Context(), []planner.Hypothesis{idea(id)}); err != nil {
					t.Errorf("Add %s: %v", id, err)
				}
				if _, err := r.Hypotheses(t.Context()); err != nil {
					t.Errorf("Hypotheses: %v", err)
				}
				if err := r.SavePlan(t.Context(), planOf(night, id)); err != nil {
					t.Errorf("SavePlan: %v", err)
				}
			}
		})
	}
	wg.Wait()
	all, err := r.Hypotheses(t.Context())
	if err != nil || len(all) != writers/2*each {
		t.Errorf("%d hypotheses, %v; want %d", len(all), err, writers/2*each)
	}
	if s, err := r.Starts(t.Context(), night.Add(1)); err != nil || len(s) != 1 {
		t.Errorf("%d starts, %v; want those of the last plan alone", len(s), err)
	}
}

func cancelledContext(t *testing.T, r planner.Registry) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a")}); !errors.Is(err, context.Canceled) {
		t.Errorf("Add under a cancelled context gives %v", err)
	}
	all, err := r.Hypotheses(t.Context())
	diff(t, err, "", ids(all))
}

func ids(hs []planner.Hypothesis) string {
	var all []string
	for _, h := range hs {
		all = append(all, h.ID)
	}
	return strings.Join(all, " ")
}

func diff[T any](t *testing.T, err error, want, got T) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
