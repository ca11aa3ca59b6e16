package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/sample"
)

// bare returns a directory that has a policy and the registry of the demo, and no
// history: assignments need none.
func bare(t *testing.T) string {
	t.Helper()
	from, dir := sampled(t), t.TempDir()
	for _, name := range []string{policyFile, registryFile} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// withoutEngine runs a command that must not open the history.
func withoutEngine(t *testing.T, in string, args ...string) said {
	t.Helper()
	var out, errOut strings.Builder
	a := &app{in: strings.NewReader(in), out: &out, err: &errOut, now: func() time.Time { return sample.Tonight }, start: func(context.Context, string) (*openHistory, error) {
		t.Error("the history was opened")
		return nil, os.ErrNotExist
	}}
	return said{a.run(t.Context(), args), out.String(), errOut.String()}
}

func TestAssign(t *testing.T) {
	dir := bare(t)
	var p planner.Plan
	if err := json.Unmarshal([]byte(assay(t, "plan", "show", "-o", "json", "--data", sampled(t)).want(t, exitOK).out), &p); err != nil {
		t.Fatal(err)
	}
	s := p.Firm()[0]
	layer := planner.LayerKey(s.Segment, s.Layer)
	text := "user-1\nuser-2\r\n 42\n"
	said := withoutEngine(t, text, "assign", "--layer", layer, "--units", "-", "-o", "csv", "--data", dir).want(t, exitOK)
	rows, err := csv.NewReader(strings.NewReader(said.out)).ReadAll()
	if err != nil || len(rows) != 4 || strings.Join(rows[0], " ") != "unit bucket state experiment arm" || rows[3][0] != " 42" || rows[2][0] != "user-2" {
		t.Fatalf("%v: %v", err, said)
	}
	var got planner.Assignments
	said = withoutEngine(t, "", "assign", "--layer", layer, "--unit", "user-1", "user-2", "-o", "json", "--data", dir).want(t, exitOK)
	if err := json.Unmarshal([]byte(said.out), &got); err != nil {
		t.Fatal(err)
	}
	hash := s.Partition().Hash()
	for i, unit := range []string{"user-1", "user-2"} {
		a := got.Assignments[i]
		if a.Unit != unit || a.Bucket != hash.Bucket(unit) || rows[i+1][2] != string(a.State) {
			t.Errorf("%+v, want bucket %d", a, hash.Bucket(unit))
		}
		for _, other := range p.Firm() {
			for arm, ranges := range map[string][]cohort.Range{"control": other.Control, "treatment": other.Treatment} {
				_, in := cohort.Meet(ranges, []cohort.Range{{From: a.Bucket, To: a.Bucket + 1}})
				if here := other.Partition().Key() == layer; in && here && (a.Experiment != other.Experiment || a.Arm != arm) {
					t.Errorf("%+v, want %s %s", a, other.Experiment, arm)
				}
			}
		}
	}
	doc, err := os.ReadFile("../../docs/cohorts.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := withoutEngine(t, "", "assign", "--layer", "feed-europe/models", "user-1", "user-2", "user-3", "--data", dir).want(t, exitOK).fits(t)
	shown.contains(t, string(doc), shown.out)
	later := withoutEngine(t, "", "assign", "--layer", layer, "user-1", "--week", "52", "--data", dir).want(t, exitOK)
	later.contains(t, later.out, "free")
	for _, bad := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"user-1"}, exitUsage, "--layer is missing\n  the layers are feed-americas/models, "},
		{[]string{"--layer", layer}, exitUsage, "no unit is given"},
		{[]string{"--layer", "nope", "user-1"}, exitNotFound, `layer "nope": not found; the layers are feed-americas/models, `},
		{[]string{"--layer", "models", "user-1"}, exitNotFound, "several segments have it: write one of feed-americas/models, "},
		{[]string{"--layer", layer, "user-1", "--at", "2026-W54"}, exitUsage, `--at "2026-W54" is not a week of 2026`},
		{[]string{"--layer", layer, "--units", "-"}, exitBadInput, "stdin:2 is empty"},
	} {
		said := withoutEngine(t, "a\n\nb\n", append([]string{"assign", "--data", dir}, bad.args...)...).want(t, bad.code)
		said.contains(t, said.err, bad.says)
	}
}

func TestCohorts(t *testing.T) {
	dir := bare(t)
	said := withoutEngine(t, "", "cohorts", "--data", dir).want(t, exitOK).fits(t)
	said.contains(t, said.out, "feed-americas/models on 2026-06-30 02:00 UTC", "control 0–", "WHICH")
	said = withoutEngine(t, "", "cohorts", "--layer", "video-asia/all", "--at", "2026-W40", "-o", "csv", "--data", dir).want(t, exitOK)
	if said.out != "layer,experiment,hypothesis,state,buckets,control,treatment,ranges,from,until,reason\nvideo-asia/all,,,free,10000,,,0–9999,,,\n" {
		t.Error(said)
	}
	var later struct{ Layers []planner.Tenancy }
	if err := json.Unmarshal([]byte(withoutEngine(t, "", "cohorts", "--week", "1", "-o", "json", "--data", dir).want(t, exitOK).out), &later); err != nil {
		t.Fatal(err)
	}
	var foreseen planner.Lease
	for _, held := range later.Layers {
		for _, l := range held.Foreseen {
			if foreseen = l; l.Event != planner.TestForeseen || cohort.Size(held.Unclaimed()) >= cohort.Size(held.Free) {
				t.Errorf("%+v of %v", l, held.Free)
			}
		}
	}
	said = withoutEngine(t, "", "cohorts", "--layer", foreseen.Key(), "--week", "1", "--data", dir).want(t, exitOK).fits(t)
	said.contains(t, said.out, foreseen.Experiment, "foreseen  ", " foreseen\n")
	said = withoutEngine(t, "", "cohorts", "--log", "--layer", "feed-americas/models", "--data", dir).want(t, exitOK).fits(t)
	said.contains(t, said.out, "layer", "started", "H-")
	withoutEngine(t, "", "cohorts", "--log", "--at", "2026-W40", "--data", dir).want(t, exitUsage)
}

func TestISOWeeks(t *testing.T) {
	for text, want := range map[string]string{"2026-W48": "2026-11-23", "2026-W53": "2026-12-28", "2021-W01": "2021-01-04", "2025-W01": "2024-12-30", "2026-11-23T02:00": "2026-11-23"} {
		if got, err := parseMoment(text); err != nil || got.Format("2006-01-02") != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"2025-W53", "2026-W00", "2026-W5", "W48", "soon"} {
		if got, err := parseMoment(text); err == nil {
			t.Errorf("%s is %s", text, got)
		}
	}
}
