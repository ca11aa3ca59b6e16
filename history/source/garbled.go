package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// notParsed says whether the server could not make of a text what it must be. Its error
// names neither view nor column.
func notParsed(err error) bool {
	var ex *clickhouse.Exception
	return errors.As(err, &ex) && slices.Contains([]int32{cannotParseText, unexpectedText, endOfText, cannotParseDate, cannotParseNumber}, ex.Code)
}

// garbled finds the first column with a text that is no number or no instant, where it must
// be; nil if there is none.
func (s *Source) garbled(ctx context.Context, q Queryer, views []view, looks []Look) error {
	for i, v := range views {
		for _, c := range looks[i].Columns {
			is := v.is(c)
			if is == "" {
				continue
			}
			var rows uint64
			var value string
			err := s.ask(ctx, q, v.name, "SELECT count() AS rows, any(toString(assumeNotNull("+c.of()+"))) AS value FROM (\n"+v.sql+"\n) AS v WHERE "+c.of()+" IS NOT NULL AND "+is+" IS NULL",
				func(row driver.Rows) error { return row.Scan(&rows, &value) })
			if err != nil {
				return err
			}
			if rows > 0 {
				return s.garbledAs(v, c, value, rows)
			}
		}
	}
	return nil
}

// of is the column, in SQL.
func (c Column) of() string { return "v." + quoteName(c.Name) }

// is reads in SQL a column of texts as what it must be, with NULL where it is not; "" where
// any text will do.
func (v view) is(c Column) string {
	switch {
	case !strings.Contains(c.Type, "String"):
	case slices.Contains(v.instants, c.Name):
		return "toDateTime64OrNull(toString(" + c.of() + "), 6, 'UTC')"
	case !v.any && slices.Contains([]string{"value", "denominator"}, c.Name):
		return "toFloat64OrNull(toString(" + c.of() + "))"
	}
	return ""
}

func (s *Source) garbledAs(v view, c Column, value string, rows uint64) error {
	f := &Fault{Source: s.Name, View: v.name, Err: fmt.Errorf("column %s: %q is no number, as one of %d such rows", c.Name, value, rows),
		WayOut: fmt.Sprintf("mend the view's SQL, leave such rows out by its WHERE, or let them count as 0: toFloat64OrNull(x) AS %s", c.Name)}
	if slices.Contains(v.instants, c.Name) {
		f.Err = fmt.Errorf("column %s: %q is no instant, as one of %d such rows", c.Name, value, rows)
		f.WayOut = fmt.Sprintf("make an instant of it in the view's SQL, as by parseDateTimeBestEffort(x, 'Europe/Berlin') AS %s; of what may be empty by parseDateTimeBestEffortOrNull", c.Name)
	}
	return f
}
