package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/mapping/document"
)

// Queryer is all that this package can do with a warehouse. A driver.Conn is one.
type Queryer interface {
	Query(ctx context.Context, query string, args ...any) (driver.Rows, error)
}

// view is one of a source's SELECTs, and the columns by which it is read.
type view struct {
	name, sql string
	needs     []string
	may       []string // has too
	instants  []string // of needs and may
	any       bool     // the mapping says which columns are read
}

// ids are the columns without which a row counts nowhere.
func (v view) ids() (ids []string) {
	for _, name := range v.needs {
		if !v.any && (strings.HasSuffix(name, "_id") || name == "timestamp") {
			ids = append(ids, name)
		}
	}
	return ids
}

// views of the source, in the order in which they are read.
func (s *Source) views() []view {
	if s.Outcomes != "" {
		v := view{name: "outcomes", sql: s.Outcomes, any: true}
		if s.Watermark != "" {
			v.needs, v.instants = []string{s.Watermark}, []string{s.Watermark}
		}
		return []view{v}
	}
	all := []view{{name: "assignments", sql: s.Assignments, needs: []string{"unit_id", "timestamp", "experiment_id", "variation_id"}, may: []string{"segment"}, instants: []string{"timestamp"}}}
	for _, f := range s.Facts {
		all = append(all, view{name: "facts of " + f.Metric, sql: f.SQL, needs: []string{"timestamp", "unit_id", "value"}, may: []string{"denominator"}, instants: []string{"timestamp"}})
	}
	if s.Experiments != "" {
		v := view{name: "experiments", sql: s.Experiments, needs: []string{"experiment_id"}, may: slices.Concat(aboutExperiment, datesOfExperiment, []string{"planned_users", "control", "excluded"}),
			instants: append(datesOfExperiment[:len(datesOfExperiment):len(datesOfExperiment)], s.Watermark)}
		if s.Watermark != "" && !slices.Contains(v.may, s.Watermark) {
			v.needs = append(v.needs, s.Watermark)
		}
		all = append(all, v)
	}
	if s.Arms != "" {
		all = append(all, view{name: "arms", sql: s.Arms, needs: []string{"experiment_id", "variation_id"}, may: []string{"title", "weight"}})
	}
	return all
}

// Look is what a view answers.
type Look struct {
	View    string     `json:"view"`
	Columns []Column   `json:"columns"`
	Rows    [][]string `json:"first_rows"`
	Count   uint64     `json:"rows"`                   // all of them
	Lacking uint64     `json:"rows_left_out,omitzero"` // of them, for lack of a unit, experiment, arm or time
}

// Column of a view. One that is not read is left alone.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Read bool   `json:"read"`
}

// Limits are what the server lets the user do.
type Limits struct {
	ReadOnly bool
	Seconds  float64 // of one query; 0: no limit
}

// Limits asks the server for the user's limits.
func (s *Source) Limits(ctx context.Context, q Queryer) (l Limits, err error) {
	var readonly string
	err = s.ask(ctx, q, "the user's settings", "SELECT toString(getSetting('readonly')) AS readonly, toFloat64(getSetting('max_execution_time')) AS seconds", func(rows driver.Rows) error {
		return rows.Scan(&readonly, &l.Seconds)
	})
	l.ReadOnly = readonly != "0"
	return l, err
}

// firstRows of a look.
const firstRows = 5

// Look asks every view for its columns, its first rows and its number of rows.
// The error names the view, and what was answered before it comes too.
func (s *Source) Look(ctx context.Context, q Queryer) ([]Look, error) {
	var looks []Look
	for _, v := range s.views() {
		l, err := s.look(ctx, q, v)
		if err != nil {
			return looks, err
		}
		columns, conditions := v.odd(l.Columns)
		for i, c := range columns {
			conditions[i] = "anyIf(ifNull(toString(v." + quoteName(c) + "), ''), " + conditions[i] + ")"
		}
		var odd []string
		err = s.ask(ctx, q, v.name, "SELECT count() AS rows, countIf("+lacking(v.ids()...)+") AS lacking, arrayConcat(emptyArrayString(), ["+strings.Join(conditions, ", ")+"]) AS odd FROM (\n"+v.sql+"\n) AS v",
			func(rows driver.Rows) error { return rows.Scan(&l.Count, &l.Lacking, &odd) })
		if err == nil {
			err = s.outOfTime(v, columns, odd)
		}
		if err != nil {
			return looks, err
		}
		looks = append(looks, l)
	}
	return looks, nil
}

// look reads the first rows of a view, and checks its columns. A server names no columns
// where there are no rows; of an aggregate over none there is one.
func (s *Source) look(ctx context.Context, q Queryer, v view) (Look, error) {
	l := Look{View: v.name}
	see := func(columns []Column) error {
		l.Columns = columns
		return v.check(l.Columns)
	}
	err := s.stream(ctx, q, v.name, fmt.Sprintf("SELECT * FROM (\n%s\n) LIMIT %d", v.sql, firstRows), nil, func(columns []Column) error {
		if columns == nil {
			return nil
		}
		return see(columns)
	}, func(cells []string) error {
		l.Rows = append(l.Rows, slices.Clone(cells))
		return nil
	})
	if err == nil && l.Columns == nil {
		err = s.stream(ctx, q, v.name, "SELECT * APPLY(any) FROM (\n"+v.sql+"\n)", nil, func(columns []Column) error {
			for i, c := range columns {
				columns[i].Name = strings.TrimSuffix(strings.TrimPrefix(c.Name, "any("), ")")
			}
			return see(columns)
		}, func([]string) error { return nil })
	}
	return l, err
}

// check marks the columns that are read, and says which are missing.
func (v view) check(has []Column) error {
	names := make([]string, len(has))
	for i, c := range has {
		names[i] = c.Name
		has[i].Read = v.any || slices.Contains(v.needs, c.Name) || slices.Contains(v.may, c.Name)
	}
	for _, name := range v.needs {
		if slices.Contains(names, name) {
			continue
		}
		hint := "it has " + strings.Join(names, ", ")
		if near := document.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %s AS %s? It has %s", near, name, strings.Join(names, ", "))
		}
		return fmt.Errorf("it lacks the column %s; %s", name, hint)
	}
	return nil
}

// has reports whether a look found the column.
func (l Look) has(name string) bool {
	return slices.ContainsFunc(l.Columns, func(c Column) bool { return c.Name == name })
}
