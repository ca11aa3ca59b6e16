package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/assay-planner/assay/planner"
)

// server answers requests. It holds no state but the outcome of the last nightly
// run, and what was learned from the past: everything else is the service's.
type server struct {
	Config
	service planner.Service
	log     *slog.Logger
	guard   guard
	nightly *nightly // nil: there is none
	lessons *lessons
	mux     *http.ServeMux
	handler http.Handler // the mux, compressed
}

// Timeouts that bound what one slow or hostile caller can hold. Making a plan
// and sending a large file of outcomes are given as long as they take.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = time.Minute
	answerTimeout = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	grace         = 15 * time.Second // for requests under way when the server is to stop
)

// Run serves until ctx ends, then finishes the requests under way and returns
// nil. Any other end is an error.
func Run(ctx context.Context, c Config) error {
	c = c.withDefaults()
	addr, err := c.check()
	if err != nil {
		return err
	}
	s, err := newServer(c)
	if err != nil {
		return err
	}
	listener, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	c.Log.InfoContext(ctx, "serving", "address", listener.Addr().String(), "token", c.Token != "", "nightly", c.Nightly)
	if c.OnUp != nil {
		c.OnUp(listener.Addr().String())
	}
	nights := make(chan struct{})
	go func() {
		defer close(nights)
		s.nightly.run(ctx)
	}()
	err = s.serve(ctx, listener)
	<-nights
	s.lessons.end()
	return err
}

// serve answers until ctx ends. Requests do not end with ctx, but with the
// grace that Shutdown gives them.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	base, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.log.InfoContext(ctx, "stopping")
	patience, cancel := context.WithTimeout(base, grace)
	defer cancel()
	if err := srv.Shutdown(patience); err != nil {
		giveUp()
		return errors.Join(fmt.Errorf("stop: requests were still under way after %s: %w", grace, err), srv.Close())
	}
	return nil
}

// NewHandler returns what Run serves, for those who listen themselves. Without
// Run there is no nightly run.
func NewHandler(c Config) (http.Handler, error) {
	c = c.withDefaults()
	if _, err := c.check(); err != nil {
		return nil, err
	}
	return newServer(c)
}

func newServer(c Config) (*server, error) {
	s := &server{Config: c, service: c.Service, log: c.Log, guard: newGuard(c.Token, c.Now), lessons: newLessons(c.Learner, c.Now), mux: http.NewServeMux()}
	var err error
	if s.nightly, err = newNightly(c); err != nil {
		return nil, err
	}
	for _, r := range s.routes() {
		s.mux.Handle(r.method+" "+r.path, s.handle(r))
	}
	s.mux.Handle("/", s.handle(route{path: "/", do: s.unknown}))
	s.handler, err = compressed(s.mux)
	return s, err
}

// as names who is behind a change.
func (s *server) as(r *http.Request, name string) context.Context { return s.Actor(r.Context(), name) }
