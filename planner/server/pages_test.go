package server

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

// The pages of the real planner, from an empty registry to a plan.
func TestPages(t *testing.T) {
	h := newHouse(t)
	see := func(path string, status int, want ...string) string {
		t.Helper()
		got, text, header := h.call("GET", path, "", "Accept", "text/html,*/*")
		if got != status || header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s gives %d, %s", path, got, header.Get("Content-Type"))
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
		return text
	}
	see("/", 200, "No plan yet", "assay import outcomes")
	see("/queue", 200, "No hypotheses yet")
	see("/what-if?what=pools.a100&to=%2B20%25", 200, "No plan yet")
	see("/cohorts", 200, "feed-americas/models", "10,000 free now")
	see("/cohorts?layer=nope", 404, "Not found", "layer &#34;nope&#34;: not found; the layers are feed-americas/models, ")
	see("/hypotheses/none", 404, "Not found", "hypothesis none: not found")

	if _, err := h.c.Service.Submit(t.Context(), ideas(60)); err != nil {
		t.Fatal(err)
	}
	first := ideas(1)[0]
	see("/", 200, "60 hypotheses wait")
	see("/queue", 200, "No plan yet, so nothing is ranked", "1–50 of 60 hypotheses", first.Title)
	see("/hypotheses/"+first.ID, 200, first.Title)

	plan, err := h.c.Service.Plan(t.Context(), planner.PlanRequest{})
	if err != nil {
		t.Fatal(err)
	}
	see("/", 200, "Starts tonight", "Capacity tonight", `href="/hypotheses/`+plan.Entries[0].Hypothesis+`"`)
	start := plan.Firm()[0]
	held := see("/cohorts?layer="+planner.LayerKey(start.Segment, start.Layer), 200, start.Experiment, `href="/hypotheses/`+start.Hypothesis+`"`)
	if n := strings.Count(held, "<section"); n != 1 {
		t.Errorf("one layer has %d sections", n)
	}
	queue := see("/queue", 200, `href="/queue?page=2"`, "Forecast lift")
	if n := strings.Count(queue, `<td role="cell" class="why"`); n != 50 {
		t.Errorf("the first page of the queue has %d rows", n)
	}
	see("/queue?page=2", 200, "51–60 of 60 hypotheses", `href="/queue"`)
	see("/queue?page=9", 200, "past the end", `href="/queue?page=2"`)
	see("/queue?page=x&source=ai", 200, `<option value="ai" selected>AI</option>`, "that match")
	see("/queue?team="+url.QueryEscape(`"><script>`), 200, "Nothing matches")
	see("/hypotheses/"+plan.Entries[0].Hypothesis, 200, "Each way to test it, at tonight's prices", "Forecast")

	see("/what-if", 200, "Show the difference", `<option value="pools.a100">GPU-hours of a100</option>`)
	more := "/what-if?what=pools.a100&to=%2B20%25&what=&to=%2B20%25&what=quotas.ai.users.most&to=10%25"
	see(more, 200, "the most of users for source ai were 0.1, not none", "come in</a>", `<option value="pools.a100" selected>GPU-hours of a100</option>`, "Prices")
	see("/what-if?what=pools.b200&to=%2B20%25", 400, "there is no pool &#34;b200&#34;; there is ", `<option value="pools.b200" selected>`)
	see("/what-if?what=pools.a100&to=", 400, "is no number; write &#43;20%")

	late := ideas(61)[60]
	if _, err := h.c.Service.Submit(t.Context(), []planner.Hypothesis{late}); err != nil {
		t.Fatal(err)
	}
	see("/hypotheses/"+late.ID, 200, late.Title) // the plan does not know it
	see("/elsewhere", 404)
}

func TestBrokenPage(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Service = &deaf{} })
	for _, path := range []string{"/", "/queue", "/hypotheses/x"} {
		status, text, _ := h.call("GET", path, "")
		if status != 500 || !strings.Contains(text, "Something went wrong") || !strings.Contains(text, "Request <code>") || strings.Contains(text, "secret") {
			t.Errorf("%s gives %d %s", path, status, text)
		}
	}
}

// deaf is a service that nothing can be had from.
type deaf struct{ planner.Service }

func (*deaf) CurrentPlan(context.Context) (planner.Plan, error) {
	return planner.Plan{}, errors.New("secret")
}
