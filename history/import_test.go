package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history/mapping"
)

// simple maps the small files of these tests.
const simple = `
layout: outcomes
experiment: {id: experiment, surface: surface, started: started, ended: ended}
arm: {id: arm}
day: day
metrics:
  - name: conversion
    proportion: {trials: users, successes: buyers}
`

const header = "experiment,surface,started,ended,arm,day,users,buyers\n"

func parse(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Parse("mapping.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func simpleMapping() (*mapping.Mapping, error) { return mapping.Parse("simple.yaml", []byte(simple)) }

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// day is a line of the small files.
func day(experiment, arm string, day, users, buyers int) string {
	return fmt.Sprintf("%s,feed,2026-01-01,2026-01-15,%s,2026-01-%02d,%d,%d\n", experiment, arm, day, users, buyers)
}

// stored is what counts of a table, one line per row.
func stored(t testing.TB, h *History, sql string) []string {
	t.Helper()
	rows, err := h.conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// outcomeLines is the whole outcome table, without where its rows came from.
const outcomeLines = `SELECT concat(experiment, ' ', arm, ' ', metric, ' ', segment, ' ', toString(toDate(at)), ' ', toString(cumulative), ' ',
	toString(n), ' ', toString(sum_y), ' ', toString(sum_yy), ' ', toString(sum_d), ' ', toString(sum_xy))
	FROM outcomes FINAL ORDER BY experiment, arm, metric, segment, at`

func mustImport(t testing.TB, h *History, req ImportRequest) ImportReport {
	t.Helper()
	report, err := h.Import(context.Background(), req)
	if err != nil {
		t.Fatal(err, report.Problems)
	}
	return report
}

func TestImportTwiceChangesNothing(t *testing.T) {
	h, m := newHistory(t), parse(t, simple)
	text := header + day("e1", "control", 1, 1000, 100) + day("e1", "blue", 1, 1000, 120)
	path := write(t, "a.csv", text)
	first := mustImport(t, h, ImportRequest{Files: []string{path}, Mapping: m})
	if f := first.Files[0]; f.Read != 2 || f.Imported != 2 || f.Already {
		t.Errorf("first: %+v", f)
	}
	before, digest := stored(t, h, outcomeLines), summary(t, h).Digest

	again := mustImport(t, h, ImportRequest{Files: []string{write(t, "renamed.csv", text)}, Mapping: m})
	if f := again.Files[0]; !f.Already || f.Read != 0 || f.Imported != 0 {
		t.Errorf("again: %+v", f)
	}
	if s := summary(t, h); s.Digest != digest {
		t.Error("importing the same file again changed the digest")
	}
	forced := mustImport(t, h, ImportRequest{Files: []string{path}, Mapping: m, Force: true})
	if f := forced.Files[0]; f.Already || f.Unchanged != 2 || f.Imported != 0 || f.Superseded != 0 {
		t.Errorf("forced: %+v", f)
	}
	if diff := cmp.Diff(before, stored(t, h, outcomeLines)); diff != "" {
		t.Error(diff)
	}
}

func summary(t testing.TB, h *History) Summary {
	t.Helper()
	s, err := h.Summary(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCorrectedFileSupersedes(t *testing.T) {
	h, m := newHistory(t), parse(t, simple)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "a.csv", header+
		day("e1", "control", 1, 1000, 100)+day("e1", "control", 2, 1000, 100)+day("e1", "blue", 1, 1000, 120)+day("e1", "blue", 2, 900, 90)+
		day("e2", "control", 1, 500, 50)+day("e2", "blue", 1, 500, 60))}, Mapping: m})
	report := mustImport(t, h, ImportRequest{Files: []string{write(t, "b.csv", header+
		day("e1", "control", 1, 1000, 100)+day("e1", "blue", 1, 1000, 130)+day("e1", "blue", 3, 800, 80))}, Mapping: m})
	want := FileReport{File: report.Files[0].File, SHA256: report.Files[0].SHA256, Read: 3, Imported: 1, Superseded: 1, Unchanged: 1}
	if diff := cmp.Diff(want, report.Files[0]); diff != "" {
		t.Error(diff)
	}
	e := effects(t, h, EffectQuery{})[0]
	if e.TreatmentUsers != 1000+900+800 || e.ControlUsers != 2000 {
		t.Errorf("days of both files must add up, the newest of each counting: %+v", e)
	}

	replaced := mustImport(t, h, ImportRequest{Replace: true, Files: []string{write(t, "c.csv", header+
		day("e1", "control", 1, 1000, 100)+day("e1", "blue", 1, 1000, 140))}, Mapping: m})
	if f := replaced.Files[0]; f.Removed != 3 || f.Superseded != 1 || f.Unchanged != 1 || f.Imported != 0 {
		t.Errorf("replace: %+v", f)
	}
	after := effects(t, h, EffectQuery{})
	if len(after) != 2 || after[0].TreatmentUsers != 1000 || after[1].Experiment != "e2" || after[1].TreatmentUsers != 500 {
		t.Errorf("replace must take e1's other days and leave e2 alone: %+v", after)
	}
}

func effects(t testing.TB, h *History, q EffectQuery) []Effect {
	t.Helper()
	e, err := h.Effects(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestBadRows(t *testing.T) {
	m := parse(t, simple)
	text := header +
		day("e1", "control", 1, 1000, 100) +
		day("e1", "blue", 1, 1000, 1200) + // 3: more buyers than users
		day("e1", "blue", 2, 0, 0) + // 4: nobody
		"e1,feed,2026-01-01,soon,blue,2026-01-03,x,5\n" + // 5: two problems
		day("e1", "blue", 4, 1000, 110) +
		"e1,feed,2026-01-01\n" + // 7: too short
		day("e1", "blue", 4, 1000, 111) + // 8: repeats 6
		",feed,2026-01-01,2026-01-15,blue,2026-01-05,10,1\n" + // 9: no experiment
		"e1,search,2026-01-01,2026-01-15,blue,2026-01-06,10,1\n" // 10: another surface
	path := write(t, "bad.csv", text)
	want := []string{
		`bad.csv:3: column buyers: "1200" is more than its users of 1000`,
		`bad.csv:4: column users: "0" is not a positive number of users`,
		`bad.csv:5: column ended: "soon" is not a date such as 2026-01-31 or 2026-01-31T18:00:00Z`,
		`bad.csv:5: column users: "x" is not a number`,
		`bad.csv:7: "e1,feed,2026-01-01" has 3 cells, the header has 8`,
		`bad.csv:8: column experiment: "e1" repeats line 6: experiment e1, metric conversion, arm blue`,
		`bad.csv:9: column experiment: is empty`,
		`bad.csv:10: column surface: "search" differs from "feed" in line 2, which names the same experiment e1`,
	}
	for _, allowed := range []int64{0, 6, 7, 8} {
		t.Run(fmt.Sprintf("max-errors=%d", allowed), func(t *testing.T) {
			h := newHistory(t)
			report, err := h.Import(context.Background(), ImportRequest{Files: []string{path}, Mapping: m, MaxErrors: allowed})
			var got []string
			for _, p := range report.Problems {
				got = append(got, strings.Replace(p.String(), path, "bad.csv", 1))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			lines := stored(t, h, outcomeLines)
			if allowed < 7 {
				if !errors.Is(err, ErrBadRows) || len(lines) != 0 || summary(t, h).Experiments != 0 {
					t.Errorf("7 bad rows, %d allowed: %v, %d rows stored", allowed, err, len(lines))
				}
				return
			}
			if err != nil || len(lines) != 2 || report.Bad != 7 {
				t.Errorf("7 bad rows, %d allowed: %v, %d bad, stored %v", allowed, err, report.Bad, lines)
			}
		})
	}
}

func TestMissingColumnsAreNoErrorsToSkip(t *testing.T) {
	h := newHistory(t)
	path := write(t, "a.csv", strings.Replace(header, "buyers", "bought", 1)+day("e1", "control", 1, 1000, 100))
	report, err := h.Import(context.Background(), ImportRequest{Files: []string{path}, Mapping: parse(t, simple), MaxErrors: 100})
	if !errors.Is(err, ErrBadRows) || len(report.Problems) != 1 || report.Problems[0].Column != "buyers" || report.Bad != 0 || !report.Missing {
		t.Errorf("%v, %v", err, report.Problems)
	}
	nothing(t, h)
}

// TestManyRepeatedLines has more of them than are looked for at once.
func TestManyRepeatedLines(t *testing.T) {
	repeatedAtOnce = 7
	defer func() { repeatedAtOnce = 100_000 }()
	text := header + day("e1", "control", 1, 1000, 100) + strings.Repeat(day("e1", "blue", 1, 1000, 110), 31)
	path, m := write(t, "a.csv", text), parse(t, simple)
	h := newHistory(t)
	if _, err := h.Import(context.Background(), ImportRequest{Files: []string{path}, Mapping: m, MaxErrors: 29}); !errors.Is(err, ErrBadRows) {
		t.Errorf("30 bad rows, 29 allowed: %v", err)
	}
	nothing(t, h)
	report := mustImport(t, h, ImportRequest{Files: []string{path}, Mapping: m, MaxErrors: 30})
	if report.Bad != 30 || len(report.Problems) != 30 || len(stored(t, h, outcomeLines)) != 2 {
		t.Errorf("%d bad rows, %d problems", report.Bad, len(report.Problems))
	}
	if lines := stored(t, h, "SELECT toString(line) FROM outcomes FINAL ORDER BY line"); strings.Join(lines, " ") != "2 3" {
		t.Errorf("lines %v are stored, want the first of each key", lines)
	}
}

func TestSameContentTwiceInOneImport(t *testing.T) {
	h, m := newHistory(t), parse(t, simple)
	text := header + day("e1", "control", 1, 1000, 100) + day("e1", "blue", 1, 1000, 110)
	for _, force := range []bool{false, true} {
		report := mustImport(t, h, ImportRequest{Files: []string{write(t, "a.csv", text), write(t, "b.csv", text)}, Mapping: m, Force: force})
		if a, b := report.Files[0], report.Files[1]; a.Already || a.Imported+a.Unchanged != 2 || !b.Already || b.Read != 0 {
			t.Errorf("force %v: %+v", force, report.Files)
		}
	}
}

func TestOneBadFileOfSeveral(t *testing.T) {
	h, m := newHistory(t), parse(t, simple)
	good := write(t, "good.csv", header+day("e1", "control", 1, 1000, 100)+day("e1", "blue", 1, 1000, 110))
	bad := write(t, "bad.csv", header+day("e2", "control", 1, 1000, 2000)+day("e2", "blue", 1, 1000, 110))
	report, err := h.Import(context.Background(), ImportRequest{Files: []string{good, bad}, Mapping: m})
	if !errors.Is(err, ErrBadRows) || len(report.Problems) != 1 || report.Problems[0].File != bad {
		t.Errorf("%v, %v", err, report.Problems)
	}
	nothing(t, h)
	mustImport(t, h, ImportRequest{Files: []string{good, bad}, Mapping: m, MaxErrors: 1})
	if s := summary(t, h); s.Outcomes != 3 || s.Experiments != 2 {
		t.Errorf("%+v", s)
	}
}

func TestArmsInSeparateFiles(t *testing.T) {
	h := newHistory(t)
	for _, arm := range []string{"control", "blue"} {
		mustImport(t, h, ImportRequest{Mapping: parse(t, simple), Files: []string{write(t, "a.csv", header+day("e1", arm, 1, 1000, 100))}})
	}
	if e := effects(t, h, EffectQuery{}); len(e) != 1 || !e[0].Usable || e[0].Control != "control" {
		t.Errorf("%+v", e)
	}
}

// A file may be called otherwise than it lies on disk: in the report, in its
// problems, and in the history, where the last of such names is found.
func TestNamedFiles(t *testing.T) {
	ctx, h := context.Background(), newHistory(t)
	m, err := simpleMapping()
	if err != nil {
		t.Fatal(err)
	}
	report, err := h.Import(ctx, ImportRequest{Files: []string{write(t, "bad.csv", header+day("e", "control", 1, 10, 11))}, Names: []string{"source a"}, Mapping: m})
	if !errors.Is(err, ErrBadRows) || report.Files[0].File != "source a" || len(report.Problems) == 0 || report.Problems[0].File != "source a" {
		t.Errorf("%+v, %v", report, err)
	}
	if _, err := h.Import(ctx, ImportRequest{Files: []string{"a", "b"}, Names: []string{"one"}, Mapping: m}); err == nil {
		t.Error("two files with one name came in")
	}
	for i, name := range []string{"source a until 2026-02", "source a until 2026-01", "source b until 2027", "source a"} {
		mustImport(t, h, ImportRequest{Files: []string{write(t, "good.csv", header+day("e", "control", i+1, 1000, 100))}, Names: []string{name}, Mapping: m})
	}
	for beginning, want := range map[string]string{"source a until ": "source a until 2026-02", "source b": "source b until 2027", "none": ""} {
		if got, err := h.LastFile(ctx, beginning); err != nil || got != want {
			t.Errorf("the last of %q is %q, %v; want %q", beginning, got, err, want)
		}
	}
}
