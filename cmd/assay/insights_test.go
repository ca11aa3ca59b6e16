package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/insights"
)

func TestInsights(t *testing.T) {
	dir := sampled(t)
	var r insights.Report
	if err := json.Unmarshal([]byte(assay(t, "insights", "--data", dir, "--metric", "rpm", "-o", "json").want(t, exitOK).out), &r); err != nil {
		t.Fatal(err)
	}
	said := printed(t, render.TableFormat, func(a *app) error { return a.answerInsights(r) }).fits(t)
	said.contains(t, said.out, "WHAT SHIPPED BROUGHT", "by the imported decisions", "as measured", "by posterior means", "WINS", "tail index", "WHICH KINDS OF IDEA WIN",
		"marketplace", "NORTH STAR", "The north star is rpm: by the policy an equal lift of it is worth most, 2.2 times", "WHAT SHIP RULES WOULD HAVE RETURNED",
		"The rule in use is posterior mean > 0, adaptive prior", "in use", "PLUG-IN", "EXPERIMENTS", "the edge of", "map segment")
	ruled, byRule := r, *r.Shipped
	ruled.Shipped, byRule.By, byRule.LeeShen = &byRule, "rule", &byRule.Posterior
	said = printed(t, render.TableFormat, func(a *app) error { return a.answerInsights(ruled) }).fits(t)
	said.contains(t, said.out, "significantly positive", "Lee & Shen")
	lost, negative := r, *r.Shipped
	lost.Shipped, negative.Posterior.Value = &negative, -0.1
	said = printed(t, render.TableFormat, func(a *app) error { return a.answerInsights(lost) }).fits(t)
	said.contains(t, said.out, "All of the measured total may be luck")
	fat, tail := r, *r.Tail
	fat.Tail, tail.DF = &tail, 1.5
	said = printed(t, render.TableFormat, func(a *app) error { return a.answerInsights(fat) }).fits(t)
	said.contains(t, said.out, "Careful: with a tail index of 1.5")
	if r.Shipped.Posterior.Value <= 0 || r.Tail == nil || len(r.Groups) == 0 || r.NorthStar == nil || r.Rules == nil {
		t.Errorf("%+v", r)
	}
	few, rules := r, *r.Rules
	few.Rules, rules.Rows = &rules, slices.Clone(rules.Rows)
	rules.Rows[1].Warnings = []string{"it ships 3 of 12 experiments"}
	said = printed(t, render.TableFormat, func(a *app) error { return a.answerInsights(few) }).fits(t)
	said.contains(t, strings.Join(strings.Fields(said.out), " "), "Careful, "+rules.Rows[1].Rule+": it ships 3 of 12 experiments.")
	table := printed(t, render.CSVFormat, func(a *app) error { return a.answerInsights(r) })
	table.contains(t, table.out, "by,name,effects,wins,mean,mean_low,mean_high,spread,upside,positive\n", "surface,feed,")
}

func TestInsightsRefuses(t *testing.T) {
	dir := sampled(t)
	for want, args := range map[string][]string{
		"use --metric with one of: ctr, cvr, hide_rate, rpm":                           {"--metric", "clicks"},
		"--north-star \"clicks\": no usable effect":                                    {"--north-star", "clicks"},
		"--alpha: 0.7 must lie in (0, 0.5)":                                            {"--alpha", "0.7"},
		"is not two metrics and a number":                                              {"--correlation", "ctr=0.3"},
		"--correlation: 2 must lie in (-1, 1)":                                         {"--correlation", "ctr,rpm=2"},
		"--correlation \"clicks\": no usable effect":                                   {"--correlation", "ctr,clicks=0.2"},
		"leave out --server; the server has a page of it: http://127.0.0.1:1/insights": {"--server", "http://127.0.0.1:1"},
	} {
		said := assay(t, append([]string{"insights", "--data", dir}, args...)...)
		if said.code != exitUsage && said.code != exitBadInput {
			t.Errorf("%v gives %v", args, said)
		}
		said.contains(t, said.err, want)
	}
}

// A policy that cannot be read is no missing policy: its worth and ship rule would be
// passed over in silence.
func TestInsightsOfABrokenPolicy(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, policyFile), []byte("currency: USD\nworth: much\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	said := assay(t, "insights", "--data", dir)
	said.contains(t, said.err, policyFile, "invalid policy")
	if said.code != exitBadInput {
		t.Error(said)
	}
}

// The example of docs/insights.md is what the command prints.
func TestInsightsDocument(t *testing.T) {
	path, err := filepath.Abs("../../docs/insights.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := sampled(t)
	now := block.ReplaceAllStringFunc(string(text), func(fenced string) string {
		part := block.FindStringSubmatch(fenced)
		command, shown, _ := strings.Cut(part[2], "\n")
		words := strings.Fields(strings.TrimPrefix(command, "$ assay "))
		return "```console\n" + command + "\n" + elide(shown, assay(t, append(words, "--data", dir)...).want(t, exitOK).out) + "```"
	})
	switch {
	case now == string(text):
	case *update:
		if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/insights.md shows what is no longer printed: go test ./cmd/assay -run InsightsDocument -update\n%s", firstDifference(string(text), now))
	}
}
