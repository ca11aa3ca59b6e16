package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/embedded"
	outcomes "github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/planner"
)

// Exit codes, for scripts; `assay help exit-codes` and docs/cli.md list them.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitBadInput    = 3
	exitNotFound    = 4
	exitInUse       = 5
	exitUnavailable = 6
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// fault is an error that knows its exit code and the user's next step.
type fault struct {
	code int
	err  error
	step string
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func (f *fault) next(format string, args ...any) *fault {
	f.step = fmt.Sprintf(format, args...)
	return f
}

func usage(format string, args ...any) *fault {
	return &fault{code: exitUsage, err: fmt.Errorf(format, args...)}
}

func badInput(err error) *fault { return &fault{code: exitBadInput, err: err} }

// standsAlone refuses --server, and remembers that it is no way out of a directory in use.
func (a *app) standsAlone(command, instead string) error {
	a.alone = true
	if a.server == "" {
		return nil
	}
	return usage("%s reads the data directory", command).next("leave out --server%s", instead)
}

// report is the one place where errors become text and an exit code.
func (a *app) report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	f := classify(ctx, err)
	if a.alone && f.code == exitInUse {
		f.step = "this command needs the directory for itself: wait for that to end or end it, or use another --data"
	}
	fmt.Fprintf(a.err, "assay: %s\n", strings.TrimSpace(f.Error()))
	for line := range strings.Lines(f.step) {
		fmt.Fprintf(a.err, "  %s\n", strings.TrimRight(line, "\n"))
	}
	return f.code
}

// classify finds the exit code and next step of an error. What a command
// said itself comes first; an interruption hides what it caused.
func classify(ctx context.Context, err error) *fault {
	f := &fault{code: exitFailure, err: err}
	inner, said := errors.AsType[*fault](err)
	if said {
		f.code, f.step = inner.code, inner.step
	}
	if ctx.Err() != nil {
		return &fault{code: exitInterrupted, err: interrupted(err), step: f.step}
	}
	if said {
		return f
	}
	if inUse, ok := errors.AsType[*embedded.InUseError](err); ok {
		f.code = exitInUse
		f.err = fmt.Errorf("the data directory is in use by %s", holder(inUse))
		f.step = "if that is `assay serve`, add --server http://127.0.0.1:8090 to this command\notherwise wait for it to end, or use another --data"
		return f
	}
	wire, isNet := errors.AsType[*net.OpError](err)
	if isNet && wire.Op == "dial" && wire.Addr != nil {
		f.err = fmt.Errorf("nothing answers at %s: %w", wire.Addr, wire.Err)
	}
	_, isFile := errors.AsType[*outcomes.FileError](err)
	_, isDrafts := errors.AsType[planner.DraftErrors](err)
	switch {
	case isDrafts:
		f.code = exitBadInput
	case errors.Is(err, planner.ErrPolicy):
		f.code, f.step = exitBadInput, "mend it; `assay help policy` explains every field"
	case errors.Is(err, planner.ErrExists):
		f.code, f.step = exitBadInput, "give the new idea another id, or withdraw the old one"
	case errors.Is(err, planner.ErrNoPlan):
		f.code, f.err, f.step = exitNotFound, errors.New("there is no plan yet"), "run assay plan"
	case errors.Is(err, planner.ErrNotFound):
		f.code, f.step = exitNotFound, "assay hypothesis list shows what there is"
	case errors.Is(err, planner.ErrLaterPlan):
		f.step = "add --dry-run to see what would have been planned"
	case errors.Is(err, history.ErrImporting):
		f.code, f.step = exitInUse, "wait for it to end"
	case errors.Is(err, planner.ErrTaken):
		f.step = "another process planned at the same time; plan again"
	case errors.Is(err, embedded.ErrNoLibrary):
		f.code = exitUnavailable
	case isNet, errors.Is(err, syscall.ECONNREFUSED):
		f.code, f.step = exitUnavailable, "check the URL, and that the server runs"
	case errors.Is(err, fs.ErrNotExist):
		f.code = exitNotFound
	case isFile:
		f.code = exitBadInput
	}
	return f
}

func holder(e *embedded.InUseError) string {
	if e.PID == 0 {
		return fmt.Sprintf("another process (%s)", e.Dir)
	}
	return fmt.Sprintf("process %d (%s)", e.PID, e.Dir)
}

// interrupted keeps what a command says of its own unfinished work and drops
// the context's "context canceled", which tells a user nothing.
func interrupted(err error) error {
	if f, ok := errors.AsType[*fault](err); ok && f.code == exitInterrupted {
		return fmt.Errorf("interrupted: %w", f.err)
	}
	return errors.New("interrupted")
}

// unfinished says what an interruption leaves behind. Other errors pass through.
func unfinished(ctx context.Context, err error, left string) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return &fault{code: exitInterrupted, err: errors.New(left)}
}
