package embedded

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// testLargeResult reads 10 million rows, 240 MB, and looks on the way at Go's
// heap and at the memory of the whole process, the engine's included.
func testLargeResult(t *testing.T, conn driver.Conn) {
	const limit = 150 << 20
	rows := uint64(10_000_000)
	if testing.Short() {
		rows /= 10 // under the race detector
	}
	debug.FreeOSMemory()
	before := residentBytes(t)
	result, err := conn.Query(context.Background(),
		"SELECT number, toString(number) AS s, number / 3 AS f FROM numbers({n:UInt64}) SETTINGS max_threads = 2",
		driver.NamedValue{Name: "n", Value: rows})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var n, sum, peak, heap uint64
	var s string
	var f float64
	count := uint64(0)
	for result.Next() {
		if err := result.Scan(&n, &s, &f); err != nil {
			t.Fatal(err)
		}
		sum += n
		if count++; count%500_000 == 0 {
			peak = max(peak, residentBytes(t))
			heap = max(heap, heapBytes())
		}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	if count != rows || sum != rows*(rows-1)/2 || s != strconv.FormatUint(n, 10) {
		t.Errorf("%d rows with sum %d, last %d %q", count, sum, n, s)
	}
	grown := int64(peak) - int64(before)
	if grown > limit || heap > limit {
		t.Errorf("the process grew by %d MB, Go's heap to %d MB; want at most %d MB", grown>>20, heap>>20, limit>>20)
	}
	t.Logf("the process grew by %d MB, Go's heap to %d MB", grown>>20, heap>>20)
}

func heapBytes() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// residentBytes is 0 where /proc does not tell.
func residentBytes(t *testing.T) uint64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.ParseUint(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * uint64(os.Getpagesize())
}
