package embedded

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// engine is shared by the tests: the process has one, and each test its own database.
var engine *Engine

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	var err error
	if engine, err = Open("", Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer engine.Close()
	return m.Run()
}

func TestSmoke(t *testing.T) {
	conn, err := engine.Conn("")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := conn.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(ctx, "create table t (id UInt64, s LowCardinality(String)) engine=MergeTree order by id"); err != nil {
		t.Fatal(err)
	}
	b, err := conn.PrepareBatch(ctx, "insert into t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		b.Append(uint64(i), "x")
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
	var n uint64
	if err := conn.QueryRow(ctx, "select count() from t").Scan(&n); err != nil || n != 1000 {
		t.Fatal(n, err)
	}
	t.Log(conn.Exec(ctx, "select * from nope"))
	t.Log(conn.Exec(ctx, "insert into t values (1, 'x')"))
}
