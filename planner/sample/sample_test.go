package sample_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/sample"
)

func ExampleGenerate() {
	p := sample.Generate(sample.Seed)
	h := p.Hypotheses[1]
	fmt.Printf("%d experiments, %d hypotheses\n", len(p.Experiments), len(p.Hypotheses))
	fmt.Printf("%s %s\n", h.ID, h.Title)
	fmt.Printf("%s on %s: claimed %+.2f%%, true %+.2f%%\n", h.Metric, h.Segment, 100*h.Claim.Mid, 100*p.TrueLifts()[h.ID])
	// Output:
	// 2000 experiments, 500 hypotheses
	// H-0002 Feed: reserve 5% of candidates for categories new to the user
	// rpm on feed-europe: claimed +0.68%, true -0.06%
}

// The digest is that of the whole programme as JSON. It changes when the
// generator does: then the numbers in docs/sample.md are to be looked at again.
func TestGenerateIsPinned(t *testing.T) {
	const want = "93511381146651754c2111c4d7c88d994062faa949da3f77ca7eaa910a5171b7"
	text, err := json.Marshal(sample.Generate(sample.Seed))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("the sample's digest is %s, pinned %s", got, want)
	}
}

func TestSeedsDiffer(t *testing.T) {
	a, b := sample.Generate(1), sample.Generate(2)
	if a.Hypotheses[0].Title == b.Hypotheses[0].Title && a.Experiments[0].Title == b.Experiments[0].Title {
		t.Error("two seeds give the same programme")
	}
}

func TestHypothesesAreValid(t *testing.T) {
	p := sample.Generate(sample.Seed)
	if err := p.Policy.Check(); err != nil {
		t.Error(err)
	}
	ids := map[string]bool{}
	for _, h := range p.Hypotheses {
		if bad := h.Validate(p.Policy); len(bad) > 0 {
			t.Errorf("%s: %v", h.ID, bad)
		}
		for _, id := range append(h.Conflicts, h.Requires...) {
			if !ids[id] {
				t.Errorf("%s names %s, which is not an earlier hypothesis", h.ID, id)
			}
		}
		if ids[h.ID] = true; h.Submitted.After(p.Tonight) {
			t.Errorf("%s comes from the future", h.ID)
		}
	}
}

// Everything that anybody had in mind is said once, and in full.
func TestIdeasAreUnique(t *testing.T) {
	p := sample.Generate(sample.Seed)
	seen := map[string]bool{}
	check := func(id, title, text string) {
		if seen[title] {
			t.Errorf("%s repeats %q", id, title)
		}
		if seen[title] = true; strings.ContainsAny(title+text, "{}") || strings.Contains(title+text, "  ") {
			t.Errorf("%s is not filled in: %q %q", id, title, text)
		}
	}
	for _, e := range p.Experiments {
		check(e.ID, e.Title, "")
	}
	for _, h := range p.Hypotheses {
		check(h.ID, h.Title, h.Text)
	}
}

// Experiments run in the past, in order, with a control arm and every metric.
func TestExperimentsAreWhole(t *testing.T) {
	p := sample.Generate(sample.Seed)
	for i, e := range p.Experiments {
		if e.Started.After(p.Tonight) || e.Ended.After(p.Tonight) || i > 0 && e.Started.Before(p.Experiments[i-1].Started) {
			t.Errorf("%s runs %s to %s", e.ID, e.Started, e.Ended)
		}
		for k, a := range e.Arms {
			if a.Control != (k == 0) || a.Users < 2 || len(a.Outcomes) != len(p.Policy.Metrics) {
				t.Errorf("%s: arm %d is %+v", e.ID, k, a)
			}
		}
	}
}

// There are tests of every verdict, and every decision names what can be shipped.
func TestRecords(t *testing.T) {
	p := sample.Generate(sample.Seed)
	of := map[string]map[string]bool{}
	for _, e := range p.Effects() {
		kind := history.VerdictKind(e.Verdict)
		if of[kind] == nil {
			of[kind] = map[string]bool{}
		}
		of[kind][e.Experiment] = true
	}
	for _, kind := range []string{history.Usable, "sample ratio mismatch", "duplicate of another", "peeked and stopped early", "overlapping change", "metric changed", "too few users"} {
		if t.Logf("%s: %d experiments", kind, len(of[kind])); len(of[kind]) < 3 {
			t.Errorf("%d experiments are %q", len(of[kind]), kind)
		}
	}
	decisions := map[string]int{}
	for _, e := range p.Experiments {
		word, arm, named := strings.Cut(e.Decision, " treatment-")
		if decisions[word]++; (word == "") != e.Ended.IsZero() || named != (word == "shipped" && len(e.Arms) > 2) || named && e.Arms[arm[0]-'a'+1].Name != "treatment-"+arm {
			t.Errorf("%s with %d arms, ended %s: %q", e.ID, len(e.Arms), e.Ended, e.Decision)
		}
	}
	t.Log(decisions)
	for _, word := range []string{"", "shipped", "not shipped", "rolled back", "invalid", "aborted"} {
		if decisions[word] < 3 || len(decisions) != 6 {
			t.Errorf("decisions: %v", decisions)
		}
	}
}

func TestFiles(t *testing.T) {
	p, dir, again := sample.Generate(sample.Seed), t.TempDir(), t.TempDir()
	for _, d := range []string{dir, again} {
		if err := p.WriteTo(d); err != nil {
			t.Fatal(err)
		}
	}
	size := 0
	for _, name := range []string{sample.OutcomesFile, sample.MappingFile, sample.HypothesesFile, sample.PolicyFile, sample.TruthFile} {
		text := read(t, dir, name)
		if size += len(text); !bytes.Equal(text, read(t, again, name)) {
			t.Errorf("%s is not the same twice", name)
		}
	}
	if size > 5<<20 {
		t.Errorf("the files have %d bytes, docs/sample.md says below 5 MB", size)
	}
	policy, err := planner.ParsePolicy(read(t, dir, sample.PolicyFile))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p.Policy, policy); d != "" {
		t.Error("the policy changed on its way through the file:", d)
	}
	var hs []planner.Hypothesis
	for line := range bytes.Lines(read(t, dir, sample.HypothesesFile)) {
		var h planner.Hypothesis
		if err := json.Unmarshal(line, &h); err != nil {
			t.Fatal(err)
		}
		hs = append(hs, h)
	}
	if d := cmp.Diff(p.Hypotheses, hs); d != "" {
		t.Error("the hypotheses changed on their way through the file:", d)
	}
	rows, err := csv.NewReader(bytes.NewReader(read(t, dir, sample.TruthFile))).ReadAll()
	if want := 1 + len(p.Truth.Backlog) + len(p.Truth.Past); err != nil || len(rows) != want {
		t.Errorf("truth.csv has %d rows, want %d: %v", len(rows), want, err)
	}
}

// The mapping reads columns that are there.
func TestMapping(t *testing.T) {
	dir := t.TempDir()
	if err := sample.Generate(sample.Seed).WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	m, err := mapping.Parse(sample.MappingFile, read(t, dir, sample.MappingFile))
	if err != nil {
		t.Fatal(err)
	}
	f, err := file.OpenParquetFile(filepath.Join(dir, sample.OutcomesFile), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range m.Columns() {
		if f.MetaData().Schema.ColumnIndexByName(name) < 0 {
			t.Errorf("outcomes.parquet has no column %s", name)
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func BenchmarkGenerate(b *testing.B) {
	b.Run("experiments=2000", func(b *testing.B) {
		for b.Loop() {
			sample.Generate(sample.Seed)
		}
	})
}
