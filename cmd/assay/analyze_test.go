package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/analysis"
)

// golden compares a printed answer with a file that -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (rewrite it with -update); got\n%s", path, got)
	}
}

const (
	analyzeCSV  = "../../docs/examples/analyze.csv"
	analyzeYAML = "../../docs/examples/analyze.yaml"
)

func TestAnalyzePrints(t *testing.T) {
	s := assay(t, "analyze", analyzeCSV, "--margin", "page_seconds=2%", "--lower", "page_seconds").want(t, exitOK).fits(t)
	golden(t, "analyze_csv.golden", s.out)
	if s.err != "" {
		t.Errorf("said to nobody: %s", s.err)
	}
	doc, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), strings.TrimRight(s.out, "\n")) {
		t.Error("docs/cli.md does not show what is printed now")
	}
	s = assay(t, "analyze", analyzeYAML).want(t, exitOK).fits(t)
	golden(t, "analyze_yaml.golden", s.out)
	s = assay(t, "analyze", analyzeYAML, "--looks", "0.25,0.5,0.75,1", "--planned-users", "84000").want(t, exitOK).fits(t)
	s.contains(t, s.out, "as planned: look 1 of")
}

func TestAnalyzeForPrograms(t *testing.T) {
	s := assay(t, "analyze", analyzeCSV, "-o", "json", "--prior", "0,0.02").want(t, exitOK)
	var reports []analysis.Report
	if err := json.Unmarshal([]byte(s.out), &reports); err != nil {
		t.Fatal(err)
	}
	c := reports[0].Comparisons[0]
	if len(reports) != 1 || reports[0].Test != "checkout-button" || c.Metric != "conversion" || c.Result.Lift.Interval.Level != 0.95 || c.Posterior == nil {
		t.Errorf("got %+v", c)
	}
	for _, key := range []string{`"experiment"`, `"adjusted_p"`, `"findings"`, `"family"`, `"verdict"`, `"variance_saved"`, `"expected_loss"`} {
		if key != `"experiment"` {
			s.contains(t, s.out, key)
		}
	}
	s = assay(t, "analyze", analyzeCSV, "-o", "csv").want(t, exitOK)
	rows, err := csv.NewReader(strings.NewReader(s.out)).ReadAll()
	if err != nil || len(rows) != 1+3*3 || strings.Join(rows[0][:5], ",") != "experiment,metric,arm,control_arm,segment" {
		t.Errorf("%v: %v", err, rows)
	}
}

// The same numbers come in many forms.
func TestAnalyzeReadsManyForms(t *testing.T) {
	want := assay(t, "analyze", write(t, "a.csv", "arm,n,y,yy\ncontrol,1000,2000,8996\nb,1000,2200,9835\n")).want(t, exitOK).out
	for name, text := range map[string]string{
		"bom.csv":       "\xef\xbb\xbfarm,n,y,yy\ncontrol,1000,2000,8996\nb,1000,2200,9835\n",
		"windows.csv":   "arm,n,y,yy\r\ncontrol,1000,2000,8996\r\nb,1000,2200,9835\r\n",
		"semicolon.csv": "variant;Users;Sum;Sum Squares\ncontrol;1000;2000;8996\nb;1000;2200;9835\n",
		"tabs.tsv":      "arm\tn\tsum\tsum_squares\ncontrol\t1000\t2000\t8996\nb\t1000\t2200\t9835\n",
		"spaces.csv":    "arm, n, y, yy\ncontrol, 1000, 2000, 8996\nb, 1000, 2200, 9835\n\n",
		"days.csv":      "arm,day,n,y,yy\ncontrol,,1000,2000,8996\nb,,1000,2200,9835\n",
		"doc.yaml":      "rows:\n  - {arm: control, n: 1000, y: 2000, yy: 8996}\n  - {arm: b, n: 1000, y: 2200, yy: 9835}\n",
		"doc.json":      `{"rows": [{"arm": "control", "n": 1000, "y": 2000, "yy": 8996}, {"arm": "b", "n": 1000, "sum": 2200, "sum_squares": 9835}]}`,
	} {
		if got := assay(t, "analyze", write(t, name, text)).want(t, exitOK).out; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		if got := assay(t, "analyze", write(t, name+".gz", zipped.String())).want(t, exitOK).out; got != want {
			t.Errorf("%s.gz: got\n%s", name, got)
		}
		if got := assayWith(t, context.Background(), strings.NewReader(text), "analyze", "-").want(t, exitOK).out; got != want {
			t.Errorf("%s as standard input: got\n%s", name, got)
		}
	}
	mean := assay(t, "analyze", write(t, "mean.csv", "arm,n,mean,se\ncontrol,1000,2,0.0707460390\nb,1000,2.2,0.0707106781\n")).want(t, exitOK)
	mean.contains(t, mean.out, "+10.0%")
	ratio := assay(t, "analyze", write(t, "ratio.csv", "arm,n,y,yy,d,dd,dy\ncontrol,1000,900,1800,2000,6000,3000\nb,1000,950,1800,2000,6000,3000\n")).want(t, exitOK)
	ratio.contains(t, ratio.out, "0.45", "0.475")
}

