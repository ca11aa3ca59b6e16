package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/dashboard"
)

func (s *server) tonightPage(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	rows, err := s.service.Backlog(r.Context())
	if err != nil {
		return err
	}
	return s.page(w, r, http.StatusOK, plan, func(out io.Writer, f dashboard.Frame) error {
		return dashboard.Tonight(out, f, dashboard.TonightView{Plan: plan, Rows: rows})
	})
}

const queueRows = 50

func (s *server) queuePage(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	rows, err := s.service.Backlog(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	f := filter{status: q.Get("status"), source: q.Get("source"), surface: q.Get("surface"), team: q.Get("team"), limit: queueRows, offset: (min(number, 1_000_000) - 1) * queueRows}
	found := f.page(rows)
	return s.page(w, r, http.StatusOK, plan, func(out io.Writer, frame dashboard.Frame) error {
		return dashboard.Queue(out, frame, dashboard.QueueView{
			Plan: plan, All: rows, Rows: found.Hypotheses, Total: found.Total, Page: number, PerPage: queueRows,
			Filter: dashboard.Filter{Status: f.status, Source: f.source, Surface: f.surface, Team: f.team},
		})
	})
}

func (s *server) cohortsPage(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	v := dashboard.CohortsView{Plan: plan}
	if v.Ledger, err = s.service.Ledger(r.Context()); err != nil {
		return err
	}
	if named := r.URL.Query().Get("layer"); named != "" {
		if v.Layer, err = v.Ledger.LayerNamed(named); err != nil {
			return err
		}
	}
	return s.page(w, r, http.StatusOK, plan, func(out io.Writer, f dashboard.Frame) error { return dashboard.Cohorts(out, f, v) })
}

func (s *server) whatIfPage(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	v, status := dashboard.WhatIfView{Plan: plan, Asked: asked(r.URL.Query())}, http.StatusOK
	if plan != nil && len(v.Asked) > 0 {
		var ask planner.WhatIfRequest // without a limit: some seconds of work, and the answer of assay what-if
		for _, a := range v.Asked {
			ask.Set = append(ask.Set, a.What+"="+a.To)
		}
		answer, err := s.service.WhatIf(r.Context(), ask)
		switch {
		case errors.Is(err, planner.ErrRequest):
			v.Problem, status = err.Error(), http.StatusBadRequest
		case err != nil:
			return err
		default:
			v.Answer = &answer
		}
	}
	return s.page(w, r, status, plan, func(out io.Writer, f dashboard.Frame) error { return dashboard.WhatIf(out, f, v) })
}

// asked reads the lines of the form; those that name nothing and say nothing are left out.
func asked(q url.Values) []dashboard.Asked {
	var all []dashboard.Asked
	for i, what := range q["what"] {
		a := dashboard.Asked{What: strings.TrimSpace(what)}
		if i < len(q["to"]) {
			a.To = strings.TrimSpace(q["to"][i])
		}
		if a.What != "" && len(all) < dashboard.WhatIfLines {
			all = append(all, a)
		}
	}
	return all
}

func (s *server) hypothesisPage(w http.ResponseWriter, r *http.Request) error {
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	row, err := s.service.Hypothesis(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := dashboard.HypothesisView{Row: row, Plan: plan}
	if e, err := s.service.Explain(r.Context(), row.ID); err == nil {
		v.Explanation = &e
	} else if !errors.Is(err, planner.ErrNotFound) && !errors.Is(err, planner.ErrNoPlan) {
		return err
	}
	if n, err := s.service.Nearest(r.Context(), row.ID); err == nil {
		v.Nearest = &n[0]
	} else {
		s.log.WarnContext(r.Context(), "the past was not searched", "hypothesis", row.ID, "error", err)
	}
	return s.page(w, r, http.StatusOK, plan, func(out io.Writer, f dashboard.Frame) error { return dashboard.Hypothesis(out, f, v) })
}

func (s *server) planOrNil(ctx context.Context) (*planner.Plan, error) {
	plan, err := s.service.CurrentPlan(ctx)
	if errors.Is(err, planner.ErrNoPlan) {
		return nil, nil
	}
	return &plan, err
}

// page renders into memory first, so that what fails half-way is an error
// page and not half of a page.
func (s *server) page(w http.ResponseWriter, r *http.Request, status int, plan *planner.Plan, render func(io.Writer, dashboard.Frame) error) error {
	frame := dashboard.Frame{Now: s.Now(), Path: r.URL.Path, SignedIn: s.guard.token != "" && s.guard.known(r)}
	if frame.SignedIn || s.guard.token == "" {
		frame.Notices = s.nightly.notices(plan, s.Now())
	}
	var out bytes.Buffer
	if err := render(&out, frame); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the reader is gone
	return nil
}

// problemPage answers an error to a person.
func (s *server) problemPage(w http.ResponseWriter, r *http.Request, e *APIError) {
	if e.Code == "login" {
		http.Redirect(w, r, "/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	err := s.page(w, r, e.Status, nil, func(out io.Writer, f dashboard.Frame) error {
		return dashboard.Problem(out, f, dashboard.ProblemView{Status: e.Status, Message: e.Message, Request: e.Request})
	})
	if err != nil { // the template itself is broken
		http.Error(w, e.Message, e.Status)
	}
}

// asset serves a file of the dashboard. Its name holds a hash of its content,
// so a browser may keep it for ever.
func (s *server) asset(w http.ResponseWriter, r *http.Request) error {
	body, kind, ok := dashboard.Asset(r.PathValue("name"))
	if !ok {
		return refuse(http.StatusNotFound, "no_route", "there is nothing at %s", r.URL.Path)
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}
