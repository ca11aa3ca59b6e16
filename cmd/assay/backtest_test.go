package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/backtest"
)

const headlineMapping = `layout: outcomes
experiment: {id: story, surface: page, source: who, started: day, ended: {column: day, plus: 2d}}
arm: {id: arm, title: headline, attributes: {image: image}, set: [image], claims: {editor: said}}
metrics:
  - name: click_rate
    proportion: {trials: views, successes: clicks}
`

// stories writes tests of headlines from one day to another. What a word brings stays,
// the noise of clicks is drawn with the seed.
func stories(from, to int, seed uint64) string {
	words := []string{"cats", "dogs", "owls", "why", "how", "free", "love", "money", "news"}
	var out strings.Builder
	out.WriteString("story,page,who,day,arm,headline,image,said,views,clicks\n")
	for d := from; d < to; d++ {
		text, noise := rand.New(rand.NewPCG(uint64(d), 1)), rand.New(rand.NewPCG(uint64(d), seed))
		who, page := []string{"human", "ai"}[text.IntN(2)], []string{"home", "sport"}[text.IntN(2)]
		for arm := range 4 {
			w := text.IntN(len(words))
			rate := 0.03 * (1 + 0.12*float64(w-4))
			clicks := 0
			for range 800 {
				if noise.Float64() < rate {
					clicks++
				}
			}
			fmt.Fprintf(&out, "s%03d,%s,%s,%s,%d,%s number %d &amp; more,i,%.3f,800,%d\n", d, page, who,
				time.Date(2026, 1, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), d*10+arm, words[w], arm, float64(text.IntN(100))/1000, clicks)
		}
	}
	return out.String()
}

