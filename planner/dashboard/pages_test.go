package dashboard

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// smallPlan is a plan that a person can hold against its golden page.
func smallPlan() (planner.Plan, []planner.Row) {
	p, _ := bigPlan()
	p.Value, p.Bound, p.Gap = 1_234_000, 1_250_000, 0.01297
	p.Entries = []planner.Entry{p.Entries[0], p.Entries[1], p.Entries[30], p.Entries[100], p.Entries[480]}
	for i := range p.Entries {
		p.Entries[i].Rank, p.Entries[i].Hypothesis = i+1, fmt.Sprintf("h-%d", i+1)
		if s := p.Entries[i].Start; s != nil {
			s.Hypothesis, s.Experiment = p.Entries[i].Hypothesis, p.Entries[i].Hypothesis+"@2026-11-23"
		}
	}
	p.Running, p.Uses = p.Running[:1], nil
	p.Running[0].Hypothesis, p.Running[0].Experiment = "h-0", "h-0@2026-11-20"
	for week := range 2 {
		p.Uses = append(p.Uses,
			planner.Use{Name: "a100", Unit: allocator.GPUHour, Week: week, Capacity: 12000, Held: 1200, Planned: 10790, Price: 14.2 * float64(1-week)},
			planner.Use{Name: "feed-all/ranking", Unit: allocator.Bucket, Week: week, Capacity: 10000, Held: 0, Planned: 2500})
	}
	was := planner.Place{Design: "5% × 2 weeks", Segment: "feed-all", Layer: "ranking", From: now.AddDate(0, 0, 7), Until: now.AddDate(0, 0, 21), Value: 41_000}
	is := was
	is.From, is.Until = is.From.AddDate(0, 0, 7), is.Until.AddDate(0, 0, 7)
	p.Stability = &planner.Stability{Plan: "2026-11-22T02:00Z", Announced: 3, Kept: 1, Gain: 5200, Cost: 2050, Changes: []planner.Change{
		{Hypothesis: "h-4", Title: "<b>A</b> moved one", Was: was, Now: &is, Cause: "outpriced", Reason: "h-1 earns more there", Cost: 2050},
		{Hypothesis: "h-5", Title: "One that was withdrawn", Was: was, Cause: "withdrawn", Reason: "it was withdrawn on 22 Nov 2026"}}}
	return p, rowsOf(p)
}

func TestGoldenPages(t *testing.T) {
	p, rows := smallPlan()
	x := account(p, 3)
	x.Designs = x.Designs[:3]
	learned := taught()
	f := Frame{Now: now, SignedIn: true, Notices: []Notice{{Alarm, "Last night's run failed: no answer. The plan of the night before stays in force."}}}
	for name, draw := range map[string]func(io.Writer) error{
		"tonight":       func(w io.Writer) error { return Tonight(w, at(f, "/"), TonightView{&p, rows}) },
		"tonight-empty": func(w io.Writer) error { return Tonight(w, at(f, "/"), TonightView{}) },
		"queue": func(w io.Writer) error {
			return Queue(w, at(f, "/queue"), QueueView{Plan: &p, All: rows, Rows: rows[2:4], Total: 5, Page: 2, PerPage: 2, Filter: Filter{Status: "queued"}})
		},
		"cohorts": func(w io.Writer) error {
			return Cohorts(w, at(f, "/cohorts"), CohortsView{Ledger: bookOf(p), Plan: &p})
		},
		"cohorts-none": func(w io.Writer) error { return Cohorts(w, at(f, "/cohorts"), CohortsView{}) },
		"queue-empty":  func(w io.Writer) error { return Queue(w, at(f, "/queue"), QueueView{Page: 1, PerPage: 2}) },
		"hypothesis":   func(w io.Writer) error { return Hypothesis(w, f, HypothesisView{rows[0], &p, &x, likes()}) },
		"before-plans": func(w io.Writer) error { return Hypothesis(w, f, HypothesisView{Row: unplanned(rows[0])}) },
		"what-if":      func(w io.Writer) error { return WhatIf(w, at(f, "/what-if"), otherwise(p)) },
		"what-if-wrong": func(w io.Writer) error {
			return WhatIf(w, at(f, "/what-if"), WhatIfView{Plan: &p, Asked: []Asked{{"pools.b200", "more"}}, Problem: "there is no pool"})
		},
		"what-if-none": func(w io.Writer) error { return WhatIf(w, at(f, "/what-if"), WhatIfView{}) },
		"insights": func(w io.Writer) error {
			return Insights(w, at(f, "/insights"), InsightsView{Report: &learned, At: now})
		},
		"insights-learning": func(w io.Writer) error { return Insights(w, at(f, "/insights"), InsightsView{Learning: true}) },
		"insights-empty":    func(w io.Writer) error { return Insights(w, at(f, "/insights"), InsightsView{Empty: true}) },
		"login":             func(w io.Writer) error { return Login(w, Frame{}, LoginView{"/queue", true}) },
		"problem":           func(w io.Writer) error { return Problem(w, f, ProblemView{500, "something went wrong", "8a7f"}) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := draw(&out); err != nil {
				t.Fatal(err)
			}
			got := fragment(out.String())
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, d)
			}
		})
	}
}

