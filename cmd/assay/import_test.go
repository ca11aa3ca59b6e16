package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const outcomesMapping = `layout: outcomes
experiment: {id: experiment, surface: surface, source: source, started: started, ended: ended}
arm: {id: arm}
control: {name: control}
metrics:
  - name: ctr
    sums: {n: users, y: total, yy: squares}
`

const goodRows = `experiment,surface,source,started,ended,arm,users,total,squares
a,feed,human,2026-01-01,2026-01-15,control,10000,1000,1000
a,feed,human,2026-01-01,2026-01-15,treatment,10000,1050,1050
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportListsEveryBadRowAndStoresNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	mapping := write(t, "mapping.yaml", outcomesMapping)
	bad := write(t, "bad.csv", goodRows+
		"b,feed,human,2026-01-01,2026-01-15,control,many,1000,1000\n"+
		"b,feed,human,2026-01-01,soon,treatment,10000,1000,1000\n"+
		"b,feed,human,2026-01-01,2026-01-15,treatment,10000,1000,-5\n")
	s := assay(t, "import", "outcomes", bad, "--mapping", mapping, "--data", dir).want(t, exitBadInput)
	s.contains(t, s.err, bad+":4: column users: \"many\"", bad+":5: column ended: \"soon\"", bad+":6: column squares: \"-5\"",
		"nothing was imported: 3 bad rows", "--max-errors 3")

	rows := assay(t, "import", "outcomes", bad, "--mapping", mapping, "--data", dir, "-o", "csv").want(t, exitBadInput)
	listed, err := csv.NewReader(strings.NewReader(rows.out)).ReadAll()
	if err != nil || len(listed) < 4 || strings.Join(listed[0], ",") != "file,line,column,value,reason" {
		t.Errorf("want a header and three problems, got %v, %v", listed, err)
	}
	short := assay(t, "import", "outcomes", bad, "--mapping", mapping, "--data", dir, "--max-shown", "1").want(t, exitBadInput)
	short.contains(t, short.err, "--max-shown 0 lists all")

	doctor := assay(t, "doctor", "--data", dir, "-o", "json")
	doctor.contains(t, doctor.out, "it is empty")
	some := assay(t, "import", "outcomes", bad, "--mapping", mapping, "--data", dir, "--max-errors", "3").want(t, exitOK).fits(t)
	some.contains(t, some.err, bad+":4:").contains(t, some.out, "NEW", "1 experiment")
}

func TestImportWithoutAColumn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	mapping := write(t, "mapping.yaml", outcomesMapping)
	bad := write(t, "bad.csv", strings.Replace(goodRows, "squares", "sqares", 1))
	for _, flags := range [][]string{nil, {"--max-errors", "5"}} {
		s := assay(t, append([]string{"import", "outcomes", bad, "--mapping", mapping, "--data", dir}, flags...)...).want(t, exitBadInput)
		s.contains(t, s.err, bad+`: column squares: the file has no such column, did you mean "sqares"?`, "mend the mapping")
		if strings.Contains(s.err, "--max-errors") || strings.Contains(s.err, "bad row") {
			t.Errorf("a missing column is no row to leave out: %s", s.err)
		}
	}
}

func TestImportSumsUpAGoodRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	mapping, good := write(t, "mapping.yaml", outcomesMapping), write(t, "good.csv", goodRows)
	dry := assay(t, "import", "outcomes", good, "--mapping", mapping, "--data", dir, "--dry-run").want(t, exitOK)
	dry.contains(t, dry.err, "nothing was stored")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a dry run made the data directory")
	}
	var report importReport
	s := assay(t, "import", "outcomes", good, "--mapping", mapping, "--data", dir, "-o", "json").want(t, exitOK)
	if err := json.Unmarshal([]byte(s.out), &report); err != nil {
		t.Fatal(err)
	}
	if f := report.Files[0]; f.Read != 2 || f.Imported != 2 || report.Experiments != 1 || report.Arms != 2 {
		t.Errorf("got %+v", report)
	}
	again := assay(t, "import", "outcomes", good, "--mapping", mapping, "--data", dir).want(t, exitOK).fits(t)
	again.contains(t, again.out, "imported before and left alone")
	forced := assay(t, "import", "outcomes", good, "--mapping", mapping, "--data", dir, "--force").want(t, exitOK)
	forced.contains(t, forced.out, "UNCHANGED")
}

// Raw logs come in by the same command under their own names, which must fit the mapping.
func TestImportRawLogs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	log := []string{"../../docs/examples/exposures.csv", "--mapping", "../../docs/examples/exposures.yaml", "--data", dir}
	events := []string{"../../docs/examples/events.csv", "--mapping", "../../docs/examples/events.yaml", "--data", dir}
	called := func(name string, args []string) said { return assay(t, append([]string{"import", name}, args...)...) }
	wrong := called("events", log).want(t, exitUsage)
	wrong.contains(t, wrong.err, "has layout exposures, not events", "assay import exposures")
	wrong = called("exposures", []string{"--source", "s.yaml"}).want(t, exitUsage)
	wrong.contains(t, wrong.err, "assay import outcomes --source s.yaml")
	wrong = assay(t, "analyze", "../../docs/examples/events.csv", "--mapping", "../../docs/examples/events.yaml").want(t, exitBadInput)
	wrong.contains(t, wrong.err, "layout events", "assay import exposures")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused import made the data directory")
	}
	some := called("exposures", log).want(t, exitOK).fits(t)
	some.contains(t, some.out, "2 experiments, 4 arms, 6 days")
	some = called("events", events).want(t, exitOK).fits(t)
	some.contains(t, some.out, "3 metrics, 5 days").contains(t, some.err, "metrics whose window, look-back and cap are now those of the mapping: 2")
	ended := []string{write(t, "ended.csv", "test,ended\nfeed-badge,2026-03-20\nsearch-order,2026-03-19\n"), "--data", dir,
		"--mapping", write(t, "ended.yaml", "layout: experiments\nexperiment: {id: test, ended: ended}\n")}
	wrong = called("experiments", append(ended, "--replace")).want(t, exitUsage)
	wrong.contains(t, wrong.err, "--replace has nothing to remove of experiments", "leave out --replace")
	some = called("experiments", append(ended, "-o", "csv")).want(t, exitOK)
	some.contains(t, some.out, ",2,0,0,0,1,1,0\n")
	// By the old name any layout comes in.
	again := called("outcomes", events).want(t, exitOK)
	again.contains(t, again.out, "imported before and left alone: events.csv")

	both := write(t, "both.csv", "test,surface,began,ended,arm,user,shown_at,country\nfeed-badge,feed,2026-03-02,2026-03-20,badge,u1,2026-03-05,DE\n")
	called("exposures", append([]string{both}, log[1:]...)).want(t, exitOK)
	doctor := assay(t, "doctor", "--data", dir)
	doctor.contains(t, doctor.out, "1 user was seen in two arms of one experiment, and left out of it")
}

func TestImportHypothesesSaysWhereAProblemIs(t *testing.T) {
	dir := copied(t)
	file := write(t, "ideas.csv", "title,surface,component,source,metric\n"+
		"fine,feed,ranking,human,rpm\n"+
		"no metric,feed,ranking,human,\n"+
		"no surface,mars,ranking,human,rpm\n")
	s := assay(t, "import", "hypotheses", file, "--data", dir).want(t, exitBadInput)
	s.contains(t, s.err, file+":3 metric", file+`:4 surface "mars"`, "2 problems; nothing was stored")
	if list := assay(t, "hypothesis", "list", "--limit", "0", "--data", dir); strings.Contains(list.out, "fine") {
		t.Error("a refused file left a hypothesis behind")
	}
}

func TestExportWritesWhatOtherToolsRead(t *testing.T) {
	dir, out := copied(t), filepath.Join(t.TempDir(), "out")
	file := write(t, "ideas.yaml", "- {id: evil, title: '=HYPERLINK(\"x\")', surface: feed, component: ranking, source: human, metric: rpm}\n")
	assay(t, "import", "hypotheses", file, "--data", dir).want(t, exitOK)
	s := assay(t, "export", "--out", out, "--data", dir).want(t, exitOK).fits(t)
	s.contains(t, s.out, "effects.csv", "priors.json", "hypotheses.csv")
	for name, part := range map[string]string{"effects.csv": "experiment,title,arm", "priors.json": `"metric": "rpm"`, "hypotheses.csv": `"'=HYPERLINK(""x"")"`} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%s: %v; want %s in it", name, err, part)
		}
		if strings.Contains(string(text), "NaN") {
			t.Errorf("%s holds NaN", name)
		}
	}
	assay(t, "export", "--out", out, "--format", "parquet", "--data", dir).want(t, exitOK)
	if head, err := os.ReadFile(filepath.Join(out, "effects.parquet")); err != nil || string(head[:4]) != "PAR1" {
		t.Errorf("effects.parquet: %v", err)
	}
}

func TestDoctor(t *testing.T) {
	s := assay(t, "doctor", "--data", sampled(t)).want(t, exitOK).fits(t)
	s.contains(t, s.out, "library", "writable", "GB free", "policy", "500 hypotheses", "ClickHouse 26.", "experiments from")
	s = assay(t, "doctor", "--data", filepath.Join(t.TempDir(), "none")).want(t, exitOK)
	s.contains(t, s.out, "does not exist yet", "assay demo")
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, policyFile), []byte("currency: [\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s = assay(t, "doctor", "--data", broken).want(t, exitFailure)
	s.contains(t, s.out, "fail", "policy", "assay help policy").contains(t, s.err, "1 check failed")
	t.Setenv("ASSAY_CHDB", filepath.Join(t.TempDir(), "gone"))
	s = assay(t, "doctor", "--data", sampled(t)).want(t, exitFailure)
	s.contains(t, s.out, "fail", "library", "make setup")
}
