package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner"
)

func TestSubmitForms(t *testing.T) {
	h := newHouse(t)
	two := ideas(2)
	a, b := asJSON(t, two[0]), asJSON(t, two[1])
	for _, c := range []struct {
		name, body, kind string
		status           int
		want             string
	}{
		{"one object", a, "application/json", 201, `[{"id":"` + two[0].ID + `","created":true}]`},
		{"again", a, "application/json; charset=utf-8", 200, `[{"id":"` + two[0].ID + `","created":false}]`},
		{"array", " [" + a + "," + b + "]", "application/json", 201, `[{"id":"` + two[0].ID + `","created":false},{"id":"` + two[1].ID + `","created":true}]`},
		{"ndjson", a + "\n" + b + "\n", ndjson, 200, `[{"id":"` + two[0].ID + `","created":false},{"id":"` + two[1].ID + `","created":false}]`},
		{"ndjson by sniffing", a + "\n\n" + b, "application/json", 200, `[{"id":"` + two[0].ID + `","created":false},{"id":"` + two[1].ID + `","created":false}]`},
	} {
		status, text, _ := h.call("POST", "/v1/hypotheses", c.body, "Content-Type", c.kind)
		if want := `{"receipts":` + c.want + "}\n"; status != c.status || text != want {
			t.Errorf("%s: %d %s; want %d %s", c.name, status, text, c.status, want)
		}
	}
}

// Everything that is wrong is told at once: fields that do not exist or do not
// fit, in every draft, by name.
func TestSubmitNamesBadFields(t *testing.T) {
	h := newHouse(t)
	e := h.refused(422, "invalid_hypotheses", "POST", "/v1/hypotheses", `[
		{"title": 7, "surfice": "feed", "ChangeType": "loss", "compute": {"pool": "a100", "gpus": 4, "train_gpu_hours": "many"}, "claim": [1], "scores": {"gpt": "good", "reviewer": 7, "none": null}},
		{"title": "fine"}, null, "text",
		{"id": "x", "guardrails": "rpm", "submitted_at": "yesterday", "text": null}]`)
	want := []planner.DraftError{
		{Index: 0, Fields: []planner.FieldError{
			{Field: "ChangeType", Value: "loss", Reason: "is not a known field: write change_type"},
			{Field: "claim", Value: "[1]", Reason: "must be an object"},
			{Field: "compute.gpus", Value: "4", Reason: "is not a known field"},
			{Field: "compute.train_gpu_hours", Value: "many", Reason: "must be a number"},
			{Field: "scores.gpt", Value: "good", Reason: "must be a number"},
			{Field: "surfice", Value: "feed", Reason: "is not a known field"},
			{Field: "title", Value: "7", Reason: "must be text"}}},
		{Index: 2, Fields: []planner.FieldError{{Value: "null", Reason: "must be an object"}}},
		{Index: 3, Fields: []planner.FieldError{{Value: "text", Reason: "must be an object"}}},
		{Index: 4, ID: "x", Fields: []planner.FieldError{
			{Field: "guardrails", Value: "rpm", Reason: "must be a list of texts"},
			{Field: "submitted_at", Value: "yesterday", Reason: "must be a time, as 2026-11-23T02:00:00Z"}}},
	}
	if d := cmp.Diff(want, e.Hypotheses); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// What the planner finds wrong comes in the same form.
	bad := ideas(1)[0]
	bad.Surface = "moon"
	e = h.refused(422, "invalid_hypotheses", "POST", "/v1/hypotheses", asJSON(t, bad))
	if len(e.Hypotheses) != 1 || e.Hypotheses[0].ID != bad.ID || e.Hypotheses[0].Fields[0].Field != "surface" {
		t.Errorf("an unknown surface gives %+v", e.Hypotheses)
	}
	if _, text, _ := h.call("GET", "/v1/hypotheses", ""); !strings.Contains(text, `"total":0`) {
		t.Errorf("something of it was stored: %s", text)
	}
}

func TestSubmitRefuses(t *testing.T) {
	h := newHouse(t)
	taken := ideas(1)[0]
	if status, text, _ := h.call("POST", "/v1/hypotheses", asJSON(t, taken)); status != 201 {
		t.Fatal(status, text)
	}
	taken.Title = "another idea"
	e := h.refused(409, "exists", "POST", "/v1/hypotheses", asJSON(t, taken))
	if !strings.Contains(e.Message, taken.ID) {
		t.Errorf("the taken id is not named: %s", e.Message)
	}
	h.refused(400, "bad_json", "POST", "/v1/hypotheses", `{"title": "a"`)
	h.refused(400, "bad_json", "POST", "/v1/hypotheses", `[{"title": "a"}`)
	h.refused(400, "bad_json", "POST", "/v1/hypotheses", `[]`)
	h.refused(400, "bad_json", "POST", "/v1/hypotheses", " ")
	h.refused(400, "bad_json", "POST", "/v1/hypotheses", `title: yaml`)
	for body, where := range map[string]string{
		"{}\n{\"title\": \"a\"}\n{bad\n{}":     "line 3",
		"[{},\n {} {}]":                        "line 2",
		asJSON(t, ideas(2)) + "\n]":            "line 2",
		asJSON(t, ideas(2)) + asJSON(t, taken): "something follows the array",
		"[{}":                                  "it ends too early",
	} {
		if e := h.refused(400, "bad_json", "POST", "/v1/hypotheses", body); !strings.Contains(e.Message, where) {
			t.Errorf("%q: %q does not say %q", body, e.Message, where)
		}
	}
	if _, text, _ := h.call("GET", "/v1/hypotheses", ""); !strings.Contains(text, `"total":1,`) {
		t.Errorf("something of what was refused is stored: %s", text)
	}
	h.refused(413, "too_large", "POST", "/v1/hypotheses", `{"title": "`+strings.Repeat("a", maxDraftBytes)+`"}`)
	h.refused(413, "too_large", "POST", "/v1/hypotheses", strings.Repeat("{}\n", maxDrafts+1), "Content-Type", ndjson)
	h.refused(415, "content_type", "POST", "/v1/hypotheses", "title=a", "Content-Type", "application/x-www-form-urlencoded")
	h.refused(415, "content_type", "POST", "/v1/hypotheses", "{}", "Content-Type", "text/plain")
}