// A backfill says what it follows, and why nothing starts.
func TestTonightOfABackfill(t *testing.T) {
	p, rows := smallPlan()
	p.Entries = p.Entries[3:]
	p.Backfill = &planner.Backfill{Of: "2026-11-22T02:00Z", Stopped: []string{"h-7@2026-11-20"}, Freed: []planner.Freed{{Name: "a100", Unit: allocator.GPUHour, Left: []float64{120, 7}}}}
	var out bytes.Buffer
	if err := Tonight(&out, Frame{Now: now}, TonightView{&p, rows}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a backfill of the plan of 2026-11-22T02:00Z, after 1 test stopped early", "of a100 120 GPU-hours are free until"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func at(f Frame, path string) Frame {
	f.Path = path
	return f
}

func unplanned(r planner.Row) planner.Row {
	r.Rank, r.Forecast, r.Start, r.Status, r.Reason = 0, nil, nil, planner.Queued, "waits for the next plan"
	return r
}

// fragment is the main part of a page: the frame is tested once, elsewhere.
func fragment(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut("<main"+page, "</main>")
	return strings.TrimSpace(page) + "\n</main>\n"
}

// Text that comes from strangers stays text, wherever a page shows it.
func TestHostileTextIsEscaped(t *testing.T) {
	p, _ := smallPlan()
	h := hostile()
	evil := planner.Row{Hypothesis: h, Status: planner.Queued, Rank: 1, Forecast: &p.Entries[0].Forecast, Start: p.Entries[0].Start, Reason: "<script>alert(6)</script>"}
	e := &p.Entries[0]
	e.Hypothesis, e.Title, e.Surface, e.Component, e.Generator, e.Team = h.ID, h.Title, h.Surface, h.Component, h.Generator, h.Team
	e.Start.Segment, e.Start.Layer, e.Start.Experiment = `"><img src=x>`, "<b>", "<i>"
	p.Quotas[1].Team = "<script>alert(10)</script>"
	p.Uses[0].Name, p.Running[0].Segment = `<svg onload=alert(7)>`, `'><script>`
	p.Evidence.Digest = "<u>"
	x := planner.Explanation{Plan: "<p>", Entry: *e, Designs: []planner.DesignAtPrices{{Design: planner.Design{Name: "<script>"}, Layer: "<b>"}}, Capacity: p.Uses[:1]}
	rows := []planner.Row{evil}
	f := Frame{Now: now, Path: `"><script>`, Notices: []Notice{{Alarm, "<script>alert(8)</script>"}}}
	for name, draw := range map[string]func(io.Writer) error{
		"tonight": func(w io.Writer) error { return Tonight(w, f, TonightView{&p, rows}) },
		"queue": func(w io.Writer) error {
			return Queue(w, f, QueueView{Plan: &p, All: rows, Rows: rows, Total: 1, Page: 1, PerPage: 10, Filter: Filter{Team: `"><script>alert(9)</script>`}})
		},
		"hypothesis": func(w io.Writer) error { return Hypothesis(w, f, HypothesisView{evil, &p, &x, evilLikes()}) },
		"cohorts":    func(w io.Writer) error { return Cohorts(w, f, CohortsView{Ledger: bookOf(p), Plan: &p}) },
		"what-if":    func(w io.Writer) error { return WhatIf(w, f, evilOtherwise(p)) },
		"insights":   func(w io.Writer) error { return Insights(w, f, evilInsights()) },
		"login":      func(w io.Writer) error { return Login(w, f, LoginView{`/"><script>`, false}) },
		"problem":    func(w io.Writer) error { return Problem(w, f, ProblemView{404, "<script>", "<b>"}) },
	} {
		var out bytes.Buffer
		if err := draw(&out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n := range parsePage(t, out.Bytes()).Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "script" || n.Data == "iframe" || n.Data == "style" || (n.Data == "img" && attr(n, "alt") != "") || n.Data == "u" || n.Data == "i" {
				t.Errorf("%s: an element <%s> came out of text", name, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.TrimSpace(a.Val), "javascript:") {
					t.Errorf("%s: attribute %s=%q on <%s>", name, a.Key, a.Val, n.Data)
				}
			}
		}
	}
}

// evilOtherwise is a difference whose texts are the stranger's.
func evilOtherwise(p planner.Plan) WhatIfView {
	v := otherwise(p)
	v.Asked, v.Problem = []Asked{{`"><script>`, `" onfocus="alert(11)`}}, "<script>"
	v.Answer.Set[0].Key, v.Answer.Prices[0].Name = "<script>", "<img src=x onerror=a>"
	v.Answer.In[0].Title, v.Answer.In[0].Reason, v.Answer.In[0].Hypothesis = "<b>", "<script>", `"><script>`
	return v
}

func parsePage(t *testing.T, page []byte) *html.Node {
	t.Helper()
	n, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
