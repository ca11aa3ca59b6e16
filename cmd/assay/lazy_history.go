package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/embedded"
)

// lazyHistory opens the history when it is first asked. Submitting or listing
// needs no engine, and works beside a server that holds it.
type lazyHistory struct {
	open func(context.Context) (*openHistory, error)

	mu     sync.Mutex
	opened *openHistory
}

type openHistory struct {
	*history.History
	conn  driver.Conn
	close func() error
}

// lazyHistory is the user's ClickHouse server, or the engine in the data
// directory.
func (a *app) lazyHistory() *lazyHistory {
	return &lazyHistory{open: func(ctx context.Context) (*openHistory, error) {
		if a.clickhouse == "" {
			return a.start(ctx, filepath.Join(a.data, engineDir))
		}
		conn, err := embedded.Dial(ctx, a.clickhouse)
		if err != nil {
			return nil, &fault{code: exitUnavailable, err: err}
		}
		return openWith(ctx, conn, func() error { return nil })
	}}
}

// passingHistory is an empty one that is gone when it is closed.
func (a *app) passingHistory() *lazyHistory {
	return &lazyHistory{open: func(ctx context.Context) (*openHistory, error) { return a.start(ctx, "") }}
}

func startEngine(ctx context.Context, dir string) (*openHistory, error) {
	engine, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return nil, err
	}
	conn, err := engine.Conn("")
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return openWith(ctx, conn, engine.Close, history.Alone)
}

func openWith(ctx context.Context, conn driver.Conn, stop func() error, how ...func(*history.History)) (*openHistory, error) {
	h, err := history.Open(ctx, conn, how...)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), stop())
	}
	return &openHistory{h, conn, func() error { return errors.Join(conn.Close(), stop()) }}, nil
}

func (l *lazyHistory) get(ctx context.Context) (*openHistory, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened != nil {
		return l.opened, nil
	}
	h, err := l.open(ctx)
	if err == nil {
		l.opened = h
	}
	return h, err
}

func (l *lazyHistory) Effects(ctx context.Context, q history.EffectQuery) ([]history.Effect, error) {
	h, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return h.Effects(ctx, q)
}

func (l *lazyHistory) Noise(ctx context.Context, asOf time.Time) ([]history.Noise, error) {
	h, err := l.get(ctx)
	if err != nil {
		return nil, err
	}
	return h.Noise(ctx, asOf)
}

func (l *lazyHistory) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.opened == nil {
		return nil
	}
	return l.opened.close()
}
