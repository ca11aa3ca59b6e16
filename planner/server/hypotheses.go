package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
)

const (
	maxDraftBytes = 32 << 20
	defaultLimit  = 100
	maxLimit      = 1000
)

func (s *server) submit(w http.ResponseWriter, r *http.Request) error {
	drafts, err := parseDrafts(http.MaxBytesReader(w, r.Body, maxDraftBytes))
	if err != nil {
		return err
	}
	receipts, err := s.service.Submit(s.as(r, "api"), drafts)
	if err != nil {
		return err
	}
	status := http.StatusOK
	for _, receipt := range receipts {
		if receipt.Created {
			status = http.StatusCreated
		}
	}
	return writeJSON(w, status, receiptList{receipts})
}

type receiptList struct {
	Receipts []planner.Receipt `json:"receipts"`
}

// rowList is one page of the backlog.
type rowList struct {
	Hypotheses []planner.Row `json:"hypotheses"`
	Total      int           `json:"total"` // that the filter lets through
	Limit      int           `json:"limit"`
	Offset     int           `json:"offset"`
	HasMore    bool          `json:"has_more"`
}

// list answers a page as JSON, or all rows as NDJSON to those who accept it.
func (s *server) list(w http.ResponseWriter, r *http.Request) error {
	f, err := parseFilter(r.URL.RawQuery)
	if err != nil {
		return err
	}
	stream := wantsNDJSON(r)
	if f.limit < 0 && !stream {
		f.limit = defaultLimit
	}
	rows, err := s.service.Backlog(r.Context())
	if err != nil {
		return err
	}
	page := f.page(rows)
	if !stream {
		return writeJSON(w, http.StatusOK, page)
	}
	w.Header().Set("Content-Type", ndjson)
	enc := json.NewEncoder(w)
	for _, row := range page.Hypotheses {
		if err := enc.Encode(row); err != nil {
			return nil // the caller is gone
		}
	}
	return nil
}

// filter is what a query string asks of the backlog.
type filter struct {
	status, source, surface, team string
	limit, offset                 int // limit −1: all
}

// filterValues are the values of the filters that have few: another one would let
// nothing through, without a word.
var filterValues = map[string][]string{
	"status": {string(planner.Queued), string(planner.Starting), string(planner.Scheduled), string(planner.Running),
		string(planner.Finished), string(planner.Measured), string(planner.Withdrawn)},
	"source": {string(planner.Human), string(planner.AI)},
}

// parseFilter refuses parameters that it does not know: a misspelt filter
// would silently return everything.
func parseFilter(query string) (filter, error) {
	f := filter{limit: -1}
	q, err := url.ParseQuery(query)
	if err != nil {
		return f, refuse(http.StatusBadRequest, "bad_query", "the query cannot be read: %s", err)
	}
	texts := map[string]*string{"status": &f.status, "source": &f.source, "surface": &f.surface, "team": &f.team}
	numbers := map[string]*int{"limit": &f.limit, "offset": &f.offset}
	for name, values := range q {
		value := values[0]
		if len(values) > 1 {
			return f, refuse(http.StatusBadRequest, "bad_query", "%s is given %d times: give it once", name, len(values))
		}
		if text, ok := texts[name]; ok {
			if of := filterValues[name]; len(of) > 0 && value != "" && !slices.Contains(of, value) {
				return f, refuse(http.StatusBadRequest, "bad_query", "%s=%q: use one of %s", name, value, strings.Join(of, ", "))
			}
			*text = value
			continue
		}
		number, ok := numbers[name]
		if !ok {
			return f, refuse(http.StatusBadRequest, "bad_query", "unknown parameter %q: use status, source, surface, team, limit, offset", name)
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || (name == "limit" && (n < 1 || n > maxLimit)) {
			return f, refuse(http.StatusBadRequest, "bad_query", "%s=%q: limit goes from 1 to %d, offset from 0", name, value, maxLimit)
		}
		*number = n
	}
	return f, nil
}

func (f filter) page(rows []planner.Row) rowList {
	p := rowList{Hypotheses: []planner.Row{}, Offset: f.offset, Limit: f.limit}
	for _, row := range rows {
		if !f.lets(row) {
			continue
		}
		if p.Total++; p.Total > f.offset && (f.limit < 0 || len(p.Hypotheses) < f.limit) {
			p.Hypotheses = append(p.Hypotheses, row)
		}
	}
	p.HasMore = f.offset+len(p.Hypotheses) < p.Total
	return p
}

func (f filter) lets(row planner.Row) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(f.status, string(row.Status)) && is(f.source, string(row.Source)) && is(f.surface, row.Surface) && is(f.team, row.Team)
}

func (s *server) show(w http.ResponseWriter, r *http.Request) error {
	row, err := s.service.Hypothesis(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, row)
}

func (s *server) nearest(w http.ResponseWriter, r *http.Request) error {
	near, err := s.service.Nearest(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, near[0])
}

// nearestRequest is the body of POST /v1/nearest, and nearestList the answer, in its order.
type nearestRequest struct {
	IDs []string `json:"ids"`
}

type nearestList struct {
	Nearest []planner.Nearest `json:"nearest"`
}

func (s *server) nearestOfAll(w http.ResponseWriter, r *http.Request) error {
	var req nearestRequest
	if err := readBody(http.MaxBytesReader(w, r.Body, maxDraftBytes), &req, `{"ids": ["h-0123456789ab"]}`); err != nil {
		return err
	}
	near, err := s.service.Nearest(r.Context(), req.IDs...)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, nearestList{near})
}

func (s *server) withdraw(w http.ResponseWriter, r *http.Request) error {
	row, err := s.service.Withdraw(s.as(r, "api"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, row)
}

// stopRequest is the body of POST /v1/hypotheses/{id}/stop.
type stopRequest struct {
	At     time.Time `json:"at,omitzero"` // zero: now
	Reason string    `json:"reason,omitempty"`
}

// stop ends a test before its time.
func (s *server) stop(w http.ResponseWriter, r *http.Request) error {
	var req stopRequest
	if err := readBody(http.MaxBytesReader(w, r.Body, 1<<20), &req, `{"reason": "harms hide_rate"}`); err != nil {
		return err
	}
	row, err := s.service.Stop(s.as(r, "api"), r.PathValue("id"), planner.Stop{At: req.At, Reason: req.Reason})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, row)
}

// resume takes a withdrawal back, or else a stop.
func (s *server) resume(w http.ResponseWriter, r *http.Request) error {
	if err := readBody(http.MaxBytesReader(w, r.Body, 1<<20), &struct{}{}, "{}"); err != nil {
		return err
	}
	row, err := s.service.Resume(s.as(r, "api"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, row)
}

const ndjson = "application/x-ndjson"

func wantsNDJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), ndjson)
}