func TestAnalyzeByDay(t *testing.T) {
	rows := "arm,date,n,mean,sd\n"
	snapshots := "arm,snapshot,n,mean,sd\n"
	for _, day := range []string{"2026-03-02", "2026-03-03", "2026-03-04"} {
		rows += "control," + day + ",1000,10,4\nb," + day + ",1000,10.9,4\n"
		snapshots += "control," + day + " 18:00:00,1000,10,4\nb," + day + " 18:00:00,1000,10.9,4\n"
	}
	s := assay(t, "analyze", write(t, "d.csv", rows)).want(t, exitOK).fits(t)
	s.contains(t, s.out, "3,000 users", "days add up", "looking at any time", "whole weeks")
	s = assay(t, "analyze", write(t, "s.csv", snapshots)).want(t, exitOK)
	s.contains(t, s.out, "1,000 users", "everybody so far")
}

func TestAnalyzeSeveralExperiments(t *testing.T) {
	file := write(t, "two.csv", "experiment,arm,n,successes\nx,control,1000,100\nx,b,1000,120\ny,control,1000,90\ny,b,1000,120\n")
	both := assay(t, "analyze", file).want(t, exitOK)
	both.contains(t, both.out, "x\n", "y\n")
	one := assay(t, "analyze", file, "--experiment", "y").want(t, exitOK)
	if strings.Contains(one.out, "+20.0%") {
		t.Errorf("--experiment y shows x: %s", one.out)
	}
	s := assay(t, "analyze", file, "--experiment", "z").want(t, exitUsage)
	s.contains(t, s.err, `--experiment "z"`, "it has x, y")
	s = assay(t, "analyze", file, "--plot", "x.svg").want(t, exitUsage)
	s.contains(t, s.err, "--experiment")
}

func TestAnalyzeOneSegment(t *testing.T) {
	s := assay(t, "analyze", analyzeCSV, "--segment", "platform=app").want(t, exitOK)
	s.contains(t, s.out, "19,874 users")
	s = assay(t, "analyze", analyzeCSV, "--segment", "tv").want(t, exitUsage)
	s.contains(t, s.err, `--segment "tv"`, "platform=web, platform=app")
}

