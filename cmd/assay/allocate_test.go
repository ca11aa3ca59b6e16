package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two classes that must have an item, and one row of 10: 5 + 4 is the best that fits.
const smallMMKP = "2 1\n10\n2\n5 4\n7 8\n2\n1 3\n4 6\n"

const smallMKnap = "2\n3 1 0\n10 20 30\n1 2 3\n4\n1 1 0\n5\n2\n1\n"

const smallNight = `{
  "weeks": 1,
  "pools": [{"name": "h100", "gpu_hours": [10]}],
  "layers": [{"segment": "us", "name": "feed", "buckets": 100, "held": []}],
  "candidates": [
    {"id": "a", "conflicts": [], "requires": [], "options": [{"design": "d", "start": 0, "weeks": 1, "value": 3,
      "compute": [{"pool": "h100", "gpu_hours": [8]}], "segment": "us", "layer": "feed", "buckets": 10}]}
  ]
}`

func TestAllocate(t *testing.T) {
	file := write(t, "small.txt", smallMMKP)
	out := t.TempDir()
	s := assay(t, "allocate", file, "--exact", "own", "--effort", "0.01", "--solutions", out).want(t, exitOK)
	s.contains(t, s.out, "small.txt", "9", "optimal", "0:0 1:1")
	choice, err := os.ReadFile(filepath.Join(out, "small.txt.sol"))
	if err != nil || string(choice) != "0\n1\n" {
		t.Errorf("%q, %v", choice, err)
	}
	s = assay(t, "allocate", file, "--check", filepath.Join(out, "small.txt.sol")).want(t, exitOK)
	s.contains(t, s.out, "true", "9")
	s = assay(t, "allocate", file, "--check", write(t, "bad.sol", "1\n1\n"), "-o", "json").want(t, exitBadInput)
	s.contains(t, s.err, "row 0 uses 14 of at most 10")
	s.contains(t, s.out, `"ok": false`)
	s = assay(t, "allocate", file, "--check", write(t, "short.sol", "1\n")).want(t, exitBadInput)
	s.contains(t, s.err, "line 2: the item of class 1 is missing")
}

func TestAllocateAnswerCanBeChecked(t *testing.T) {
	for name, text := range map[string]string{"a.txt": smallMMKP, "k.txt": smallMKnap, "n.json": smallNight} {
		file := write(t, name, text)
		s := assay(t, "allocate", file, "--exact", "none", "--effort", "0.01", "-o", "json").want(t, exitOK)
		assay(t, "allocate", file, "--check", write(t, "answer.json", s.out)).want(t, exitOK)
		if again := assay(t, "allocate", file, "--check", write(t, "answer.json", strings.ReplaceAll(s.out, `"problems": [`, `"problem": [`))); again.code != exitBadInput {
			t.Errorf("%s: an answer without problems passed: %v", name, again)
		}
	}
}

// An answer is about the files that it names, and as good as what it says of itself.
func TestAllocateAnswerMustBeTrue(t *testing.T) {
	a, b := write(t, "a.txt", smallMMKP), write(t, "b.txt", "1 1\n3\n1\n5 1\n")
	answer := assay(t, "allocate", a, b, "--exact", "none", "--effort", "0.01", "-o", "json").want(t, exitOK).out
	for _, file := range []string{a, b} {
		assay(t, "allocate", file, "--check", write(t, "answer.json", answer)).want(t, exitOK)
	}
	for _, c := range [][3]string{
		{`"value": 9`, `"value": 10`, "breaks rule value: its items add up to 9, not 10"},
		{`"bound": 9`, `"bound": 8`, "breaks rule bound: 8 is less than the value 9"},
		{`"choice": [`, `"chosen": [`, "breaks rule choice: there is none"},
		{`"bound": 9`, `"bound": 9.5`, "breaks rule bound: 9.5 is above the value 9, which is said to be optimal"},
		{`"proved": "optimal"`, `"proved": "infeasible"`, "breaks rule choice: there is one"},
	} {
		bad := write(t, "answer.json", strings.Replace(answer, c[0], c[1], 1))
		s := assay(t, "allocate", a, "--check", bad).want(t, exitBadInput)
		s.contains(t, s.err, c[2])
	}
}

