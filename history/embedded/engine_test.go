package embedded

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// engine is shared by the tests: a process has one, so each test gets a database.
var engine *Engine

func TestMain(m *testing.M) {
	flag.Parse()
	switch task := os.Getenv("ASSAY_EMBEDDED_CHILD"); task {
	case "": // the tests themselves
		os.Exit(runTests(m))
	case "example":
		os.Exit(m.Run())
	default: // this binary again, as another process on a directory
		os.Exit(runChild(task))
	}
}

func runTests(m *testing.M) int {
	// The example opens an engine, which this process cannot do twice.
	flag.Set("test.skip", strings.TrimPrefix(flag.Lookup("test.skip").Value.String()+"|^ExampleOpen$", "|"))
	var err error
	if engine, err = Open("", Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer engine.Close()
	return m.Run()
}

var databases atomic.Int64

// newDatabase creates a database with the help of conn and drops it after the test.
func newDatabase(t *testing.T, conn driver.Conn) string {
	t.Helper()
	name := fmt.Sprintf("assay_test_%d_%d", os.Getpid(), databases.Add(1))
	exec(t, conn, "CREATE DATABASE "+name)
	t.Cleanup(func() { exec(t, conn, "DROP DATABASE "+name+" SYNC") })
	return name
}

func exec(t *testing.T, conn driver.Conn, sql string, args ...any) {
	t.Helper()
	if err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
}

// scalar returns the only value of a query.
func scalar[T any](t *testing.T, conn driver.Conn, sql string, args ...any) T {
	t.Helper()
	return scalarCtx[T](t, context.Background(), conn, sql, args...)
}

func scalarCtx[T any](t *testing.T, ctx context.Context, conn driver.Conn, sql string, args ...any) (v T) {
	t.Helper()
	if err := conn.QueryRow(ctx, sql, args...).Scan(&v); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
	return v
}

// connect returns a connection to the shared engine, in a new database.
func connect(t *testing.T) driver.Conn {
	t.Helper()
	root, err := engine.Conn("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	conn, err := engine.Conn(newDatabase(t, root))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestExample(t *testing.T) {
	cmd := child(t, "example", "")
	cmd.Args = append(cmd.Args, "-test.run=^ExampleOpen$", "-test.v")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: ExampleOpen") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestOpenTwice(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), engine.Dir()) {
		t.Fatalf("second engine: %v; want an error that names %s", err, engine.Dir())
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) > 0 {
		t.Errorf("a refused Open left %v", files)
	}
}

func TestVersion(t *testing.T) {
	v, err := Version()
	if err != nil || !strings.HasPrefix(LibraryVersion, v) {
		t.Errorf("library %q, %v; want a prefix of %q", v, err, LibraryVersion)
	}
	conn := connect(t)
	server, err := conn.ServerVersion()
	if err != nil || server.Version.Major < 26 {
		t.Errorf("server version %v, %v", server, err)
	}
}

// One child opens, closes and opens again, which the shared engine must not.
func TestReopen(t *testing.T) {
	out, err := child(t, "reopen", t.TempDir()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// reopen runs in a child process.
func reopen(dir string) error {
	for i := range 3 {
		for _, sub := range []string{"a", "b", ""} {
			path := sub
			if sub != "" {
				path = filepath.Join(dir, sub)
			}
			if err := reopenOnce(path, i); err != nil {
				return fmt.Errorf("round %d of %q: %w", i, sub, err)
			}
		}
	}
	return nil
}

func reopenOnce(dir string, round int) error {
	e, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	conn, err := e.Conn("")
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS t (n Int64) ENGINE = MergeTree ORDER BY n"); err != nil {
		return err
	}
	if err := conn.Exec(ctx, "INSERT INTO t VALUES ({n:Int64})", driver.NamedValue{Name: "n", Value: round}); err != nil {
		return err
	}
	var rows uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM t").Scan(&rows); err != nil {
		return err
	}
	if want := uint64(round + 1); dir != "" && rows != want {
		return fmt.Errorf("%d rows, want %d", rows, want)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		return err
	}
	if err := conn.Exec(ctx, "SELECT 1"); !errors.Is(err, ErrClosed) {
		return fmt.Errorf("after Close: %v, want ErrClosed", err)
	}
	if _, err := os.Stat(e.Dir()); (dir == "") != os.IsNotExist(err) {
		return fmt.Errorf("directory %s after Close: %v", e.Dir(), err)
	}
	return nil
}
