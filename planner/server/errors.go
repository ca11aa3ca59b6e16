package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
)

// APIError is what the API answers instead of a result. A Client returns it
// for what is not one of planner's errors: a wrong token, a broken server.
type APIError struct {
	Status     int                  `json:"-"`
	Code       string               `json:"code"` // stable, for programs
	Message    string               `json:"message"`
	Request    string               `json:"request,omitempty"`    // id to find it in the server's log
	Hypotheses []planner.DraftError `json:"hypotheses,omitempty"` // what is wrong with which draft
	Report     json.RawMessage      `json:"report,omitempty"`     // what is wrong with which row
}

func (e *APIError) Error() string { return e.Message }

func refuse(status int, code, format string, args ...any) *APIError {
	return &APIError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// sentinels are the errors of planner and history that cross the network, with the code
// by which a Client knows them again.
var sentinels = []struct {
	status int
	code   string
	err    error
}{
	{http.StatusNotFound, "not_found", planner.ErrNotFound},
	{http.StatusNotFound, "no_plan", planner.ErrNoPlan},
	{http.StatusConflict, "exists", planner.ErrExists},
	{http.StatusConflict, "later_plan", planner.ErrLaterPlan},
	{http.StatusConflict, "taken", planner.ErrTaken},
	{http.StatusBadRequest, "far_ahead", planner.ErrFarAhead},
	{http.StatusBadRequest, "bad_request", planner.ErrRequest},
	{http.StatusConflict, "importing", history.ErrImporting},
}

// answerTo finds what to tell the caller. What is nobody's business outside
// becomes "internal": its cause is in the log only.
func answerTo(err error) *APIError {
	if e, ok := errors.AsType[*APIError](err); ok {
		return e
	}
	if drafts, ok := errors.AsType[planner.DraftErrors](err); ok {
		e := refuse(http.StatusUnprocessableEntity, "invalid_hypotheses", "%d of the submitted hypotheses cannot be taken; nothing was stored", len(drafts))
		e.Hypotheses = drafts
		return e
	}
	if rejected, ok := errors.AsType[*RejectedError](err); ok {
		e := refuse(http.StatusUnprocessableEntity, "invalid_outcomes", "%s", rejected.Error())
		e.Report = rejected.Report
		return e
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return refuse(s.status, s.code, "%s", err)
		}
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, "too_large", "the request is larger than %d MB: send it in parts", large.Limit>>20)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return refuse(http.StatusServiceUnavailable, "cancelled", "the request was given up before it was done; try again")
	}
	return refuse(http.StatusInternalServerError, "internal", "something went wrong here; the server's log has the cause")
}

// fail answers an error, in the form that the route's readers expect.
func (s *server) fail(w http.ResponseWriter, r *http.Request, page bool, err error) {
	e := *answerTo(err)
	e.Request = requestID(r.Context())
	if e.Status == http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "request failed", "request", e.Request, "path", r.URL.Path, "error", err)
	}
	if page {
		s.problemPage(w, r, &e)
		return
	}
	if e.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="assay"`)
	}
	_ = writeJSON(w, e.Status, map[string]any{"error": &e}) // it holds texts only
}

// writeJSON answers a value. Its error is that of a value that JSON cannot say,
// an infinity say; nothing is written then, and it can still be answered.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the caller is gone, or the logger has seen the short write
	return nil
}
