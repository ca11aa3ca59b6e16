package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-planner/assay/allocator/form"
)

// write puts a choice into the directory of --solutions.
func (f allocateFlags) write(one allocation) error {
	if f.solutions == "" || one.lines == nil {
		return nil
	}
	if err := os.MkdirAll(f.solutions, 0o777); err != nil {
		return err
	}
	return writeFile(filepath.Join(f.solutions, one.solutionName()), func(w io.Writer) error { return form.WriteChoice(w, one.lines) })
}

// apart refuses files whose choices would overwrite each other's.
func (f allocateFlags) apart(paths []string) error {
	from := map[string]string{}
	for _, path := range paths {
		name := allocation{File: path}.solutionName()
		if other, twice := from[name]; twice && f.solutions != "" {
			return usage("--solutions would write the choices of %s and of %s to the same file, %s", other, path, name).
				next("solve them in two runs, with another directory each")
		}
		from[name] = path
	}
	return nil
}

// solutionName is the file's own name with .sol after it, and before that the problem's
// number if the file has several: mknapcb1.txt.3.sol.
func (one allocation) solutionName() string {
	name := bareName(one.File)
	if one.Problem > 0 {
		name += fmt.Sprintf(".%d", one.Problem)
	}
	return name + ".sol"
}

// bareName is a file's name without its directory and .gz.
func bareName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".gz") }
