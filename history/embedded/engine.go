package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Options shape an Engine. The zero value is right for one machine.
type Options struct {
	// MaxQueries run at once; further ones wait, as long as their context lets
	// them. Zero means two per processor and at least four. A SELECT counts until
	// all but its last two chunks are read, so a program that holds N large
	// results open while it asks for more needs more than N.
	MaxQueries int
}

// Engine is a running ClickHouse. It is safe for use by many goroutines.
type Engine struct {
	dir    string
	temp   bool // dir is removed by Close
	lib    *library
	lock   *os.File
	anchor *session // keeps the engine up between requests

	ctx     context.Context // done when Close begins
	stop    context.CancelCauseFunc
	slots   chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	ids    map[string]struct{} // query ids in use
}

// ErrClosed is returned for what begins, or still runs, after [Engine.Close].
var ErrClosed = errors.New("embedded: the engine is closed")

// process is the engine of this process: the library holds one directory at a time.
var process struct {
	sync.Mutex
	engine *Engine
}

// Open starts the engine on a data directory, which it creates if need be. An
// empty dir is a temporary one that ends with the Engine.
//
// The error is an [*InUseError] if another process holds dir, and wraps
// [ErrNoLibrary] if the library is not installed. While an Engine is open, no
// second one can be opened in the process; after Close, one can, on any directory.
func Open(dir string, opts Options) (*Engine, error) {
	lib, err := load()
	if err != nil {
		return nil, err
	}
	process.Lock()
	defer process.Unlock()
	if e := process.engine; e != nil {
		return nil, fmt.Errorf("embedded: open %s: this process already has an engine, on %s: share it, with one database for each use, or close it first", dir, e.dir)
	}
	e := &Engine{lib: lib, dir: dir, ids: map[string]struct{}{}}
	if err := e.start(); err != nil {
		return nil, err
	}
	e.ctx, e.stop = context.WithCancelCause(context.Background())
	e.slots = make(chan struct{}, maxQueries(opts))
	process.engine = e
	return e, nil
}

func maxQueries(opts Options) int {
	if opts.MaxQueries > 0 {
		return opts.MaxQueries
	}
	return max(4, 2*runtime.GOMAXPROCS(0))
}

// start takes the directory and boots the engine in it.
func (e *Engine) start() (err error) {
	if e.dir == "" {
		e.temp = true
		if e.dir, err = os.MkdirTemp("", "assay-clickhouse-"); err != nil {
			return fmt.Errorf("embedded: %w", err)
		}
	}
	if e.dir, err = filepath.Abs(e.dir); err != nil {
		return fmt.Errorf("embedded: %w", err)
	}
	if err := os.MkdirAll(e.dir, 0o755); err != nil {
		return fmt.Errorf("embedded: create data directory: %w", err)
	}
	if e.lock, err = lockDir(e.dir); err != nil {
		return err
	}
	if e.anchor, err = newSession(e.lib, "--path="+e.dir); err != nil {
		err = e.refused(err)
		return errors.Join(err, e.leave())
	}
	return nil
}

// leave gives the directory back.
func (e *Engine) leave() error {
	err := unlockDir(e.lock)
	if e.temp {
		err = errors.Join(err, os.RemoveAll(e.dir))
	}
	return err
}

// refused explains why the engine did not start; the library says nothing.
func (e *Engine) refused(err error) error {
	if pid, held := engineHolder(e.dir); held {
		return &InUseError{Dir: e.dir, PID: pid}
	}
	return fmt.Errorf("embedded: open %s: %w: check that the directory is writable, that the disk has room "+
		"and that the data is not from a newer ClickHouse", e.dir, err)
}

// Dir returns the data directory as an absolute path.
func (e *Engine) Dir() string { return e.dir }

// Close kills what still runs, waits for it to end, and frees the directory.
// It may be called twice.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	e.mu.Unlock()
	e.stop(ErrClosed)
	e.running.Wait()

	process.Lock()
	defer process.Unlock()
	e.anchor.close()
	process.engine = nil
	return e.leave()
}

// Conn returns a connection whose unqualified names mean tables of database; an
// empty one means "default". It costs little, so each caller can have its own,
// and the caller closes it. The database must exist when a query runs.
func (e *Engine) Conn(database string) (driver.Conn, error) {
	return clickhouse.Open(&clickhouse.Options{
		Protocol:      clickhouse.HTTP,
		Addr:          []string{"embedded"},
		Auth:          clickhouse.Auth{Database: database},
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return e, nil },
		// Who waits, waits for a slot of the engine and as long as the context says;
		// the client's own pool would give up after DialTimeout.
		MaxOpenConns:    1024,
		MaxIdleConns:    cap(e.slots),
		ConnMaxLifetime: 24 * time.Hour,
	})
}

// begin registers a query; the returned function ends it.
func (e *Engine) begin(id string) (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if _, ok := e.ids[id]; ok {
		return nil, serverError(codeSameID, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", "Query with id = "+id+" is already running")
	}
	e.ids[id] = struct{}{}
	e.running.Add(1)
	return func() {
		e.mu.Lock()
		delete(e.ids, id)
		e.mu.Unlock()
		e.running.Done()
	}, nil
}
