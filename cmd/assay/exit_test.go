package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/planner"
)

func TestExitCodes(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "none")
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, policyFile), []byte("currency: USD\nhorizon_weeks: 99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	mapping := filepath.Join(t.TempDir(), "m.yaml")
	if err := os.WriteFile(mapping, []byte("layout: nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", exitOK, ""},
		{"version", exitOK, ""},
		{"help exit-codes", exitOK, ""},
		{"help policy", exitOK, ""},
		{"plam", exitUsage, "did you mean plan"},
		{"hypothesis lost", exitUsage, "did you mean list"},
		{"plan --soon", exitUsage, "unknown flag"},
		{"plan --at soon", exitUsage, "is not a time"},
		{"help nothing", exitUsage, "unknown command"},
		{"help plan shwo", exitUsage, "did you mean show"},
		{"help plan show", exitOK, "assay plan show [flags]"},
		{"hypothesis show", exitUsage, "ID is missing\n  usage: assay hypothesis show ID"},
		{"hypothesis show a b", exitUsage, "one ID at a time; there are 2"},
		{"allocate", exitUsage, "FILE is missing"},
		{"hypothesis submit", exitUsage, "nothing to submit"},
		{"hypothesis submit --title x --claim 1,2", exitUsage, "has 2 values, not 3"},
		{"export", exitUsage, "--out is missing"},
		{"export --out x --format xls", exitUsage, "csv, parquet or arrow"},
		{"import outcomes x.csv", exitUsage, "--mapping is missing"},
		{"import outcomes x.csv --mapping " + mapping, exitBadInput, "layout"},
		{"plan -o xml", exitUsage, "table, json or csv"},
		{"serve --nightly never --data " + sampled(t), exitUsage, "0 2 * * *"},
		{"serve --addr 0.0.0.0:0 --data " + sampled(t), exitUsage, "ASSAY_TOKEN"},
		{"plan --server nonsense", exitUsage, "write it as http"},
		{"plan --server http://127.0.0.1:1", exitUnavailable, "nothing answers at 127.0.0.1:1: connect: connection refused\n  check the URL"},
		{"plan show --data " + empty, exitNotFound, "assay demo"},
		{"plan --data " + broken, exitBadInput, "invalid policy: horizon_weeks is 99; it must lie between 1 and 52\ngain_years is 0"},
		{"hypothesis show nobody --data " + sampled(t), exitNotFound, "nobody"},
		{"forecast nobody --data " + sampled(t), exitNotFound, "nobody"},
		{"import hypotheses none.json --data " + sampled(t), exitNotFound, "none.json"},
		{"doctor --clickhouse clickhouse://127.0.0.1:1/x", exitFailure, "1 check failed"},
		{"import outcomes " + mapping + " -m " + mapping + " --clickhouse ftp://x", exitBadInput, ""},
	} {
		s := assay(t, strings.Fields(c.args)...)
		if s.code != c.code || !strings.Contains(s.out+s.err, c.says) {
			t.Errorf("assay %s: want exit code %d and %q, got %v", c.args, c.code, c.says, s)
		}
	}
}

func TestErrorsHaveACodeAndAWayOut(t *testing.T) {
	live := context.Background()
	dead, cancel := context.WithCancel(live)
	cancel()
	wrap := func(err error) error { return fmt.Errorf("doing it: %w", err) }
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code int
		says string
	}{
		{live, errors.New("broken"), exitFailure, "broken"},
		{live, wrap(&embedded.InUseError{Dir: "/d", PID: 7}), exitInUse, "process 7"},
		{live, wrap(embedded.ErrNoLibrary), exitUnavailable, "library"},
		{live, wrap(&net.OpError{Op: "dial", Err: errors.New("refused")}), exitUnavailable, "refused"},
		{live, wrap(planner.ErrNoPlan), exitNotFound, "assay plan"},
		{live, wrap(planner.ErrLaterPlan), exitFailure, "--dry-run"},
		{live, wrap(planner.ErrExists), exitBadInput, "another id"},
		{dead, wrap(context.Canceled), exitInterrupted, "interrupted"},
		{dead, unfinished(dead, wrap(context.Canceled), "nothing was imported"), exitInterrupted, "interrupted: nothing was imported"},
	} {
		var out strings.Builder
		code := (&app{err: &out}).report(c.ctx, c.err)
		if code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%v: want %d and %q, got %d and %q", c.err, c.code, c.says, code, out.String())
		}
	}
	var out strings.Builder
	code := (&app{err: &out, alone: true}).report(live, wrap(&embedded.InUseError{Dir: "/d", PID: 7}))
	if code != exitInUse || !strings.Contains(out.String(), "for itself") || strings.Contains(out.String(), "--server") {
		t.Errorf("a command that refuses --server advises it: %q", out.String())
	}
}

func TestEveryCommandHelps(t *testing.T) {
	var walk func(path []string)
	walk = func(path []string) {
		c, _, err := (&app{}).root().Find(path)
		if err != nil {
			t.Fatal(err)
		}
		help := assay(t, append(path, "--help")...).want(t, exitOK)
		if c.Runnable() && !c.HasSubCommands() && c.Example == "" && c.Name() != "version" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		help.contains(t, help.out, c.UseLine())
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				walk(append(append([]string{}, path...), sub.Name()))
			}
		}
	}
	walk(nil)
}

// The example in docs is the one that help prints, and it is a valid policy.
func TestExamplePolicy(t *testing.T) {
	if _, err := planner.ParsePolicy([]byte(examplePolicy)); err != nil {
		t.Error(err)
	}
	help := assay(t, "help", "policy").want(t, exitOK).out
	if _, err := planner.ParsePolicy([]byte(help)); err != nil {
		t.Errorf("what assay help policy prints is no policy.yaml: %v", err)
	}
	doc, err := os.ReadFile("../../docs/examples/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(doc) != examplePolicy {
		t.Error("docs/examples/policy.yaml and cmd/assay/policy.example.yaml differ: copy the first over the second")
	}
}
