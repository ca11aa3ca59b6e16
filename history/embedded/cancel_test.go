package embedded

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func testCancelledQuery(t *testing.T, conn driver.Conn) {
	marker := fmt.Sprintf("cancelled_%d", databases.Add(1))
	ctx, cancel := context.WithCancel(context.Background())
	failed := make(chan error)
	go func() { failed <- conn.Exec(ctx, "SELECT count() AS "+marker+" FROM numbers(10000000000000)") }()
	waitRunning(t, conn, marker, 1)
	start := time.Now()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("returned %v after the cancellation", d)
	}
	waitRunning(t, conn, marker, 0)
}

// waitRunning waits until n queries that contain marker run.
func waitRunning(t *testing.T, conn driver.Conn, marker string, n uint64) {
	t.Helper()
	const sql = "SELECT count() FROM system.processes WHERE position(query, {marker:String}) > 0 AND query NOT LIKE '%system.processes%'"
	var got uint64
	for start := time.Now(); time.Since(start) < 5*time.Second; time.Sleep(10 * time.Millisecond) {
		err := conn.QueryRow(context.Background(), sql, driver.NamedValue{Name: "marker", Value: marker}).Scan(&got)
		if err != nil {
			t.Fatal(err)
		}
		if got == n {
			return
		}
	}
	t.Errorf("%d queries with %s run, want %d", got, marker, n)
}

func testCancelledResult(t *testing.T, conn driver.Conn) {
	marker := fmt.Sprintf("cancelled_%d", databases.Add(1))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	rows, err := conn.Query(ctx, "SELECT number AS "+marker+", repeat('x', 100) FROM numbers(1000000000)")
	if err != nil {
		t.Fatal(err)
	}
	for range 100_000 {
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
	}
	cancel()
	for rows.Next() {
	}
	if err := rows.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
	rows.Close()
	waitRunning(t, conn, marker, 0)
}

// An insert that is cancelled before its rows have arrived inserts none of them.
func testCancelledInsert(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE b (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	for i := range 10 {
		ctx, cancel := context.WithCancel(context.Background())
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO b")
		if err != nil {
			t.Fatal(err)
		}
		for n := range 200_000 {
			if err := batch.Append(uint64(n), "some text"); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(time.Duration(i)*3*time.Millisecond, cancel)
		if err := batch.Send(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the cancellation or none", err)
		}
		cancel()
	}
	waitRunning(t, conn, "INSERT INTO b", 0)
	if n := scalar[uint64](t, conn, "SELECT count() FROM b"); n%200_000 != 0 {
		t.Errorf("%d rows: part of a batch was inserted", n)
	}
	if err := insertNumbers(context.Background(), conn, 10); err != nil {
		t.Errorf("the next insert: %v", err)
	}
}
