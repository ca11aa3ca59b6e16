package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// TestConformance runs one suite wherever the SQL of Assay may run.
func TestConformance(t *testing.T) {
	t.Run("process", func(t *testing.T) { testConformance(t, connect) })
	t.Run("loopback", func(t *testing.T) {
		server := httptest.NewServer(engine.Handler())
		t.Cleanup(server.Close)
		testConformance(t, func(t *testing.T) driver.Conn { return connectTo(t, server.URL) })
	})
	t.Run("server", func(t *testing.T) {
		address := os.Getenv("ASSAY_TEST_CLICKHOUSE")
		if address == "" {
			t.Skip("set ASSAY_TEST_CLICKHOUSE to the address of a ClickHouse server to run the suite there too")
		}
		testConformance(t, func(t *testing.T) driver.Conn { return connectTo(t, address) })
	})
}

// connectTo returns a connection to a server, in a new database.
func connectTo(t *testing.T, address string) driver.Conn {
	t.Helper()
	root, err := Dial(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	opts, err := dialOptions(address)
	if err != nil {
		t.Fatal(err)
	}
	opts.Auth.Database = newDatabase(t, root)
	opts.MaxOpenConns = 32
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func testConformance(t *testing.T, open func(t *testing.T) driver.Conn) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, conn driver.Conn)
	}{
		{"large result", testLargeResult}, // first: it measures memory
		{"types", testTypes},
		{"nulls", testNulls},
		{"batches", testBatches},
		{"rejected batch", testRejectedBatch},
		{"errors", testErrors},
		{"error in mid-stream", testErrorMidStream},
		{"parameters", testParameters},
		{"settings", testSettings},
		{"isolation", testIsolation},
		{"cancelled query", testCancelledQuery},
		{"cancelled result", testCancelledResult},
		{"deadline", testDeadline},
		{"cancelled insert", testCancelledInsert},
		{"at once", testAtOnce},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func testBatches(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE b (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	var total, sum uint64
	for _, size := range []int{0, 1, 1_000_000} {
		if err := insertNumbers(context.Background(), conn, size); err != nil {
			t.Fatalf("batch of %d: %v", size, err)
		}
		total += uint64(size)
		sum += uint64(size) * uint64(size-min(size, 1)) / 2
		if n := scalar[uint64](t, conn, "SELECT count() FROM b"); n != total {
			t.Errorf("after a batch of %d: %d rows, want %d", size, n, total)
		}
	}
	if got := scalar[uint64](t, conn, "SELECT sum(n) FROM b"); got != sum {
		t.Errorf("sum %d, want %d", got, sum)
	}
	if n := scalar[uint64](t, conn, "SELECT countIf(s != toString(n)) FROM b"); n != 0 {
		t.Errorf("%d rows have another row's text", n)
	}
	exec(t, conn, "INSERT INTO b VALUES (7, 'seven'), (8, 'it''s; (8)')")
	if s := scalar[string](t, conn, "SELECT s FROM b WHERE n = 8 AND s LIKE 'it%'"); s != "it's; (8)" {
		t.Errorf("inline rows: %q", s)
	}
	exec(t, conn, "INSERT INTO b SELECT number, 'selected' FROM numbers(10)")
	if n := scalar[uint64](t, conn, "SELECT count() FROM b WHERE s = 'selected'"); n != 10 {
		t.Errorf("INSERT … SELECT wrote %d rows, want 10", n)
	}
}

// insertNumbers writes the rows 0 … size-1 into table b.
func insertNumbers(ctx context.Context, conn driver.Conn, size int) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO b")
	if err != nil {
		return err
	}
	defer batch.Close()
	for n := range size {
		if err := batch.Append(uint64(n), fmt.Sprint(n)); err != nil {
			return err
		}
	}
	return batch.Send()
}

// A batch that the table refuses leaves nothing behind.
func testRejectedBatch(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE b (n UInt64, s String, CONSTRAINT small CHECK n < 1000) ENGINE = MergeTree ORDER BY n")
	err := insertNumbers(context.Background(), conn, 2000)
	wantCode(t, err, 469) // VIOLATED_CONSTRAINT
	if n := scalar[uint64](t, conn, "SELECT count() FROM b"); n != 0 {
		t.Errorf("a refused batch left %d rows", n)
	}
	if err := insertNumbers(context.Background(), conn, 1000); err != nil {
		t.Errorf("the next batch: %v", err)
	}
}

func wantCode(t *testing.T, err error, code int32) {
	t.Helper()
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) {
		t.Errorf("error %v; want a *clickhouse.Exception with code %d", err, code)
	} else if ex.Code != code {
		t.Errorf("code %d (%s), want %d", ex.Code, ex.Message, code)
	}
}

