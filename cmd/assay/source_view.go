package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history/source"
)

// seen is one column of a view, with its first values.
type seen struct {
	source.Column
	values []string
}

var seenColumns = []render.Column[seen]{
	{Name: "column", Title: "COLUMN", Value: func(s seen) any { return s.Name }},
	{Name: "type", Title: "TYPE", Value: func(s seen) any { return s.Type }},
	{Name: "read", Title: "READ", Value: func(s seen) any {
		if s.Read {
			return "yes"
		}
		return "no"
	}},
	{Name: "values", Title: "FIRST VALUES", Grow: true, Value: func(s seen) any { return strings.Join(s.values, " · ") }},
}

// showLooks prints what each view of a source answers.
func (a *app) showLooks(looks []source.Look) error {
	for _, l := range looks {
		fmt.Fprintf(a.out, "%s: %s\n", l.View, countLook(l))
		rows := make([]seen, len(l.Columns))
		for i, c := range l.Columns {
			rows[i].Column = c
			for _, r := range l.Rows {
				rows[i].values = append(rows[i].values, r[i])
			}
		}
		if err := render.Table(a.out, a.styles(), a.width(), seenColumns, rows); err != nil {
			return err
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

// countLook says how many rows a view has.
func countLook(l source.Look) string {
	text := render.Plural(int(l.Count), "row", "rows")
	if l.Lacking > 0 {
		text += fmt.Sprintf(" (%s left out: no unit, experiment, arm or time)", render.Thousands(float64(l.Lacking)))
	}
	return text
}

// examineSource connects to a source as an import does, and looks at its views.
func examineSource(ctx context.Context, path string) []finding {
	failed := func(err error) finding {
		f := classify(ctx, sourceFault(err))
		return finding{fail, "source", f.Error(), f.step}
	}
	s, conn, err := openSource(ctx, path)
	if err != nil {
		return []finding{failed(err)}
	}
	defer conn.Close()
	limits, err := s.Limits(ctx, conn)
	if err != nil {
		return []finding{failed(err)}
	}
	text := s.Name + " answers; "
	if limits.ReadOnly {
		text += "this user cannot write there"
	} else {
		text += "this user may write there, Assay does not"
	}
	if limits.Seconds > 0 {
		text += fmt.Sprintf("; a query may take %g s", limits.Seconds)
	}
	fs := []finding{{pass, "source", text, ""}}
	looks, err := s.Look(ctx, conn)
	for _, l := range looks {
		read := 0
		for _, c := range l.Columns {
			if c.Read {
				read++
			}
		}
		fs = append(fs, finding{pass, "source", fmt.Sprintf("%s: %s, %s read", l.View, countLook(l), render.Plural(read, "column", "columns")), ""})
	}
	if err != nil {
		fs = append(fs, failed(err))
	}
	return fs
}
