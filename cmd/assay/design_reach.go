package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/reach"
)

// readReach fits the curve through a file of days and different users so far.
func readReach(path string, exponent float64) (reach.Curve, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return reach.Curve{}, unread(path, err)
	}
	points, lines, err := parseReach(text)
	if err != nil {
		return reach.Curve{}, badInput(fmt.Errorf("%s:%w", path, err))
	}
	curve, err := reach.Fit(points, reach.Options{Exponent: exponent})
	if bad, ok := errors.AsType[*stats.InputError](err); ok {
		var i int
		if n, _ := fmt.Sscanf(bad.Field, "points[%d]", &i); n == 1 && i < len(lines) {
			column := "day"
			if strings.HasSuffix(bad.Field, "Users") {
				column = "users"
			}
			return curve, badInput(fmt.Errorf("%s:%d: column %s: %g %s", path, lines[i], column, bad.Value, bad.Reason))
		}
		return curve, badInput(fmt.Errorf("%s: %s", path, bad.Reason))
	}
	return curve, err
}

// parseReach reads day,users with a header that names both; it may be separated by
// semicolons or tabs, and have more columns. Errors start with a line number.
func parseReach(text []byte) (points []reach.Point, lines []int, err error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	switch {
	case bytes.ContainsRune(first, ';'):
		in.Comma = ';'
	case bytes.ContainsRune(first, '\t'):
		in.Comma = '\t'
	}
	day, users := -1, -1
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, nil, fmt.Errorf("%d: %w", bad.Line, bad.Err)
		} else if err != nil {
			return nil, nil, fmt.Errorf("1: %w", err)
		}
		line, _ := in.FieldPos(0)
		if day < 0 {
			if day, users = columnOf(row, "day"), columnOf(row, "users"); day < 0 || users < 0 {
				return nil, nil, fmt.Errorf("%d: the first line must name the columns day and users, it has %q", line, strings.Join(row, ","))
			}
			continue
		}
		var p reach.Point
		for _, c := range []struct {
			name string
			at   int
			to   *float64
		}{{"day", day, &p.Day}, {"users", users, &p.Users}} {
			if c.at >= len(row) {
				return nil, nil, fmt.Errorf("%d: column %s: there is none in this line", line, c.name)
			}
			if *c.to, err = parseNumber(strings.TrimSpace(row[c.at])); err != nil {
				return nil, nil, fmt.Errorf("%d: column %s: %q %w", line, c.name, row[c.at], err)
			}
		}
		points, lines = append(points, p), append(lines, line)
	}
	switch {
	case day < 0:
		return nil, nil, errors.New("1: the file is empty: it needs a line day,users and one line for each day")
	case len(points) == 0:
		return nil, nil, errors.New("1: there are no days below the header")
	}
	return points, lines, nil
}

func columnOf(header []string, name string) int {
	for i, h := range header {
		if strings.EqualFold(strings.TrimSpace(h), name) {
			return i
		}
	}
	return -1
}
