package source

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/assay-planner/assay/history/mapping"
)

// A server makes an instant of whatever number it is given: milliseconds since 1970 become
// the last day of the year 9999, without an error. So an instant of a unit, and any that is
// a number, must be one that Assay's own history can hold.

var numeric = regexp.MustCompile(`^(LowCardinality\(|Nullable\()*(U?Int|B?Float|Decimal)`)

// odd are the columns of the view whose instants are looked at, with a condition that says
// in SQL that one is none.
func (v view) odd(has []Column) (columns, conditions []string) {
	for _, c := range has {
		at := "v." + quoteName(c.Name)
		switch counted := numeric.MatchString(c.Type); {
		case !slices.Contains(v.instants, c.Name):
		case counted:
			columns = append(columns, c.Name)
			conditions = append(conditions, fmt.Sprintf("ifNull(%s != 0 AND (%s < %d OR %s > %d), 0)", at, at, mapping.FirstCounted, at, mapping.LastInstant))
		case c.Name == "timestamp" && !v.any:
			columns = append(columns, c.Name)
			conditions = append(conditions, fmt.Sprintf("ifNull(%s < 0 OR %s > %d, 0)", second(at), second(at), mapping.LastInstant))
		}
	}
	return columns, conditions
}

// instant is a column as a DateTime64(6, 'UTC'), and an error of the server where it is none.
func (v view) instant(has []Column, name string) string {
	at := "toDateTime64(v." + quoteName(name) + ", 6, 'UTC')"
	columns, conditions := v.odd(has)
	if i := slices.Index(columns, name); i >= 0 {
		at = "(" + at + " + throwIf(" + conditions[i] + "))"
	}
	return at
}

// thrown says whether instant has found one.
func thrown(err error) bool {
	var ex *clickhouse.Exception
	return errors.As(err, &ex) && ex.Code == 395
}

// outOfTime tells of the first column in which a look has found an odd value.
func (s *Source) outOfTime(v view, columns, values []string) error {
	for i, value := range values {
		if value == "" {
			continue
		}
		f := &Fault{Source: s.Name, View: v.name, Err: fmt.Errorf("column %s: %q lies outside the years 1970 to 2105", columns[i], value),
			WayOut: "mend the view's SQL, or leave such rows out by its WHERE"}
		if n := strings.TrimLeft(value, "0123456789"); n == "" || n[0] == '.' {
			f.Err = fmt.Errorf("column %s: %q is no number of seconds since 1970, from 1973 to 2105", columns[i], value)
			f.WayOut = fmt.Sprintf("make an instant of it in the view's SQL; of milliseconds by fromUnixTimestamp64Milli(toInt64(%s)) AS %[1]s, of microseconds by fromUnixTimestamp64Micro", columns[i])
		}
		return f
	}
	return nil
}
