package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	outcomes "github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/stats/analysis"
)

// mappedTests reads any file that `assay import outcomes` reads, with its checks.
func (a *app) mappedTests(ctx context.Context, path, mappingFile string) (fileTests, error) {
	text, err := os.ReadFile(mappingFile)
	if err != nil {
		return fileTests{}, err
	}
	m, err := mapping.Parse(mappingFile, text)
	if err != nil {
		return fileTests{}, badInput(err).next("docs/mapping.md explains the mapping")
	}
	if m.Layout == mapping.Exposures || m.Layout == mapping.Events {
		return fileTests{}, badInput(fmt.Errorf("%s has layout %s: one of its rows alone says nothing of a test", mappingFile, m.Layout)).
			next("import both logs: assay import exposures, and assay import events; then assay export has the lifts\nor add its events up to one row for each user (layout users)")
	}
	if m.Layout == mapping.Experiments {
		return fileTests{}, badInput(fmt.Errorf("%s has layout %s, which says nothing of what users did", mappingFile, m.Layout)).
			next("analyze outcomes or users; assay import experiments takes this file")
	}
	name := path
	if path == "-" {
		file, err := spooled(ctx, a.in)
		if err != nil {
			return fileTests{}, err
		}
		defer os.Remove(file)
		name, path = "stdin", file
	}
	into, result, err := readMapped(ctx, path, name, m)
	if err != nil {
		return fileTests{}, unfinished(ctx, badInput(err), "nothing was analysed")
	}
	rows, bad := into.finish()
	for _, p := range result.Problems {
		bad = append(bad, problem{File: name, Line: int(max(1, p.Line)), Column: p.Column, Value: p.Value, Reason: p.Reason})
	}
	if len(bad) > 0 {
		slices.SortStableFunc(bad, func(a, b problem) int { return a.Line - b.Line })
		return fileTests{}, bad
	}
	if len(rows) == 0 {
		return fileTests{}, mistakes{{File: name, Line: 1, Reason: "no row is left to analyse"}}
	}
	out, err := assemble(name, rows)
	if err != nil {
		return fileTests{}, err
	}
	for i := range out.tests {
		describe(&out.tests[i], result)
		out.tests[i].Notes = append(out.tests[i].Notes, into.notes(out.tests[i].Name)...)
	}
	return out, nil
}

// mappedFile takes in what the importer has checked, and makes rows of it.
type mappedFile interface {
	outcomes.Sink
	finish() ([]statRow, mistakes)
	notes(experiment string) []string
}

func readMapped(ctx context.Context, path, name string, m *mapping.Mapping) (mappedFile, outcomes.Result, error) {
	read := func(into mappedFile) (mappedFile, outcomes.Result, error) {
		result, err := outcomes.Read(ctx, path, m, into, outcomes.Options{Name: name})
		return into, result, err
	}
	if m.Layout != mapping.Users {
		return read(&mappedRows{name: name})
	}
	crossed := map[userHash]string{}
	into, result, err := read(newMappedUsers(name, m, crossed))
	if err != nil || len(crossed) == 0 {
		return into, result, err
	}
	return read(newMappedUsers(name, m, crossed))
}

// describe adds what the file says of the experiment's arms.
func describe(t *analysis.Test, result outcomes.Result) {
	at := slices.IndexFunc(result.Experiments, func(e *outcomes.Experiment) bool { return e.ID == t.Name })
	if at < 0 {
		return
	}
	e := result.Experiments[at]
	for i := range t.Arms {
		t.Arms[i].Control = t.Arms[i].Name == e.Control
		for _, known := range e.Arms {
			if known.ID == t.Arms[i].Name {
				t.Arms[i].Weight = known.Weight
			}
		}
	}
	if e.Excluded != "" {
		t.Notes = append(t.Notes, "the mapping excludes this experiment: "+e.Excluded)
	}
}

// spooled keeps standard input in a file, because some formats are read from
// their end.
func spooled(ctx context.Context, in io.Reader) (path string, err error) {
	text, err := readAll(ctx, in)
	if err != nil {
		return "", unfinished(ctx, fmt.Errorf("read stdin: %w", err), "nothing was analysed")
	}
	f, err := os.CreateTemp("", "assay-analyze-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	return f.Name(), errors.Join(err, f.Close())
}
