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

func TestAllocateBench(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b_02.txt": smallMMKP, "c_04.txt": smallMMKP, "README.md": "not an instance",
		"instances.csv": "file,best_known,upper_bound\nb_02.txt,8,9\nc_04.txt,,10\n",
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
	for line := range strings.Lines(s.out) {
		if len([]rune(line)) > 101 {
			t.Errorf("wider than 100 columns: %s", line)
		}
	}
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