func TestBacktestOfFiles(t *testing.T) {
	lone := "lone,home,human,2026-01-01,9999,alone,i,0.1,800,20\n"
	mapping, train, more, test := write(t, "m.yaml", headlineMapping), write(t, "a.csv", stories(0, 40, 3)+lone), write(t, "b.csv", stories(40, 70, 3)), write(t, "c.csv", stories(70, 110, 3))
	forecasts := filepath.Join(t.TempDir(), "forecasts.csv")
	args := []string{"backtest", "--mapping", mapping, "--train", train, more, "--test", test, "--replicates", "100"}
	letGo(t) // files have an engine of their own
	s := assay(t, append(slices.Clone(args), "-o", "json", "--forecasts", forecasts)...).want(t, exitOK)
	type measure struct{ Value, Low, High, Level float64 }
	var r struct {
		Model                string
		PairAccuracy         *measure `json:"pair_accuracy"`
		ClearPairAccuracy    *measure `json:"clear_pair_accuracy"`
		GroupSpearman        *measure `json:"group_spearman"`
		PooledSpearman       *measure `json:"pooled_spearman"`
		PickLift             *measure `json:"pick_lift"`
		LogPredictiveDensity *measure `json:"log_predictive_density"`
		CRPS                 *measure `json:"crps"`
		Coverage80           *measure `json:"coverage_80"`
		Models               []struct{ Name string }
		LeakChecks           []struct{ Passed bool } `json:"leak_checks"`
		Picks                []struct{ By string }
		Folds                []struct {
			Past  int `json:"past_ideas"`
			Block int `json:"block_ideas"`
		}
	}
	if err := json.Unmarshal([]byte(s.out), &r); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*measure{"pair_accuracy": r.PairAccuracy, "clear_pair_accuracy": r.ClearPairAccuracy, "group_spearman": r.GroupSpearman,
		"pooled_spearman": r.PooledSpearman, "pick_lift": r.PickLift, "log_predictive_density": r.LogPredictiveDensity, "crps": r.CRPS, "coverage_80": r.Coverage80} {
		if m == nil || !(m.Low <= m.Value && m.Value <= m.High) || m.Level != 0.95 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	if r.Model != "forecast" || len(r.Models) != 4 || len(r.Folds) != 1 || r.Folds[0].Past != 4*70 || r.Folds[0].Block != 4*40 {
		t.Errorf("%+v", r)
	}
	for _, c := range r.LeakChecks {
		if !c.Passed {
			t.Errorf("a leak in an honest world: %s", s.out)
		}
	}
	if !slices.ContainsFunc(r.Picks, func(p struct{ By string }) bool { return p.By == "claim of editor" }) {
		t.Error("the editor's claims are not among the picks")
	}

	var report backtest.Report
	if err := json.Unmarshal([]byte(s.out), &report); err != nil {
		t.Fatal(err)
	}
	if late := "test files began, and count all the same: 4"; !slices.ContainsFunc(report.Notes, func(n string) bool { return strings.HasSuffix(n, late) }) {
		t.Errorf("the arms of the last day ended a day after the cut: %q", report.Notes)
	}
	if left := "train files: arms in sets left out, alone in its set: 1"; !slices.Contains(report.Notes, left) {
		t.Errorf("no %q: %q", left, report.Notes)
	}
	text := printed(t, render.TableFormat, func(a *app) error { return a.answerBacktest(report) }).fits(t)
	text.contains(t, text.out, "clear pairs right", "FORECAST LESS IT", "ridge on words", "Calibration of forecast", "ai", "claim of editor", "all forecasts equal", "none found")
	table := printed(t, render.CSVFormat, func(a *app) error { return a.answerBacktest(report) })
	rows, err := csv.NewReader(strings.NewReader(table.out)).ReadAll()
	if err != nil || len(rows) != 1+4*12 || strings.Join(rows[0], ",") != "measure,model,value,low,high,chosen_less_this,chosen_less_this_low,chosen_less_this_high" {
		t.Errorf("%v, %v", rows, err)
	}

	// Other clicks in the files of the test change no forecast: nothing of them is seen.
	other, again := write(t, "c.csv", stories(70, 110, 4)), filepath.Join(t.TempDir(), "again.csv")
	assay(t, "backtest", "--mapping", mapping, "--train", train, more, "--test", other, "--replicates", "20", "--forecasts", again).want(t, exitOK)
	if diff := cmp.Diff(believed(t, forecasts), believed(t, again)); diff != "" {
		t.Errorf("outcomes of the test moved forecasts: %s", diff)
	}
}

// believed is a file of forecasts without what was measured.
func believed(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil || len(all) != 1+4*160 {
		t.Fatal(len(all), err)
	}
	for _, row := range all {
		rows = append(rows, row[:len(row)-2])
	}
	return rows
}

func TestBacktestSplits(t *testing.T) {
	mapping, file := write(t, "m.yaml", headlineMapping), write(t, "a.csv", stories(0, 60, 3))
	letGo(t) // files have an engine of their own
	for _, split := range [][]string{{"--cut", "2026-02-01"}, {"--train-share", "0.6"}, {"--folds", "3"}} {
		s := assay(t, append([]string{"backtest", "--mapping", mapping, file, "--replicates", "20", "--model", "normal prior"}, split...)...).want(t, exitOK)
		s.contains(t, s.out, "normal prior", "80% intervals hold")
	}
	missing := assay(t, "backtest", "--mapping", mapping, "--train", "no.csv", file, "--test", "none.csv").want(t, exitNotFound)
	missing.contains(t, missing.err, "--train no.csv: there is no such file", "--test none.csv: there is no such file")
	same := assay(t, "backtest", "--mapping", mapping, "--train", file, "--test", file).want(t, exitBadInput)
	same.contains(t, same.err, "240 more are of experiments that are to be forecast themselves", "forecast others than those")
	empty := assay(t, "backtest", "--mapping", mapping, "--train", file, "--test", write(t, "e.csv", stories(0, 0, 3))).want(t, exitBadInput)
	empty.contains(t, empty.err, "e.csv: no usable effect", "there are no rows")
	hollow := assay(t, "backtest", "--mapping", mapping, "--train", file, "--test", write(t, "h.csv", "")).want(t, exitBadInput)
	hollow.contains(t, hollow.err, "h.csv: the file is empty")
	late := assay(t, "backtest", "--mapping", mapping, file, "--cut", "2030-01-01").want(t, exitBadInput)
	late.contains(t, late.err, "nothing is left to forecast", "--folds 10")
}

// Without files it walks through what was imported.
func TestBacktestOfTheHistory(t *testing.T) {
	mapping, file, dir := write(t, "m.yaml", headlineMapping), write(t, "a.csv", stories(0, 60, 3)), t.TempDir()
	empty := assay(t, "backtest", "--data", dir).want(t, exitBadInput)
	empty.contains(t, empty.err, "no usable effect", "assay import outcomes")
	assay(t, "import", "outcomes", file, "--mapping", mapping, "--data", dir).want(t, exitOK)
	s := assay(t, "backtest", "--data", dir, "--replicates", "20").want(t, exitOK).fits(t)
	s.contains(t, s.out, "in 5 blocks")
	// A policy that cannot be read is no missing policy: it may say that less is better.
	if err := os.WriteFile(filepath.Join(dir, policyFile), []byte("currency: USD\nworth: much\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := assay(t, "backtest", "--data", dir).want(t, exitBadInput)
	broken.contains(t, broken.err, policyFile, "invalid policy")
}

func TestBacktestUsage(t *testing.T) {
	mapping := write(t, "m.yaml", headlineMapping)
	for want, args := range map[string][]string{
		"--train and --test go together":    {"--mapping", mapping, "--train", "a.csv"},
		"give one of them":                  {"--mapping", mapping, "a.csv", "--cut", "2026-01-01", "--folds", "3"},
		"--mapping is missing":              {"a.csv"},
		"--mapping is for files":            {"--mapping", mapping},
		"--train-share is 1.5":              {"--mapping", mapping, "a.csv", "--train-share", "1.5"},
		"--folds is 1":                      {"--mapping", mapping, "a.csv", "--folds", "1"},
		"--replicates is 3":                 {"--mapping", mapping, "a.csv", "--replicates", "3"},
		"x.csv is neither --train nor":      {"x.csv", "--mapping", mapping, "--train", "a.csv", "--test", "b.csv"},
		`--cut "soon"`:                      {"--mapping", mapping, "a.csv", "--cut", "soon"},
		`--model "best" is none of the mod`: {"--mapping", mapping, "a.csv", "--model", "best"},
	} {
		s := assay(t, append([]string{"backtest"}, args...)...).want(t, exitUsage)
		s.contains(t, s.err, want)
	}
}

func TestRepeatFileFlags(t *testing.T) {
	for in, want := range map[string]string{
		"backtest --train a b --test c d -o json":  "backtest --train a --train b --test c --test d -o json",
		"backtest --train a --mapping m --test c":  "backtest --train a --mapping m --test c",
		"backtest x --train-share 0.6":             "backtest x --train-share 0.6",
		"--data d backtest --test a b --train=c d": "--data d backtest --test a --test b --train=c d",
		"import outcomes --train a b":              "import outcomes --train a b",
		"backtest --train - b":                     "backtest --train - --train b",
	} {
		if got := strings.Join(repeatFileFlags(strings.Fields(in)), " "); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