func testErrors(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE e (n UInt8) ENGINE = MergeTree ORDER BY n")
	for _, c := range []struct {
		sql  string
		code int32
		name string
	}{
		{"SELECT * FROM nowhere", 60, "UNKNOWN_TABLE"},
		{"SELECT missing FROM e", 47, "UNKNOWN_IDENTIFIER"},
		{"SELECT nofunction(1)", 46, "UNKNOWN_FUNCTION"},
		{"SELEKT 1", 62, "SYNTAX_ERROR"},
		{"SELECT 1; SELECT 2", 62, "SYNTAX_ERROR"},
		{"", 62, "SYNTAX_ERROR"},
		{"SELECT * FROM nodatabase.t", 81, "UNKNOWN_DATABASE"},
		{"SELECT toInt8('x')", 6, "CANNOT_PARSE_TEXT"},
		{"SELECT intDiv(1, 0)", 153, "ILLEGAL_DIVISION"},
		{"SELECT throwIf(1, 'Code: 1. of mine')", 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"},
		{"SELECT 1 SETTINGS nosetting = 1", 115, "UNKNOWN_SETTING"},
		{"SELECT {missing:UInt8}", 456, "UNKNOWN_QUERY_PARAMETER"},
		{"CREATE TABLE e (n UInt8) ENGINE = Memory", 57, "TABLE_ALREADY_EXISTS"},
		{"CREATE TABLE f (n Nonsense) ENGINE = Memory", 50, "UNKNOWN_TYPE"},
		{"DROP TABLE nowhere", 60, "UNKNOWN_TABLE"},
		{"INSERT INTO nowhere VALUES (1)", 60, "UNKNOWN_TABLE"},
	} {
		err := conn.Exec(context.Background(), c.sql)
		wantCode(t, err, c.code)
		var ex *clickhouse.Exception
		if errors.As(err, &ex) && (ex.Name != "DB::Exception" || ex.CodeName != "" && ex.CodeName != c.name) {
			t.Errorf("%s: %s (%s), want %s", c.sql, ex.Name, ex.CodeName, c.name)
		}
		if err != nil && !strings.Contains(err.Error(), c.name) && ex == nil {
			t.Errorf("%s: %v does not name %s", c.sql, err, c.name)
		}
	}
	if n := scalar[uint8](t, conn, "SELECT 1"); n != 1 {
		t.Errorf("after all errors SELECT 1 gives %d", n)
	}
}

// The error comes after rows that have been read.
func testErrorMidStream(t *testing.T, conn driver.Conn) {
	rows, err := conn.Query(context.Background(),
		"SELECT number, throwIf(number = 3000000) FROM numbers(10000000) SETTINGS max_block_size = 65536, max_threads = 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	wantCode(t, rows.Err(), 395)
	if n == 0 || n > 3_000_000 {
		t.Errorf("%d rows before the error, want some, and none after it", n)
	}
}

func testSettings(t *testing.T, conn driver.Conn) {
	ctx := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{
		"max_block_size": 123, "log_comment": "it's mine",
	}))
	if n := scalarCtx[uint64](t, ctx, conn, "SELECT toUInt64(getSetting('max_block_size'))"); n != 123 {
		t.Errorf("max_block_size = %d, want 123", n)
	}
	ctx = clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"max_result_rows": 10}))
	wantCode(t, conn.Exec(ctx, "SELECT * FROM numbers(11)"), 396) // TOO_MANY_ROWS_OR_BYTES
	ctx = clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"nosetting": 1}))
	wantCode(t, conn.Exec(ctx, "SELECT 1"), 115)
	ctx = clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"readonly": 1}))
	wantCode(t, conn.Exec(ctx, "CREATE TABLE r (n Int8) ENGINE = Memory"), 164)
	if n := scalarCtx[uint8](t, ctx, conn, "SELECT 1"); n != 1 {
		t.Errorf("reading under readonly = 1: %d", n)
	}
}

// Nothing that one query sets reaches the next.
func testIsolation(t *testing.T, conn driver.Conn) {
	database := scalar[string](t, conn, "SELECT currentDatabase()")
	if !strings.HasPrefix(database, "assay_test_") {
		t.Errorf("current database %q is not the connection's", database)
	}
	before := scalar[uint64](t, conn, "SELECT toUInt64(getSetting('max_block_size'))")
	ctx := clickhouse.Context(context.Background(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": before + 1}))
	for range 20 {
		if err := conn.Exec(ctx, "SELECT 1"); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if n := scalar[uint64](t, conn, "SELECT toUInt64(getSetting('max_block_size'))"); n != before {
			t.Fatalf("max_block_size leaked: %d, was %d", n, before)
		}
		if name := scalar[string](t, conn, "SELECT currentDatabase()"); name != database {
			t.Fatalf("current database is now %q", name)
		}
	}
}

func testAtOnce(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE b (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	const workers, rounds, rows = 16, 8, 500
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for range rounds {
				if err := insertNumbers(context.Background(), conn, rows); err != nil {
					t.Error(err)
					return
				}
				var n uint64
				err := conn.QueryRow(context.Background(), "SELECT sum(number) FROM numbers({n:UInt64})",
					clickhouse.Named("n", uint64(w+1))).Scan(&n)
				if want := uint64(w * (w + 1) / 2); err != nil || n != want {
					t.Errorf("worker %d: %d, %v; want %d", w, n, err, want)
				}
				if err := conn.Exec(context.Background(), "SELECT * FROM nowhere"); err == nil {
					t.Error("a missing table was found")
				}
			}
		})
	}
	wg.Wait()
	if n := scalar[uint64](t, conn, "SELECT count() FROM b"); n != workers*rounds*rows {
		t.Errorf("%d rows, want %d", n, workers*rounds*rows)
	}
}

func testDeadline(t *testing.T, conn driver.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := conn.Exec(ctx, "SELECT count() FROM numbers(1000000000000)")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("returned %v after the deadline", d-300*time.Millisecond)
	}
	wantCode(t, conn.Exec(context.Background(),
		"SELECT count() FROM numbers(1000000000000) SETTINGS max_execution_time = 0.2"), 159)
}
