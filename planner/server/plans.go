package server

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/assay-planner/assay/planner"
)

// planRequest is the body of POST /v1/plans.
type planRequest struct {
	At     time.Time `json:"at,omitzero"` // zero: now
	DryRun bool      `json:"dry_run,omitempty"`
	// Seconds and Gap end the allocation early: after so long, or with so small a gap.
	Seconds float64 `json:"time_limit_seconds,omitempty"`
	Gap     float64 `json:"gap,omitempty"`
	// Backfill only starts what fits beside what runs and what is announced.
	Backfill bool `json:"backfill,omitempty"`
}

// longest is as long as an allocation may be asked to take.
const longest = 24 * time.Hour

// makePlan makes a plan now. A caller who accepts NDJSON hears how far it is,
// a line at a time, and gets the plan or the error as the last line.
func (s *server) makePlan(w http.ResponseWriter, r *http.Request) error {
	req, err := readPlanRequest(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return err
	}
	ask := planner.PlanRequest{At: req.At, DryRun: req.DryRun, TimeLimit: time.Duration(req.Seconds * float64(time.Second)), Gap: req.Gap, Backfill: req.Backfill}
	if wantsNDJSON(r) {
		s.streamPlan(w, r, ask)
		return nil
	}
	plan, err := s.service.Plan(s.as(r, "api"), ask)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if req.DryRun {
		status = http.StatusOK
	}
	return writeJSON(w, status, plan)
}

func readPlanRequest(body io.Reader) (planRequest, error) {
	var req planRequest
	if err := readBody(body, &req, `{"dry_run": true}`); err != nil {
		return req, err
	}
	return req, checkLimits(req.Seconds, req.Gap)
}

// readBody reads the JSON object of a request strictly; none leaves it as it is.
func readBody(body io.Reader, into any, like string) error {
	text, err := io.ReadAll(body)
	if err != nil || len(text) == 0 {
		return err
	}
	if !json.Valid(text) {
		return refuse(http.StatusBadRequest, "bad_json", "the body is not JSON; write, say, %s", like)
	}
	if bad := decodeStrictly(text, reflect.ValueOf(into).Elem(), ""); len(bad) > 0 {
		return refuse(http.StatusBadRequest, "bad_request", "%s", bad[0])
	}
	return nil
}

// checkLimits refuses limits of an allocation that cannot be meant.
func checkLimits(seconds, gap float64) error {
	switch {
	case !(seconds >= 0) || seconds > longest.Seconds():
		return refuse(http.StatusBadRequest, "bad_request", "time_limit_seconds is %g; it must be from 0 (none) to %g", seconds, longest.Seconds())
	case !(gap >= 0):
		return refuse(http.StatusBadRequest, "bad_request", "gap is %g; it must be a fraction, 0 or more", gap)
	}
	return nil
}

// progressLine is one line of a streamed answer; one of the fields is set.
type progressLine struct {
	Progress *progress     `json:"progress,omitempty"`
	Plan     *planner.Plan `json:"plan,omitempty"`
	Error    *APIError     `json:"error,omitempty"`
}

type progress struct {
	Stage string  `json:"stage"`
	Done  float64 `json:"done"`
}

// streamPlan answers 200 before it knows the end, so the status of an error
// travels in its code.
func (s *server) streamPlan(w http.ResponseWriter, r *http.Request, ask planner.PlanRequest) {
	w.Header().Set("Content-Type", ndjson)
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	send := func(line progressLine) {
		_ = out.Encode(line) // a caller who is gone has ended the context
		_ = flush.Flush()
	}
	ask.Progress = func(stage string, done float64) { send(progressLine{Progress: &progress{stage, done}}) }
	plan, err := s.service.Plan(s.as(r, "api"), ask)
	if err == nil {
		send(progressLine{Plan: &plan})
		return
	}
	e := *answerTo(err)
	e.Request = requestID(r.Context())
	if e.Status == http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "plan failed", "request", e.Request, "error", err)
	}
	send(progressLine{Error: &e})
}

func (s *server) currentPlan(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.service.CurrentPlan(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, plan)
}

func (s *server) explain(w http.ResponseWriter, r *http.Request) error {
	e, err := s.service.Explain(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, e)
}
