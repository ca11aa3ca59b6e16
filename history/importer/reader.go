package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

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
	Missing  bool      // columns that the mapping needs: no row was read

	Experiments []*Experiment // in order of first appearance
	Metrics     []string
	Days        []int64 // since 1970, in order
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
	bad   []bool // rows of the batch to leave out: bad or skipped
	wrong []bool // rows of the batch with a problem

	catalog   catalog
	constants map[string][]string
}

// Read streams the file at path through m into sink. What is wrong with the
// file is in the result's Problems; an error means that it could not be read.
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
		return Result{}, fmt.Errorf("%s: %w", options.Name, err)
	}
	err = r.all(ctx, src, func() {
		if options.Progress != nil {
			options.Progress(bytes, r.result.Rows)
		}
	})
	if err = errors.Join(err, src.close()); err != nil {
		return Result{}, fmt.Errorf("%s: %w", options.Name, err)
	}
	r.result.Experiments = r.catalog.finish(m)
	r.result.Metrics, r.result.Days = slices.Sorted(maps.Keys(r.catalog.metrics)), slices.Sorted(maps.Keys(r.catalog.days))
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
			return err
		}
		if err := r.batch(t); err != nil {
			return err
		}
		advanced()
	}
}

// columnsPresent reports every column that the file lacks.
func (r *reader) columnsPresent(has []string) bool {
	present, all := map[string]bool{}, true
	for _, name := range has {
		present[name] = true
	}
	for _, name := range r.wanted {
		if present[name] {
			continue
		}
		reason := "the file has no such column; it has " + strings.Join(has, ", ")
		if near := mapping.Nearest(name, has); near != "" {
			reason = fmt.Sprintf("the file has no such column, did you mean %q? It has %s", near, strings.Join(has, ", "))
		}
		r.note(Problem{File: r.options.Name, Column: name, Reason: reason})
		r.result.Bad++
		r.result.Missing, all = true, false
	}
	return all
}

// batch checks one batch and passes on its good rows.
func (r *reader) batch(t *table) error {
	r.table, r.bad, r.wrong = t, make([]bool, len(t.lines)), make([]bool, len(t.lines))
	r.result.Rows += int64(len(t.lines))
	r.skip()
	if r.m.Layout == mapping.Users {
		return r.users()
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

// badLine notes a line that cannot be cut into cells.
func (r *reader) badLine(line int64, value, reason string) {
	r.result.Rows++
	r.result.Bad++
	r.note(Problem{File: r.options.Name, Line: line, Value: shown(value), Reason: reason})
}

func (r *reader) note(p Problem) {
	if len(r.result.Problems) < maxProblems {
		r.result.Problems = append(r.result.Problems, p)
	}
}

// cells returns a column as text, with the mapping's null texts emptied.
func (r *reader) cells(name string) []string {
	texts := r.table.columns[r.index[name]].texts()
	if len(r.null) == 0 {
		return texts
	}
	plain := make([]string, len(texts))
	for i, text := range texts {
		if !r.null[text] {
			plain[i] = text
		}
	}
	return plain
}

func (r *reader) column(name string) column {
	c := r.table.columns[r.index[name]]
	if len(r.null) > 0 && isText(c) {
		return textColumn(r.cells(name))
	}
	return c
}

// texts evaluates a text field for every row of the batch.
func (r *reader) texts(f mapping.Field, required bool) []string {
	if f.Column == "" {
		return r.constant(f.Value)
	}
	texts := r.cells(f.Column)
	if f.Default == "" && f.Rename == nil && !required {
		return texts
	}
	out := texts
	if f.Default != "" || f.Rename != nil {
		out = make([]string, len(texts))
		for i, text := range texts {
			if renamed, ok := f.Rename[text]; ok {
				text = renamed
			}
			if text == "" {
				text = f.Default
			}
			out[i] = text
		}
	}
	for i, text := range out {
		if required && text == "" {
			r.report(i, f.Column, "", "is empty")
		}
	}
	return out
}

// constant returns a column of one value.
func (r *reader) constant(value string) []string {
	rows := len(r.table.lines)
	for len(r.constants[value]) < rows {
		r.constants[value] = append(r.constants[value], value)
	}
	return r.constants[value][:rows]
}

// numbers evaluates a column of finite numbers; NaN means no value, which is a
// problem only where one is required.
func (r *reader) numbers(name string, required bool) []float64 {
	c := r.column(name)
	unreadable := map[int]bool{}
	numbers := c.numbers(func(row int, reason string) {
		unreadable[row] = true
		r.report(row, name, c.shown(row), reason)
	})
	for i, x := range numbers {
		if x-x == 0 { // neither NaN nor infinite
			continue
		}
		switch {
		case math.IsInf(x, 0):
			r.report(i, name, c.shown(i), "is not finite")
		case required && !unreadable[i]:
			r.report(i, name, "", "is empty")
		}
	}
	return numbers
}

// instants evaluates a field of dates and times as Unix seconds, 0 for none.
func (r *reader) instants(f mapping.Field, required bool) []int64 {
	var instants []int64
	switch {
	case !f.Given():
		return make([]int64, len(r.table.lines))
	case f.Column == "":
		instants = textColumn(r.constant(f.Value)).instants(f.Format, func(row int, reason string) { r.report(row, "", f.Value, reason) })
	default:
		c := r.column(f.Column)
		if f.Default != "" || f.Rename != nil {
			c = textColumn(r.texts(f, false))
		}
		reported := map[int]bool{}
		instants = c.instants(f.Format, func(row int, reason string) {
			reported[row] = true
			r.report(row, f.Column, c.shown(row), reason)
		})
		for i, t := range instants {
			if required && t == 0 && !reported[i] {
				r.report(i, f.Column, "", "is empty")
			}
		}
	}
	if plus := int64(f.Plus / time.Second); plus != 0 {
		for i := range instants {
			if instants[i] != 0 {
				instants[i] += plus
			}
		}
	}
	return instants
}
