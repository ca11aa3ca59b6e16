package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// odd is a service that panics or waits, as its hypotheses are named.
type odd struct {
	planner.Service
	begun chan struct{}
	go_   chan struct{}
}

func (o *odd) Hypothesis(ctx context.Context, id string) (planner.Row, error) {
	switch id {
	case "panic":
		panic("a bug")
	case "wait":
		close(o.begun)
		select {
		case <-o.go_:
			return planner.Row{Hypothesis: planner.Hypothesis{ID: id}}, nil
		case <-ctx.Done():
			return planner.Row{}, ctx.Err()
		}
	}
	return planner.Row{}, planner.ErrNotFound
}

func TestPanicIsAnswered(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Service = &odd{} })
	e := h.refused(500, "internal", "GET", "/v1/hypotheses/panic", "")
	if e.Request == "" || strings.Contains(e.Message, "bug") || !strings.Contains(h.log.String(), "a bug") {
		t.Errorf("answer %+v; log %s", e, h.log)
	}
	h.refused(404, "not_found", "GET", "/v1/hypotheses/x", "") // it lives
}

// Run ends with its context, and a request under way is still answered.
func TestRunStopsGently(t *testing.T) {
	o := &odd{begun: make(chan struct{}), go_: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	up, done := make(chan string, 1), make(chan error, 1)
	c := Config{Addr: "127.0.0.1:0", Service: o, Nightly: "0 2 * * *", NoCatchUp: true, Log: slog.New(slog.DiscardHandler), OnUp: func(addr string) { up <- addr }}
	go func() { done <- Run(ctx, c) }()
	base := "http://" + <-up
	answered := make(chan int, 1)
	go func() {
		answer, err := http.Get(base + "/v1/hypotheses/wait")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		answer.Body.Close()
		answered <- answer.StatusCode
	}()
	<-o.begun
	stop()
	for { // no new callers
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(base, "http://"), time.Second)
		if err != nil {
			break
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	close(o.go_)
	if status := <-answered; status != 200 {
		t.Errorf("the request under way got %d", status)
	}
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []Config{
		{Addr: taken.Addr().String(), Service: &odd{}},
		{Addr: ":0", Service: &odd{}},
		{Service: &odd{}, Nightly: "x"},
	} {
		if err := Run(t.Context(), c); !errors.Is(err, ErrConfig) {
			t.Errorf("Run on %q: %v", c.Addr, err)
		}
	}
}

func TestReadiness(t *testing.T) {
	broken := errors.New("dial clickhouse://assay:secret@db: refused")
	var now error
	h := newHouse(t, func(c *Config) {
		c.Token, c.Nightly = testToken, "0 2 * * *"
		c.Ready["engine"] = func(context.Context) error { return now }
	})
	if status, text, _ := h.call("GET", "/readyz", ""); status != 200 || !strings.Contains(text, `"ready":true,"checks":{"engine":"ok","registry":"ok"},"nightly":{"schedule":"0 2 * * *"}`) {
		t.Errorf("%d %s", status, text)
	}
	now = broken
	status, text, _ := h.call("GET", "/readyz", "")
	if status != 503 || !strings.Contains(text, `"engine":"not ready"`) || strings.Contains(text, "secret") {
		t.Errorf("to a stranger: %d %s", status, text)
	}
	if _, text, _ := h.call("GET", "/readyz", "", "Authorization", "Bearer "+testToken); !strings.Contains(text, "refused") {
		t.Errorf("to a friend: %s", text)
	}
	if status, text, _ := h.call("GET", "/livez", ""); status != 200 || text != "{\"status\":\"ok\"}\n" {
		t.Errorf("livez: %d %s", status, text)
	}
}
