package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"

	"github.com/assay-planner/assay/history/mapping"
)

// Options of Read. The zero value is ready to use.
type Options struct {
	Name     string                  // of the file in problems; "" means its path
	Progress func(bytes, rows int64) // called after every batch; may be nil
}

// Result is what Read found in a file.
type Result struct {
	Rows     int64     // in the file
	Skipped  int64     // left out by a rule of the mapping
	Bad      int64     // with at least one problem
	Problems []Problem // by column and line of each batch
	Missing  bool      // columns that the mapping needs, or one that is there twice: no row was read

	Experiments []*Experiment // in order of first appearance
	Metrics     []string
	Days        []int64 // since 1970, in order

	Reckonings map[string]mapping.Reckoning // of the metrics for which the mapping has one
}

// reader turns the batches of one file into checked columns.
type reader struct {
	m       *mapping.Mapping
	options Options
	sink    Sink
	wanted  []string
	index   map[string]int // wanted column → position
	null    map[string]bool
	result  Result

	table *table
	bad   []bool              // rows of the batch to leave out: bad or skipped
	wrong []bool              // rows of the batch with a problem
	plain map[string][]string // columns of the batch as text, of those asked for so far

	catalog   catalog
	constants map[string][]string
}

// FileError says that a file cannot be read as what it is: it is empty, damaged or cut off.
type FileError struct {
	Name string
	Err  error
}

func (e *FileError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap is what was met.
func (e *FileError) Unwrap() error { return e.Err }

// Read streams the file at path through m into sink. What is wrong with the
// file is in the result's Problems; a [*FileError] means that it could not be read.
func Read(ctx context.Context, path string, m *mapping.Mapping, sink Sink, options Options) (Result, error) {
	if options.Name == "" {
		options.Name = path
	}
	r := &reader{m: m, options: options, sink: sink, wanted: m.Columns(), index: map[string]int{},
		null: map[string]bool{}, catalog: newCatalog(), constants: map[string][]string{}}
	for i, name := range r.wanted {
		r.index[name] = i
	}
	for _, text := range m.Null {
		r.null[text] = true
	}
	var bytes int64
	src, err := open(ctx, path, r.wanted, r, func(done int64) { bytes = done })
	if err != nil {
		return Result{}, &FileError{options.Name, err}
	}
	err = r.all(ctx, src, func() {
		if options.Progress != nil {
			options.Progress(bytes, r.result.Rows)
		}
	})
	if err = errors.Join(err, src.close()); err != nil {
		if _, told := errors.AsType[*FileError](err); told {
			return Result{}, err
		}
		return Result{}, fmt.Errorf("%s: %w", options.Name, err)
	}
	r.result.Experiments = r.catalog.finish(m)
	r.result.Metrics, r.result.Days = slices.Sorted(maps.Keys(r.catalog.metrics)), slices.Sorted(maps.Keys(r.catalog.days))
	r.result.Reckonings = r.catalog.reckonings
	return r.result, nil
}

func (r *reader) all(ctx context.Context, src source, advanced func()) error {
	if !r.columnsPresent(src.names()) {
		return nil
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := src.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &FileError{r.options.Name, err}
		}
		if err := r.batch(t); err != nil {
			return err
		}
		advanced()
	}
}

// columnsPresent reports every column that the file lacks, or has twice. They
// are no rows, and no number of allowed bad rows makes up for them.
func (r *reader) columnsPresent(has []string) bool {
	if len(has) == 0 && r.result.Bad > 0 {
		return false // not one line could be read, and each has been reported
	}
	times := map[string]int{}
	for _, name := range has {
		times[name]++
	}
	for _, name := range r.wanted {
		reason := "the file has no such column; it has " + strings.Join(has, ", ")
		switch near := document.Nearest(name, has); {
		case times[name] == 1:
			continue
		case times[name] > 1:
			reason = "the file has this column " + strconv.Itoa(times[name]) + " times: which one is meant?"
		case len(has) == 0:
			reason = "the file has no columns at all"
		case near != "":
			reason = fmt.Sprintf("the file has no such column, did you mean %q? It has %s", near, strings.Join(has, ", "))
		}
		r.note(Problem{File: r.options.Name, Column: name, Reason: reason})
		r.result.Missing = true
	}
	return !r.result.Missing
}

// batch checks one batch and passes on its good rows.
func (r *reader) batch(t *table) error {
	r.table, r.bad, r.wrong, r.plain = t, make([]bool, len(t.lines)), make([]bool, len(t.lines)), map[string][]string{}
	r.result.Rows += int64(len(t.lines))
	r.skip()
	switch r.m.Layout {
	case mapping.Users:
		return r.users()
	case mapping.Exposures:
		return r.exposures()
	case mapping.Events:
		return r.events()
	case mapping.Experiments:
		r.describe(r.attributes())
		return nil
	}
	return r.outcomes()
}

func (r *reader) skip() {
	for _, rule := range r.m.Skip {
		for i, text := range r.cells(rule.Column) {
			if !r.bad[i] && rule.Matches(text, text == "") {
				r.bad[i] = true
				r.result.Skipped++
			}
		}
	}
}

// report notes a problem of one row, which is then left out. Rows that a rule
// has already left out are not looked at.
func (r *reader) report(row int, column, value, reason string) {
	if r.bad[row] && !r.wrong[row] {
		return
	}
	if !r.wrong[row] {
		r.bad[row], r.wrong[row] = true, true
		r.result.Bad++
	}
	r.note(Problem{File: r.options.Name, Line: r.table.lines[row], Column: column, Value: shown(value), Reason: reason})
}

// badLine notes lines that cannot be cut into cells. They count as one row each,
// so that a quote which nobody closes costs what it swallows.
func (r *reader) badLine(line, lines int64, value, reason string) {
	r.result.Rows += lines
	r.result.Bad += lines
	r.note(Problem{File: r.options.Name, Line: line, Value: shown(value), Reason: reason})
}

func (r *reader) note(p Problem) {
	if len(r.result.Problems) < maxProblems {
		r.result.Problems = append(r.result.Problems, p)
	}
}
