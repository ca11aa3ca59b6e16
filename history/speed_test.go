package history

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	process "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/assay-planner/assay/history/mapping"
)

// The law: importing a million outcome rows from Parquet takes at most three
// times what ClickHouse itself needs to load the file into the same table.
const (
	million    = 1_000_000
	slowest    = 3.0
	mostMemory = 600 << 20
)

const millionMapping = `
layout: outcomes
experiment: {id: experiment, surface: surface, source: source, started: started, ended: ended}
arm: {id: arm}
day: day
metrics:
  - name: {column: metric}
    sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, x: x, xx: xx, xy: xy}
`

// clickhouseLoad is how ClickHouse loads the same file by itself.
const clickhouseLoad = `INSERT INTO outcomes (experiment, metric, segment, arm, at, cumulative, n,
	sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_x, sum_xx, sum_xy, line, version, deleted)
SELECT experiment, metric, '', arm, day, 0, n, y, yy, d, dd, yd, x, xx, xy, 0, 1, 0
FROM file({path:String}, Parquet)`

// millionRows writes outcomes of n/100 experiments: 2 arms, 5 metrics, 10 days.
func millionRows(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outcomes.parquet")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	text, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64
	var fields []arrow.Field
	for _, name := range []string{"experiment", "surface", "source", "arm", "metric"} {
		fields = append(fields, arrow.Field{Name: name, Type: text})
	}
	for _, name := range []string{"started", "ended", "day"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Date32})
	}
	for _, name := range []string{"n", "y", "yy", "d", "dd", "yd", "x", "xx", "xy"} {
		fields = append(fields, arrow.Field{Name: name, Type: number})
	}
	schema := arrow.NewSchema(fields, nil)
	w, err := pqarrow.NewFileWriter(schema, file, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithMaxRowGroupLength(200_000)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	words := func(i int, word string) { b.Field(i).(*array.StringBuilder).Append(word) }
	for i := range n {
		experiment, day := i/100, i/10%10
		words(0, fmt.Sprintf("exp-%06d", experiment))
		words(1, []string{"feed", "stories", "search"}[experiment%3])
		words(2, []string{"human", "ai"}[experiment%2])
		words(3, []string{"control", "treatment"}[i%2])
		words(4, []string{"revenue", "clicks", "conversions", "dwell", "hides"}[i/2%5])
		start := 20_000 + experiment%365
		for k, at := range []int{start, start + 9, start + day} {
			b.Field(5 + k).(*array.Date32Builder).Append(arrow.Date32(at))
		}
		users := float64(1000 + random.IntN(9000))
		mean, views := 1+random.Float64(), 3+random.Float64()
		for k, sum := range []float64{users, users * mean, users * (mean*mean + 1), users * views, users * (views*views + 2),
			users * (mean*views + 0.5), users * mean, users * (mean*mean + 1), users * (mean*mean + 0.5)} {
			b.Field(8 + k).(*array.Float64Builder).Append(sum)
		}
		if (i+1)%100_000 == 0 || i == n-1 {
			record := b.NewRecord()
			if err := w.Write(record); err != nil {
				t.Fatal(err)
			}
			record.Release()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// race loads the file both ways, once each, and returns how long they took and
// the peak of memory when the import was done.
func race(t testing.TB, path string) (ours, clickhouse time.Duration, peak int64) {
	t.Helper()
	ctx := context.Background()
	m, err := mapping.Parse("million.yaml", []byte(millionMapping))
	if err != nil {
		t.Fatal(err)
	}
	h, plain := newHistory(t), newHistory(t)
	quiet(t, h)
	start := time.Now()
	report, err := h.Import(ctx, ImportRequest{Files: []string{path}, Mapping: m})
	ours, peak = time.Since(start), peakMemory(t)
	if err != nil {
		t.Fatal(err, report.Problems)
	}
	quiet(t, h)
	start = time.Now()
	if err := plain.conn.Exec(ctx, clickhouseLoad, param("path", path)); err != nil {
		t.Fatal(err)
	}
	clickhouse = time.Since(start)
	for _, h := range []*History{h, plain} {
		var n uint64
		if err := h.conn.QueryRow(ctx, "SELECT count() FROM outcomes").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != million {
			t.Fatalf("%d rows were loaded instead of %d", n, million)
		}
	}
	return ours, clickhouse, peak
}

// quiet waits for the merges that follow every load, ours and ClickHouse's own:
// neither shall run against the other's.
func quiet(t testing.TB, h *History) {
	t.Helper()
	runtime.GC()
	for idle := 0; idle < 5; time.Sleep(20 * time.Millisecond) {
		var merges uint64
		if err := h.conn.QueryRow(context.Background(), "SELECT count() FROM system.merges").Scan(&merges); err != nil {
			t.Fatal(err)
		}
		if idle++; merges > 0 {
			idle = 0
		}
	}
}

// BenchmarkImport prints how many times as long as ClickHouse itself the import takes.
//
//	go test ./history -run '^$' -bench Import -benchtime 5x
func BenchmarkImport(b *testing.B) {
	b.Run(fmt.Sprintf("rows=%d", million), func(b *testing.B) {
		path := millionRows(b, million)
		race(b, path) // warm: the first query of an engine pays for its start
		var ours, clickhouse time.Duration
		for b.Loop() {
			o, c, _ := race(b, path)
			ours, clickhouse = ours+o, clickhouse+c
		}
		b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "import-ms")
		b.ReportMetric(float64(clickhouse.Milliseconds())/float64(b.N), "clickhouse-ms")
		b.ReportMetric(ours.Seconds()/clickhouse.Seconds(), "ratio")
	})
}

// TestImportSpeed asserts the law in a process of its own, whose peak memory is
// that of the import and the engine together.
func TestImportSpeed(t *testing.T) {
	if os.Getenv("ASSAY_LONG") == "" {
		t.Skip("set ASSAY_LONG=1 to measure the import of a million rows")
	}
	path := millionRows(t, million)
	child := process.Command(os.Args[0], "-test.run=^TestImportSpeedChild$", "-test.v")
	child.Env = append(os.Environ(), "ASSAY_HISTORY_SPEED="+path)
	out, err := child.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportSpeedChild(t *testing.T) {
	path := os.Getenv("ASSAY_HISTORY_SPEED")
	if path == "" {
		t.Skip("a part of TestImportSpeed")
	}
	idle := peakMemory(t)
	var ratios []float64
	var peak int64
	for i := range 5 {
		ours, clickhouse, most := race(t, path)
		t.Logf("import %v, ClickHouse itself %v", ours, clickhouse)
		ratios = append(ratios, ours.Seconds()/clickhouse.Seconds())
		if i == 0 { // later peaks are those of ClickHouse's own load
			peak = most
		}
	}
	ratio := median(ratios)
	t.Logf("ratio %.2f (median of %d), peak memory %d MB, of which %d MB before the import", ratio, len(ratios), peak>>20, idle>>20)
	if ratio > slowest {
		t.Errorf("the import takes %.2f times as long as ClickHouse itself, more than %.0f", ratio, slowest)
	}
	if peak > mostMemory {
		t.Errorf("the process took %d MB, more than %d", peak>>20, mostMemory>>20)
	}
}

// peakMemory is the kernel's own record of the most memory the process has held.
func peakMemory(t testing.TB) int64 {
	t.Helper()
	file, err := os.Open("/proc/self/status")
	if err != nil {
		t.Skip("peak memory is read from Linux's /proc")
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kilobytes int64
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			if _, err := fmt.Sscanf(rest, "%d kB", &kilobytes); err == nil {
				return kilobytes << 10
			}
		}
	}
	t.Fatal("no VmHWM in /proc/self/status")
	return 0
}
