package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// results are columns that a query may have, of number and of the table odd.
var results = []string{
	// no type, or none but NULL
	"NULL", "materialize(NULL)", "[]", "[NULL]", "[[], [NULL]]", "(NULL, number)", "(number, NULL)", "map('a', NULL)", "map()", "[(NULL, [])]",
	"arrayMap(i -> NULL, range(number))", "if(number % 2, NULL, NULL)", "(SELECT 1 WHERE 0)",
	// the same in all rows
	"1", "'x'", "CAST(NULL AS Nullable(Int8))", "toNullable('x')", "toLowCardinality('x')", "(1, 'x')", "[1, NULL, 3]", "map('a', 1)", "today() - today()",
	// and not
	"number", "toString(number)", "if(number % 2, NULL, number)", "number % 2 = 1", "toFloat64(number) / 3", "toFloat32(number) / 3", "toBFloat16(number)", "-toInt128(number)", "toUInt256(number)",
	"toDecimal64(number, 3) / 8", "toFixedString(toString(number), 3)", "toDate('2026-03-08') + number", "toDate32('1925-01-01') + number", "toDateTime('2026-03-08 09:59:59', 'UTC') + number",
	"toDateTime64('2026-03-08 09:59:59.125', 3, 'America/New_York') + number", "reinterpret(toUInt128(number), 'UUID')", "toIPv4(toUInt32(number))", "toIPv6('2001:db8::1')",
	"CAST(number % 2 AS Enum8('even' = 0, 'odd' = 1))", "number % 2 = 1 AND NULL",
	// one in another
	"range(number)", "arrayMap(i -> range(i), range(number))", "arrayMap(i -> if(i % 2, NULL, i), range(number))", "arrayMap(i -> (i, toString(i)), range(number))",
	"CAST((number, 'x') AS Tuple(a UInt64, b String))", "CAST([(number, 'x')] AS Nested(a UInt64, b String))", "map(toString(number), range(number))", "map('a', if(number % 2, NULL, number))",
	"CAST((number, number) AS Point)", "CAST([(number, 1)] AS Ring)",
	// each text once
	"toLowCardinality(toString(number % 2))", "toLowCardinality(if(number % 2, NULL, 'x'))", "arrayMap(i -> toLowCardinality(toString(i)), range(number))", "[toLowCardinality(if(number % 2, NULL, 'x'))]",
	"map(toLowCardinality('a'), toLowCardinality(toString(number)))", "(toLowCardinality('a'), number)", "CAST([], 'Array(LowCardinality(String))')",
	// of the value's own type
	"CAST(if(number % 2, NULL, number) AS Variant(UInt64, String))", "CAST(number AS Dynamic)", "CAST(NULL AS Dynamic)", "[CAST(number AS Variant(UInt64, String))]",
	`CAST('{"a": 1, "b": ["x"]}' AS JSON(a UInt8, b Array(String)))`,
	// in the table, where most are not written
	"rare", "rare_text", "rare_null",
}

// TestNativeIsText: through clickhouse-go comes what the engine itself writes as
// text, in whatever place and however many blocks the column comes.
func TestNativeIsText(t *testing.T) {
	conn := connect(t)
	exec(t, conn, `CREATE TABLE odd (number UInt64, rare UInt64, rare_text String, rare_null Nullable(UInt64)) ENGINE = MergeTree ORDER BY number
		SETTINGS ratio_of_defaults_for_sparse_serialization = 0.5`)
	exec(t, conn, "INSERT INTO odd SELECT number, if(number = 3, 7, 0), if(number = 4, 'x', ''), if(number = 5, 1, NULL) FROM numbers(7)")
	if n := scalar[uint64](t, conn, "SELECT count() FROM system.parts_columns WHERE table = 'odd' AND database = currentDatabase() AND active AND serialization_kind = 'Sparse'"); n < 2 {
		t.Errorf("%d columns are sparse", n)
	}
	database := scalar[string](t, conn, "SELECT currentDatabase()")
	for _, column := range results {
		for _, form := range []string{
			"SELECT %s AS c, number AS n FROM odd ORDER BY number",
			"SELECT number AS n, %s AS c FROM odd ORDER BY number",
			"SELECT %s AS c FROM odd WHERE number = 5",
			"SELECT %s AS c, number AS n FROM odd WHERE number > 100",
			"SELECT %s AS c, number AS n FROM numbers(7) AS odd SETTINGS max_block_size = 2",
		} {
			if strings.HasPrefix(column, "rare") && strings.Contains(form, "numbers(7)") {
				continue
			}
			sql := fmt.Sprintf(form, column)
			if diff := cmp.Diff(asText(t, database, sql), asValues(t, conn, sql)); diff != "" {
				t.Errorf("%s (-text +native):\n%s", sql, diff)
			}
		}
	}
}

