package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"
)

// livez says that the process answers.
func (s *server) livez(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready   bool              `json:"ready"`
	Checks  map[string]string `json:"checks"` // ok, or what is wrong
	Nightly *nightlyStatus    `json:"nightly,omitempty"`
}

const checkTimeout = 5 * time.Second

// readyz asks every dependency and names those that are not ready. It is open
// to everyone, so the cause is told only to those who may know: an error of a
// database can hold its address.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	trusted := s.guard.known(r)
	answer := readiness{Ready: true, Checks: map[string]string{}, Nightly: s.nightly.status(trusted)}
	for _, name := range slices.Sorted(maps.Keys(s.Ready)) {
		answer.Checks[name] = "ok"
		if err := s.Ready[name](ctx); err != nil {
			answer.Ready = false
			answer.Checks[name] = "not ready"
			if trusted {
				answer.Checks[name] += ": " + err.Error()
			}
			s.log.WarnContext(r.Context(), "not ready", "dependency", name, "error", err)
		}
	}
	status := http.StatusOK
	if !answer.Ready {
		status = http.StatusServiceUnavailable
	}
	return writeJSON(w, status, answer)
}