func TestAnalyzeThroughAMapping(t *testing.T) {
	mapping := write(t, "m.yaml", outcomesMapping)
	file := write(t, "good.csv", goodRows)
	s := assay(t, "analyze", file, "--mapping", mapping, "-o", "csv")
	if s.code != exitOK {
		t.Fatal(s)
	}
	bad := write(t, "bad.csv", strings.Replace(goodRows, "squares", "sqares", 1))
	s = assay(t, "analyze", bad, "--mapping", mapping).want(t, exitBadInput)
	s.contains(t, s.err, `bad.csv:1 `, `did you mean "sqares"?`)
	s = assayWith(t, context.Background(), strings.NewReader(goodRows), "analyze", "-", "--mapping", mapping).want(t, exitOK)
	s = assay(t, "analyze", file, "--mapping", "none.yaml").want(t, exitNotFound)
	pairs := "experiment_id,variant_id,metric_id,time_since_start,count_c,count_t,mean_c,mean_t,variance_c,variance_t\n" +
		"e,1,1,1.0,100,100,0.5,0.5,0.25252525252525254,0.25252525252525254\ne,2,1,1.0,100,100,0.5,0.5,0.25252525252525254,0.25252525252525254\n" +
		"e,1,1,2.0,1000,1000,0.5,0.55,0.25,0.25\ne,2,1,2.0,1000,1000,0.5,0.6,0.25,0.25\n" +
		"e,1,4,2.0,1000,1000,0.5,0.6,0.25,\ne,2,4,2.0,1000,1000,0.5,0.6,0.25,0.25\n"
	s = assay(t, "analyze", write(t, "pairs.csv", pairs), "--mapping", "../../docs/examples/asos.yaml").want(t, exitOK)
	s.contains(t, s.out, "control: 1,000 users", "+10.0%", "+20.0%", "1 row without variance left out: amount")
}

