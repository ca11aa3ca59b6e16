package golden

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// witness is a test that is watched, to see it fail or skip.
type witness struct {
	testing.TB
	failed, skipped bool
}

func (w *witness) Helper()                   {}
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
	t.Setenv("ASSAY_GOLDEN", filepath.Join(dir, "nowhere"))
	if w := watch(func(t testing.TB) { Dir(t) }); !w.failed {
		t.Error("a directory that is not there passes")
	}
	t.Setenv("ASSAY_GOLDEN", "stats/testdata")
	if got := Dir(t); filepath.Base(got) != "testdata" || !filepath.IsAbs(got) {
		t.Errorf("a path from the root of the module is read as %s", got)
	}
}