// Of a night, too, what an answer says beside its plan must be true, and nothing may follow it.
func TestAllocateAnswerOfANightMustBeTrue(t *testing.T) {
	night := write(t, "n.json", smallNight)
	answer := assay(t, "allocate", night, "--exact", "own", "-o", "json").want(t, exitOK).out
	var plan struct {
		Problems []struct{ Plan json.RawMessage }
	}
	if err := json.Unmarshal([]byte(answer), &plan); err != nil {
		t.Fatal(err)
	}
	alone := string(plan.Problems[0].Plan)
	assay(t, "allocate", night, "--check", write(t, "plan.json", alone+"\n")).want(t, exitOK)
	for _, c := range [][2]string{
		{strings.Replace(answer, `"value": 3`, `"value": 4`, 1), "breaks rule value: its items add up to 3, not 4"},
		{strings.Replace(answer, `"bound": 3`, `"bound": 2`, 1), "breaks rule bound: 2 is less than the value 3"},
		{strings.Replace(answer, `"bound": 3`, `"bound": 4`, 1), "breaks rule bound: 4 is above the value 3, which is said to be optimal"},
		{alone + alone, "something follows its closing brace"},
		{"0\n", "it is no plan of a night"},
	} {
		s := assay(t, "allocate", night, "--check", write(t, "bad.json", c[0])).want(t, exitBadInput)
		s.contains(t, s.err, c[1])
	}
}

func TestAllocateWritesANight(t *testing.T) {
	out := t.TempDir()
	assay(t, "allocate", write(t, "n.json", smallNight), "--exact", "none", "--solutions", out).want(t, exitOK)
	if choice, err := os.ReadFile(filepath.Join(out, "n.json.sol")); err != nil || string(choice) != "0\n" {
		t.Errorf("%q, %v", choice, err)
	}
	s := assay(t, "allocate", "a/n.json", "b/n.json.gz", "--solutions", out).want(t, exitUsage)
	s.contains(t, s.err, "a/n.json and of b/n.json.gz to the same file, n.json.sol")
}

// Prices and amounts are those of the file, whatever its decimals are counted in.
func TestAllocatePricesInUnitsOfTheFile(t *testing.T) {
	file := write(t, "d.txt", "2 1\n0.5\n1\n6 0.25\n2\n5 0.2\n8 0.5\n")
	s := assay(t, "allocate", file, "--exact", "own", "--effort", "0.01", "-o", "json").want(t, exitOK)
	s.contains(t, s.out, `"most": 0.5`, `"used": 0.45`)
	s = assay(t, "allocate", file, "--check", write(t, "bad.sol", "0\n1\n")).want(t, exitBadInput)
	s.contains(t, s.err, "row 0 uses 0.75 of at most 0.5")
}

