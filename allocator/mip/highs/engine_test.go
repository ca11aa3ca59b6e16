package highs

import (
	"os"
	"path/filepath"
	"testing"
)

// tiny is a module with one function that does nothing.
var tiny = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x0a\x04\x01\x02\x00\x0b")

// Nothing about the cache makes a solver fail: what cannot be read or written is not there.
func TestCacheNeverFails(t *testing.T) {
	dir := t.TempDir()
	try := func(dir string) {
		t.Helper()
		e, err := compileCached(tiny, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.runtime.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	try(dir)
	kept := entries(dir)
	if len(kept) != 1 {
		t.Fatalf("the cache holds %v", kept)
	}
	for _, size := range []int64{0, 3, 20, 40} { // as a full disk might have left it
		if err := os.Truncate(kept[0], size); err != nil {
			t.Fatal(err)
		}
		try(dir)
		if info, err := os.Stat(kept[0]); err != nil || info.Size() == size {
			t.Errorf("a file of %d bytes was not replaced: %v", size, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	try(filepath.Join(file, "below"))
	if err := os.Chmod(filepath.Dir(kept[0]), 0o500); err != nil {
		t.Fatal(err)
	}
	try(dir)
}
