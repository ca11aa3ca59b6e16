package registry

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

//go:embed migrations/*.sql
var migrations embed.FS

// Registry is a planner.Registry in one SQLite file. It is safe for use by
// many goroutines, and by several processes at once.
type Registry struct {
	write *sql.DB // one connection: writers queue here, not in SQLite's busy loop
	read  *sql.DB
	now   func() time.Time // of audit lines only
}

// busyWait is how long a writer waits for another process's transaction. The
// longest is saving a plan, which takes tens of milliseconds.
const busyWait = 15 * time.Second

// Open opens the file, creates it if need be (readable by its owner only), and
// brings its tables up to date.
func Open(ctx context.Context, path string) (*Registry, error) {
	r, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open registry %s: %w", path, err)
	}
	return r, nil
}

func open(ctx context.Context, path string) (*Registry, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	write, err := connect(path, 1)
	if err != nil {
		return nil, err
	}
	read, err := connect(path, 8)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	r := &Registry{write: write, read: read, now: time.Now}
	if err := r.migrate(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// create makes the file before SQLite does, which would let everyone read it.
// The -wal and -shm files inherit the mode.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// connect says how every connection behaves. FULL makes a commit wait for the
// disk; immediate transactions take the write lock at once, since a
// transaction that reads first and writes later can fail with "busy" however
// long it is ready to wait.
func connect(path string, conns int) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyWait.Milliseconds()),
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
	}}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// migrate applies the numbered files. Two processes that meet at a new file
// try the same step; one of them fails, finds it done, and goes on.
func (r *Registry) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, r.write, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if _, err = p.Up(ctx); err == nil {
			break
		}
		if try == 10 || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
	}
	have, know, err := p.GetVersions(ctx)
	if err == nil && have > know {
		return fmt.Errorf("its tables have version %d, this program knows up to %d: use a newer assay", have, know)
	}
	return err
}

// Ping says whether the file answers.
func (r *Registry) Ping(ctx context.Context) error {
	var n int
	return r.read.QueryRowContext(ctx, "SELECT count(*) FROM plans").Scan(&n)
}

// Close releases the file.
func (r *Registry) Close() error {
	return errors.Join(r.read.Close(), r.write.Close())
}
