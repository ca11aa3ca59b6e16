package dashboard

import (
	"bytes"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every page can be read without seeing it: one heading, a title of its own,
// a way past the navigation, named regions, tables with headers, charts with
// words, fields with labels, and ids that occur once.
func TestPagesAreAccessible(t *testing.T) {
	p, rows := bigPlan()
	x := account(p, 3)
	f := Frame{Now: now, Path: "/", SignedIn: true}
	learned := taught()
	titles := map[string]bool{}
	for name, draw := range map[string]func(io.Writer) error{
		"tonight": func(w io.Writer) error { return Tonight(w, f, TonightView{&p, rows}) },
		"queue": func(w io.Writer) error {
			return Queue(w, f, QueueView{Plan: &p, All: rows, Rows: rows[:50], Total: 500, Page: 1, PerPage: 50})
		},
		"hypothesis": func(w io.Writer) error { return Hypothesis(w, f, HypothesisView{rows[3], &p, &x, likes()}) },
		"cohorts":    func(w io.Writer) error { return Cohorts(w, f, CohortsView{Ledger: bookOf(p), Plan: &p}) },
		"what-if":    func(w io.Writer) error { return WhatIf(w, f, otherwise(p)) },
		"insights":   func(w io.Writer) error { return Insights(w, f, InsightsView{Report: &learned, At: now}) },
		"login":      func(w io.Writer) error { return Login(w, f, LoginView{"/", false}) },
		"problem":    func(w io.Writer) error { return Problem(w, f, ProblemView{404, "no", ""}) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := draw(&out); err != nil {
				t.Fatal(err)
			}
			page := parsePage(t, out.Bytes())
			headings, ids := 0, map[string]bool{}
			for n := range page.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				if id := attr(n, "id"); id != "" {
					if ids[id] {
						t.Errorf("id %q occurs twice", id)
					}
					ids[id] = true
				}
				switch n.Data {
				case "h1":
					headings++
				case "title":
					if inside(n, "svg") { // says what a part of a drawing is
						break
					}
					title := text(n)
					if titles[title] || !strings.HasSuffix(title, " · Assay") {
						t.Errorf("title %q is not the page's own", title)
					}
					titles[title] = true
				case "html":
					if attr(n, "lang") == "" {
						t.Error("the page does not say its language")
					}
				case "svg":
					if attr(n, "aria-hidden") == "" && (attr(n, "role") != "img" || attr(n, "aria-label") == "") {
						t.Errorf("a drawing without words: %v", n.Attr)
					}
				case "th":
					if attr(n, "scope") == "" {
						t.Errorf("header %q without a scope", text(n))
					}
				case "input", "select":
					if attr(n, "type") != "hidden" && !hidden(n) && !inside(n, "label") {
						t.Errorf("field %s without a label", attr(n, "name"))
					}
				case "a":
					if strings.TrimSpace(text(n)) == "" {
						t.Errorf("link to %s without words", attr(n, "href"))
					}
				}
			}
			if headings != 1 {
				t.Errorf("%d main headings", headings)
			}
			for n := range page.Descendants() {
				for _, key := range []string{"aria-labelledby", "aria-describedby"} {
					if id := attr(n, key); id != "" && !ids[id] {
						t.Errorf("%s=%q names nothing", key, id)
					}
				}
				if href := attr(n, "href"); strings.HasPrefix(href, "#") && !ids[href[1:]] {
					t.Errorf("link to %s leads nowhere", href)
				}
			}
		})
	}
}

func hidden(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "hidden" {
			return true
		}
	}
	return false
}

func inside(n *html.Node, tag string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == tag {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// Text keeps a contrast of 4.5 to what it stands on, and what only marks keeps
// 3, in light and in dark (WCAG 2.2, §1.4.3 and §1.4.11).
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/assay.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark palette")
	}
	dark, _, _ = strings.Cut(dark, "\n}\n")
	for look, palette := range map[string]map[string]string{"light": colours(light), "dark": colours(dark)} {
		for _, pair := range []struct {
			ink, ground string
			least       float64
		}{
			{"ink", "page", 4.5}, {"ink", "panel", 4.5}, {"ink", "raised", 4.5}, {"soft", "page", 4.5}, {"soft", "panel", 4.5}, {"soft", "raised", 4.5},
			{"link", "page", 4.5}, {"link", "panel", 4.5}, {"on-accent", "accent", 4.5}, {"ai-ink", "ai", 4.5}, {"human-ink", "human", 4.5},
			{"alarm-ink", "alarm", 4.5}, {"info-ink", "info", 4.5}, {"warm-ink", "warm", 4.5},
			{"focus", "page", 3}, {"focus", "panel", 3}, {"planned", "raised", 3}, {"held", "panel", 3}, {"treatment", "raised", 3}, {"alarm-ink", "panel", 4.5}, {"zero", "panel", 3},
		} {
			if c := contrast(palette[pair.ink], palette[pair.ground]); c < pair.least || math.IsNaN(c) {
				t.Errorf("%s: %s on %s has a contrast of %.2f, less than %g", look, pair.ink, pair.ground, c, pair.least)
			}
		}
	}
}

var colour = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

func colours(css string) map[string]string {
	all := map[string]string{}
	for _, m := range colour.FindAllStringSubmatch(css, -1) {
		all[m[1]] = m[2]
	}
	return all
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is the relative luminance of an sRGB colour, by WCAG 2.2.
func luminance(hex string) float64 {
	if len(hex) != 7 {
		return math.NaN()
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return math.NaN()
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
