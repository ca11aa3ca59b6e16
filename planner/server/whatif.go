package server

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/assay-planner/assay/planner"
)

// whatIfRequest is the body of POST /v1/plans/current/what-if.
type whatIfRequest struct {
	Set     []string `json:"set"`
	Seconds float64  `json:"time_limit_seconds,omitempty"`
	Gap     float64  `json:"gap,omitempty"`
}

// whatIf makes tonight's plan with other settings, and stores nothing.
func (s *server) whatIf(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return err
	}
	var req whatIfRequest
	if !json.Valid(text) {
		return refuse(http.StatusBadRequest, "bad_json", `the body is not JSON; write, say, {"set": ["pools.a100=+20%%"]}`)
	}
	if bad := decodeStrictly(text, reflect.ValueOf(&req).Elem(), ""); len(bad) > 0 {
		return refuse(http.StatusBadRequest, "bad_request", "%s", bad[0])
	}
	if err := checkLimits(req.Seconds, req.Gap); err != nil {
		return err
	}
	answer, err := s.service.WhatIf(r.Context(), planner.WhatIfRequest{Set: req.Set, TimeLimit: time.Duration(req.Seconds * float64(time.Second)), Gap: req.Gap})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}