// Users are added up as they are read: the answer is that of a table of their sums.
func TestAnalyzeAddsUsersUp(t *testing.T) {
	mapping := write(t, "users.yaml", "layout: users\nexperiment: {id: {value: e}}\narm: {id: arm}\ncontrol: {name: a}\nunit: who\nsegment: os\nmetrics:\n"+
		"  - {name: bought, value: bought}\n  - {name: spend, value: spend, pre: before}\n  - {name: rate, value: clicks, denominator: views, pre: before}\n")
	const header = "who,arm,os,bought,spend,before,clicks,views\n"
	var users, table strings.Builder
	sums := map[string][]float64{} // of arm, metric and segment: n, y, yy, x, xx, xy, d, dd, yd, xd
	var order []string
	users.WriteString(header)
	add := func(arm, os, metric string, y, x, d float64) {
		for _, segment := range []string{"", os} {
			key := strings.Join([]string{arm, metric, segment}, ",")
			if sums[key] == nil {
				order, sums[key] = append(order, key), make([]float64, 10)
			}
			for i, v := range []float64{1, y, y * y, x, x * x, x * y, d, d * d, y * d, x * d} {
				sums[key][i] += v
			}
		}
	}
	for i := range 400 {
		arm, os := []string{"a", "b"}[i%2], []string{"ios", "web"}[i/2%2]
		before, views := float64(i*7%13), float64(1+i*5%11)
		bought, spend, clicks := float64(i*i%5/4), before+float64(i*i%7)+float64(i%2)/4, float64(i*3%4)
		fmt.Fprintf(&users, "u%d,%s,%s,%v,%v,%v,%v,%v\n", i, arm, os, bought, spend, before, clicks, views)
		add(arm, os, "bought", bought, 0, 0)
		add(arm, os, "spend", spend, before, 0)
		add(arm, os, "rate", clicks, before, views)
	}
	table.WriteString("arm,metric,segment,n,successes,y,yy,x,xx,xy,d,dd,yd,xd\n")
	for _, key := range order {
		s, row := sums[key], make([]string, 11)
		text := func(at int, of int) { row[at] = fmt.Sprint(s[of]) }
		text(0, 0)
		if strings.Contains(key, "bought") {
			text(1, 1)
		} else {
			for i := range 5 {
				text(2+i, 1+i)
			}
		}
		if strings.Contains(key, "rate") {
			for i := range 4 {
				text(7+i, 6+i)
			}
		}
		table.WriteString(key + "," + strings.Join(row, ",") + "\n")
	}
	numbers := func(s string) [][]string {
		rows, err := csv.NewReader(strings.NewReader(s)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	got := numbers(assay(t, "analyze", write(t, "users.csv", users.String()), "-m", mapping, "-o", "csv").want(t, exitOK).out)
	want := numbers(assay(t, "analyze", write(t, "sums.csv", table.String()), "--control", "a", "-o", "csv").want(t, exitOK).out)
	if len(got) != len(want) || len(got) != 1+3*3 {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		for j := range got[i][1:] {
			a, errA := strconv.ParseFloat(got[i][j+1], 64)
			b, errB := strconv.ParseFloat(want[i][j+1], 64)
			if errA == nil && errB == nil && math.Abs(a-b) > 1e-9*math.Abs(b) || (errA != nil || errB != nil) && got[i][j+1] != want[i][j+1] {
				t.Errorf("row %d %s: %s, want %s", i, got[0][j+1], got[i][j+1], want[i][j+1])
			}
		}
	}

	// Who is in two arms is left out wherever he stands; a user twice in one is a mistake.
	crossed := assay(t, "analyze", write(t, "crossed.csv", users.String()+"u500,a,ios,1,1,1,1,1\nu500,b,ios,0,0,0,0,1\n"), "-m", mapping, "-o", "csv").want(t, exitOK).out
	for i, row := range numbers(crossed) {
		if strings.Join(row[5:26], ",") != strings.Join(got[i][5:26], ",") {
			t.Errorf("row %d: %v, want %v", i, row, got[i])
		}
	}
	s := assayWith(t, context.Background(), strings.NewReader(users.String()+"u500,a,ios,1,1,1,1,1\nu500,b,ios,0,0,0,0,1\n"), "analyze", "-", "-m", mapping).want(t, exitOK)
	s.contains(t, s.out, "1 user seen in two arms left out", "Adjusted for x within each segment: spend (CUPED); rate (CUPED)")
	s = assay(t, "analyze", write(t, "twice.csv", users.String()+"u7,b,ios,1,1,1,1,1\n"), "-m", mapping).want(t, exitBadInput)
	s.contains(t, s.err, `twice.csv:402 unit "u7": line 9 has the same user of the arm b`)
	s = assay(t, "analyze", write(t, "bad.csv", header+"u1,a,ios,1,x,1,1,1\n"), "-m", mapping).want(t, exitBadInput)
	s.contains(t, s.err, `bad.csv:2 spend "x"`)
}

func TestAnalyzePlots(t *testing.T) {
	for _, file := range []string{analyzeCSV, analyzeYAML} {
		path := filepath.Join(t.TempDir(), "x.svg")
		assay(t, "analyze", file, "--plot", path).want(t, exitOK)
		if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "<?xml") {
			t.Errorf("%v", err)
		}
	}
	s := assay(t, "analyze", analyzeCSV, "--plot", "x.jpg").want(t, exitUsage)
	s.contains(t, s.err, "--plot", ".svg")
	s = assay(t, "analyze", analyzeCSV, "--plot", filepath.Join(t.TempDir(), "none", "x.svg")).want(t, exitNotFound)
	s.contains(t, s.err, "--plot: ", "no such file or directory")
}

// The digits of a lift tell the ends of its interval apart, and what all comparisons
// warn of is said once.
func TestAnalyzeDigits(t *testing.T) {
	s := assay(t, "analyze", write(t, "a.csv", "arm,n,mean,sd\ncontrol,40000000,5,4\nb,40000000,5.003,4\nc,40000000,9,4\n")).want(t, exitOK).fits(t)
	s.contains(t, s.out, "+0.060%  +0.025% … +0.095%", "+0.060% (95%: +0.025% to +0.095%)", "<1e-99 ▲", "p < 1e-99, < 1e-99 after Holm")
	s = assay(t, "analyze", write(t, "b.csv", "arm,n,successes\ncontrol,10,1\nb,10,8\nc,10,7\n")).want(t, exitOK).fits(t)
	s.contains(t, s.out, "+700%", "+4618%")
	if strings.Contains(s.out, "e+0") {
		t.Errorf("a lift has an exponent: %s", s.out)
	}
	s = assay(t, "analyze", write(t, "c.csv", "arm,n,mean,sd\ncontrol,10,1,0\nb,10,1,0\n")).want(t, exitOK).fits(t)
	s.contains(t, s.out, "95% INTERVAL  P  HOLM", "no answer: neither arm varies.")
	s = assay(t, "analyze", write(t, "days.csv", "arm,day,n,mean,sd\ncontrol,1,100,5,1\nb,1,100,5,1\nc,1,100,5,1\ncontrol,2,100,5,1\nb,2,100,5,1\nc,2,100,5,1\n")).want(t, exitOK).fits(t)
	s.contains(t, s.out, "all comparisons: looking at any time: look 1 has 200 users")
	s = assay(t, "analyze", write(t, "d.csv", "\n\narm;n;successes\ncontrol;250;50\nb;251;60\n")).want(t, exitOK)
}

// One wrong cell is one line, about a column that the file has.
func TestAnalyzeSaysAMistakeOnce(t *testing.T) {
	for _, bad := range []string{"control,1000,NaN", "control,1000,10%", "control,\"1,000\",100", "control,0,0"} {
		s := assay(t, "analyze", write(t, "a.csv", "arm,n,successes\n"+bad+"\nb,1000,130\n")).want(t, exitBadInput)
		if n := strings.Count(s.err, "a.csv:"); n != 1 || strings.Contains(s.err, " y ") {
			t.Errorf("%s: %d mistakes in %s", bad, n, s.err)
		}
	}
}

func TestAnalyzeADirectory(t *testing.T) {
	s := assay(t, "analyze", t.TempDir()).want(t, exitBadInput)
	s.contains(t, s.err, "is a directory", "name the file in it")
}

// What a user gets wrong first, and what the answer says.
func TestAnalyzeMistakes(t *testing.T) {
	const good = "arm,n,y,yy\ncontrol,1000,2000,8996\nb,1000,2200,9835\n"
	for _, c := range []struct {
		name, file, text string
		flags            []string
		code             int
		says             []string
	}{
		{"no file", "", "", nil, exitUsage, []string{"no file to analyse", "usage: assay analyze [FILE]"}},
		{"empty", "a.csv", "", nil, exitBadInput, []string{"a.csv:1: the file is empty"}},
		{"header only", "a.csv", "arm,n,y,yy\n", nil, exitBadInput, []string{"no row below it"}},
		{"slip in a column", "a.csv", strings.Replace(good, "yy", "sum_sqares", 1), nil, exitBadInput, []string{`"sum_sqares"`, `did you mean "sum_squares"?`}},
		{"no arm", "a.csv", "n,y,yy\n1,1,1\n", nil, exitBadInput, []string{"is missing (or variant, group)", "--mapping"}},
		{"no statistic", "a.csv", "arm,n\na,1\n", nil, exitBadInput, []string{"successes, or y (sum)"}},
		{"no squares", "a.csv", "arm,n,y\na,10,1\n", nil, exitBadInput, []string{"a.csv:2 yy: is missing: Σyy"}},
		{"mean alone", "a.csv", "arm,n,mean\na,10,1\n", nil, exitBadInput, []string{"a.csv:2 variance: is missing", "sd of users"}},
		{"negative variance", "a.csv", "arm,n,mean,variance\ncontrol,10,1,-4\n", nil, exitBadInput, []string{`a.csv:2 variance "-4": is negative`}},
		{"impossible squares", "a.csv", "arm,n,y,yy\ncontrol,10,100,50\n", nil, exitBadInput, []string{`a.csv:2 yy "50": is less than (Σy)²/n`}},
		{"impossible products", "a.csv", "arm,n,y,yy,x,xx,xy\ncontrol,10,10,20,10,20,90\n", nil, exitBadInput, []string{`a.csv:2 xy "90": is more than`}},
		{"more successes than users", "a.csv", "arm,n,successes\ncontrol,10,12\n", nil, exitBadInput, []string{`successes "12": is more than its n of 10`}},
		{"half a user", "a.csv", "arm,n,successes\ncontrol,10.5,2\n", nil, exitBadInput, []string{`n "10.5": is not a whole number of users`}},
		{"decimal comma", "a.csv", "arm;n;mean;sd\ncontrol;10;1,5;2\n", nil, exitBadInput, []string{`mean "1,5": is not a number: write a decimal point`}},
		{"both forms", "a.csv", "arm,n,mean,y,yy\ncontrol,10,1,10,20\n", nil, exitBadInput, []string{"both given"}},
		{"twice", "a.csv", good + "b,1000,2200,9835\n", nil, exitBadInput, []string{"a.csv:4 arm \"b\": line 3 has the same arm"}},
		{"cells", "a.csv", good + "b,1000\n", nil, exitBadInput, []string{"a.csv:4: has not as many cells as the header, which has 4"}},
		{"quote", "a.csv", good + "\"b,1000\n", nil, exitBadInput, []string{"a.csv:4", "quote"}},
		{"bad date", "a.csv", "arm,day,n,successes\ncontrol,monday,10,2\n", nil, exitBadInput, []string{`day "monday": is neither the number of a day nor a date`}},
		{"one arm", "a.csv", "arm,n,successes\ncontrol,10,2\n", nil, exitBadInput, []string{"has one arm only, control"}},
		{"no control", "a.csv", strings.Replace(good, "control", "a", 1), nil, exitBadInput, []string{"no arm is called control", "--control NAME", "its arms are a, b"}},
		{"wrong control", "a.csv", good, []string{"--control", "z"}, exitBadInput, []string{`--control "z"`, "control, b"}},
		{"level", "a.csv", good, []string{"--level", "95"}, exitUsage, []string{"--level 95", "write 95% or 0.95"}},
		{"sides", "a.csv", good, []string{"--sides", "both"}, exitUsage, []string{`--sides "both"`, "two-sided, greater, less"}},
		{"correction", "a.csv", good, []string{"--correction", "fdr"}, exitUsage, []string{"holm, bh, bonferroni, none"}},
		{"margin", "a.csv", good, []string{"--margin", "2%"}, exitUsage, []string{"--margin", "latency=2%"}},
		{"margin of nothing", "a.csv", good, []string{"--margin", "z=2%"}, exitUsage, []string{"no such metric", "the metrics are outcome"}},
		{"margin of 2", "a.csv", good, []string{"--margin", "outcome=2"}, exitUsage, []string{"below 100%"}},
		{"prior", "a.csv", good, []string{"--prior", "0.02"}, exitUsage, []string{"--prior", "0,0.02"}},
		{"mde", "a.csv", good, []string{"--mde", "0"}, exitUsage, []string{"--mde", "2% or 0.02"}},
		{"mde of 500%", "a.csv", good, []string{"--mde", "5"}, exitUsage, []string{"--mde", "2% or 0.02"}},
		{"prior of 200%", "a.csv", good, []string{"--prior", "0,2"}, exitUsage, []string{"--prior", "0,2%"}},
		{"looks alone", "a.csv", good, []string{"--looks", "5"}, exitUsage, []string{"--planned-users"}},
		{"far too few users", "a.csv", good, []string{"--looks", "5", "--planned-users", "1"}, exitUsage, []string{"--planned-users: 1:", "users that the test has"}},
		{"too low a level", "a.csv", good, []string{"--looks", "5", "--planned-users", "1000", "--level", "50%"}, exitUsage, []string{"--level: must be at least 0.6"}},
		{"users alone", "a.csv", good, []string{"--planned-users", "5"}, exitUsage, []string{"--looks"}},
		{"looks", "a.csv", good, []string{"--looks", "0.5,0.4", "--planned-users", "10"}, exitUsage, []string{"--looks", "0.5,0.75,1"}},
		{"parquet", "a.parquet", "PAR1", nil, exitBadInput, []string{"--mapping"}},
		{"unknown key", "a.yaml", "rows: []\nmetrcs: []\n", nil, exitBadInput, []string{"a.yaml:2", `did you mean "metrics"?`}},
		{"unknown key of a row", "a.yaml", "rows:\n  - {arm: a, n: 1, sucesses: 1}\n", nil, exitBadInput, []string{"a.yaml:2", `did you mean "successes"?`}},
		{"not YAML", "a.yaml", "rows: [\n", nil, exitBadInput, []string{"a.yaml:", "not YAML"}},
		{"no rows", "a.yaml", "experiment: x\n", nil, exitBadInput, []string{"rows is missing"}},
		{"histogram", "a.yaml", "rows:\n  - {arm: a, metric: ms, histogram: {edges: [0, 1], counts: [1, 2]}}\n", nil, exitBadInput, []string{"a.yaml:2", "one more than counts"}},
		{"quantile of sums", "a.yaml", "metrics: [{name: outcome, quantile: 0.9}]\nrows:\n  - {arm: control, n: 10, successes: 1}\n  - {arm: b, n: 10, successes: 1}\n", nil, exitBadInput, []string{"metric outcome", "histograms or digests"}},
		{"point of thousands", "a.csv", "arm,n,successes\ncontrol,250.000,2\nb,251.000,3\n", nil, exitBadInput, []string{`a.csv:2 n "250.000": may be 250 or 250000`}},
		{"spreadsheet", "a.csv", "PK\x03\x04", nil, exitBadInput, []string{"a.csv:1: is a zip archive", "save the sheet as CSV"}},
		{"UTF-16", "a.csv", "\xff\xfea\x00", nil, exitBadInput, []string{"a.csv:1: is UTF-16: save it as UTF-8"}},
		{"no text", "a.csv", "arm,n\n\xe9,1\n", nil, exitBadInput, []string{"a.csv:1: is not UTF-8 text"}},
		{"half a gzip", "a.csv.gz", "\x1f\x8bhalf", nil, exitBadInput, []string{"a.csv.gz: read gzip", "is the file whole?"}},
		{"products", "a.csv", "arm,n,y,yy,x\ncontrol,10,1,1,1\n", nil, exitBadInput, []string{"a.csv:2 xy: is missing", "a.csv:2 xx: is missing"}},
		{"day and snapshot", "a.csv", "arm,day,snapshot,n,successes\ncontrol,1,2,10,2\n", nil, exitBadInput, []string{`snapshot "2": contradicts the day beside it`}},
		{"numbers and dates", "a.csv", "arm,day,n,successes\ncontrol,1,10,2\nb,2026-01-01,10,3\n", nil, exitBadInput, []string{`a.csv:2 day "1": is a number, and other rows of the test have dates`}},
		{"a weight", "a.csv", "arm,n,successes,weight\ncontrol,10,2,5\nb,10,3,\n", nil, exitBadInput, []string{"a.csv: give all arms a weight, or none"}},
		{"covariates of one arm", "a.csv", "arm,n,y,yy,x,xx,xy\ncontrol,10,10,20,10,20,15\nb,10,10,20,,,\n", nil, exitBadInput, []string{`a.csv:3 metric "outcome": its values are not as many`, "the same covariates"}},
		{"a list", "a.json", `[{"arm": "control", "n": 10, "successes": 1}]`, nil, exitBadInput, []string{"a.json:1: is a list: put it below the key rows"}},
		{"negative count", "a.yaml", "rows:\n  - {arm: control, metric: ms, histogram: {edges: [0, 1, 2], counts: [1, -2]}}\n  - {arm: b, metric: ms, histogram: {edges: [0, 1, 2], counts: [1, 2]}}\n", nil, exitBadInput, []string{`a.yaml:2 metric "ms": counts[1] = -2 must be 0 or above`}},
		{"histogram and sums", "a.yaml", "rows:\n  - {arm: control, n: 3, successes: 1, histogram: {edges: [0, 1, 2], counts: [1, 2]}}\n", nil, exitBadInput, []string{`a.yaml:2 n "3": stands beside a histogram`}},
		{"histogram and digest", "a.yaml", "rows:\n  - {arm: control, metric: ms, histogram: {edges: [0, 1, 2], counts: [1, 2]}}\n  - {arm: b, metric: ms, digest: {centroids: [[1, 2]], min: 1, max: 1}}\n", nil, exitBadInput, []string{`a.yaml:3 metric "ms": differs in kind`}},
		{"second metric", "a.yaml", "metrics: [{name: outcome}, {name: z}]\nrows:\n  - {arm: control, n: 10, successes: 1}\n  - {arm: b, n: 10, successes: 1}\n", nil, exitBadInput, []string{"a.yaml: metric z: no row has the metric z"}},
		{"two kinds", "a.yaml", "rows:\n  - {arm: control, n: 10, successes: 1}\n  - {arm: b, n: 10, mean: 1, sd: 1}\n", nil, exitBadInput, []string{"a.yaml:3", "differs from that of earlier rows"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"analyze"}
			if c.file != "" {
				args = append(args, write(t, c.file, c.text))
			}
			s := assay(t, append(args, c.flags...)...).want(t, c.code)
			s.contains(t, s.err, c.says...)
			if s.out != "" {
				t.Errorf("an answer beside the error: %s", s.out)
			}
		})
	}
	s := assay(t, "analyze", "nowhere.csv").want(t, exitNotFound)
	s.contains(t, s.err, "nowhere.csv")
	s = assay(t, "analyze", write(t, "a.csv", strings.Replace(good, "yy\n", "yy,comment\n", 1))).want(t, exitBadInput)
	s = assay(t, "analyze", write(t, "b.csv", "arm,n,successes,comment\ncontrol,10,2,\nb,10,3,new\n")).want(t, exitOK)
	s.contains(t, s.err, "columns that are not used: comment")
}

