package server

import (
	"net/http"
	"strings"
	"time"
)

// route is one line of the API.
type route struct {
	method, path string
	do           func(http.ResponseWriter, *http.Request) error
	kind         kind
}

// kind says who may call a route, and in which form it answers.
type kind int

const (
	api   kind = iota // programs, with the token if there is one
	slow              // the same, and it takes as long as it takes
	page              // people: errors are pages, and a missing token leads to the form
	entry             // the same, open: the form itself and its style sheet
	probe             // open, to whoever watches whether the server is well
)

func (k kind) open() bool   { return k == entry || k == probe }
func (k kind) people() bool { return k == page || k == entry }

// routes is all that the server answers.
func (s *server) routes() []route {
	return []route{
		{"POST", "/v1/hypotheses", s.submit, api},
		{"GET", "/v1/hypotheses", s.list, api},
		{"GET", "/v1/hypotheses/{id}", s.show, api},
		{"GET", "/v1/hypotheses/{id}/nearest", s.nearest, api},
		{"POST", "/v1/nearest", s.nearestOfAll, slow},
		{"DELETE", "/v1/hypotheses/{id}", s.withdraw, api},
		{"POST", "/v1/hypotheses/{id}/stop", s.stop, api},
		{"POST", "/v1/hypotheses/{id}/resume", s.resume, api},
		{"POST", "/v1/plans", s.makePlan, slow},
		{"GET", "/v1/plans/current", s.currentPlan, api},
		{"GET", "/v1/plans/current/explain/{id}", s.explain, api},
		{"POST", "/v1/plans/current/what-if", s.whatIf, slow},
		{"GET", "/v1/assign", s.assign, api},
		{"GET", "/v1/cohorts", s.cohorts, api},
		{"GET", "/v1/ledger", s.ledger, api},
		{"POST", "/v1/outcomes", s.importOutcomes, slow},
		{"GET", "/livez", s.livez, probe},
		{"GET", "/readyz", s.readyz, probe},

		{"GET", "/{$}", s.tonightPage, page},
		{"GET", "/queue", s.queuePage, page},
		{"GET", "/cohorts", s.cohortsPage, page},
		{"GET", "/what-if", s.whatIfPage, page},
		{"GET", "/insights", s.insightsPage, page},
		{"GET", "/hypotheses/{id}", s.hypothesisPage, page},
		{"GET", "/login", s.loginPage, entry},
		{"POST", "/login", s.login, entry},
		{"POST", "/logout", s.logout, entry},
		{"GET", "/assets/{name}", s.asset, entry},
	}
}

// handle puts a route behind the guard and answers its errors.
func (s *server) handle(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		err := s.guard.check(r, req)
		if err == nil {
			if r.kind == slow {
				unhurried(w)
			}
			err = r.do(w, req)
		}
		if err != nil {
			s.fail(w, req, r.kind.people() || lost(req), err)
		}
	})
}

// unhurried takes the deadlines off a request that may take long. Only a
// caller who has passed the guard is given that.
func unhurried(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // an error: there is no deadline to begin with
	_ = c.SetWriteDeadline(time.Time{})
}

// lost reports whether a person looks for a page, wherever that may be.
func lost(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/v1/")
}

// unknown answers what no route does: with the methods that the path has, if
// it has any.
func (s *server) unknown(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{"GET", "POST", "DELETE"} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "/" && pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return refuse(http.StatusNotFound, "no_route", "there is nothing at %s; docs/api.md lists what there is", r.URL.Path)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return refuse(http.StatusMethodNotAllowed, "method_not_allowed", "%s does not take %s: use %s", r.URL.Path, r.Method, strings.Join(allowed, " or "))
}
