package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

func TestDemoPrintsTonightsPlan(t *testing.T) {
	dir := sampled(t)
	first := demo.said.fits(t)
	first.contains(t, first.out, "2026-06-30 02:00 UTC", "value", "bound", "gap", "learnt from", "CAPACITY", "ONE MORE",
		"The best 10 of", "treatment ", "control ", "buckets", "assay plan show --explain")
	letGo(t)
	again := assay(t, "demo", "--data", dir).want(t, exitOK)
	if again.out != first.out {
		t.Errorf("the second demo differs:\n%s\nfrom the first:\n%s", again.out, first.out)
	}
}

func TestDemoLeavesAProgrammeOfYourOwnAlone(t *testing.T) {
	dir := t.TempDir()
	policy := filepath.Join(dir, policyFile)
	if err := os.WriteFile(policy, []byte(examplePolicy), 0o644); err != nil {
		t.Fatal(err)
	}
	s := assay(t, "demo", "--data", dir).want(t, exitBadInput)
	s.contains(t, s.err, "programme of your own", "--data")
}

// The README shows this command's table: Assay has to earn its place.
func TestAssayBeatsTheOtherPolicies(t *testing.T) {
	heavy(t)
	s := assay(t, "demo", "--compare", "--data", sampled(t), "-o", "json").want(t, exitOK)
	var results []planner.PolicyResult
	if err := json.Unmarshal([]byte(s.out), &results); err != nil {
		t.Fatal(err)
	}
	ours := results[0]
	if ours.Name != "Assay" {
		t.Fatalf("the first policy is %q", ours.Name)
	}
	for _, r := range results[1 : len(results)-1] {
		if r.Worth >= ours.Worth {
			t.Errorf("%s (%s) ships %g, Assay only %g", r.Name, r.Design, r.Worth, ours.Worth)
		}
	}
}

func TestSameStateAndTimeGiveTheSamePlanByteForByte(t *testing.T) {
	heavy(t)
	dir := copied(t)
	for _, at := range []string{"2026-06-30T02:00", "2026-07-07T02:00:00Z"} {
		first := assay(t, "plan", "--at", at, "-o", "json", "--data", dir).want(t, exitOK)
		letGo(t)
		second := assay(t, "plan", "--at", at, "-o", "json", "--data", dir).want(t, exitOK)
		if first.out != second.out {
			t.Errorf("two plans of %s differ", at)
		}
	}
	shown := assay(t, "plan", "show", "-o", "json", "--data", dir).want(t, exitOK)
	assay(t, "plan", "--at", "2026-06-30", "--data", dir).want(t, exitFailure) // the past is not rewritten
	other := process(t, "plan", "--at", "2026-07-07 02:00", "--dry-run", "-o", "json", "--data", dir)
	out, err := other.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderrOf(err))
	}
	if string(out) != shown.out {
		t.Error("another process makes another plan")
	}
}

func TestPlansArePrintedForPeopleAndPrograms(t *testing.T) {
	dir := sampled(t)
	csv := assay(t, "plan", "show", "-o", "csv", "--data", dir).want(t, exitOK)
	if header, _, _ := strings.Cut(csv.out, "\n"); !strings.HasPrefix(header, "rank,hypothesis,title,") || strings.Count(csv.out, "\n") < 501 {
		t.Errorf("want a header and 500 lines, got %d lines under %q", strings.Count(csv.out, "\n"), header)
	}
	var p planner.Plan
	shown := assay(t, "plan", "show", "-o", "json", "--data", dir).want(t, exitOK)
	if err := json.Unmarshal([]byte(shown.out), &p); err != nil {
		t.Fatal(err)
	}
	best, last := p.Entries[0].Hypothesis, p.Entries[len(p.Entries)-1].Hypothesis
	for _, id := range []string{best, last} {
		why := assay(t, "plan", "show", "--explain", id, "--data", dir).want(t, exitOK).fits(t)
		why.contains(t, why.out, id, "because", "forecast")
	}
	assay(t, "plan", "show", "--data", dir).want(t, exitOK).fits(t)
	less := assay(t, "what-if", "--set", "pools.h100=-50%", "--gap", "0.05", "--data", dir).want(t, exitOK).fits(t)
	less.contains(t, less.out, "pools.h100 were 15000, not 30000", "would go out", "WOULD BE", "Nothing was stored")
	assay(t, "what-if", "--set", "pools.b200=1", "--data", dir).want(t, exitUsage)
	assay(t, "what-if", "--data", dir).want(t, exitUsage)
	assay(t, "forecast", "--data", dir).want(t, exitOK).fits(t)
	one := assay(t, "forecast", best, "--data", dir).want(t, exitOK).fits(t)
	one.contains(t, one.out, best, "%", "q05 ", "because of", "may harm", "Nearest past experiments")
	list := assay(t, "hypothesis", "list", "--data", dir).want(t, exitOK).fits(t)
	list.contains(t, list.out, "LIFT", "starting").contains(t, list.err, "--limit 0")
	show := assay(t, "hypothesis", "show", best, "--data", dir).want(t, exitOK).fits(t)
	show.contains(t, show.out, best, "80% interval")
}
