package server

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner"
)

// A client and the planner behind the server give the same answers and the
// same errors, so a command prints the same either way.
func TestClientIsTheService(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Token = testToken })
	ctx, c, near := t.Context(), h.client(), h.c.Service
	_, err := c.CurrentPlan(ctx)
	_, want := near.CurrentPlan(ctx)
	sameError(t, "no plan", err, want, planner.ErrNoPlan)
	_, err = c.Explain(ctx, "H-0001")
	_, want = near.Explain(ctx, "H-0001")
	sameError(t, "explain what is not there", err, want, planner.ErrNotFound)

	all := ideas(12)
	receipts, err := c.Submit(ctx, all)
	if err != nil || len(receipts) != 12 || !receipts[0].Created {
		t.Fatalf("Submit: %v, %v", receipts, err)
	}
	again, err := near.Submit(ctx, all)
	if err != nil || again[0].Created || again[0].ID != receipts[0].ID {
		t.Errorf("what the client submitted is not known to the service: %v, %v", again, err)
	}
	if r, err := c.Submit(ctx, nil); err != nil || len(r) != 0 {
		t.Errorf("Submit of nothing: %v, %v", r, err)
	}

	var heard []string
	plan, err := c.Plan(ctx, planner.PlanRequest{At: tonight, Progress: func(stage string, _ float64) { heard = append(heard, stage) }})
	if err != nil || len(heard) == 0 {
		t.Fatalf("Plan: %v; heard %v", err, heard)
	}
	nearPlan, err := near.CurrentPlan(ctx)
	same(t, "plan", plan, nearPlan, err)
	farPlan, err := c.CurrentPlan(ctx)
	same(t, "current plan", farPlan, nearPlan, err)

	rows, err := c.Backlog(ctx)
	nearRows, _ := near.Backlog(ctx)
	same(t, "backlog", rows, nearRows, err)
	row, err := c.Hypothesis(ctx, all[0].ID)
	nearRow, _ := near.Hypothesis(ctx, all[0].ID)
	same(t, "hypothesis", row, nearRow, err)
	x, err := c.Explain(ctx, all[0].ID)
	nearX, _ := near.Explain(ctx, all[0].ID)
	same(t, "explanation", x, nearX, err)
	two, err := c.Nearest(ctx, all[1].ID, all[0].ID)
	nearTwo, _ := near.Nearest(ctx, all[1].ID, all[0].ID)
	same(t, "nearest", two, nearTwo, err)
	_, err = c.Nearest(ctx, all[0].ID, "nobody's")
	_, want = near.Nearest(ctx, all[0].ID, "nobody's")
	sameError(t, "the nearest of what is not there", err, want, planner.ErrNotFound)
	more := planner.WhatIfRequest{Set: []string{"pools.a100=+20%"}, Gap: 0.01}
	w, err := c.WhatIf(ctx, more)
	nearW, _ := near.WhatIf(ctx, more)
	same(t, "what-if", w, nearW, err)
	runs := plan.Firm()[0].Hypothesis
	stopped, err := c.Stop(ctx, runs, planner.Stop{At: tonight.Add(time.Minute), Reason: "harms"})
	nearStopped, _ := near.Hypothesis(ctx, runs)
	same(t, "stopped", stopped, nearStopped, err)
	if stopped.Status != planner.Finished || stopped.Stopped == nil || stopped.Stopped.Reason != "harms" {
		t.Errorf("stopped: %+v", stopped)
	}
	resumed, err := c.Resume(ctx, runs)
	nearResumed, _ := near.Hypothesis(ctx, runs)
	same(t, "resumed", resumed, nearResumed, err)
	if resumed.Stopped != nil || resumed.Start == nil || !resumed.Start.Until.Equal(plan.Firm()[0].Until) {
		t.Errorf("resumed: %+v", resumed)
	}
	_, err = c.Resume(ctx, all[11].ID)
	_, want = near.Resume(ctx, all[11].ID)
	sameError(t, "a resumption of what has no test", err, want, planner.ErrRequest)
	_, err = c.Stop(ctx, plan.Firm()[1].Hypothesis, planner.Stop{At: tonight})
	_, want = near.Stop(ctx, plan.Firm()[1].Hypothesis, planner.Stop{At: tonight})
	sameError(t, "a stop before the test", err, want, planner.ErrRequest)
	gone, err := c.Withdraw(ctx, all[11].ID)
	nearGone, _ := near.Hypothesis(ctx, all[11].ID)
	same(t, "withdrawn", gone, nearGone, err)

	_, err = c.Hypothesis(ctx, "no/such thing?")
	_, want = near.Hypothesis(ctx, "no/such thing?")
	sameError(t, "unknown id", err, want, planner.ErrNotFound)
	earlier := planner.PlanRequest{At: plan.At.Add(-time.Hour)}
	_, err = c.Plan(ctx, earlier)
	_, want = near.Plan(ctx, earlier)
	sameError(t, "earlier plan", err, want, planner.ErrLaterPlan)
	if dry, err := c.Plan(ctx, planner.PlanRequest{At: earlier.At, DryRun: true}); err != nil || !dry.At.Equal(earlier.At) {
		t.Errorf("a dry run for an earlier time: %s, %v", dry.At, err)
	}
	taken := all[0]
	taken.Title = "another idea"
	_, err = c.Submit(ctx, []planner.Hypothesis{taken})
	_, want = near.Submit(ctx, []planner.Hypothesis{taken})
	sameError(t, "taken id", err, want, planner.ErrExists)

	taken.Surface, taken.Metric = "moon", "luck"
	_, err = c.Submit(ctx, []planner.Hypothesis{all[1], taken})
	_, want = near.Submit(ctx, []planner.Hypothesis{all[1], taken})
	far, ok := errors.AsType[planner.DraftErrors](err)
	if d := cmp.Diff(want, error(far)); !ok || d != "" {
		t.Errorf("bad drafts (-near +far):\n%s", d)
	}
}

