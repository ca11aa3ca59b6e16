package golden

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// witness is a test that is watched, to see it fail or skip.
type witness struct {
	testing.TB
	failed, skipped bool
	log             string
}

func (w *witness) Helper()                   {}
func (w *witness) Logf(f string, a ...any)   { w.log += fmt.Sprintf(f, a...) + "\n" }
func (w *witness) Skipped() bool             { return w.skipped }
func (w *witness) Errorf(f string, a ...any) { w.failed = true; w.Logf(f, a...) }
func (w *witness) Fatal(...any)              { w.failed = true; runtime.Goexit() }
func (w *witness) Fatalf(_ string, _ ...any) { w.failed = true; runtime.Goexit() }
func (w *witness) Skip(...any)               { w.skipped = true; runtime.Goexit() }
func (w *witness) Skipf(_ string, _ ...any)  { w.skipped = true; runtime.Goexit() }

func watch(run func(t testing.TB)) *witness {
	w, done := &witness{}, make(chan struct{})
	go func() {
		defer close(done)
		run(w)
	}()
	<-done
	return w
}

// TestNothingPassesUnread: a table that is empty or broken, a column that is not
// there and a directory without tables fail; only a table that is kept elsewhere skips.
func TestNothingPassesUnread(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	full := file("full.csv", "x,y\n1,NA\n")
	for name, run := range map[string]func(t testing.TB){
		"an empty file":            func(t testing.TB) { Read(t, file("empty.csv", "")) },
		"a header alone":           func(t testing.TB) { Read(t, file("header.csv", "x,y\n")) },
		"a short line":             func(t testing.TB) { Read(t, file("short.csv", "x,y\n1\n")) },
		"a misspelt number":        func(t testing.TB) { Read(t, full)[0].Num("X") },
		"a misspelt text":          func(t testing.TB) { Read(t, full)[0].Text("X") },
		"a misspelt optional cell": func(t testing.TB) { Read(t, full)[0].Has("X") },
		"a missing number":         func(t testing.TB) { Read(t, full)[0].Num("y") },
		"a row compared with nothing": func(t testing.TB) {
			run(t, dir, "full.csv", nil, "", func(*Check, []Row) {})
		},
		"a NaN": func(t testing.TB) {
			run(t, dir, "full.csv", nil, "", func(c *Check, _ []Row) { c.Equal("x", math.NaN(), math.NaN(), 1) })
		},
	} {
		if w := watch(run); !w.failed || w.skipped {
			t.Errorf("%s passes", name)
		}
	}
	if r := Read(t, full)[0]; r.Num("x") != 1 || r.Has("y") || !r.Has("x") || r.Column("z") {
		t.Errorf("read %v", r.cells)
	}
	if w := watch(func(t testing.TB) { Read(t, filepath.Join(dir, "elsewhere.csv")) }); !w.skipped {
		t.Error("a table that is not in this directory does not skip")
	}
	w := watch(func(t testing.TB) {
		run(t, dir, "full.csv", nil, "", func(c *Check, _ []Row) { Read(c, filepath.Join(dir, "elsewhere.csv")) })
	})
	if !w.skipped || w.failed {
		t.Error("a row that needs a table that is not there does not skip")
	}
	t.Setenv("ASSAY_GOLDEN", filepath.Join(dir, "nowhere"))
	if w := watch(func(t testing.TB) { Dir(t) }); !w.failed {
		t.Error("a directory that is not there passes")
	}
	t.Setenv("ASSAY_GOLDEN", "stats/testdata")
	if got := Dir(t); filepath.Base(got) != "testdata" || !filepath.IsAbs(got) {
		t.Errorf("a path from the root of the module is read as %s", got)
	}
}

// TestARowThatFailsIsOneRow: what a row breaks does not keep the others from being
// checked, and the report counts and names it.
func TestARowThatFailsIsOneRow(t *testing.T) {
	dir := t.TempDir()
	table := "\ufeffx , y\r\n1,1\r\n2,NA\r\n3, \r\n4,5\r\n5,5\r\n6,6\r\n7,\r\n"
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	var reached []float64
	w := watch(func(t testing.TB) {
		run(t, dir, "t.csv", nil, "", func(c *Check, rows []Row) {
			x := rows[0].Num("x")
			reached = append(reached, x)
			switch x {
			case 3:
				panic(errors.New("no answer"))
			case 5:
				c.Fatalf("unknown method")
			case 6:
				c.Leave("a part")
			case 7:
				c.Leave("all")
				return
			}
			c.Equal("y", x, rows[0].Num("y"), 1e-9)
		})
	})
	if !w.failed || !slices.Equal(reached, []float64{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("failed: %t, reached %v", w.failed, reached)
	}
	for _, want := range []string{
		"line 3: column y of", "line 4: no answer", "line 5: y: got 4, want 5", "line 6: unknown method",
		"t.csv: 6 of 7 rows checked, 4 failed, worst relative error 0.2", "t.csv: 1 times left: all",
	} {
		if !strings.Contains(w.log, want) {
			t.Errorf("no %q in\n%s", want, w.log)
		}
	}
}

// TestRowsInAnyOrder: a group is its rows wherever they stand, in order of a column.
func TestRowsInAnyOrder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte("extra,group,i\n,b,10\n,a,2\n,b,9\n,a,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	w := watch(func(t testing.TB) {
		run(t, dir, "t.csv", []string{"group"}, "i", func(c *Check, rows []Row) {
			for _, r := range rows {
				got = append(got, r.Text("group")+r.Text("i"))
			}
			c.Within("one", 1, 1, 1, 0)
		})
	})
	if want := []string{"b9", "b10", "a1", "a2"}; w.failed || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !strings.Contains(w.log, "4 of 4 rows checked, 0 failed") {
		t.Error(w.log)
	}
}
