package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/registry"
	"github.com/assay-planner/assay/planner/sample"
)

const testToken = "correct-horse-battery-staple"

// programme is the bundled sample, made once.
var programme = sync.OnceValue(func() sample.Programme { return sample.Generate(sample.Seed) })

// past is the sample's history without a database. It fails on demand.
type past struct {
	mu  sync.Mutex
	err error
}

func (p *past) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *past) Effects(context.Context, history.EffectQuery) ([]history.Effect, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	return effects(), nil
}

// effects are every tenth of the sample's: enough to plan from, and quick.
var effects = sync.OnceValue(func() []history.Effect {
	var some []history.Effect
	for i, e := range programme().Effects() {
		if i%10 == 0 {
			some = append(some, e)
		}
	}
	return some
})

// Noise is the median over usable effects of SE·√(nₜn꜀/(nₜ+n꜀)).
func (p *past) Noise(context.Context, time.Time) ([]history.Noise, error) { return noise(), nil }

var noise = sync.OnceValue(func() []history.Noise {
	sds := map[[2]string][]float64{}
	for _, e := range effects() {
		if e.Usable {
			key := [2]string{e.Surface, e.Metric}
			sds[key] = append(sds[key], e.SE*math.Sqrt(e.TreatmentUsers*e.ControlUsers/(e.TreatmentUsers+e.ControlUsers)))
		}
	}
	var all []history.Noise
	for key, values := range sds {
		slices.Sort(values)
		all = append(all, history.Noise{Surface: key[0], Metric: key[1], RelativeSD: values[len(values)/2], Effects: len(values)})
	}
	return all
})

// house is a server over the real planner and the real registry.
type house struct {
	*httptest.Server
	t    *testing.T
	past *past
	log  *bytes.Buffer
	c    Config
}

// tonight is the sample's night; an hour later the tests begin.
var tonight = sample.Tonight

func newHouse(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	reg, err := registry.Open(t.Context(), filepath.Join(t.TempDir(), "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reg.Close() })
	h := &house{t: t, past: &past{}, log: &bytes.Buffer{}}
	now := func() time.Time { return tonight.Add(time.Hour) }
	h.c = Config{
		Service: planner.New(reg, h.past, programme().Policy, now), Actor: registry.WithActor, Now: now,
		Ready: map[string]Check{"registry": reg.Ping},
		Log:   slog.New(slog.NewTextHandler(&locked{w: h.log}, nil)),
	}
	for _, f := range change {
		f(&h.c)
	}
	handler, err := NewHandler(h.c)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = httptest.NewServer(handler)
	t.Cleanup(h.Close)
	return h
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// ideas are the first few of the sample's hypotheses.
func ideas(n int) []planner.Hypothesis { return slices.Clone(programme().Hypotheses[:n]) }

// call sends a request and returns status, body and headers. Headers come in
// pairs of name and value.
func (h *house) call(method, path, body string, header ...string) (int, string, http.Header) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Header
}

// refused sends a request that must be refused with the status and code.
func (h *house) refused(status int, code, method, path, body string, header ...string) *APIError {
	h.t.Helper()
	got, text, _ := h.call(method, path, body, header...)
	var answer struct{ Error APIError }
	if err := json.Unmarshal([]byte(text), &answer); err != nil || got != status || answer.Error.Code != code || answer.Error.Message == "" {
		h.t.Errorf("%s %s gives %d %s; want %d %s", method, path, got, text, status, code)
	}
	return &answer.Error
}

func (h *house) client() *Client {
	h.t.Helper()
	c, err := NewClient(h.URL, h.c.Token)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
