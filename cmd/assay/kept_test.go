package main

import (
	"context"
	"path/filepath"
	"testing"
)

// kept is the history that commands of this process last opened. Each command
// would open it anew and mine it anew, which takes more of a test's time than all
// that is tested: so the next one on the same directory finds it as it was left.
// Opening what another process left is for tests with processes of their own,
// and opening again for those that call letGo between commands.
var kept struct {
	dir     string
	history *openHistory
}

// keeping opens the history in dir, or returns the one that is kept. A test's own
// directory is let go when the test ends, before it is removed.
func keeping(t testing.TB) func(context.Context, string) (*openHistory, error) {
	return func(ctx context.Context, dir string) (*openHistory, error) {
		if dir == "" { // passes with the command
			letGo(t)
			return startEngine(ctx, dir)
		}
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		if kept.history == nil || kept.dir != abs {
			letGo(t)
			h, err := startEngine(ctx, abs)
			if err != nil {
				return nil, err
			}
			kept.dir, kept.history = abs, h
			if filepath.Dir(abs) != demo.dir {
				t.Cleanup(func() { letGo(t) })
			}
		}
		h := *kept.history
		h.close = func() error { return nil }
		return &h, nil
	}
}

// letGo closes the history that is kept: a second engine can be opened then, here
// or in another process, and the next command opens and mines anew.
func letGo(t testing.TB) {
	t.Helper()
	if h := kept.history; h != nil {
		kept.history = nil
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}
}
