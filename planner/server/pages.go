package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) error {
	if s.guard.known(r) {
		http.Redirect(w, r, local(r.URL.Query().Get("next")), http.StatusSeeOther)
		return nil
	}
	return s.loginForm(w, r, http.StatusOK, local(r.URL.Query().Get("next")), false)
}

func (s *server) loginForm(w http.ResponseWriter, r *http.Request, status int, next string, wrong bool) error {
	return s.page(w, r, status, nil, func(out io.Writer, f dashboard.Frame) error {
		return dashboard.Login(out, f, dashboard.LoginView{Next: next, Wrong: wrong})
	})
}

// login exchanges the token for a session cookie.
func (s *server) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	if err := r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "bad_form", "the form is broken")
	}
	next := local(r.PostForm.Get("next"))
	if s.guard.token != "" && !s.guard.is(strings.TrimSpace(r.PostForm.Get("token"))) {
		s.log.WarnContext(r.Context(), "login refused", "request", requestID(r.Context()), "from", r.RemoteAddr)
		return s.loginForm(w, r, http.StatusUnauthorized, next, true)
	}
	http.SetCookie(w, s.cookie(r, s.guard.newSession(), sessionHours*3600))
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, s.cookie(r, "", -1))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// cookie is Secure wherever the browser came by TLS: to us, or to the proxy,
// whose word can only make it stricter.
func (s *server) cookie(r *http.Request, value string, age int) *http.Cookie {
	secure := r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
	return &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure}
}

// local keeps a redirect on this server: a path, and nothing that a browser
// could read as another host.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// notices tell what a reader of a page must know about its plan: that the
// night's run failed, runs, or never came.
func (n *nightly) notices(plan *planner.Plan, now time.Time) []dashboard.Notice {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	last := n.last
	n.mu.Unlock()
	switch {
	case last.Running:
		return []dashboard.Notice{{Kind: dashboard.Info, Text: "Tonight's plan is being made. What you see is the plan still in force."}}
	case last.Err != nil && (plan == nil || plan.At.Before(last.At)):
		return []dashboard.Notice{{Kind: dashboard.Alarm, Text: fmt.Sprintf("Last night's run failed: %s. The plan of the night before stays in force.", strings.TrimRight(last.Err.Error(), "."))}}
	case plan == nil:
		return nil
	}
	if due := n.schedule.Next(plan.At.UTC()); due.Add(time.Hour).Before(now) {
		return []dashboard.Notice{{Kind: dashboard.Alarm, Text: fmt.Sprintf("This plan is stale: a new one was due on %s.", due.Format("2 January at 15:04 UTC"))}}
	}
	return nil
}
