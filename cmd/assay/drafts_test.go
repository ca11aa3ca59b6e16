package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

const wantTitle = "Freshness, =1+1, in the ranker"

// The same idea in every form a file may have.
var forms = map[string]string{
	"one.json": `
{"title": "Freshness, =1+1, in the ranker", "surface": "feed", "component": "ranking", "source": "human",
 "metric": "ctr", "guardrails": ["hides", "reports"], "claim": {"low": -0.001, "mid": 0.003, "high": 0.01},
 "compute": {"pool": "a100", "train_gpu_hours": 400, "serve_gpu_hours_per_million_users": 2.5}, "scores": {"Reviewer": 7.5, "model": -2}}`,
	"array.json": `[
  {"title": "Freshness, =1+1, in the ranker", "surface": "feed", "component": "ranking", "source": "human", "metric": "ctr", "guardrails": ["hides", "reports"], "claim": {"low": -0.001, "mid": 0.003, "high": 0.01}, "compute": {"pool": "a100", "train_gpu_hours": 400, "serve_gpu_hours_per_million_users": 2.5}, "scores": {"Reviewer": 7.5, "model": -2}}
]`,
	"lines.ndjson": `
{"title": "Freshness, =1+1, in the ranker", "surface": "feed", "component": "ranking", "source": "human", "metric": "ctr", "guardrails": ["hides", "reports"], "claim": {"low": -0.001, "mid": 0.003, "high": 0.01}, "compute": {"pool": "a100", "train_gpu_hours": 400, "serve_gpu_hours_per_million_users": 2.5}, "scores": {"Reviewer": 7.5, "model": -2}}
`,
	"list.yaml": `
- title: Freshness, =1+1, in the ranker
  surface: feed
  component: ranking
  source: human
  metric: ctr
  guardrails: [hides, reports]
  claim: {low: -0.001, mid: 0.003, high: 0.01}
  compute: {pool: a100, train_gpu_hours: 400, serve_gpu_hours_per_million_users: 2.5}
  scores: {Reviewer: 7.5, model: -2}
`,
	"table.csv": `title,surface,component,source,metric,guardrails,claim.low,claim.mid,claim.high,compute.pool,compute.train_gpu_hours,compute.serve_gpu_hours_per_million_users,SCORES.Reviewer,scores.model
"Freshness, =1+1, in the ranker",feed,ranking,human,ctr,hides; reports,-0.1%,0.3%,0.01,a100,400,2.5,7.5,-2
`,
}

func TestRepeatedColumns(t *testing.T) {
	ds, bad := parseDrafts("a.csv", []byte("title,scores.r,scores.r\nx,1,2\n"))
	if len(ds) != 0 || len(bad) != 1 || bad[0].Column != "scores.r" || !strings.Contains(bad[0].Reason, "twice") {
		t.Errorf("%+v, %+v", ds, bad)
	}
}

func TestFlagsBesideFilesAreNotLost(t *testing.T) {
	assay(t, "hypothesis", "submit", "ideas.yaml", "--score", "reviewer=7", "--data", t.TempDir()).want(t, exitUsage)
}

func TestVerdictsBegin(t *testing.T) {
	for _, only := range []string{"", "usable", "excluded:", "excluded: it broke", "duplicate of", "duplicate of e1", "too few"} {
		if !isVerdict(only) {
			t.Errorf("%q begins no verdict", only)
		}
	}
	if isVerdict("good") {
		t.Error("good begins a verdict")
	}
}

func TestEveryFormReadsTheSame(t *testing.T) {
	for name, text := range forms {
		ds, bad := parseDrafts(name, []byte(text))
		if len(bad) > 0 || len(ds) != 1 {
			t.Errorf("%s: %d drafts, problems %v", name, len(ds), bad)
			continue
		}
		h := ds[0].Hypothesis
		got := fmt.Sprint(h.Title, h.Surface, h.Component, h.Source, h.Metric, h.Guardrails, *h.Claim, h.Compute, h.Scores)
		want := fmt.Sprint(wantTitle, "feed", "ranking", planner.Human, "ctr", []string{"hides", "reports"}, planner.Claim{Low: -0.001, Mid: 0.003, High: 0.01}, planner.Demand{Pool: "a100", Train: 400, Serve: 2.5}, planner.Scores{"Reviewer": 7.5, "model": -2})
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
		if ds[0].line != 2 {
			t.Errorf("%s: begins on line %d, want 2", name, ds[0].line)
		}
		if bare, bad := parseDrafts("stdin", []byte(text)); len(bad) > 0 || len(bare) != 1 {
			t.Errorf("%s from standard input: %d drafts, problems %v", name, len(bare), bad)
		}
	}
}

func TestScoresByFlag(t *testing.T) {
	if all, err := scoresOf([]string{"reviewer=7.5", "model b=-20%"}); err != nil || all.String() != "model b -0.2, reviewer 7.5" {
		t.Errorf("%v, %v", all, err)
	}
	for _, bad := range [][]string{{"reviewer"}, {"reviewer=good"}, {"reviewer=NaN"}, {"a=1", "a=1"}} {
		if all, err := scoresOf(bad); err == nil || !strings.Contains(err.Error(), bad[len(bad)-1]) {
			t.Errorf("%q gives %v, %v", bad, all, err)
		}
	}
}

func TestBadDraftsSayWhere(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.ndjson", "{\"title\": \"x\"}\n{\"titel\": \"y\"}\n", `a.ndjson:2 titel: is not a field`},
		{"a.json", "[{\"title\": 7}]", `a.json:1 title: is a number; it must be text`},
		{"a.json", "[{\"title\": \"x\"}", `a.json:1: not JSON`},
		{"a.json", "[{\"title\": \"x\"}]\n{\"title\": \"y\"}", `a.json:2: not JSON: something follows`},
		{"a.json", "{\"compute\": {\"train_gpu_hours\": \"many\"}}", `a.json:1 compute.train_gpu_hours: is a string; it must be a number`},
		{"a.yaml", "- title: x\n- titel: y\n", `a.yaml:2 titel: is not a field`},
		{"a.yaml", "- title: [\n", `a.yaml:1: not YAML`},
		{"a.csv", "title,titel\nx,y\n", `a.csv:1 titel: is not a field`},
		{"a.csv", "title,claim.low\nx,much\n", `a.csv:2 claim.low "much": is not a number`},
		{"a.csv", "title,scores.gpt\nx,good\n", `a.csv:2 scores.gpt "good": is not a number`},
		{"a.json", "{\"scores\": {\"gpt\": \"good\"}}", `a.json:1 scores.gpt: is a string; it must be a number`},
		{"a.csv", "title,surface\nx\n", `a.csv:2: has 1 columns; the header has 2`},
		{"a.csv", "title,submitted_at\nx,soon\n", `a.csv:2 submitted_at "soon": is not a time`},
	} {
		_, bad := parseDrafts(c.name, []byte(c.text))
		if len(bad) == 0 || !strings.Contains(bad[0].Error(), c.want) {
			t.Errorf("%s %q: got %v, want %s", c.name, c.text, bad, c.want)
		}
	}
}

func FuzzParseDrafts(f *testing.F) {
	for name, text := range forms {
		f.Add(name, text)
	}
	f.Add("x.yaml", "a: &a [*a]")
	f.Add("x.csv", "compute.pool\n\"")
	f.Add("x", "")
	f.Fuzz(func(t *testing.T, name, text string) {
		ds, bad := parseDrafts(name, []byte(text))
		for _, d := range ds {
			if d.line < 1 {
				t.Errorf("%q in %q: a draft on line %d", text, name, d.line)
			}
		}
		_ = bad
	})
}
