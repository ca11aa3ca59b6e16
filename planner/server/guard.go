package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// guard decides whether a request is answered at all.
type guard struct {
	token string
	key   [sha256.Size]byte // of session cookies; a new token ends all sessions
	cross *http.CrossOriginProtection
	now   func() time.Time
}

func newGuard(token string, now func() time.Time) guard {
	return guard{token, sha256.Sum256([]byte("assay session\x00" + token)), http.NewCrossOriginProtection(), now}
}

// errLogin says that a person has to show the token first.
var errLogin = refuse(http.StatusUnauthorized, "login", "show the token first")

// check runs every test that a request must pass before its handler sees it.
func (g guard) check(rt route, r *http.Request) error {
	if err := g.host(r); err != nil {
		return err
	}
	if err := g.sameOrigin(rt, r); err != nil {
		return err
	}
	if rt.kind.open() || g.known(r) {
		return nil
	}
	if rt.kind == page {
		return errLogin
	}
	return refuse(http.StatusUnauthorized, "unauthorized", "show the server's token: Authorization: Bearer …")
}

// host stops DNS rebinding: a page of a stranger's domain that lately points
// at this machine reaches a loopback server, but under the stranger's name.
// With a token such a page is harmless, as it has neither token nor cookie.
func (g guard) host(r *http.Request) error {
	if g.token != "" {
		return nil
	}
	name := r.Host
	if h, _, err := net.SplitHostPort(name); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if ip := net.ParseIP(name); (ip != nil && ip.IsLoopback()) || strings.EqualFold(name, "localhost") {
		return nil
	}
	return refuse(http.StatusForbidden, "wrong_host", "this server answers as localhost only; set a token to use another name")
}

// sameOrigin stops what another site's page makes the user's browser send:
// browsers say where a request comes from, and cannot send the content types
// of the API across origins without asking first. Programs say nothing.
func (g guard) sameOrigin(rt route, r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if err := g.cross.Check(r); err != nil {
		return refuse(http.StatusForbidden, "cross_origin", "requests that change something are not taken from other sites' pages")
	}
	want := accepted(rt)
	if r.Method == http.MethodDelete || len(want) == 0 {
		return nil
	}
	got, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	for _, w := range want {
		if got == w {
			return nil
		}
	}
	return refuse(http.StatusUnsupportedMediaType, "content_type", "%s takes Content-Type: %s; this request has %q", rt.path, strings.Join(want, " or "), got)
}

// accepted lists the content types that a route takes; none: it reads no body.
func accepted(rt route) []string {
	switch {
	case rt.path == "/": // whatever no route answers: the fault is the path or the method
		return nil
	case rt.path == "/v1/outcomes":
		return []string{"multipart/form-data"}
	case rt.kind == api, rt.kind == slow:
		return []string{"application/json", ndjson}
	case rt.path == "/login":
		return []string{"application/x-www-form-urlencoded"}
	}
	return nil
}

// known reports whether the caller has shown the token, or needs none.
func (g guard) known(r *http.Request) bool {
	if g.token == "" {
		return true
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return g.is(strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(cookieName)
	return err == nil && g.session(cookie.Value)
}

// is compares in constant time; hashing first hides the length too.
func (g guard) is(token string) bool {
	want, got := sha256.Sum256([]byte(g.token)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

const (
	cookieName   = "assay_session"
	sessionHours = 12
)

// newSession is a cookie that proves, until it expires, that the token was
// shown; it is not the token, and nothing is stored here.
func (g guard) newSession() string {
	expires := strconv.FormatInt(g.now().Add(sessionHours*time.Hour).Unix(), 10)
	return expires + "." + g.sign(expires)
}

func (g guard) session(value string) bool {
	expires, mac, ok := strings.Cut(value, ".")
	if !ok || !hmac.Equal([]byte(mac), []byte(g.sign(expires))) {
		return false
	}
	seconds, err := strconv.ParseInt(expires, 10, 64)
	return err == nil && g.now().Unix() < seconds
}

func (g guard) sign(text string) string {
	mac := hmac.New(sha256.New, g.key[:])
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
