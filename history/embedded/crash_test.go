package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	crashes   = 50
	batchRows = 20_000
)

// A process is killed 50 times at random moments while it inserts batches. Each
// next one opens the directory, finds whole batches only, and at least those
// the killed one had been told were written.
func TestKillDuringInsert(t *testing.T) {
	if testing.Short() {
		t.Skip("kills 50 processes, one after the other")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	var known int // batches that are surely in the table
	for i := range crashes {
		delay := time.Duration(random.Int64N(int64(250 * time.Millisecond)))
		found, acknowledged := insertAndKill(t, dir, delay)
		if found < known {
			t.Fatalf("crash %d: %d batches found, but %d were acknowledged", i, found, known)
		}
		known = found + acknowledged
		t.Logf("crash %d after %v: %d batches found, %d more acknowledged", i, delay, found, acknowledged)
	}
	found, _ := insertAndKill(t, dir, 0)
	if found < known {
		t.Errorf("at the end: %d batches found, but %d were acknowledged", found, known)
	}
	if known < crashes/5 {
		t.Errorf("only %d batches in %d runs: the kills come too early to test anything", known, crashes)
	}
}

// insertAndKill starts a child, waits until it has opened and checked the
// directory, kills it after delay, and returns how many batches the child found
// and how many it was told are written.
func insertAndKill(t *testing.T, dir string, delay time.Duration) (found, acknowledged int) {
	t.Helper()
	cmd := child(t, "insert", dir)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if _, scanErr := fmt.Sscanf(line, "found %d", &found); scanErr != nil {
		rest, _ := io.ReadAll(lines)
		t.Fatalf("the directory does not open: %v: %s%s", err, line, rest)
	}
	time.Sleep(delay)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if line == "written\n" {
			acknowledged++
		} else {
			t.Errorf("child: %s", line)
		}
	}
	cmd.Wait()
	return found, acknowledged
}

// insertForever runs in a child: it reports the batches it finds, and then
// inserts one after the other until it is killed.
func insertForever(dir string) error {
	e, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	conn, err := e.Conn("")
	if err != nil {
		return err
	}
	ctx := context.Background()
	err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS c (batch UInt64, n UInt32, text String) ENGINE = MergeTree ORDER BY (batch, n)")
	if err != nil {
		return err
	}
	next, err := wholeBatches(ctx, conn)
	if err != nil {
		return err
	}
	fmt.Println("found", next)
	for ; ; next++ {
		if err := insertBatch(ctx, conn, next); err != nil {
			return err
		}
		fmt.Println("written")
	}
}

// wholeBatches counts the batches and fails if one is not whole.
func wholeBatches(ctx context.Context, conn driver.Conn) (n uint64, err error) {
	var broken, wrong uint64
	err = conn.QueryRow(ctx, "SELECT count(), countIf(rows != {rows:UInt64} OR sum != {rows:UInt64} * ({rows:UInt64} - 1) / 2), sum(bad) FROM ("+
		"SELECT batch, count() AS rows, sum(n) AS sum, countIf(text != concat('row ', toString(n))) AS bad FROM c GROUP BY batch)",
		driver.NamedValue{Name: "rows", Value: batchRows}).Scan(&n, &broken, &wrong)
	if err == nil && (broken > 0 || wrong > 0) {
		err = fmt.Errorf("of %d batches %d are not whole; %d rows are damaged", n, broken, wrong)
	}
	return n, err
}

func insertBatch(ctx context.Context, conn driver.Conn, number uint64) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO c")
	if err != nil {
		return err
	}
	for n := range uint32(batchRows) {
		if err := batch.Append(number, n, fmt.Sprintf("row %d", n)); err != nil {
			return err
		}
	}
	return batch.Send()
}