// What the client has no type for is an error that names the column.
func TestNativeRefused(t *testing.T) {
	conn := connect(t)
	for _, column := range []string{"sumState(number)", "tuple()", "CAST((number, 1) AS Tuple(a UInt64, `b c` UInt8))"} {
		rows, err := conn.Query(context.Background(), "SELECT 1, "+column+" AS c FROM numbers(3)")
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
		}
		if wantCode(t, err, codeUnsupported); err != nil && !strings.Contains(err.Error(), "column c of type ") {
			t.Errorf("%s: %v", column, err)
		}
	}
}

// asText reads what the engine writes as JSON.
func asText(t *testing.T, database, sql string) (rows [][]any) {
	t.Helper()
	params := url.Values{"database": {database}, "default_format": {"JSONCompactEachRow"},
		"output_format_json_named_tuples_as_objects": {"1"}, "output_format_json_quote_decimals": {"1"}}
	resp, text := ask(t, "POST", params, sql)
	if resp.StatusCode != 200 {
		t.Errorf("%s: %s", sql, text)
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for {
		var row []any
		switch err := d.Decode(&row); err {
		case nil:
			rows = append(rows, plain(reflect.ValueOf(row)).([]any))
		case io.EOF:
			return rows
		default:
			t.Fatalf("%s: %v in %s", sql, err, text)
		}
	}
}

// asValues reads the same through clickhouse-go.
func asValues(t *testing.T, conn driver.Conn, sql string) (all [][]any) {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Errorf("%s: %v", sql, err)
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var row []any
		for _, c := range rows.ColumnTypes() {
			row = append(row, reflect.New(c.ScanType()).Interface())
		}
		if err := rows.Scan(row...); err != nil {
			t.Errorf("%s: %v", sql, err)
			return nil
		}
		all = append(all, plain(reflect.ValueOf(row)).([]any))
	}
	if err := rows.Err(); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
	return all
}

var (
	justDay = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	number  = regexp.MustCompile(`^-?\d+(\.\d+)?(e[+-]?\d+)?$`)
)

// plain makes of a value lists, maps, texts and nil, in one way for all.
func plain(v reflect.Value) any {
	if v.IsValid() && v.CanInterface() {
		switch x := v.Interface().(type) {
		case clickhouse.Variant:
			return plain(reflect.ValueOf(x.Any()))
		case clickhouse.JSON:
			return plain(reflect.ValueOf(x.NestedMap()))
		case time.Time:
			return x.Format("2006-01-02 15:04:05.999")
		case []byte:
			return string(x)
		}
	}
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if text, ok := v.Interface().(fmt.Stringer); ok && v.Elem().Kind() != reflect.Pointer && v.Elem().Type() != reflect.TypeFor[time.Time]() {
			return plainText(text.String())
		}
		return plain(v.Elem())
	case reflect.Slice, reflect.Array:
		if text, ok := v.Interface().(fmt.Stringer); ok {
			return text.String()
		}
		list := []any{}
		for i := range v.Len() {
			list = append(list, plain(v.Index(i)))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, key := range v.MapKeys() {
			m[fmt.Sprint(key)] = plain(v.MapIndex(key))
		}
		return m
	case reflect.Float32:
		return plainText(strconv.FormatFloat(v.Float(), 'g', -1, 32))
	}
	return plainText(fmt.Sprint(v))
}

func plainText(text string) string {
	switch {
	case justDay.MatchString(text):
		return text + " 00:00:00"
	case number.MatchString(text):
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
	}
	return text
}

// TestNativeHoldsItsPlace: blocks that are larger than what is read ahead.
func TestNativeHoldsItsPlace(t *testing.T) {
	for _, n := range []int{1, 1000, 200_000} {
		_, blocks := ask(t, "POST", url.Values{"default_format": {"Native"}}, fmt.Sprintf("SELECT NULL AS a, repeat('x', number %% 300) AS b, [number] AS c FROM numbers(%d) SETTINGS max_block_size = 70000", n))
		got, err := reencode([]byte(blocks), 0)
		if err != nil || !bytes.Equal(got, []byte(blocks)) {
			t.Errorf("%d rows: %d bytes became %d, %v", n, len(blocks), len(got), err)
		}
		if _, err := reencode([]byte(blocks[:len(blocks)-1]), 0); err == nil {
			t.Errorf("%d rows: a block that is cut was carried", n)
		}
	}
}
