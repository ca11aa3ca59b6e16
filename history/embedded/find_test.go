package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFindLibrary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the cache directory is set through XDG_CACHE_HOME here")
	}
	dir := t.TempDir()
	library := filepath.Join(dir, libraryName)
	cache := t.TempDir()
	cached := filepath.Join(cache, "assay", libraryName)
	for _, file := range []string{library, cached} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, chdb, cache string
		want              string
		mention           []string // of the error
	}{
		{name: "file", chdb: library, cache: cache, want: library},
		{name: "directory", chdb: dir, cache: cache, want: library},
		{name: "cache", cache: cache, want: cached},
		{name: "wrong", chdb: filepath.Join(dir, "nowhere"), cache: cache, mention: []string{"ASSAY_CHDB", "nowhere"}},
		{name: "directory without it", chdb: t.TempDir(), cache: cache, mention: []string{"ASSAY_CHDB", libraryName}},
		{name: "none", cache: t.TempDir(), mention: []string{"make setup", "npm install", LibraryVersion, "ASSAY_CHDB"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("ASSAY_CHDB", c.chdb)
			t.Setenv("XDG_CACHE_HOME", c.cache)
			path, err := FindLibrary()
			if path != c.want || (err == nil) != (c.want != "") {
				t.Errorf("FindLibrary() = %q, %v; want %q", path, err, c.want)
			}
			if err != nil && !errors.Is(err, ErrNoLibrary) {
				t.Errorf("%v does not wrap ErrNoLibrary", err)
			}
			for _, m := range c.mention {
				if err != nil && !strings.Contains(err.Error(), m) {
					t.Errorf("%v does not mention %s", err, m)
				}
			}
		})
	}
}

// The directory of the binary comes before the cache.
func TestFindLibraryBesideBinary(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	exe, err = filepath.EvalSymlinks(exe)
	if err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(filepath.Dir(exe), libraryName)
	if _, err := os.Stat(beside); err == nil {
		t.Skip("a library lies beside the test binary already")
	}
	if err := os.WriteFile(beside, nil, 0o644); err != nil {
		t.Skip(err)
	}
	defer os.Remove(beside)
	t.Setenv("ASSAY_CHDB", "")
	if path, err := FindLibrary(); path != beside {
		t.Errorf("FindLibrary() = %q, %v; want %q", path, err, beside)
	}
}

func TestBindOther(t *testing.T) {
	file := filepath.Join(t.TempDir(), libraryName)
	if err := os.WriteFile(file, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bind(file); err == nil {
		t.Error("a text file was loaded as a library")
	}
}