func same[T any](t *testing.T, what string, far, near T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	fits := cmp.Comparer(func(a, b planner.PriorFit) bool { return asJSON(t, a) == asJSON(t, b) }) // they hide their parts
	if d := cmp.Diff(near, far, fits); d != "" {
		t.Errorf("%s (-near +far):\n%s", what, d)
	}
}

func sameError(t *testing.T, what string, far, near, is error) {
	t.Helper()
	if !errors.Is(far, is) || far.Error() != near.Error() {
		t.Errorf("%s: the client says %v, the service %v; both should be %v", what, far, near, is)
	}
}

func TestPlansOverHTTP(t *testing.T) {
	h := newHouse(t)
	h.refused(404, "no_plan", "GET", "/v1/plans/current", "")
	h.refused(404, "not_found", "GET", "/v1/plans/current/explain/H-none", "")
	h.call("POST", "/v1/hypotheses", asJSON(t, ideas(3)))
	h.refused(404, "no_plan", "GET", "/v1/plans/current/explain/"+ideas(1)[0].ID, "")
	if status, text, _ := h.call("POST", "/v1/plans", `{"dry_run": true}`); status != 200 || !strings.Contains(text, `"entries"`) {
		t.Errorf("dry run: %d %.200s", status, text)
	}
	h.refused(404, "no_plan", "GET", "/v1/plans/current", "")
	if status, text, _ := h.call("POST", "/v1/plans", "", "Content-Type", "application/json"); status != 201 {
		t.Errorf("plan: %d %.200s", status, text)
	}
	if status, _, _ := h.call("GET", "/v1/plans/current", ""); status != 200 {
		t.Errorf("current: %d", status)
	}
	if status, text, _ := h.call("GET", "/v1/plans/current/explain/"+ideas(1)[0].ID, ""); status != 200 || !strings.Contains(text, `"designs"`) {
		t.Errorf("explain: %d %.200s", status, text)
	}
	h.refused(400, "bad_json", "POST", "/v1/hypotheses/"+ideas(1)[0].ID+"/stop", `now`)
	h.refused(400, "bad_request", "POST", "/v1/hypotheses/"+ideas(1)[0].ID+"/stop", `{"when": "now"}`)
	h.refused(409, "later_plan", "POST", "/v1/plans", `{"at": "2026-01-01T00:00:00Z"}`)
	h.refused(400, "far_ahead", "POST", "/v1/plans", `{"at": "2027-07-01T02:00:00Z"}`)
	h.refused(400, "bad_request", "POST", "/v1/plans", `{"at": "tonight"}`)
	h.refused(400, "bad_request", "POST", "/v1/plans", `{"dryrun": true}`)
	h.refused(400, "bad_request", "POST", "/v1/plans", `{"time_limit_seconds": -1}`)
	h.refused(400, "bad_request", "POST", "/v1/plans", `{"gap": -0.1}`)
	h.refused(400, "bad_request", "POST", "/v1/plans", `[]`)
	h.refused(400, "bad_json", "POST", "/v1/plans", `dry`)
	h.refused(415, "content_type", "POST", "/v1/plans", "")

	h.past.fail(errors.New("clickhouse://assay:secret@db is down"))
	e := h.refused(500, "internal", "POST", "/v1/plans", `{}`)
	if strings.Contains(e.Message, "secret") || e.Request == "" || !strings.Contains(h.log.String(), e.Request) {
		t.Errorf("an internal error: %+v", e)
	}
	_, err := h.client().Plan(t.Context(), planner.PlanRequest{})
	if refused, ok := errors.AsType[*APIError](err); !ok || refused.Code != "internal" || !strings.Contains(err.Error(), refused.Request) {
		t.Errorf("an internal error in a streamed answer: %v", err)
	}
}

func TestClientTellsWhatIsNotAssay(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Token = testToken })
	c, err := NewClient(h.URL+"/", "wrong-token-wrong-token")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Backlog(t.Context())
	if e, ok := errors.AsType[*APIError](err); !ok || e.Status != http.StatusUnauthorized || e.Code != "unauthorized" {
		t.Errorf("a wrong token gives %v", err)
	}
	for _, base := range []string{"127.0.0.1:8090", "ftp://x", "http://", "http://u:p@x", "http://x/?a=b", "::"} {
		if _, err := NewClient(base, ""); err == nil {
			t.Errorf("NewClient takes %q", base)
		}
	}
	other := newHouse(t)
	c, _ = NewClient(other.URL+"/elsewhere", "")
	if _, err = c.CurrentPlan(t.Context()); err == nil || errors.Is(err, planner.ErrNoPlan) || errors.Is(err, planner.ErrNotFound) {
		t.Errorf("a path that is not the API gives %v", err)
	}
	other.Close()
	if _, err := c.CurrentPlan(t.Context()); err == nil || !strings.Contains(err.Error(), "ask the server") {
		t.Errorf("a server that is gone gives %v", err)
	}
}