func FuzzParseDrafts(f *testing.F) {
	for _, text := range []string{`{"title":"a"}`, `[{"claim":{"low":1}},{}]`, "{}\n{}", "[", `{"compute":null,"x":{}}`, "[[]]", `{"withdrawn_at":"x"}`, " [ ] ", "1 2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		drafts, err := parseDrafts(strings.NewReader(text))
		if err != nil {
			if answerTo(err).Status >= 500 {
				t.Errorf("%q gives %v", text, err)
			}
			return
		}
		// What was taken says the same when it is sent again.
		again, err := parseDrafts(strings.NewReader(asJSON(t, drafts)))
		if err != nil {
			t.Fatalf("%q was taken and is refused when printed: %v", text, err)
		}
		if d := cmp.Diff(drafts, again); d != "" {
			t.Errorf("%q (-first +again):\n%s", text, d)
		}
	})
}

func TestListFiltersAndPages(t *testing.T) {
	h := newHouse(t)
	all := ideas(30)
	if status, text, _ := h.call("POST", "/v1/hypotheses", asJSON(t, all)); status != 201 {
		t.Fatal(status, text)
	}
	get := func(query string) rowList {
		t.Helper()
		status, text, _ := h.call("GET", "/v1/hypotheses"+query, "")
		var page rowList
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != 200 {
			t.Fatalf("%s: %d %v", query, status, err)
		}
		return page
	}
	if p := get(""); p.Total != 30 || len(p.Hypotheses) != 30 || p.HasMore || p.Limit != defaultLimit {
		t.Errorf("the first page: %d of %d, more %t, limit %d", len(p.Hypotheses), p.Total, p.HasMore, p.Limit)
	}
	if p := get("?limit=10&offset=20"); len(p.Hypotheses) != 10 || p.HasMore || p.Hypotheses[0].ID != all[20].ID {
		t.Errorf("the last page: %d, more %t", len(p.Hypotheses), p.HasMore)
	}
	if p := get("?limit=10&offset=19"); !p.HasMore {
		t.Error("the page before the last says that there is no more")
	}
	if p := get("?offset=99"); len(p.Hypotheses) != 0 || p.HasMore || p.Total != 30 {
		t.Errorf("past the end: %+v", p)
	}
	for name, of := range map[string]func(planner.Hypothesis) string{
		"source": func(h planner.Hypothesis) string { return string(h.Source) }, "surface": func(h planner.Hypothesis) string { return h.Surface }, "team": func(h planner.Hypothesis) string { return h.Team },
	} {
		want := 0
		for _, idea := range all {
			if of(idea) == of(all[0]) {
				want++
			}
		}
		if p := get(fmt.Sprintf("?%s=%s", name, of(all[0]))); p.Total != want {
			t.Errorf("%s=%s gives %d, want %d", name, of(all[0]), p.Total, want)
		}
	}
	if p := get("?status=withdrawn"); p.Total != 0 {
		t.Errorf("%d are withdrawn", p.Total)
	}
	for _, bad := range []string{"?limit=0", "?limit=1001", "?limit=x", "?offset=-1", "?sourse=ai",
		"?source=robot", "?status=waiting", "?status=queued&status=running", "?limit=1;offset=2", "?limit=%zz"} {
		h.refused(400, "bad_query", "GET", "/v1/hypotheses"+bad, "")
	}
	_, text, header := h.call("GET", "/v1/hypotheses", "", "Accept", ndjson)
	if lines := strings.Count(text, "\n"); lines != 30 || header.Get("Content-Type") != ndjson {
		t.Errorf("%d lines of %s", lines, header.Get("Content-Type"))
	}
}

func TestShowAndWithdraw(t *testing.T) {
	h := newHouse(t)
	idea := ideas(1)[0]
	h.call("POST", "/v1/hypotheses", asJSON(t, idea))
	path := "/v1/hypotheses/" + idea.ID
	if status, text, _ := h.call("GET", path, ""); status != 200 || !strings.Contains(text, `"status":"queued"`) {
		t.Errorf("%d %s", status, text)
	}
	for range 2 { // withdrawing twice is no error
		if status, text, _ := h.call("DELETE", path, ""); status != 200 || !strings.Contains(text, `"status":"withdrawn"`) {
			t.Errorf("%d %s", status, text)
		}
	}
	h.refused(404, "not_found", "GET", "/v1/hypotheses/h-unknown", "")
	h.refused(404, "not_found", "DELETE", "/v1/hypotheses/h-unknown", "")
	h.refused(405, "method_not_allowed", "PATCH", path, "{}")
	h.refused(405, "method_not_allowed", "PUT", "/v1/plans", "")
	if _, _, header := h.call("PUT", path, "{}"); header.Get("Allow") != "GET, DELETE" {
		t.Errorf("Allow: %s", header.Get("Allow"))
	}
	h.refused(404, "no_route", "GET", "/v1/nothing", "")
}
