package history

import (
	"fmt"
	"slices"
	"time"

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
// memory at once. A log of exposures has none, nor have experiments: what they say
// twice counts once.
func (s *stager) duplicates(file string, m *mapping.Mapping) (repeated, error) {
	name, params := "duplicate_outcomes", []any{param("version", s.version), param("most", repeatedAtOnce)}
	column, what := m.Experiment.ID.Column, "metric"
	switch m.Layout {
	case mapping.Exposures, mapping.Experiments:
		return repeated{}, nil
	case mapping.Events:
		return s.duplicateEvents(file, m, params)
	case mapping.Users:
		name, what = "duplicate_assignments", "unit"
	case mapping.Pairs:
		params = append(params, param("shared", m.ControlName()))
	default:
		params = append(params, param("shared", ""))
	}
	return s.repeated(name, params, func(rows driver.Rows) (Problem, error) {
		var line, first int64
		var experiment, of, arm string
		err := rows.Scan(&line, &first, &experiment, &of, &arm)
		return Problem{File: file, Line: line, Column: column, Value: experiment,
			Reason: fmt.Sprintf("repeats line %d: experiment %s, %s %s, arm %s", first, experiment, what, of, arm)}, err
	})
}

// duplicateEvents finds events that cannot be told apart. Their times are whole
// seconds here, so that a user who clicks twice in one needs event to count twice.
func (s *stager) duplicateEvents(file string, m *mapping.Mapping, params []any) (repeated, error) {
	return s.repeated("duplicate_facts", params, func(rows driver.Rows) (Problem, error) {
		var line, first int64
		var metric, unit, event string
		var at time.Time
		err := rows.Scan(&line, &first, &metric, &unit, &at, &event)
		p := Problem{File: file, Line: line, Column: m.Unit.Column, Value: unit}
		switch when := at.UTC().Format(time.DateTime); {
		case line == first:
			p.Reason = fmt.Sprintf("gives metric %s twice: each metric has one column of a row", metric)
		case m.Event.Given():
			p.Reason = fmt.Sprintf("repeats line %d: metric %s, second %s, event %q; leave one out, or name a column with event: that tells them apart", first, metric, when, event)
		default:
			p.Reason = fmt.Sprintf("repeats line %d: metric %s, second %s; name a column that tells them apart with event:, or add them up before", first, metric, when)
		}
		return p, err
	})
}

// repeated asks the named query, whose rows are of lines, by line.
func (s *stager) repeated(name string, params []any, problem func(driver.Rows) (Problem, error)) (repeated, error) {
	var found repeated
	rowsFound := 0
	err := each(s.ctx, s.conn, name, func(rows driver.Rows) error {
		p, err := problem(rows)
		rowsFound++
		found.lines, found.problems = append(found.lines, p.Line), append(found.problems, p)
		return err
	}, params...)
	found.lines, found.more = slices.Compact(found.lines), rowsFound == repeatedAtOnce
	return found, err
}

// discard takes bad lines back out of staging, so many at once as a server takes
// in one parameter.
func (s *stager) discard(layout mapping.Layout, lines []int64) error {
	tables := []string{"outcomes"}
	switch layout {
	case mapping.Users:
		tables = []string{"assignments", "facts"}
	case mapping.Events:
		tables = []string{"facts"}
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
