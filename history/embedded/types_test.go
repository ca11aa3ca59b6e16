package embedded

import (
	"context"
	"math"
	"math/big"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// sameValue compares as people read values: instants, numbers, NaN with NaN.
var sameValue = []cmp.Option{
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }),
	cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 }),
	cmp.Comparer(func(a, b net.IP) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }),
	cmp.Comparer(func(a, b float32) bool { return a == b || a != a && b != b }),
}

func bigInt(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return n
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func ptr[T any](v T) *T { return &v }

// typeCases hold for each type its ends and what is special about it.
var typeCases = []struct {
	typ    string
	values []any
}{
	{"Int8", []any{int8(math.MinInt8), int8(0), int8(math.MaxInt8)}},
	{"Int16", []any{int16(math.MinInt16), int16(math.MaxInt16)}},
	{"Int32", []any{int32(math.MinInt32), int32(math.MaxInt32)}},
	{"Int64", []any{int64(math.MinInt64), int64(math.MaxInt64)}},
	{"Int128", []any{bigInt("-0x80000000000000000000000000000000"), bigInt("0x7fffffffffffffffffffffffffffffff")}},
	{"Int256", []any{bigInt("-1"), bigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")}},
	{"UInt8", []any{uint8(0), uint8(math.MaxUint8)}},
	{"UInt16", []any{uint16(0), uint16(math.MaxUint16)}},
	{"UInt32", []any{uint32(0), uint32(math.MaxUint32)}},
	{"UInt64", []any{uint64(0), uint64(math.MaxUint64)}},
	{"UInt128", []any{bigInt("0"), bigInt("0xffffffffffffffffffffffffffffffff")}},
	{"UInt256", []any{bigInt("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")}},
	{"Float32", []any{float32(-1.5), float32(math.MaxFloat32), float32(math.SmallestNonzeroFloat32), float32(math.Inf(-1)), float32(math.NaN())}},
	{"Float64", []any{math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN(), math.Copysign(0, -1)}},
	{"Bool", []any{true, false}},
	{"String", []any{"", "plain", "ünïcødé ✓", "nul \x00, quote ', tab \t, slash \\, line\n", "\xff\xfe not UTF-8", strings.Repeat("long ", 30_000)}},
	{"LowCardinality(String)", []any{"a", "b", "a", "", "b"}},
	{"FixedString(5)", []any{"12345", "\x00\x01\x02\x03\xff"}},
	{"LowCardinality(FixedString(2))", []any{"ab", "cd", "ab"}},
	{"Date", []any{day(1970, 1, 1), day(2149, 6, 6)}},
	{"Date32", []any{day(1900, 1, 1), day(2299, 12, 31)}},
	{"DateTime('UTC')", []any{time.Unix(0, 0).UTC(), time.Unix(math.MaxUint32, 0).UTC()}},
	{"DateTime('Asia/Kathmandu')", []any{time.Unix(1_700_000_000, 0)}},
	{"DateTime64(3, 'UTC')", []any{time.UnixMilli(-1), time.UnixMilli(1_700_000_000_123)}},
	{"DateTime64(9, 'Europe/Paris')", []any{time.Unix(1_700_000_000, 123_456_789)}},
	{"Decimal(9, 2)", []any{decimal.RequireFromString("-9999999.99"), decimal.RequireFromString("0.01")}},
	{"Decimal(18, 6)", []any{decimal.RequireFromString("999999999999.999999")}},
	{"Decimal(38, 10)", []any{decimal.RequireFromString("-1234567890123456789012345678.0123456789")}},
	{"Decimal(76, 20)", []any{decimal.RequireFromString("12345678901234567890123456789012345678901234567890123456.01234567890123456789")}},
	{"UUID", []any{uuid.Nil, uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0")}},
	{"Enum8('human' = 1, 'ai' = -2)", []any{"human", "ai"}},
	{"Enum16('a' = 1000, 'b' = -1000)", []any{"b", "a"}},
	{"IPv4", []any{net.ParseIP("192.0.2.1")}},
	{"IPv6", []any{net.ParseIP("2001:db8::1")}},
	{"Array(Int32)", []any{[]int32{}, []int32{1, -2, 3}}},
	{"Array(Array(String))", []any{[][]string{{"a", ""}, {}, {"b"}}, [][]string{}}},
	{"Array(LowCardinality(String))", []any{[]string{"x", "y", "x"}, []string{}, []string{"y"}}},
	{"Array(Nullable(Float64))", []any{[]*float64{ptr(1.5), nil}}},
	{"Map(String, UInt64)", []any{map[string]uint64{}, map[string]uint64{"a": 1, "b": math.MaxUint64}}},
	{"Map(LowCardinality(String), Array(Float64))", []any{map[string][]float64{"x": {1, 2}, "y": {}}}},
	{"Tuple(Int64, String)", []any{[]any{int64(-1), "x"}}},
	{"Tuple(a Int64, b Array(String))", []any{map[string]any{"a": int64(1), "b": []string{"x", "y"}}}},
	{"Array(Tuple(k String, v Float64))", []any{[]map[string]any{{"k": "x", "v": 1.5}, {"k": "y", "v": -1.0}}}},
	{"SimpleAggregateFunction(sum, Float64)", []any{1.25}},
}

// testTypes writes values of every type and reads them back.
func testTypes(t *testing.T, conn driver.Conn) {
	for _, c := range typeCases {
		t.Run(c.typ, func(t *testing.T) {
			exec(t, conn, "CREATE OR REPLACE TABLE v (i UInt32, v "+c.typ+") ENGINE = MergeTree ORDER BY i")
			insertValues(t, conn, c.values)
			if diff := cmp.Diff(c.values, readValues(t, conn), sameValue...); diff != "" {
				t.Errorf("(-written +read):\n%s", diff)
			}
		})
	}
}

// testNulls does the same for the nullable form of the types that have one.
func testNulls(t *testing.T, conn driver.Conn) {
	for _, c := range typeCases {
		if strings.HasPrefix(c.typ, "Array") || strings.HasPrefix(c.typ, "Map") || strings.HasPrefix(c.typ, "Tuple") || strings.HasPrefix(c.typ, "Simple") {
			continue // these cannot be NULL
		}
		typ := "Nullable(" + c.typ + ")"
		if inner, ok := strings.CutPrefix(c.typ, "LowCardinality("); ok {
			typ = "LowCardinality(Nullable(" + inner + ")"
		}
		t.Run(typ, func(t *testing.T) {
			exec(t, conn, "CREATE OR REPLACE TABLE v (i UInt32, v "+typ+") ENGINE = MergeTree ORDER BY i")
			insertValues(t, conn, []any{nil, c.values[0], nil})
			got := readValues(t, conn)
			first := reflect.ValueOf(got[1])
			if first.Kind() == reflect.Pointer && first.Type() != reflect.TypeFor[*big.Int]() {
				got[1] = first.Elem().Interface()
			}
			if !isNil(got[0]) || !isNil(got[2]) || !cmp.Equal(got[1], c.values[0], sameValue...) {
				t.Errorf("read %v, want NULL, %v, NULL", got, c.values[0])
			}
		})
	}
}

func isNil(v any) bool {
	rv := reflect.ValueOf(v)
	return !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil()
}

func insertValues(t *testing.T, conn driver.Conn, values []any) {
	t.Helper()
	batch, err := conn.PrepareBatch(context.Background(), "INSERT INTO v")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if err := batch.Append(uint32(i), v); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

// readValues scans into what the driver names as the column's Go type.
func readValues(t *testing.T, conn driver.Conn) (values []any) {
	t.Helper()
	rows, err := conn.Query(context.Background(), "SELECT v FROM v ORDER BY i")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		dest := reflect.New(rows.ColumnTypes()[0].ScanType())
		if err := rows.Scan(dest.Interface()); err != nil {
			t.Fatal(err)
		}
		values = append(values, dest.Elem().Interface())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

// testParameters sends values the server puts into the query itself.
func testParameters(t *testing.T, conn driver.Conn) {
	const odd = "quote ' tab \t line \n slash \\ nul \x00 ünï {x:Int8} %s"
	for _, c := range []struct {
		typ   string
		value any
		want  any
	}{
		{"String", odd, odd},
		{"String", "", ""},
		{"LowCardinality(String)", "x", "x"},
		{"Int64", int64(math.MinInt64), int64(math.MinInt64)},
		{"UInt64", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"Float64", 0.1, 0.1},
		{"Bool", true, true},
		{"Nullable(String)", nil, (*string)(nil)},
		{"Nullable(Int64)", int64(3), ptr(int64(3))},
		{"Array(String)", []string{"a'b", "c\td", ""}, []string{"a'b", "c\td", ""}},
		{"Array(UInt32)", []uint32{1, 2}, []uint32{1, 2}},
		{"Map(String, Int64)", map[string]int64{"k'": 1}, map[string]int64{"k'": 1}},
		{"DateTime('UTC')", time.Unix(1_700_000_000, 0), time.Unix(1_700_000_000, 0)},
		{"DateTime64(3, 'UTC')", time.UnixMilli(1_700_000_000_123), time.UnixMilli(1_700_000_000_123)},
		{"UUID", uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0"), uuid.MustParse("61f0c404-5cb3-11e7-907b-a6006ad3dba0")},
	} {
		dest := reflect.New(reflect.TypeOf(c.want))
		err := conn.QueryRow(context.Background(), "SELECT {p:"+c.typ+"}", clickhouse.Named("p", c.value)).Scan(dest.Interface())
		if err != nil {
			t.Errorf("%s: %v", c.typ, err)
		} else if diff := cmp.Diff(c.want, dest.Elem().Interface(), sameValue...); diff != "" {
			t.Errorf("%s (-sent +received):\n%s", c.typ, diff)
		}
	}
	exec(t, conn, "CREATE TABLE p (n Int64, s String) ENGINE = MergeTree ORDER BY n")
	exec(t, conn, "INSERT INTO p VALUES ({n:Int64}, {s:String})", clickhouse.Named("n", 5), clickhouse.Named("s", odd))
	exec(t, conn, "INSERT INTO p SELECT {n:Int64}, {s:String}", clickhouse.Named("n", 6), clickhouse.Named("s", odd))
	if n := scalar[uint64](t, conn, "SELECT count() FROM {t:Identifier} WHERE s = {s:String}", clickhouse.Named("t", "p"), clickhouse.Named("s", odd)); n != 2 {
		t.Errorf("%d rows were written with parameters, want 2", n)
	}
	wantCode(t, conn.Exec(context.Background(), "SELECT {p:UInt8}", clickhouse.Named("p", "x")), 457) // BAD_QUERY_PARAMETER
}
