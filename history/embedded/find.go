package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// LibraryVersion is the release of chDB that this package is tested with.
const LibraryVersion = "26.7.3-stable.1"

// libraryName is the same on Linux and macOS: the npm packages say .so on both.
const libraryName = "libchdb.so"

// ErrNoLibrary is wrapped by the error of [FindLibrary] when there is no library.
var ErrNoLibrary = errors.New("embedded: the ClickHouse library " + libraryName + " was not found")

// FindLibrary returns the path of the ClickHouse library. It looks at ASSAY_CHDB
// (the file, or a directory that holds it), then beside the binary, then in
// the user's cache directory. A wrong ASSAY_CHDB is an error, not a hint: silently
// taking another copy would hide the mistake.
func FindLibrary() (string, error) {
	if v := os.Getenv("ASSAY_CHDB"); v != "" {
		path, err := libraryAt(v)
		if err != nil {
			return "", fmt.Errorf("%w: ASSAY_CHDB=%s: %v; %s", ErrNoLibrary, v, err, howToInstall())
		}
		return path, nil
	}
	dirs := libraryDirs()
	for _, dir := range dirs {
		if path, err := libraryAt(dir); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: ASSAY_CHDB is not set and it is not in %s; %s",
		ErrNoLibrary, strings.Join(dirs, " or "), howToInstall())
}

func libraryDirs() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real // an installed symlink points at the directory that has both
		}
		dirs = append(dirs, filepath.Dir(exe))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(cache, "assay"))
	}
	return dirs
}

// libraryAt accepts the library itself or a directory that holds it.
func libraryAt(path string) (string, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		path = filepath.Join(path, libraryName)
		info, err = os.Stat(path)
	}
	if err != nil {
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file", path)
	}
	return filepath.Abs(path)
}

func howToInstall() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	system := runtime.GOOS
	if system == "linux" {
		arch += "-gnu"
	}
	return fmt.Sprintf("run `make setup`, or `npm install @chdb/lib-%s-%s@%s` and set ASSAY_CHDB to that package's directory",
		system, arch, LibraryVersion)
}
