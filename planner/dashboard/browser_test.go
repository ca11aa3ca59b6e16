package dashboard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// chromium finds the browser: ASSAY_BROWSER, or what is installed.
func chromium(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("ASSAY_BROWSER"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium here: install it, or name one in ASSAY_BROWSER")
	return ""
}

// site serves the pages of a large plan under the server's own policy of what
// a page may load, and remembers what was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newSite(t *testing.T) *site {
	p, rows := bigPlan()
	x := account(p, 70)
	f := Frame{Now: now, SignedIn: true}
	alarm := f
	alarm.Notices = []Notice{{Alarm, "Last night's run failed: the history does not answer. The plan of the night before stays in force."}}
	page := func(frame Frame, path string, draw func(io.Writer, Frame) error) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			frame.Path = path
			if err := draw(w, frame); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", page(alarm, "/", func(w io.Writer, f Frame) error { return Tonight(w, f, TonightView{&p, rows}) }))
	mux.HandleFunc("/queue", page(f, "/queue", func(w io.Writer, f Frame) error {
		return Queue(w, f, QueueView{Plan: &p, All: rows, Rows: rows[40:90], Total: 500, Page: 2, PerPage: 50, Filter: Filter{Source: "ai"}})
	}))
	mux.HandleFunc("/hypotheses/waiting", page(f, "", func(w io.Writer, f Frame) error { return Hypothesis(w, f, HypothesisView{rows[70], &p, &x, likes()}) }))
	mux.HandleFunc("/hypotheses/chosen", page(f, "", func(w io.Writer, f Frame) error { return Hypothesis(w, f, HypothesisView{rows[3], &p, &x, likes()}) }))
	mux.HandleFunc("/hypotheses/hostile", page(f, "", func(w io.Writer, f Frame) error {
		return Hypothesis(w, f, HypothesisView{Row: planner.Row{Hypothesis: hostile(), Status: planner.Queued}})
	}))
	book := bookOf(p)
	mux.HandleFunc("/cohorts", page(f, "/cohorts", func(w io.Writer, f Frame) error { return Cohorts(w, f, CohortsView{Ledger: book, Plan: &p}) }))
	mux.HandleFunc("/empty", page(f, "/", func(w io.Writer, f Frame) error { return Tonight(w, f, TonightView{}) }))
	mux.HandleFunc("/login", page(Frame{Now: now}, "", func(w io.Writer, f Frame) error { return Login(w, f, LoginView{"/", true}) }))
	mux.HandleFunc("/what-if", page(f, "/what-if", func(w io.Writer, f Frame) error { return WhatIf(w, f, otherwise(p)) }))
	learned := taught()
	mux.HandleFunc("/insights", page(f, "/insights", func(w io.Writer, f Frame) error { return Insights(w, f, InsightsView{Report: &learned, At: now}) }))
	mux.HandleFunc("/problem", page(f, "", func(w io.Writer, f Frame) error {
		return Problem(w, f, ProblemView{404, "hypothesis h-1: not found", "8a7f"})
	}))
	mux.HandleFunc("/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, kind, ok := Asset(r.PathValue("name"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body)
	})
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// The pages load in a real browser, light and dark, wide and narrow, without a
// message on its console and without asking anybody else for anything. The
// screenshots stay in ASSAY_SCREENSHOTS, if that names a directory.
func TestPagesInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser for every page")
	}
	browser := chromium(t)
	shots := os.Getenv("ASSAY_SCREENSHOTS")
	dir := shots
	if dir == "" {
		dir = t.TempDir()
	}
	s := newSite(t)
	for name, path := range map[string]string{
		"tonight": "/", "queue": "/queue", "cohorts": "/cohorts", "what-if": "/what-if?what=pools.a100&to=%2B20%25", "insights": "/insights", "waiting": "/hypotheses/waiting", "chosen": "/hypotheses/chosen",
		"hostile": "/hypotheses/hostile", "empty": "/empty", "login": "/login", "problem": "/problem",
	} {
		looks := []string{"light"}
		if name == "tonight" || name == "queue" || name == "waiting" || shots != "" {
			looks = append(looks, "dark", "narrow")
		}
		for _, look := range looks {
			t.Run(name+"/"+look, func(t *testing.T) { visit(t, browser, s.URL+path, filepath.Join(dir, name+"-"+look+".png"), look) })
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range s.asked {
		if path == "/favicon.ico" {
			t.Error("the browser looked for an icon: the page's own was not found")
		}
	}
}

func visit(t *testing.T, browser, url, shot, look string) {
	size, scheme := "1280,1800", "1" // 0 is dark, 1 is light
	if look == "narrow" {
		size = "390,2400"
	}
	if look == "dark" {
		scheme = "0"
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	log := filepath.Join(t.TempDir(), "browser.log")
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
		"--user-data-dir="+t.TempDir(), "--window-size="+size, "--blink-settings=preferredColorScheme="+scheme,
		// Whoever is not this server cannot be reached, and trying is an error on the console.
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging", "--log-file="+log, "--screenshot="+shot, url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("browser: %v\n%s", err, out)
	}
	if info, err := os.Stat(shot); err != nil || info.Size() < 4000 {
		t.Errorf("no picture was taken: %v", err)
	}
	written, _ := os.ReadFile(log) // without a message there may be no file
	for line := range strings.Lines(string(out) + string(written)) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("console: %s", line)
		}
	}
}

// hostile is a hypothesis written by somebody who wants to break the page.
func hostile() planner.Hypothesis {
	return planner.Hypothesis{
		ID: "h-evil", Title: `<script>alert("title")</script>` + strings.Repeat("Donaudampfschiff", 20),
		Text:    "</p><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>\n" + strings.Repeat("x", 3000),
		Surface: `"><svg onload=alert(3)>`, Component: "javascript:alert(4)", Source: planner.AI, Generator: "{{.}}' onmouseover='alert(5)",
		Team: "<b>team</b>", Author: "=cmd|' /C calc'!A0", Metric: "rpm",
	}
}