func TestAllocateBench(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b_02.txt": smallMMKP, "c_04": smallMMKP, "README.md": "not an instance", "readme.txt": "nor is this",
		"instances.csv": "\ufefffile,best_known,upper_bound\nb_02.txt,8,9\nc_04,,10\ngone,1,1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	knaps := t.TempDir()
	for name, text := range map[string]string{
		"cb1_even.txt":   smallMKnap,
		"best_known.csv": "file,problem,name,best_feasible,lp_bound\ncb1,2,x,40,45\ncb1,4,y,0,0\n",
	} {
		if err := os.WriteFile(filepath.Join(knaps, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"allocate", "--bench", dir, knaps, "--exact", "own", "--effort", "0.01", "--solutions", t.TempDir()}
	s := assay(t, append(args, "-o", "json")...).want(t, exitOK)
	var got struct {
		Instances []struct {
			File       string
			Problem    int
			Value      float64
			Bound      float64
			BestKnown  *float64 `json:"best_known"`
			UpperBound *float64 `json:"upper_bound"`
			Feasible   bool
		}
	}
	if err := json.Unmarshal([]byte(s.out), &got); err != nil || len(got.Instances) != 4 {
		t.Fatal(err, s.out)
	}
	first, second, third, fourth := got.Instances[0], got.Instances[1], got.Instances[2], got.Instances[3]
	if first.File != "b_02.txt" || first.Value != 9 || first.Bound != 9 || *first.BestKnown != 8 || *first.UpperBound != 9 || !first.Feasible {
		t.Errorf("%+v", first)
	}
	if second.BestKnown != nil || *second.UpperBound != 10 {
		t.Errorf("%+v", second)
	}
	if third.File != "cb1_even.txt" || third.Problem != 2 || third.Value != 40 || *third.BestKnown != 40 || fourth.Problem != 4 || fourth.Value != 0 {
		t.Errorf("%+v, %+v", third, fourth)
	}
	s = assay(t, args...).want(t, exitOK)
	s.contains(t, s.out, "b_02.txt", "-12.5000%", "best known reached or beaten on 3 of 3")
	s.contains(t, s.err, dir+" has no file for 1 of the 3 names in its table")
	for line := range strings.Lines(s.out) {
		if len([]rune(line)) > 101 {
			t.Errorf("wider than 100 columns: %s", line)
		}
	}
}

// A table may say what cannot be: a best known value above an upper bound of 0.
func TestAllocateBenchAgainstZero(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"z.txt": "1 1\n3\n1\n0 1\n", "instances.csv": "file,best_known,upper_bound\nz.txt,3,0\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := assay(t, "allocate", "--bench", dir, "--exact", "none", "--effort", "0.01").want(t, exitOK)
	s.contains(t, s.out, "best known reached or beaten on 0 of 1")
}

// What else lies in a directory, and how its table is written, keeps nothing from being solved.
func TestAllocateBenchOfAnUntidyDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "older.txt"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a.txt": smallMMKP, "a.txt.gz": "not read", "B.TXT": strings.ReplaceAll(smallMMKP, "\n", "\r\n"), "empty.txt": "", "README": "x", "ReadMe.txt": "x", "notes.csv": "x", "a.txt.sol": "0\n1\n",
		"instances.csv": "Seed, best_known , file\r\n1, 8, a.txt\r\n2, 9 ,B.TXT \r\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := assay(t, "allocate", "--bench", dir, "--exact", "own", "--effort", "0.01", "--solutions", filepath.Join(dir, "out"), "-o", "json").want(t, exitBadInput)
	var got struct {
		Instances []struct {
			File      string
			Value     *float64
			BestKnown *float64 `json:"best_known"`
			Fault     string
		}
	}
	if err := json.Unmarshal([]byte(s.out), &got); err != nil || len(got.Instances) != 3 {
		t.Fatal(err, s.out)
	}
	for i, want := range []struct {
		file string
		best float64
	}{{"B.TXT", 9}, {"a.txt", 8}} {
		if in := got.Instances[i]; in.File != want.file || in.Value == nil || *in.Value != 9 || in.BestKnown == nil || *in.BestKnown != want.best {
			t.Errorf("%+v", in)
		}
	}
	if in := got.Instances[2]; in.File != "empty.txt" || in.Value != nil || !strings.Contains(in.Fault, "empty.txt") {
		t.Errorf("%+v", in)
	}
	s.contains(t, s.err, "a.txt.gz is left out: beside it is a.txt, which is taken for the same", "not every instance was solved")
	for table, want := range map[string]string{"best_known\n1\n": "it has no column file", "file,best_known\na.txt\n": "wrong number of fields", "": "it is empty", "file,best_known\na.txt,much\n": `best_known is "much"`} {
		if err := os.WriteFile(filepath.Join(dir, "instances.csv"), []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
		s := assay(t, "allocate", "--bench", dir, "--exact", "none").want(t, exitBadInput)
		s.contains(t, s.err, "instances.csv: ", want)
	}
}

// One instance that cannot be read does not cost the others their answers.
func TestAllocateBenchGoesOn(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": smallMMKP, "b.txt": "2 1\n-3\n", "c.txt": smallMMKP} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := assay(t, "allocate", "--bench", dir, "--exact", "none", "--effort", "0.01", "-o", "json").want(t, exitBadInput)
	s.contains(t, s.out, "c.txt", `"fault": "`)
	s.contains(t, s.err, `line 2: the capacity of resource 0 is "-3"`, "not every instance was solved")
	s = assay(t, "allocate", filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt"), "--exact", "none", "--effort", "0.01").want(t, exitBadInput)
	s.contains(t, s.out, "a.txt", "9")
}

func TestAllocateFaults(t *testing.T) {
	good := write(t, "good.txt", smallMMKP)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{write(t, "x.txt", "2 1\n-3\n")}, exitBadInput, `line 2: the capacity of resource 0 is "-3"; must not be negative`},
		{[]string{write(t, "x.txt", "hello")}, exitBadInput, "--form"},
		{[]string{"nowhere.txt"}, exitNotFound, "nowhere.txt"},
		{[]string{good, "--gap", "-1"}, exitUsage, "--gap is -1"},
		{[]string{good, "--form", "x"}, exitUsage, "use mmkp, mknap, portfolio or json"},
		{[]string{"--bench", good}, exitUsage, "is a file"},
		{[]string{"--bench", t.TempDir()}, exitNotFound, "has no instances"},
		{[]string{write(t, "n.json", strings.Replace(smallNight, `"pool": "h100"`, `"pool": "a100"`, 1))}, exitBadInput, `compute[0].pool`},
		{[]string{write(t, "none.txt", "1 1\n3\n1\n5 4\n"), "--exact", "own"}, exitOK, ""},
	} {
		s := assay(t, append([]string{"allocate"}, c.args...)...).want(t, c.code)
		s.contains(t, s.err, c.want)
	}
}

// An interrupted run prints the best so far.
func TestAllocateInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := assayWith(t, ctx, strings.NewReader(""), "allocate", write(t, "a.txt", smallMMKP))
	s.want(t, exitInterrupted)
}

