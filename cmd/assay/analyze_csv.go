package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"
)

// csvTests reads a table whose columns have the names of statNames. Commas, tabs and
// semicolons part cells, whichever the header has most of.
func csvTests(name string, text []byte) (fileTests, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator(text)
	r.TrimLeadingSpace = r.Comma != '\t'
	header, err := r.Read()
	if err != nil {
		return fileTests{}, mistakes{csvMistake(name, err, 0)}
	}
	columns, unused, bad := statColumns(name, header)
	if len(bad) > 0 {
		return fileTests{}, bad
	}
	var rows []statRow
	report := func(line int, column, value, reason string) {
		bad = append(bad, problem{File: name, Line: line, Column: column, Value: value, Reason: reason})
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			bad = append(bad, csvMistake(name, err, len(header)))
			if !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			continue
		}
		line, _ := r.FieldPos(0)
		c := statCells{cells: map[string]string{}, columns: map[string]string{}, line: line, report: report}
		for i, column := range columns {
			if column != "" {
				c.cells[column], c.columns[column] = strings.TrimSpace(record[i]), header[i]
			}
		}
		row, ok := c.row()
		if c.statistics(&row) && ok {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 && len(bad) == 0 {
		bad = append(bad, problem{File: name, Line: 1, Reason: "there is a header and no row below it"})
	}
	if len(bad) > 0 {
		return fileTests{}, bad
	}
	out, err := assemble(name, rows)
	if len(unused) > 0 {
		out.notes = append(out.notes, "columns that are not used: "+strings.Join(unused, ", "))
	}
	return out, err
}

func separator(text []byte) rune {
	header, _, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n"))
	best, most := ',', bytes.Count(header, []byte(","))
	for _, other := range []rune{'\t', ';'} {
		if n := bytes.Count(header, []byte(string(other))); n > most {
			best, most = other, n
		}
	}
	return best
}

// statColumns finds out what the columns are. One that is nothing, yet nearly the
// name of something, is a slip.
func statColumns(name string, header []string) (columns, unused []string, bad mistakes) {
	known := slices.Sorted(maps.Keys(statNames))
	for _, aliases := range statNames {
		known = append(known, aliases...)
	}
	slices.Sort(known)
	wrong := func(column, reason string) {
		bad = append(bad, problem{File: name, Line: 1, Column: "column", Value: column, Reason: reason})
	}
	for _, column := range header {
		is := statName(column)
		switch near := document.Nearest(strings.ToLower(strings.TrimSpace(column)), known); {
		case is != "" && slices.Contains(columns, is):
			wrong(column, "means the same as the column "+header[slices.Index(columns, is)])
		case is == "" && near != "":
			wrong(column, fmt.Sprintf("is not known, did you mean %q?", near))
		case is == "":
			unused = append(unused, strings.TrimSpace(column))
		}
		columns = append(columns, is)
	}
	missing := func(of ...string) bool {
		return !slices.ContainsFunc(of, func(c string) bool { return slices.Contains(columns, c) })
	}
	if len(bad) > 0 {
		return columns, unused, bad
	}
	has := "the header has " + strings.Join(header, ", ")
	switch {
	case missing("arm"):
		wrong("arm", "is missing (or variant, group); "+has+". Files with other columns are read with --mapping")
	case missing("n"):
		wrong("n", "is missing (or users, trials); "+has+". Files with other columns are read with --mapping")
	case missing("successes", "y", "mean"):
		wrong("y", "is missing: beside n stands successes, or y (sum) and yy (sum of squares), or mean and variance, sd or se; "+has)
	}
	return columns, unused, bad
}

func csvMistake(name string, err error, columns int) problem {
	p := problem{File: name, Line: 1, Reason: err.Error()}
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		p.Line, p.Reason = bad.StartLine, fmt.Sprintf("%v at character %d", bad.Err, bad.Column)
		if errors.Is(bad.Err, csv.ErrFieldCount) {
			p.Reason = fmt.Sprintf("has not as many cells as the header, which has %d", columns)
		}
	}
	return p
}
