package source

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"time"

	clickhouse "github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// withoutDeadline ends when ctx does, but tells nobody when that will be.
func withoutDeadline(ctx context.Context) (context.Context, func()) {
	free, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return free, func() { stop(); cancel(nil) }
}

// ask hands every row of a query to scan.
func (s *Source) ask(ctx context.Context, q Queryer, view, sql string, scan func(clickhouse.Rows) error, params ...any) error {
	free, done := withoutDeadline(ctx)
	defer done()
	rows, err := q.Query(free, sql, params...)
	if err == nil {
		defer rows.Close()
		for err == nil && rows.Next() {
			err = scan(rows)
		}
		if err == nil {
			err = rows.Err()
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return s.explain(view, err)
	}
	return nil
}

// stream hands the columns of a query, and then every row as text, on.
func (s *Source) stream(ctx context.Context, q Queryer, view, sql string, params []any, head func([]Column) error, row func([]string) error) error {
	var columns []Column
	var values []any
	var cells, forms []string
	begin := func(rows clickhouse.Rows) error {
		columns = []Column{}
		for _, t := range rows.ColumnTypes() {
			columns = append(columns, Column{Name: t.Name(), Type: t.DatabaseTypeName()})
			values = append(values, reflect.New(t.ScanType()).Interface())
			forms = append(forms, timeForm(t.DatabaseTypeName()))
		}
		cells = make([]string, len(columns))
		return head(columns)
	}
	err := s.ask(ctx, q, view, sql, func(rows clickhouse.Rows) error {
		if columns == nil {
			if err := begin(rows); err != nil {
				return err
			}
		}
		if err := rows.Scan(values...); err != nil {
			return err
		}
		for i, v := range values {
			cells[i] = text(reflect.ValueOf(v).Elem().Interface(), forms[i])
		}
		return row(cells)
	}, params...)
	if err == nil && columns == nil {
		if err = head(nil); err != nil {
			err = s.explain(view, err)
		}
	}
	return err
}

var calendar = regexp.MustCompile(`^(LowCardinality\(|Nullable\()*Date(32)?\)*$`)

// timeForm is how the times of a column are written. An instant has the zone in which the
// warehouse shows it, so that its day is the one that is seen there. Of a date the client
// makes midnight in the server's zone, which in UTC is yesterday to the east of Greenwich.
func timeForm(typ string) string {
	if calendar.MatchString(typ) {
		return time.DateOnly
	}
	return time.RFC3339Nano
}

// text is a value as an import reads it: "" for none.
func text(v any, form string) string {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return ""
		}
		if _, whole := v.(fmt.Stringer); !whole || r.Elem().Type() == reflect.TypeFor[time.Time]() {
			return text(r.Elem().Interface(), form)
		}
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return string(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return v.Format(form)
	case fmt.Stringer:
		return v.String()
	case driver.Valuer:
		if plain, err := v.Value(); err == nil {
			return text(plain, form)
		}
	}
	return fmt.Sprint(v)
}