// A plan worth next to nothing, because a quota asks for it, under a large bound has no gap
// that could be told.
func TestAllocateNightWithoutAGap(t *testing.T) {
	night := write(t, "n.json", `{"weeks": 1, "pools": [{"name": "h100", "gpu_hours": [10]}], "layers": [], "candidates": [
		{"id": "a", "groups": ["g"], "options": [{"design": "d", "start": 0, "weeks": 1, "value": 1e-300, "compute": [{"pool": "h100", "gpu_hours": [6]}]}]},
		{"id": "b", "options": [{"design": "d", "start": 0, "weeks": 1, "value": 1e100, "compute": [{"pool": "h100", "gpu_hours": [10]}]}]}],
		"quotas": [{"group": "g", "unit": "start", "least": 1}]}`)
	args := []string{"allocate", night, "--exact", "none", "--effort", "0.001"}
	s := assay(t, append(args, "-o", "json")...).want(t, exitOK)
	s.contains(t, s.out, `"gap": null`)
	if s := assay(t, args...).want(t, exitOK); strings.Contains(s.out, "Inf") {
		t.Error(s.out)
	}
}

func TestAllocateNightInNoTime(t *testing.T) {
	s := assay(t, "allocate", write(t, "n.json", smallNight), "--time-limit", "1ns", "-o", "json").want(t, exitOK)
	s.contains(t, s.out, `"cut": true`, `"value": 3`)
}

func TestPlanLimits(t *testing.T) {
	s := assay(t, "plan", "--gap", "-1").want(t, exitUsage)
	s.contains(t, s.err, "--gap is -1; it must be a fraction")
	s = assay(t, "plan", "--time-limit", "-1s").want(t, exitUsage)
	s.contains(t, s.err, "--time-limit is -1s; it must not be negative")
}

func TestAllocateNightWithQuotas(t *testing.T) {
	night := strings.NewReplacer(`"id": "a",`, `"id": "a", "groups": ["team red"],`, `"candidates":`,
		`"quotas": [{"group": "team red", "unit": "start", "least": 2, "most": 3}, {"group": "team red", "unit": "GPU-hour", "most": 8}], "candidates":`).Replace(smallNight)
	s := assay(t, "allocate", write(t, "n.json", night), "--exact", "own").want(t, exitOK)
	s.contains(t, s.out, "optimal", "team red: GPU-hours 8, at most 8\n", "team red: starts 1, at least 2, at most 3; 1 short\n")
	s = assay(t, "allocate", write(t, "n.json", strings.Replace(night, `"least": 2`, `"least": -2`, 1))).want(t, exitBadInput)
	s.contains(t, s.err, `quotas["team red"].least is -2: must be 0 to 2^42`)
}
