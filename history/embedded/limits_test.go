package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// These open engines of their own, which takes a process of its own.
func TestLimits(t *testing.T) {
	for _, task := range []string{"one slot", "close"} {
		t.Run(task, func(t *testing.T) {
			if out, err := child(t, task, "").CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// oneSlot holds the only slot with a large result and lets others wait.
func oneSlot(dir string) error {
	e, conn, err := openWith(dir, Options{MaxQueries: 1})
	if err != nil {
		return err
	}
	defer e.Close()
	rows, err := conn.Query(context.Background(), "SELECT number FROM numbers(10000000)")
	if err != nil {
		return err
	}
	rows.Next()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	other, err := e.Conn("")
	if err != nil {
		return err
	}
	if err := other.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("while the slot is taken: %v, want the deadline", err)
	}
	if err := rows.Close(); err != nil { // reads to the end
		return err
	}
	return other.Exec(context.Background(), "SELECT 1")
}

// closeBusy closes an engine on which queries run, and one has half a result.
func closeBusy(dir string) error {
	e, conn, err := openWith(dir, Options{})
	if err != nil {
		return err
	}
	rows, err := conn.Query(context.Background(), "SELECT number FROM numbers(1000000000)")
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	for range 2 {
		go func() { failed <- conn.Exec(context.Background(), "SELECT count() FROM numbers(10000000000000)") }()
	}
	time.Sleep(200 * time.Millisecond)
	start := time.Now()
	if err := e.Close(); err != nil {
		return err
	}
	if d := time.Since(start); d > 2*time.Second {
		return fmt.Errorf("Close took %v", d)
	}
	for range 2 {
		if err := <-failed; !errors.Is(err, ErrClosed) {
			return fmt.Errorf("a query that ran: %v, want ErrClosed", err)
		}
	}
	for rows.Next() {
	}
	if err := rows.Err(); !errors.Is(err, ErrClosed) {
		return fmt.Errorf("a result that was being read: %v, want ErrClosed", err)
	}
	return nil
}

func openWith(dir string, opts Options) (*Engine, driver.Conn, error) {
	e, err := Open(dir, opts)
	if err != nil {
		return nil, nil, err
	}
	conn, err := e.Conn("")
	return e, conn, err
}

// Many goroutines may each hold a short result and ask for another one.
func TestNestedQueries(t *testing.T) {
	conn := connect(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			rows, err := conn.Query(context.Background(), "SELECT number FROM numbers(10)")
			if err != nil {
				t.Error(err)
				return
			}
			defer rows.Close()
			for rows.Next() {
				if err := conn.Exec(context.Background(), "SELECT 1"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
