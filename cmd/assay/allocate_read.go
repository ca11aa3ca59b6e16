package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/assay-planner/assay/allocator/form"
)

// readProblems reads one file of problems, or "-".
func (a *app) readProblems(ctx context.Context, path string, f allocateFlags) (form.File, error) {
	var in io.Reader = a.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return form.File{}, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return form.File{}, usage("%s is a directory", path).next("add --bench to solve all instances in it")
		}
		in = file
	}
	file, err := form.Read(untilDone{ctx, in}, form.Kind(f.form))
	if err == nil {
		return file, nil
	}
	if ctx.Err() != nil {
		return form.File{}, &fault{code: exitInterrupted, err: fmt.Errorf("%s was not read to its end", path)}
	}
	bad := badInput(fmt.Errorf("%s: %w", path, err)).next("docs/allocate.md describes the forms; --form says which it is")
	return form.File{}, bad
}

// untilDone reads until the context ends.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(b)
}
