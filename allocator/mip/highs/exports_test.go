package highs

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Shared is compiled once for all tests, in memory.
var Shared = sync.OnceValues(func() (*Solver, error) { return New("") })

// The names are those that highs.js beside the file uses, if npm has put it there.
func TestExportsAreThoseOfTheBuild(t *testing.T) {
	for _, dir := range []string{"node_modules", "dist/npm/node_modules"} {
		build := filepath.Join("../../..", dir, "highs/build")
		script, err := os.ReadFile(filepath.Join(build, "highs.js"))
		if err != nil {
			continue
		}
		file, err := os.ReadFile(filepath.Join(build, "highs.wasm"))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != pinned {
			t.Errorf("%s/highs.wasm is not the pinned file, but %x", build, sum)
		}
		for name, short := range exports {
			want := `Module["_` + name + `"]=wasmExports["` + short + `"]`
			if name == "__wasm_call_ctors" {
				want = `wasmExports["` + short + `"]()`
			}
			if !strings.Contains(string(script), want) {
				t.Errorf("highs.js does not say %s", want)
			}
		}
		for short, want := range map[string]string{"a": "___cxa_throw", "c": "_emscripten_get_now", "f": "_fd_write", "i": "___syscall_openat",
			"j": "_emscripten_date_now", "m": "__tzset_js", "o": "_environ_sizes_get", "p": "_clock_time_get", "q": "_emscripten_resize_heap"} {
			if pair := short + ":" + want; !strings.Contains(string(script), "{"+pair+",") && !strings.Contains(string(script), ","+pair+",") {
				t.Errorf("highs.js does not import %s", pair)
			}
		}
		return
	}
	t.Skip("npm's package is not in this checkout: run `make setup`")
}

// What the file wants of its host is there, and what is called of it has the right shape.
func TestFileFitsHostAndCalls(t *testing.T) {
	s, err := Shared()
	if err != nil {
		t.Skip(err)
	}
	e, err := s.compiled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range e.module.ImportedFunctions() {
		module, name, _ := f.Import()
		if _, ok := host[name]; !ok || module != hostModule {
			t.Errorf("the file imports %s.%s, which is not there", module, name)
		}
	}
	if n := len(e.module.ImportedFunctions()); n != len(host) {
		t.Errorf("it imports %d functions, there are %d", n, len(host))
	}
	for name, short := range exports {
		if _, ok := e.module.ExportedFunctions()[short]; !ok {
			t.Errorf("the file has no %s, for %s", short, name)
		}
	}
	r, err := begin(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer r.end()
	at := r.call("Highs_version")
	if version := string(r.read(at, 6)); version != "1.15.1" || r.err != nil {
		t.Errorf("HiGHS %q, %v", version, r.err)
	}
}
