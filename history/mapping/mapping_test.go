package mapping

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const good = `layout: outcomes
experiment:
  id: test
  source: {column: who, rename: {ml: ai, person: human}, default: human}
  ended: {column: start, plus: 7d}
arm: {id: variant, attributes: {image: picture}}
control: {lowest: variant}
metrics:
  - name: conversion
    proportion: {trials: users, successes: buyers}
skip: [{column: users, equals: [0, "none"], reason: nobody yet}]
`

func TestParse(t *testing.T) {
	m, err := Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	want := &Mapping{
		Layout: Outcomes,
		Experiment: Experiment{ID: Field{Column: "test"}, Ended: Field{Column: "start", Plus: 7 * 24 * time.Hour},
			Source: Field{Column: "who", Rename: map[string]string{"ml": "ai", "person": "human"}, Default: "human"}},
		Arm:     Arm{ID: Field{Column: "variant"}, Attributes: map[string]Field{"image": {Column: "picture"}}},
		Control: Control{Lowest: "variant"},
		Metrics: []Metric{{Name: Field{Value: "conversion"},
			Stat: &Statistic{Kind: Proportion, Columns: map[string]string{"trials": "users", "successes": "buyers"}}}},
		Skip: []Rule{{Column: "users", Equals: []string{"0", "none"}, Reason: "nobody yet"}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	columns := []string{"buyers", "picture", "start", "test", "users", "variant", "who"}
	if diff := cmp.Diff(columns, m.Columns()); diff != "" {
		t.Error(diff)
	}
}

func TestSetsAndClaims(t *testing.T) {
	with := func(more string) string {
		return strings.Replace(good, "attributes: {image: picture}}", "attributes: {image: picture}, "+more+"}", 1)
	}
	for more, want := range map[string]Arm{
		"set: [image]":                {Sets: Sets{Given: true, By: []string{"image"}}},
		"set: image":                  {Sets: Sets{Given: true, By: []string{"image"}}},
		"set: []":                     {Sets: Sets{Given: true}},
		"claims: {author: said}":      {Claims: map[string]Field{"author": {Column: "said"}}},
		"claims: {model: {value: 0}}": {Claims: map[string]Field{"model": {Value: "0"}}},
	} {
		m, err := Parse("m.yaml", []byte(with(more)))
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Attributes = Field{Column: "variant"}, map[string]Field{"image": {Column: "picture"}}
		if diff := cmp.Diff(want, m.Arm); diff != "" {
			t.Errorf("%s: %s", more, diff)
		}
	}
	for more, want := range map[string]string{
		"set: [picture]":       "m.yaml:6: arm.set names picture, which is none of arm.attributes",
		"claims: {assay.x: y}": "m.yaml:6: arm.claims.assay.x: names that start with assay. are kept for Assay's own",
		"claims: said":         "m.yaml:6: arm.claims must be names with their columns",
	} {
		if _, err := Parse("m.yaml", []byte(with(more))); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", more, err, want)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := func(text string) string {
		m, err := Parse("m.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return m.Digest()
	}
	same := "# a comment " + strings.Repeat("-", 80) + "\n" + strings.Replace(good, "arm: {id: variant, attributes: {image: picture}}", "arm:\n  attributes:\n    image: picture\n  id: variant", 1)
	if digest(good) != digest(same) {
		t.Error("comments, order and style changed the digest")
	}
	if digest(good) == digest(strings.Replace(good, "buyers", "clicks", 1)) {
		t.Error("another column did not change the digest")
	}
}

// TestMistakes has files with everything wrong that a file can have, and the
// line at which each mistake must be told.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"typos": {strings.NewReplacer("experiment:", "experimnet:", "successes", "sucesses").Replace(good), []string{
			`m.yaml:2: unknown key "experimnet" in the mapping: did you mean "experiment"?`,
			`m.yaml:10: proportion needs successes`,
			`m.yaml:10: unknown key "sucesses" in proportion: did you mean "successes"?`,
		}},
		"nothing like it": {"layout: outcomes\ncolour: red\n", []string{
			`m.yaml:2: unknown key "colour" in the mapping: known are arm, control, day, exclude, experiment, exposed_at, layout, metrics, null, segment, skip, snapshot, unit`,
		}},
		"twice": {"layout: users\nlayout: pairs\n", []string{`m.yaml:2: is not YAML: mapping key "layout" already defined at [1:1]`}},
		"one metric, two columns": {"layout: users\nexperiment: {id: e}\narm: {id: a}\nunit: u\nmetrics:\n  - {name: m, value: x}\n  - {name: m, value: y}\n", []string{
			"m.yaml:6: metric m is given twice: two columns cannot both be its value",
		}},
		"layout": {"layout: rows\n", []string{`m.yaml:1: layout must be outcomes, pairs, users, not "rows"`}},
		"missing": {"layout: users\n", []string{
			"m.yaml:1: layout users needs arm.id", "m.yaml:1: layout users needs experiment.id",
			"m.yaml:1: layout users needs metrics", "m.yaml:1: layout users needs unit",
		}},
		"rules": {good + "exclude:\n  - {column: bad, equals: 1}\n  - {equals: 1, reason: x}\n  - {column: bad, reason: x}\n", []string{
			"m.yaml:13: exclude needs a reason, which is shown with what it leaves out",
			"m.yaml:14: exclude needs a column",
			"m.yaml:15: exclude needs equals: VALUE, or empty: true",
		}},
		"control": {strings.Replace(good, "{lowest: variant}", "{lowest: variant, first: true}", 1), []string{
			"m.yaml:7: control must say one of name, equals, lowest or first"}},
		"field": {strings.Replace(good, "{column: start, plus: 7d}", "{column: start, value: x, plus: soon}", 1), []string{
			"m.yaml:5: experiment.ended must say either column or value",
			`m.yaml:5: experiment.ended.plus must be a span of time such as 7d or 36h, not "soon"`,
		}},
		"day and snapshot": {good + "day: d\nsnapshot: {column: s, after_start: days}\n", []string{
			"m.yaml:13: day says that rows add up, snapshot that the last one counts: give one of them",
			"m.yaml:13: snapshot.after_start needs experiment.started",
		}},
		"metric of another layout": {strings.Replace(good, "layout: outcomes", "layout: pairs", 1), []string{
			"m.yaml:7: layout pairs names its control arm by control.name",
			"m.yaml:9: metric conversion needs control and treatment, each with proportion, mean or sums",
		}},
		"statistics": {strings.Replace(good, "proportion: {trials: users, successes: buyers}",
			"mean: {n: n, mean: m, sd: s, se: e}\n    sums: {n: n, y: y, yy: yy, d: d}", 1), []string{
			"m.yaml:10: mean needs one of variance, sd or se",
			"m.yaml:11: metric gives both mean and sums",
			"m.yaml:11: sums of a ratio need all of d, dd and yd",
		}},
		"xd without x": {strings.Replace(good, "proportion: {trials: users, successes: buyers}",
			"sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, xd: xd}", 1), []string{
			"m.yaml:10: xd is for a ratio with a pre-period: it needs d and x",
		}},
		"no YAML": {"layout: [", []string{"m.yaml:1: is not YAML: sequence end token ']' not found"}},
		"deep":    {strings.Repeat("[", 100), []string{"m.yaml:1: nests deeper than 30 levels, a mapping does not"}},
		"long":    {strings.Repeat("#", longest+1), []string{"m.yaml:1: is 32769 bytes long, a mapping has at most 32768"}},
		"empty":   {"", []string{"m.yaml:1: holds 0 YAML documents, a mapping is one"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("m.yaml", []byte(c.text))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if diff := cmp.Diff(c.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	files, err := filepath.Glob("../../docs/examples/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no examples", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a: &x [*x]\n<<: {b: !!int c}\n? d\n: |\n  e\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse("fuzz.yaml", text)
		if (m == nil) != (err != nil) {
			t.Fatalf("mapping %v with error %v", m, err)
		}
		if m != nil && (m.Digest() == "" || len(m.Metrics) == 0) {
			t.Fatalf("%+v", m)
		}
	})
}
