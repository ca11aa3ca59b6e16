package registry

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// book prints the ledger: a line for each line.
func book(t *testing.T, r planner.Registry) string {
	t.Helper()
	lines, err := r.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&text, "%s %s %s %s %s–%s %v%v%v%v\n", l.At.Format("02T15"), l.Event, l.Key(), l.Experiment, l.From.Format("02T15"), l.Until.Format("02T15"),
			l.Control, l.Treatment, l.Resting, l.Holdout)
	}
	return text.String()
}

// What is decided, replaced, taken back, and over is written down in the transaction
// that does it; saving the same again writes nothing.
func ledgerIsKept(t *testing.T, r planner.Registry) {
	ctx := t.Context()
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("a"), idea("b"), idea("c")}); err != nil {
		t.Fatal(err)
	}
	layers := []planner.Partition{{Segment: "feed-all", Layer: "feed-1", Salt: "feed-all/feed-1", Buckets: 10_000, Holdout: []allocator.Range{{From: 9900, To: 10_000}}}}
	first := planOf(night, "a", "b")
	first.Layers = layers
	save(t, r, first)
	save(t, r, first)
	second := planOf(night, "a") // the same night again
	second.Layers = layers
	save(t, r, second)
	if _, err := r.Withdraw(ctx, "a", night.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Withdraw(ctx, "a", night.Add(26*time.Hour)); err != nil {
		t.Fatal(err)
	}
	third := planOf(night.AddDate(0, 0, 2), "c")
	third.Layers = layers
	third.Resting = []planner.Rest{{Experiment: "a@2026-11-23", Hypothesis: "a", Segment: "feed-all", Layer: "feed-1", Ranges: []allocator.Range{{From: 100, To: 101}},
		From: night.Add(25 * time.Hour), Until: night.AddDate(0, 0, 5), Reason: "its outcome has not come back"}}
	save(t, r, third)
	fourth := planOf(night.AddDate(0, 0, 3))
	fourth.Layers = layers
	fourth.Layers[0].Holdout = nil
	save(t, r, fourth)
	last := planOf(night.AddDate(0, 0, 16))
	last.Layers = layers
	save(t, r, last)
	diff(t, nil, strings.Join([]string{
		"23T02 layer feed-all/feed-1  23T02–01T00 [][][][{9900 10000}]",
		"23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T02 started feed-all/feed-1 b@2026-11-23 23T02–07T02 [{1 2}][{101 102}][][]",
		"23T02 replanned feed-all/feed-1 b@2026-11-23 23T02–23T02 [{1 2}][{101 102}][][]",
		"24T03 withdrawn feed-all/feed-1 a@2026-11-23 23T02–24T03 [{0 1}][{100 101}][][]",
		"25T02 started feed-all/feed-1 c@2026-11-25 25T02–09T02 [{20 21}][{120 121}][][]",
		"25T02 rests feed-all/feed-1 a@2026-11-23 24T03–28T02 [][][{100 101}][]",
		"26T02 layer feed-all/feed-1  26T02–01T00 [][][][]",
		"26T02 lifted feed-all/feed-1 a@2026-11-23 24T03–26T02 [][][{100 101}][]",
		"09T02 ended feed-all/feed-1 c@2026-11-25 25T02–09T02 [{20 21}][{120 121}][][]",
	}, "\n")+"\n", book(t, r))
}

// An idea that was withdrawn after the night of a plan may be started by planning that
// night again; its test still ends where it was withdrawn.
func withdrawnBeforeItsPlan(t *testing.T, r planner.Registry) {
	if _, err := r.Add(t.Context(), []planner.Hypothesis{idea("a")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Withdraw(t.Context(), "a", night.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	save(t, r, planOf(night, "a"))
	diff(t, nil, "23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]\n"+
		"23T03 withdrawn feed-all/feed-1 a@2026-11-23 23T02–23T03 [{0 1}][{100 101}][][]\n", book(t, r))
}

func TestLedgerIsAppendOnly(t *testing.T) {
	r := openAt(t, filepath.Join(t.TempDir(), "r.db"))
	defer r.Close()
	save(t, r, planOf(night, "a"))
	for _, rewrite := range []string{"UPDATE ledger SET body = '{}'", "DELETE FROM ledger"} {
		if _, err := r.write.Exec(rewrite); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s gives %v", rewrite, err)
		}
	}
}

// What the version before the ledger decided is in it.
func TestLedgerOfEarlierVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	versionOne(t, path)
	r := openAt(t, path)
	defer r.Close()
	diff(t, nil, strings.Join([]string{
		"25T02 layer feed-all/feed-1  25T02–01T00 [][][][{9900 10000}]",
		"23T02 started feed-all/feed-1 a@2026-11-23 23T02–07T02 [{0 1}][{100 101}][][]",
		"23T02 started feed-all/feed-1 b@2026-11-23 23T02–07T02 [{1 2}][{101 102}][][]",
		"24T02 withdrawn feed-all/feed-1 b@2026-11-23 23T02–24T02 [{1 2}][{101 102}][][]",
		"25T02 rests feed-all/feed-1 b@2026-11-23 24T02–01T02 [][][{101 102}][]",
	}, "\n")+"\n", book(t, r))
	lines, err := r.Ledger(t.Context())
	if err != nil || lines[1].Salt != "feed-all/feed-1" || lines[1].Buckets != 10_000 || lines[4].Reason != "strong" || lines[4].Salt != "feed-all/feed-1" {
		t.Errorf("%+v, %v", lines, err)
	}
	same := versionOnePlan()
	same.Entries = nil
	save(t, r, same)
	if again, err := r.Ledger(t.Context()); err != nil || len(again) != len(lines) {
		t.Errorf("%d lines became %d, %v", len(lines), len(again), err)
	}
}

// versionOne makes a file as the first version left it: two tests, one of which was
// withdrawn and rests.
func versionOne(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	do := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	text := func(v any) string {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	b, at := idea("b"), night.AddDate(0, 0, 1)
	b.Withdrawn = &at
	do("INSERT INTO hypotheses (id, submitted_at, withdrawn_at, body) VALUES ('b', ?, ?, ?)", stamp(b.Submitted), stamp(at), text(b))
	first, now := planOf(night, "a", "b"), versionOnePlan()
	do("INSERT INTO plans (at, id, digest, body) VALUES (?, ?, 'd', ?)", stamp(first.At), first.ID, text(first))
	do("INSERT INTO plans (at, id, digest, body) VALUES (?, ?, 'd', ?)", stamp(now.At), now.ID, text(now))
	for _, s := range first.Firm() {
		do("INSERT INTO starts (plan_at, hypothesis, starts_at, body) VALUES (?, ?, ?, ?)", stamp(first.At), s.Hypothesis, stamp(s.From), text(s))
	}
}

func versionOnePlan() planner.Plan {
	p := planOf(night.AddDate(0, 0, 2))
	p.Layers = []planner.Partition{{Segment: "feed-all", Layer: "feed-1", Salt: "feed-all/feed-1", Buckets: 10_000, Holdout: []allocator.Range{{From: 9900, To: 10_000}}}}
	p.Resting = []planner.Rest{{Experiment: "b@2026-11-23", Hypothesis: "b", Segment: "feed-all", Layer: "feed-1", Ranges: []allocator.Range{{From: 101, To: 102}},
		From: night.AddDate(0, 0, 1), Until: night.AddDate(0, 0, 8), Reason: "strong"}}
	return p
}
