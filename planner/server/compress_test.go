package server

import (
	"compress/gzip"
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

// Who takes gzip gets pages and plans small, and the same; streams and probes
// are sent as they are.
func TestAnswersAreCompressed(t *testing.T) {
	h := newHouse(t)
	if _, err := h.c.Service.Submit(t.Context(), ideas(60)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.c.Service.Plan(t.Context(), planner.PlanRequest{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path, accept string
		zipped       bool
	}{
		{"/", "", true}, {"/queue", "", true}, {"/v1/plans/current", "", true}, {"/v1/hypotheses", "", true},
		{"/v1/hypotheses", ndjson, false}, {"/livez", "", false},
	} {
		_, plain, _ := h.call("GET", tc.path, "", "Accept", tc.accept, "Accept-Encoding", "identity")
		// The client undoes only what it asked for itself.
		status, body, header := h.call("GET", tc.path, "", "Accept", tc.accept, "Accept-Encoding", "gzip")
		if zipped := header.Get("Content-Encoding") == "gzip"; zipped != tc.zipped || status != http.StatusOK {
			t.Errorf("%s as %q: %d, Content-Encoding %q", tc.path, tc.accept, status, header.Get("Content-Encoding"))
			continue
		}
		if tc.zipped {
			in, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(in)
			if err != nil || len(body) > len(text)/3 || header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: %d bytes of %d, Vary %q, %v", tc.path, len(body), len(text), header.Get("Vary"), err)
			}
			body = string(text)
		}
		if body != plain {
			t.Errorf("%s says something else when it is compressed", tc.path)
		}
	}
}

// What cannot be said in JSON is a 500, not an empty success.
func TestUnsayable(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Service = boundless{} })
	h.refused(500, "internal", "GET", "/v1/plans/current", "")
	if !strings.Contains(h.log.String(), "unsupported value") {
		t.Errorf("the log has no cause: %s", h.log)
	}
}

// boundless has a plan that no number can tell the worth of.
type boundless struct{ planner.Service }

func (boundless) CurrentPlan(context.Context) (planner.Plan, error) {
	return planner.Plan{Value: math.Inf(1)}, nil
}
