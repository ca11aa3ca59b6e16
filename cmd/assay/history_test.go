package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

const verdictsMapping = `layout: outcomes
experiment: {id: experiment, surface: surface, started: started, ended: ended, planned_end: planned}
arm: {id: arm}
metrics: [{name: ctr, proportion: {trials: users, successes: buyers}}]
`

// Four experiments: one as planned, the same under another id, one that was cut
// off, one that runs.
const verdictsRows = `experiment,surface,started,ended,planned,arm,users,buyers
asplanned,feed,2026-01-01,2026-01-15,2026-01-15,control,10000,1000
asplanned,feed,2026-01-01,2026-01-15,2026-01-15,treatment,10000,1050
copied,feed,2026-01-01,2026-01-15,2026-01-15,control,10000,1000
copied,feed,2026-01-01,2026-01-15,2026-01-15,treatment,10000,1050
cutoff,feed,2026-01-01,2026-01-08,2026-01-15,control,10000,1000
cutoff,feed,2026-01-01,2026-01-08,2026-01-15,treatment,10000,1090
running,feed,2026-01-01,,2026-01-15,control,10000,1000
running,feed,2026-01-01,,2026-01-15,treatment,10000,1060
`

func TestHistoryVerdicts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := assay(t, "history", "verdicts", "--data", dir).want(t, exitNotFound)
	s.contains(t, s.err, "there is no history")
	assay(t, "import", "outcomes", write(t, "rows.csv", verdictsRows), "--mapping", write(t, "m.yaml", verdictsMapping), "--data", dir).want(t, exitOK)

	s = assay(t, "history", "verdicts", "--data", dir).want(t, exitOK).fits(t)
	s.contains(t, s.out, "duplicate of asplanned", "peeked and stopped early", "ended with 50%", "still running", "duplicate of another")
	s = assay(t, "history", "verdicts", "--data", dir, "--verdict", "duplicate", "-o", "csv").want(t, exitOK)
	if want := "experiment,title,surface,started,ended,effects,usable,verdict,seen_by\n" +
		"copied,,feed,2026-01-01,2026-01-15,1,0,duplicate of asplanned,\"one surface, control and dates, and the same numbers in every arm\"\n"; s.out != want {
		t.Errorf("%s\nwant\n%s", s.out, want)
	}
	s = assay(t, "history", "verdicts", "--data", dir, "--verdict", "usable", "-o", "json").want(t, exitOK)
	var v struct {
		Counts []struct {
			Verdict     string
			Experiments int
		}
		Experiments []struct{ Experiment, Verdict string }
	}
	if err := json.Unmarshal([]byte(s.out), &v); err != nil || len(v.Experiments) != 1 || v.Experiments[0].Experiment != "asplanned" ||
		len(v.Counts) != 4 || v.Counts[0].Verdict != "usable" || v.Counts[1].Verdict != "duplicate of another" {
		t.Errorf("%v %+v", err, v)
	}
	s = assay(t, "history", "verdicts", "--data", "nowhere", "--verdict", "nonsense").want(t, exitUsage)
	s.contains(t, s.err, `--verdict "nonsense"`, "verdicts are: usable, excluded, still running, no control arm, sample ratio mismatch, duplicate of another", "nothing to compare")
	s = assay(t, "history", "verdicts", "--data", dir, "--verdict", "metric changed").want(t, exitUsage)
	s.contains(t, s.err, "there are: usable, duplicate of another, peeked and stopped early, still running")

	s = assay(t, "doctor", "--data", dir)
	s.contains(t, s.out, "not used: duplicate of another: 1, peeked and stopped early: 1, still running: 1")
}
