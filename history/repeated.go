package history

import (
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/mapping"
)

// repeated are lines whose natural key an earlier line of the file has.
type repeated struct {
	lines    []int64
	problems []Problem
	more     bool // than were looked for
}

// repeatedAtOnce bounds the memory that a file of nothing but repetitions takes.
var repeatedAtOnce = 100_000

// duplicates finds them in ClickHouse, which does not need to hold all keys in
// memory at once.
func (s *stager) duplicates(file string, m *mapping.Mapping) (repeated, error) {
	name, params := "duplicate_outcomes", []any{param("version", s.version), param("most", repeatedAtOnce), param("shared", "")}
	switch m.Layout {
	case mapping.Users:
		name, params = "duplicate_assignments", params[:2]
	case mapping.Pairs:
		params[2] = param("shared", m.ControlName())
	}
	var found repeated
	rowsFound := 0
	err := each(s.ctx, s.conn, name, func(rows driver.Rows) error {
		var line, first int64
		var experiment, what, arm string
		if err := rows.Scan(&line, &first, &experiment, &what, &arm); err != nil {
			return err
		}
		rowsFound++
		found.lines = append(found.lines, line)
		reason := fmt.Sprintf("repeats line %d: experiment %s, metric %s, arm %s", first, experiment, what, arm)
		if m.Layout == mapping.Users {
			reason = fmt.Sprintf("repeats line %d: experiment %s, unit %s, arm %s", first, experiment, what, arm)
		}
		found.problems = append(found.problems, Problem{File: file, Line: line, Column: m.Experiment.ID.Column, Value: experiment, Reason: reason})
		return nil
	}, params...)
	found.lines, found.more = slices.Compact(found.lines), rowsFound == repeatedAtOnce
	return found, err
}

// discard takes bad lines back out of staging, so many at once as a server takes
// in one parameter.
func (s *stager) discard(layout mapping.Layout, lines []int64) error {
	tables := []string{"outcomes"}
	if layout == mapping.Users {
		tables = []string{"assignments", "facts"}
	}
	for some := range slices.Chunk(lines, 20_000) {
		for _, table := range tables {
			if err := exec(s.ctx, s.conn, "discard_"+table, param("version", s.version), param("lines", some)); err != nil {
				return err
			}
		}
	}
	return nil
}