// No text makes the reader panic, and what it reads can be analysed or says why not.
func FuzzAnalyze(f *testing.F) {
	for _, path := range []string{analyzeCSV, analyzeYAML} {
		if text, err := os.ReadFile(path); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte("arm;day;n;mean;sd\ncontrol;2026-01-01;10;1;2\nb;2026-01-01;10;1;2\n"))
	f.Add([]byte("arm,snapshot,n,y,yy,d,dd,yd,x1,x1x1,x1y,x1d\ncontrol,1,10,5,6,7,8,5,1,2,1,1\n"))
	f.Add([]byte(`{"rows": [{"arm": "a", "digest": {"centroids": [[1, 2], [3, 4, 5]], "min": 0, "max": 4}}]}`))
	f.Add([]byte("metrics: [{name: m, winsorise: [0, 0.9]}]\nrows:\n- {arm: a, metric: m, histogram: {edges: [0,1,2], counts: [3,4]}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parseTests("stdin", text)
		if err != nil {
			return
		}
		if len(file.tests) == 0 || len(file.tests) != len(file.lines) {
			t.Fatalf("%d tests, %d lists of lines", len(file.tests), len(file.lines))
		}
		for i := range file.tests {
			x := &file.tests[i]
			if len(x.Arms) == 0 || len(x.Rows) != len(file.lines[i]) {
				t.Fatalf("%+v", x)
			}
			x.Arms[0].Control = true
			r, err := analysis.Run(*x, analysis.Options{})
			if err != nil {
				continue
			}
			a := &app{out: &bytes.Buffer{}, err: &bytes.Buffer{}, output: "table"}
			if err := a.printAnalysis(r); err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}
