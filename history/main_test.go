package history

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/history/mapping"
)

// engine is shared by all tests: a process can have one, and each test has its
// own database in it.
var engine *embedded.Engine

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if task := os.Getenv("ASSAY_HISTORY_CHILD"); task != "" {
		if err := runChild(task); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	var err error
	if engine, err = embedded.Open("", embedded.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer engine.Close()
	return m.Run()
}

var databases atomic.Int64

// newConn returns a connection to a database of its own.
func newConn(t testing.TB) driver.Conn {
	t.Helper()
	root, err := engine.Conn("default")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	name := fmt.Sprintf("history_test_%d", databases.Add(1))
	if err := root.Exec(context.Background(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	conn, err := engine.Conn(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Exec(context.Background(), "DROP DATABASE "+name+" SYNC"); err != nil {
			t.Error(err)
		}
		conn.Close()
	})
	return conn
}

func newHistory(t testing.TB) *History {
	t.Helper()
	h, err := Open(context.Background(), newConn(t))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// example reads a mapping of docs/examples.
func example(t testing.TB, name string) *mapping.Mapping {
	t.Helper()
	path := "../docs/examples/" + name + ".yaml"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mapping.Parse(path, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shared is a file of the data that lies beside the repository.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := "../../shared/" + name
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not there: this test needs the shared data sets beside the repository", path)
	}
	return path
}
