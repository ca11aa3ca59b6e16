package server

import (
	"net/http"
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
	var req whatIfRequest
	if err := readBody(http.MaxBytesReader(w, r.Body, 1<<20), &req, `{"set": ["pools.a100=+20%"]}`); err != nil {
		return err
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
