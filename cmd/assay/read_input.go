package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// readInput reads a file, or standard input for "-", whose name is then stdin. Left is
// what an interruption leaves behind.
func readInput(ctx context.Context, path string, stdin io.Reader, left string) (name string, text []byte, err error) {
	name, in := path, stdin
	if path == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return name, nil, err
		}
		defer f.Close()
		in = f
	}
	if text, err = readAll(ctx, in); err != nil {
		return name, nil, unfinished(ctx, unread(name, err), left)
	}
	return name, text, nil
}

// unread says why a file could not be read.
func unread(name string, err error) error {
	if errors.Is(err, syscall.EISDIR) {
		return badInput(fmt.Errorf("%s is a directory", name)).next("name the file in it")
	}
	if _, named := errors.AsType[*fs.PathError](err); named {
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

// readAll gives up when ctx ends: a generator on standard input may never.
func readAll(ctx context.Context, in io.Reader) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(in, maxDraftFile+1))
		read <- result{text, err}
	}()
	select {
	case r := <-read:
		return r.text, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
