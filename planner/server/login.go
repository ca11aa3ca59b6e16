package server

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/assay-planner/assay/planner/dashboard"
)

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
