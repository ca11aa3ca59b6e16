package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/cmd/assay/render"
)

// asProcess makes this test binary behave as assay itself, for tests that need
// a second process: one that holds a data directory, or takes a signal.
const asProcess = "ASSAY_TEST_AS_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" {
		main()
	}
	for _, name := range []string{"ASSAY_DATA", "ASSAY_SERVER", "ASSAY_TOKEN", "ASSAY_CLICKHOUSE"} {
		os.Unsetenv(name)
	}
	useCheckout()
	code := m.Run()
	if kept.history != nil {
		kept.history.close()
	}
	if demo.dir != "" {
		os.RemoveAll(demo.dir)
	}
	os.Exit(code)
}

// useCheckout takes the library that `make setup` left in this checkout, so
// that a plain `go test` finds it too.
func useCheckout() {
	if path, err := filepath.Abs("../../bin/libchdb.so"); err == nil && os.Getenv("ASSAY_CHDB") == "" {
		if _, err := os.Stat(path); err == nil {
			os.Setenv("ASSAY_CHDB", path)
		}
	}
}

// said is what one invocation answered.
type said struct {
	code     int
	out, err string
}

func (s said) String() string {
	return fmt.Sprintf("exit code %d\n--- out\n%s\n--- err\n%s", s.code, s.out, s.err)
}

// assay runs the program in this process.
func assay(t testing.TB, args ...string) said {
	t.Helper()
	return assayWith(t, context.Background(), strings.NewReader(""), args...)
}

func assayWith(t testing.TB, ctx context.Context, in io.Reader, args ...string) said {
	t.Helper()
	var out, errOut bytes.Buffer
	code := (&app{in: in, out: &out, err: &errOut, now: time.Now, start: keeping(t)}).run(ctx, args)
	if code != exitOK { // what it left half done is the next opening's to mend
		letGo(t)
	}
	return said{code, out.String(), errOut.String()}
}

// printed is what a command prints of an answer that another format has told: to find it
// again would take seconds.
func printed(t testing.TB, output render.Format, answer func(*app) error) said {
	t.Helper()
	var out, errOut bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errOut, now: time.Now, output: string(output)}
	if err := answer(a); err != nil {
		t.Fatal(err)
	}
	return said{exitOK, out.String(), errOut.String()}
}

// want fails the test unless the program ended with the code.
func (s said) want(t testing.TB, code int) said {
	t.Helper()
	if s.code != code {
		t.Fatalf("want exit code %d, got %v", code, s)
	}
	return s
}

func (s said) contains(t testing.TB, where string, parts ...string) said {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(where, part) {
			t.Errorf("%q is missing in %v", part, s)
		}
	}
	return s
}

// fits fails the test if a line is wider than a table may be.
func (s said) fits(t testing.TB) said {
	t.Helper()
	for line := range strings.Lines(s.out) {
		if n := render.Len(strings.TrimRight(line, "\n")); n > render.Width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	return s
}

// process prepares the program as a process of its own, which may take any directory.
func process(t testing.TB, args ...string) *exec.Cmd {
	letGo(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProcess+"=1")
	return cmd
}

var demo struct {
	sync.Once
	dir  string
	said said
}

// sampled returns the data directory of a demo. It is made once; a test that
// changes it takes a copy.
func sampled(t testing.TB) string {
	t.Helper()
	demo.Do(func() {
		dir, err := os.MkdirTemp("", "assay-demo-")
		if err != nil {
			t.Fatal(err)
		}
		demo.dir = dir
		demo.said = assay(t, "demo", "--data", dir)
	})
	if demo.said.code != exitOK {
		t.Fatalf("the demo failed: %v", demo.said)
	}
	return demo.dir
}

// heavy skips a test that plans many times over and adds no concurrency, for
// runs under the race detector.
func heavy(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("plans many times over")
	}
}

func copied(t testing.TB) string {
	t.Helper()
	from, dir := sampled(t), filepath.Join(t.TempDir(), "data")
	letGo(t)
	if out, err := exec.Command("cp", "-R", from, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}
