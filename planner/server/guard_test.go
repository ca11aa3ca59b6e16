package server

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestConfigRefusesStrangers(t *testing.T) {
	svc := newHouse(t).c.Service
	for _, c := range []struct {
		name   string
		config Config
		ok     bool
	}{
		{"default", Config{Service: svc}, true},
		{"localhost", Config{Service: svc, Addr: "localhost:0"}, true},
		{"IPv6 loopback", Config{Service: svc, Addr: "[::1]:0"}, true},
		{"every address", Config{Service: svc, Addr: ":8090"}, false},
		{"every address, spelt out", Config{Service: svc, Addr: "0.0.0.0:8090"}, false},
		{"another address", Config{Service: svc, Addr: "192.0.2.1:8090"}, false},
		{"another address with a token", Config{Service: svc, Addr: ":8090", Token: testToken}, true},
		{"a short token", Config{Service: svc, Token: "secret"}, false},
		{"a token with a blank", Config{Service: svc, Token: "correct horse battery staple"}, false},
		{"no service", Config{}, false},
		{"no port", Config{Service: svc, Addr: "127.0.0.1"}, false},
		{"nightly", Config{Service: svc, Nightly: "30 1 * * 1-5"}, true},
		{"bad nightly", Config{Service: svc, Nightly: "at two"}, false},
		{"nightly in a time zone", Config{Service: svc, Nightly: "CRON_TZ=Europe/Paris 0 2 * * *"}, false},
		{"nightly never", Config{Service: svc, Nightly: "0 0 31 2 *"}, false},
		{"nightly every", Config{Service: svc, Nightly: "@every 24h"}, false},
	} {
		if _, err := NewHandler(c.config); (err == nil) != c.ok || (err != nil && !errors.Is(err, ErrConfig)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestReadToken(t *testing.T) {
	t.Setenv("ASSAY_TOKEN", " from-the-environment\n")
	file := filepath.Join(t.TempDir(), "token")
	if token, err := ReadToken(""); token != "from-the-environment" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
	if _, err := ReadToken(file); !errors.Is(err, ErrConfig) {
		t.Errorf("a file that is not there gives %v", err)
	}
	for text, want := range map[string]string{"from-the-file\n": "from-the-file", " \n": ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := ReadToken(file); token != want || (err == nil) != (want != "") {
			t.Errorf("%q, %v; want %q", token, err, want)
		}
	}
}

func TestTokenIsNeeded(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Token = testToken })
	for _, path := range []string{"/v1/hypotheses", "/v1/hypotheses/x", "/v1/plans/current", "/v1/plans/current/explain/x"} {
		h.refused(401, "unauthorized", "GET", path, "")
		h.refused(401, "unauthorized", "GET", path, "", "Authorization", "Bearer "+testToken+"x")
		h.refused(401, "unauthorized", "GET", path, "", "Authorization", "Basic "+testToken)
		if status, _, _ := h.call("GET", path, "", "Authorization", "bearer "+testToken); status == 401 {
			t.Errorf("%s refuses the token", path)
		}
	}
	if _, _, header := h.call("GET", "/v1/hypotheses", ""); !strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("a refusal asks for %q", header.Get("WWW-Authenticate"))
	}
	h.refused(401, "unauthorized", "POST", "/v1/hypotheses", "{}")
	h.refused(401, "unauthorized", "POST", "/v1/plans", "{}")
	h.refused(401, "unauthorized", "DELETE", "/v1/hypotheses/x", "")
	for path, status := range map[string]int{"/livez": 200, "/readyz": 200, "/login": 200, "/": 303, "/queue?source=ai": 303, "/hypotheses/x": 303} {
		got, _, header := h.call("GET", path, "")
		if got != status {
			t.Errorf("%s gives %d, want %d", path, got, status)
		}
		if status == 303 && !strings.HasPrefix(header.Get("Location"), "/login?next=") {
			t.Errorf("%s leads to %s", path, header.Get("Location"))
		}
	}
	// A name that is not ours is no harm where a token is needed.
	if status, _, _ := h.call("GET", "/v1/hypotheses", "", "Authorization", "Bearer "+testToken, "Host", "assay.example:8090"); status != 200 {
		t.Errorf("another name with the token gives %d", status)
	}
	if strings.Contains(h.log.String(), testToken) {
		t.Error("the token is in the log")
	}
}

