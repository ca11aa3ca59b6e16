package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
)

// ledgerLines is the ledger as JSON.
type ledgerLines struct {
	Ledger planner.Ledger `json:"ledger"`
}

func (s *server) ledger(w http.ResponseWriter, r *http.Request) error {
	if _, err := parseCohorts(r.URL.RawQuery); err != nil {
		return err
	}
	book, err := s.service.Ledger(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, ledgerLines{book})
}

// tenancies is who holds what in some layers.
type tenancies struct {
	At     time.Time         `json:"at"`
	Layers []planner.Tenancy `json:"layers"`
}

func (s *server) cohorts(w http.ResponseWriter, r *http.Request) error {
	q, err := parseCohorts(r.URL.RawQuery, "layer", "at")
	if err != nil {
		return err
	}
	book, err := s.service.Ledger(r.Context())
	if err != nil {
		return err
	}
	keys := book.Layers()
	if q.layer != "" {
		key, err := book.LayerNamed(q.layer)
		if err != nil {
			return err
		}
		keys = []string{key}
	}
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	answer := tenancies{q.moment(book, s.Now()), []planner.Tenancy{}}
	for _, key := range keys {
		held, err := book.Tenancy(key, answer.At)
		if err != nil {
			return err
		}
		if plan != nil {
			held.Foresee(*plan)
		}
		answer.Layers = append(answer.Layers, held)
	}
	return writeJSON(w, http.StatusOK, answer)
}

// maxUnits bounds one request for assignments; a URL is shorter than that anyway.
const maxUnits = 1000

func (s *server) assign(w http.ResponseWriter, r *http.Request) error {
	q, err := parseCohorts(r.URL.RawQuery, "layer", "at", "unit")
	if err != nil {
		return err
	}
	switch {
	case q.layer == "":
		return refuse(http.StatusBadRequest, "bad_query", "layer is missing: name it as SEGMENT/LAYER; /v1/cohorts lists them")
	case len(q.units) == 0 || slices.Contains(q.units, ""):
		return refuse(http.StatusBadRequest, "bad_query", "unit is missing: give unit=ID, once for each unit")
	case len(q.units) > maxUnits:
		return refuse(http.StatusBadRequest, "bad_query", "unit is given %d times: at most %d go into one request; assay assign --server takes any number", len(q.units), maxUnits)
	}
	book, err := s.service.Ledger(r.Context())
	if err != nil {
		return err
	}
	key, err := book.LayerNamed(q.layer)
	if err != nil {
		return err
	}
	held, err := book.Tenancy(key, q.moment(book, s.Now()))
	if err != nil {
		return err
	}
	answer, err := held.Assign(q.units)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

// cohortQuery is what a query string asks of the ledger.
type cohortQuery struct {
	layer string
	at    time.Time // zero: now
	units []string
}

// moment is the time that is asked for.
func (q cohortQuery) moment(book planner.Ledger, now time.Time) time.Time {
	if q.at.IsZero() {
		return book.Now(now)
	}
	return q.at
}

// parseCohorts refuses parameters that the route does not have.
func parseCohorts(query string, has ...string) (cohortQuery, error) {
	var c cohortQuery
	q, err := url.ParseQuery(query)
	if err != nil {
		return c, refuse(http.StatusBadRequest, "bad_query", "the query cannot be read: %s", err)
	}
	for name, values := range q {
		if !slices.Contains(has, name) {
			use := "it takes none"
			if len(has) > 0 {
				use = "use " + strings.Join(has, ", ")
			}
			return c, refuse(http.StatusBadRequest, "bad_query", "unknown parameter %q: %s", name, use)
		}
		if name == "unit" {
			c.units = values
			continue
		}
		if len(values) > 1 {
			return c, refuse(http.StatusBadRequest, "bad_query", "%s is given %d times: give it once", name, len(values))
		}
		if name == "layer" {
			c.layer = values[0]
		} else if c.at, err = readTime(values[0]); err != nil {
			return c, refuse(http.StatusBadRequest, "bad_query", "at=%q: write a time as 2026-11-23T02:00:00Z, or a day as 2026-11-23", values[0])
		}
	}
	return c, nil
}

func readTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err
}
