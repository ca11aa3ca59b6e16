package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/source"
)

// importReport is history.ImportReport with stable names for programs; the
// server and its client pass it between them.
type importReport struct {
	Files       []importedFile `json:"files"`
	Experiments int            `json:"experiments"`
	Arms        int            `json:"arms"`
	Metrics     int            `json:"metrics"`
	Days        int            `json:"days"`
	Bad         int64          `json:"bad_rows"`
	Missing     bool           `json:"missing_columns"`
	Problems    []badRow       `json:"problems"`
	Notes       []string       `json:"notes"`
	Views       []source.Look  `json:"views,omitempty"` // of a source, in a dry run
}

// importedFile counts the rows of one file, and what they became.
type importedFile struct {
	File       string `json:"file"`
	SHA256     string `json:"sha256"`
	Already    bool   `json:"already_imported"`
	Read       int64  `json:"rows_read"`
	Skipped    int64  `json:"rows_skipped"`
	Bad        int64  `json:"rows_bad"`
	Imported   int64  `json:"imported"`
	Superseded int64  `json:"superseded"`
	Unchanged  int64  `json:"unchanged"`
	Removed    int64  `json:"removed"`
}

type badRow struct{ history.Problem }

// line is what an editor can jump to: file:line: column, value, reason.
func (b badRow) line() string { return render.Clean(b.String()) }

func reportOf(r history.ImportReport) importReport {
	out := importReport{Files: []importedFile{}, Experiments: r.Experiments, Arms: r.Arms, Metrics: r.Metrics, Days: r.Days,
		Bad: r.Bad, Missing: r.Missing, Problems: make([]badRow, len(r.Problems)), Notes: nonNil(r.Notes)}
	for _, f := range r.Files {
		out.Files = append(out.Files, importedFile(f))
	}
	for i, p := range r.Problems {
		out.Problems[i] = badRow{p}
	}
	return out
}

// withBaseNames hides where a server keeps what was sent to it.
func (r importReport) withBaseNames() importReport {
	for i := range r.Files {
		r.Files[i].File = filepath.Base(r.Files[i].File)
	}
	for i := range r.Problems {
		r.Problems[i].File = filepath.Base(r.Problems[i].File)
	}
	return r
}

var problemColumns = []render.Column[badRow]{
	{Name: "file", Value: func(b badRow) any { return b.File }},
	{Name: "line", Value: func(b badRow) any { return b.Line }},
	{Name: "column", Value: func(b badRow) any { return b.Column }},
	{Name: "value", Value: func(b badRow) any { return b.Value }},
	{Name: "reason", Value: func(b badRow) any { return b.Reason }},
}

func countColumn(name, title string, f func(importedFile) int64) render.Column[importedFile] {
	return render.Column[importedFile]{Name: name, Title: title, Right: true,
		Value: func(r importedFile) any { return f(r) },
		Text:  func(r importedFile) string { return render.Thousands(float64(f(r))) }}
}

var importColumns = []render.Column[importedFile]{
	{Name: "file", Title: "FILE", Grow: true, Value: func(f importedFile) any { return f.File }},
	countColumn("rows_read", "READ", func(f importedFile) int64 { return f.Read }),
	countColumn("rows_skipped", "SKIPPED", func(f importedFile) int64 { return f.Skipped }),
	countColumn("rows_bad", "BAD", func(f importedFile) int64 { return f.Bad }),
	countColumn("imported", "NEW", func(f importedFile) int64 { return f.Imported }),
	countColumn("superseded", "CORRECTED", func(f importedFile) int64 { return f.Superseded }),
	countColumn("unchanged", "UNCHANGED", func(f importedFile) int64 { return f.Unchanged }),
	countColumn("removed", "REMOVED", func(f importedFile) int64 { return f.Removed }),
}

// answerImported prints what a good run did, unless a program has it already.
func (a *app) answerImported(r importReport, dry bool) error {
	switch a.output {
	case string(render.CSVFormat):
		if len(r.Problems) == 0 {
			return render.CSV(a.out, importColumns, r.Files)
		}
	case string(render.TableFormat):
		if err := render.Table(a.out, a.styles(), a.width(), importColumns, r.Files); err != nil {
			return err
		}
		var already []string
		for _, f := range r.Files {
			if f.Already {
				already = append(already, filepath.Base(f.File))
			}
		}
		if len(already) > 0 {
			fmt.Fprintf(a.out, "imported before and left alone: %s (--force reads it again)\n", strings.Join(already, ", "))
		}
		var held []string // what the files hold; a log of exposures has no metrics, one of events no experiments
		for _, of := range []struct {
			n         int
			one, more string
		}{{r.Experiments, "experiment", "experiments"}, {r.Arms, "arm", "arms"}, {r.Metrics, "metric", "metrics"}, {r.Days, "day", "days"}} {
			if of.n > 0 {
				held = append(held, render.Plural(of.n, of.one, of.more))
			}
		}
		if len(held) > 0 {
			fmt.Fprintln(a.out, strings.Join(held, ", "))
		}
	}
	for _, n := range r.Notes {
		a.note("note: %s", n)
	}
	if dry {
		a.note("dry run: nothing was stored")
	}
	return nil
}