func TestLogin(t *testing.T) {
	now := tonight
	h := newHouse(t, func(c *Config) { c.Token, c.Now = testToken, func() time.Time { return now } })
	const form = "application/x-www-form-urlencoded"
	status, text, header := h.call("POST", "/login", "token=wrong&next=/queue", "Content-Type", form)
	if status != 401 || header.Get("Set-Cookie") != "" || !strings.Contains(text, "That is not the token") {
		t.Errorf("a wrong token gives %d with cookie %q", status, header.Get("Set-Cookie"))
	}
	status, _, header = h.call("POST", "/login", "token="+testToken+"&next=%2Fqueue%3Fsource%3Dai", "Content-Type", form, "X-Forwarded-Proto", "https")
	cookie := header.Get("Set-Cookie")
	if status != 303 || header.Get("Location") != "/queue?source=ai" {
		t.Errorf("the token gives %d to %q", status, header.Get("Location"))
	}
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=43200"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q is not %s", cookie, want)
		}
	}
	if strings.Contains(cookie, testToken) {
		t.Error("the cookie holds the token")
	}
	value, _, _ := strings.Cut(cookie, ";")
	for _, path := range []string{"/", "/queue", "/v1/hypotheses"} {
		if status, text, _ := h.call("GET", path, "", "Cookie", value); status != 200 || (path == "/" && !strings.Contains(text, "Sign out")) {
			t.Errorf("%s with the cookie gives %d", path, status)
		}
	}
	if status, _, header := h.call("GET", "/login?next=/queue", "", "Cookie", value); status != 303 || header.Get("Location") != "/queue" {
		t.Errorf("the form, signed in, gives %d", status)
	}
	for _, forged := range []string{value + "0", strings.Replace(value, "=", "=9", 1), cookieName + "=", cookieName + "=9999999999.00"} {
		if status, _, _ := h.call("GET", "/", "", "Cookie", forged); status != 303 {
			t.Errorf("the forged cookie %q gives %d", forged, status)
		}
	}
	if _, _, header := h.call("POST", "/logout", ""); !strings.Contains(header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("signing out sets %q", header.Get("Set-Cookie"))
	}
	now = now.Add(sessionHours * time.Hour)
	if status, _, _ := h.call("GET", "/", "", "Cookie", value); status != 303 {
		t.Errorf("an old cookie gives %d", status)
	}
}

func TestLoginLeadsNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/queue": "/queue", "/queue?page=2": "/queue?page=2", "": "/", "queue": "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example": "/", "/\t/evil.example": "/", "javascript:alert(1)": "/", "/%zz": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
	}
}

// Without a token the server answers to this machine's own names only: a page
// of another site whose name was pointed here gets nothing.
func TestRebinding(t *testing.T) {
	h := newHouse(t)
	for _, host := range []string{"localhost", "LOCALHOST:8090", "127.0.0.1:8090", "127.8.8.8", "[::1]:8090", "[::1]"} {
		if status, _, _ := h.call("GET", "/v1/hypotheses", "", "Host", host); status != 200 {
			t.Errorf("Host %s gives %d", host, status)
		}
	}
	for _, host := range []string{"evil.example", "evil.example:8090", "localhost.evil.example", "192.0.2.1", "127.0.0.1.evil.example"} {
		h.refused(403, "wrong_host", "GET", "/v1/hypotheses", "", "Host", host)
		h.refused(403, "wrong_host", "POST", "/v1/plans", "{}", "Host", host)
		if status, _, _ := h.call("GET", "/", "", "Host", host); status != 403 {
			t.Errorf("the page under %s gives %d", host, status)
		}
	}
}

// Another site's page cannot make the user's browser change anything.
func TestCrossOrigin(t *testing.T) {
	h := newHouse(t)
	own := "http://" + strings.TrimPrefix(h.URL, "http://")
	for _, from := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
		h.refused(403, "cross_origin", "POST", "/v1/plans", "{}", from...)
		h.refused(403, "cross_origin", "DELETE", "/v1/hypotheses/x", "", from...)
		h.refused(403, "cross_origin", "POST", "/v1/outcomes", "x", append(from, "Content-Type", "multipart/form-data; boundary=x")...)
		if status, _, _ := h.call("POST", "/logout", "", from...); status != 403 {
			t.Errorf("logout from %v gives %d", from, status)
		}
		if status, _, _ := h.call("GET", "/", "", from...); status != 200 {
			t.Errorf("a link from %v gives %d", from, status)
		}
	}
	for _, from := range [][]string{nil, {"Origin", own}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}} {
		h.refused(404, "not_found", "DELETE", "/v1/hypotheses/x", "", from...)
	}
}

func TestHeadersAndRequestIDs(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/", "/queue", "/hypotheses/none", "/v1/hypotheses", "/livez", "/nothing"} {
		_, _, header := h.call("GET", path, "", "X-Request-Id", "from-a-proxy.1")
		if got := header.Get("X-Request-Id"); got != "from-a-proxy.1" {
			t.Errorf("%s has the request id %q", path, got)
		}
		for name, want := range headers {
			if header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
	}
	if _, _, header := h.call("GET", "/livez", "", "X-Request-Id", "two words"); len(header.Get("X-Request-Id")) != 16 {
		t.Errorf("a harmful id is kept: %q", header.Get("X-Request-Id"))
	}
	_, page, _ := h.call("GET", "/", "")
	_, link, _ := strings.Cut(page, `stylesheet" href="`)
	link, _, _ = strings.Cut(link, `"`)
	if status, _, header := h.call("GET", link, ""); status != 200 || !strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(header.Get("Content-Type"), "text/css") {
		t.Errorf("%s gives %d, %v", link, status, header)
	}
	if status, _, _ := h.call("GET", "/assets/assay.css", ""); status != http.StatusNotFound {
		t.Errorf("a style sheet without its hash gives %d", status)
	}
}
