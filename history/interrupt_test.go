package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	process "os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/embedded"
)

// manyDays is a file of n rows, two for each experiment.
func manyDays(n int) string {
	var text strings.Builder
	text.WriteString(header)
	for i := range n {
		text.WriteString(day(fmt.Sprint("e", i/2), []string{"control", "blue"}[i%2], 1, 1000, 100))
	}
	return text.String()
}

func TestCancelledImportLeavesNothing(t *testing.T) {
	h := newHistory(t)
	path := write(t, "a.csv", manyDays(70_000)) // more than one batch
	ctx, cancel := context.WithCancel(context.Background())
	_, err := h.Import(ctx, ImportRequest{Files: []string{path}, Mapping: parse(t, simple), Progress: func(p Progress) {
		if p.Rows > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	nothing(t, h)
	if f := mustImport(t, h, ImportRequest{Files: []string{path}, Mapping: parse(t, simple)}).Files[0]; f.Imported != 70_000 {
		t.Errorf("after a cancelled import: %+v", f)
	}
}

// nothing asserts that no row, no import and no staging table is left.
func nothing(t *testing.T, h *History) {
	t.Helper()
	if s := summary(t, h); s.Outcomes != 0 || s.Experiments != 0 || s.Arms != 0 || s.Watermark != 0 {
		t.Errorf("something is left: %+v", s)
	}
	if left := stagingTables(t, h); len(left) > 0 {
		t.Errorf("tables are left: %v", left)
	}
}

func stagingTables(t *testing.T, h *History) []string {
	t.Helper()
	return stored(t, h, `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'staging') ORDER BY name`)
}

// half brings an import to just before its decision, or just after it, and
// leaves it there as a kill would.
func half(t *testing.T, h *History, decide bool) {
	t.Helper()
	halfOf(t, h, decide, simple, header+day("e1", "control", 1, 1000, 100)+day("e1", "blue", 1, 1000, 110))
}

// halfOf does so with a file and its mapping.
func halfOf(t *testing.T, h *History, decide bool, mapping, text string) {
	t.Helper()
	ctx := context.Background()
	if _, err := h.ownStaging(ctx); err != nil {
		t.Fatal(err)
	}
	path := write(t, "a.csv", text)
	r := importRun{h: h, req: ImportRequest{Files: []string{path}, Mapping: parse(t, mapping)}, known: catalog{}, experiments: map[string]bool{},
		arms: map[[2]string]bool{}, metrics: map[string]bool{}, days: map[int64]bool{}, reckoned: map[string]bool{}, distinct: true}
	if err := r.stage(ctx); err != nil {
		t.Fatal(err)
	}
	if decide {
		if err := r.decide(ctx); err != nil {
			t.Fatal(err)
		}
		// The kill can also come when a part of the tables is in place already.
		if err := exec(ctx, h.conn, "publish_outcomes"); err != nil {
			t.Fatal(err)
		}
	}
}

func forgetLiving() { living.Clear() } // as a new process does

func TestUndecidedImportIsDropped(t *testing.T) {
	h := newHistory(t)
	half(t, h, false)
	if _, err := h.Import(context.Background(), ImportRequest{Mapping: parse(t, simple)}); !errors.Is(err, ErrImporting) {
		t.Errorf("while another import runs: %v", err)
	}
	forgetLiving()
	h, err := Open(context.Background(), h.conn)
	if err != nil {
		t.Fatal(err)
	}
	nothing(t, h)
}

func TestDecidedImportIsFinished(t *testing.T) {
	for _, by := range []string{"open", "import"} {
		t.Run(by, func(t *testing.T) {
			h := newHistory(t)
			half(t, h, true)
			forgetLiving()
			if by == "open" {
				if _, err := Open(context.Background(), h.conn); err != nil {
					t.Fatal(err)
				}
			} else {
				mustImport(t, h, ImportRequest{Mapping: parse(t, simple),
					Files: []string{write(t, "b.csv", header+day("e2", "control", 1, 1000, 100))}})
			}
			e := effects(t, h, EffectQuery{})
			if len(e) != 1 || e[0].TreatmentUsers != 1000 || e[0].ControlUsers != 1000 {
				t.Errorf("%+v", e)
			}
			if left := stagingTables(t, h); len(left) > 0 {
				t.Errorf("tables are left: %v", left)
			}
		})
	}
}

// TestImportOfAnOlderBuildIsFinished: what it had decided lies in staging tables
// that lack the columns of later migrations.
func TestImportOfAnOlderBuildIsFinished(t *testing.T) {
	ctx, h := context.Background(), newHistory(t)
	half(t, h, true)
	for table, columns := range map[string][]string{"outcomes": {"sum_xd", "definition"}, "assignments": {"logged"}, "facts": {"definition"},
		"experiments": {"planned_end", "planned_users", "analysis", "layer", "overlap"}} {
		for _, column := range columns {
			if err := h.conn.Exec(ctx, "ALTER TABLE staging_"+table+" DROP COLUMN "+column); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := exec(ctx, h.conn, "drop_metric_rules"); err != nil { // it did not know the table
		t.Fatal(err)
	}
	forgetLiving()
	h, err := Open(ctx, h.conn)
	if err != nil {
		t.Fatal(err)
	}
	if e := effects(t, h, EffectQuery{}); len(e) != 1 || e[0].TreatmentUsers != 1000 || e[0].ControlUsers != 1000 {
		t.Errorf("%+v", e)
	}
	if left := stagingTables(t, h); len(left) > 0 {
		t.Errorf("tables are left: %v", left)
	}
}

// refusing is a connection on which one statement fails.
type refusing struct {
	driver.Conn
	statement string
}

func (r refusing) Exec(ctx context.Context, query string, args ...any) error {
	if query == r.statement {
		return errors.New("refused")
	}
	return r.Conn.Exec(ctx, query, args...)
}

// TestFailedPublishingIsFinished by the next import of the same process: what
// was decided and could not be put in place must not lock everybody out.
func TestFailedPublishingIsFinished(t *testing.T) {
	h, m, ctx := newHistory(t), parse(t, simple), context.Background()
	path := write(t, "a.csv", header+day("e1", "control", 1, 1000, 100)+day("e1", "blue", 1, 1000, 110))
	conn := h.conn
	h.conn = refusing{conn, query("publish_arms")}
	if _, err := h.Import(ctx, ImportRequest{Files: []string{path}, Mapping: m}); err == nil {
		t.Fatal("the import cannot have been published")
	}
	h.conn = conn
	mustImport(t, h, ImportRequest{Files: []string{write(t, "b.csv", header+day("e2", "control", 1, 1000, 100)+day("e2", "blue", 1, 1000, 110))}, Mapping: m})
	if e := effects(t, h, EffectQuery{}); len(e) != 2 || e[0].Experiment != "e1" || e[0].TreatmentUsers != 1000 || e[1].Experiment != "e2" {
		t.Errorf("%+v", e)
	}
}

// A process that was killed is no more, whether or not anybody has asked.
func TestKilledProcessIsNoMore(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere it counts as alive until its parent asks")
	}
	child := process.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	if !processLives(child.Process.Pid) {
		t.Error("it lives")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); processLives(child.Process.Pid); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 5*time.Second {
			t.Fatal("five seconds after it was killed it is taken for alive")
		}
	}
}

// TestOwnerThatSeemsAlive: the number of a killed process may be another's by now, or not be
// given back yet, and its machine may have had a name that is gone. Who has the database
// alone knows that it is over; on a server one waits, and is told for whom.
func TestOwnerThatSeemsAlive(t *testing.T) {
	ctx := context.Background()
	here, _ := os.Hostname()
	for host, told := range map[string]string{here: fmt.Sprintf("process %d on %s, for ", os.Getppid(), here), "elsewhere": "if that machine is gone, the next import after 2"} {
		h := newHistory(t)
		half(t, h, false)
		forgetLiving()
		for _, change := range []string{"TRUNCATE TABLE staging_owner", fmt.Sprintf("INSERT INTO staging_owner (host, pid, token) SELECT '%s', %d, 'killed'", host, os.Getppid())} {
			if err := h.conn.Exec(ctx, change); err != nil {
				t.Fatal(err)
			}
		}
		h, err := Open(ctx, h.conn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Import(ctx, ImportRequest{Mapping: parse(t, simple)}); !errors.Is(err, ErrImporting) || !strings.Contains(err.Error(), told) {
			t.Errorf("on a server: %v, want %q", err, told)
		}
		if h, err = Open(ctx, h.conn, Alone); err != nil {
			t.Fatal(err)
		}
		nothing(t, h)
		mustImport(t, h, ImportRequest{Files: []string{write(t, "a.csv", manyDays(2))}, Mapping: parse(t, simple)})
	}
}

// TestOwnerThatHasNotSigned is an import between taking the name and signing.
func TestOwnerThatHasNotSigned(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	if err := exec(ctx, h.conn, "staging_owner"); err != nil {
		t.Fatal(err)
	}
	signed := make(chan error)
	go func() {
		time.Sleep(200 * time.Millisecond)
		living.Store("late", true)
		signed <- exec(ctx, h.conn, "own_staging", param("host", "elsewhere"), param("pid", int64(1)), param("token", "late"))
	}()
	defer living.Delete("late")
	if _, err := h.Import(ctx, ImportRequest{Mapping: parse(t, simple)}); !errors.Is(err, ErrImporting) {
		t.Errorf("the other import was taken for dead: %v", err)
	}
	if err := <-signed; err != nil {
		t.Error(err)
	}
}

// TestKilledImport kills a process at random moments of an import. Whatever the
// moment, the next process finds all of the file or nothing of it.
func TestKilledImport(t *testing.T) {
	kills := 4
	if os.Getenv("ASSAY_LONG") != "" {
		kills = 40
	}
	path, dir := write(t, "a.csv", manyDays(40_000)), t.TempDir()
	random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for i := range kills {
		data := filepath.Join(dir, fmt.Sprint("data", i))
		child := childProcess(data, "import", path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "importing" {
		}
		time.Sleep(time.Duration(random.IntN(2500)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		answer, err := childProcess(data, "count", path).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, answer)
		}
		got := strings.TrimSpace(string(answer))
		t.Log(got)
		if got != "0 outcomes 0 experiments 0 staging" && got != "40000 outcomes 20000 experiments 0 staging" {
			t.Errorf("kill %d left %s", i, got)
		}
	}
}

func childProcess(data, task, file string) *process.Cmd {
	child := process.Command(os.Args[0])
	child.Env = append(os.Environ(), "ASSAY_HISTORY_CHILD="+task, "ASSAY_HISTORY_DATA="+data, "ASSAY_HISTORY_FILE="+file)
	child.Stderr = os.Stderr
	if task == "count" {
		child.Stderr = nil
	}
	return child
}

// runChild is this test binary as another process with an engine of its own.
func runChild(task string) error {
	e, err := embedded.Open(os.Getenv("ASSAY_HISTORY_DATA"), embedded.Options{})
	if err != nil {
		return err
	}
	defer e.Close()
	conn, err := e.Conn("default")
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx := context.Background()
	h, err := Open(ctx, conn)
	if err != nil {
		return err
	}
	if task == "import" {
		m, err := simpleMapping()
		if err != nil {
			return err
		}
		fmt.Println("importing")
		_, err = h.Import(ctx, ImportRequest{Files: []string{os.Getenv("ASSAY_HISTORY_FILE")}, Mapping: m})
		return err
	}
	s, err := h.Summary(ctx)
	if err != nil {
		return err
	}
	var left uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'staging')").Scan(&left); err != nil {
		return err
	}
	fmt.Println(s.Outcomes, "outcomes", s.Experiments, "experiments", left, "staging")
	return nil
}
