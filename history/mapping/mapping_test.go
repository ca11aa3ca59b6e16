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

const log = `layout: exposures
experiment: {id: test, started: begin}
arm: {id: variant}
unit: user
exposed_at: {column: seen, zone: America/New_York}
segment: country
`

const clicks = `layout: events
unit: user
at: {column: time, format: 2006-01-02 15:04:05}
metrics:
  - {name: clicks, value: {value: 1}}
  - {name: {column: what}, value: amount, window: 7d, look_back: 14d}
  - {name: ctr, value: {column: clicked}, denominator: {value: 1}, cap: 99.9%}
event: id
`

func TestRawLogs(t *testing.T) {
	exposures, err := Parse("log.yaml", []byte(log))
	if err != nil {
		t.Fatal(err)
	}
	want := &Mapping{Layout: Exposures, Experiment: Experiment{ID: Field{Column: "test"}, Started: Field{Column: "begin"}},
		Arm: Arm{ID: Field{Column: "variant"}}, Unit: Field{Column: "user"}, ExposedAt: Field{Column: "seen", Zone: "America/New_York"}, Segment: Field{Column: "country"}}
	if diff := cmp.Diff(want, exposures); diff != "" {
		t.Error(diff)
	}
	events, err := Parse("clicks.yaml", []byte(clicks))
	if err != nil {
		t.Fatal(err)
	}
	want = &Mapping{Layout: Events, Unit: Field{Column: "user"}, At: Field{Column: "time", Format: time.DateTime}, Event: Field{Column: "id"}, Metrics: []Metric{
		{Name: Field{Value: "clicks"}, Constant: 1},
		{Name: Field{Column: "what"}, Value: "amount", Reckoning: &Reckoning{Window: 7 * 24 * time.Hour, LookBack: 14 * 24 * time.Hour}},
		{Name: Field{Value: "ctr"}, Value: "clicked", ConstantDenominator: 1, Reckoning: &Reckoning{CapShare: 0.999}},
	}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"amount", "clicked", "id", "time", "user", "what"}, events.Columns()); diff != "" {
		t.Error(diff)
	}
}

// TestReckonings: any of the keys makes a rule, none of them leaves it out, and
// "none" makes an empty one.
func TestReckonings(t *testing.T) {
	digests := map[string]string{}
	for keys, want := range map[string]*Reckoning{
		"":                            nil,
		", cap: none":                 {},
		", window: none":              {},
		", window: 36h, cap: 2.5":     {Window: 36 * time.Hour, Cap: 2.5},
		", look_back: 90m, cap: 99%":  {LookBack: 90 * time.Minute, CapShare: 0.99},
		`, cap: "99.95%"`:             {CapShare: 0.9995},
		", window: 1s, look_back: 1d": {Window: time.Second, LookBack: 24 * time.Hour},
	} {
		m, err := Parse("m.yaml", []byte("layout: events\nunit: u\nat: t\nmetrics: [{name: m, value: v"+keys+"}]\n"))
		if err != nil {
			t.Fatalf("%s: %v", keys, err)
		}
		if diff := cmp.Diff(want, m.Metrics[0].Reckoning); diff != "" {
			t.Errorf("%s: %s", keys, diff)
		}
		digests[m.Digest()] = keys
	}
	if len(digests) != 6 { // two of them mean the same
		t.Errorf("%d digests: %v", len(digests), digests)
	}
}

func TestSetsAndClaims(t *testing.T) {
	with := func(more string) string {
		return strings.Replace(good, "attributes: {image: picture}}", "attributes: {image: picture}, "+more+"}", 1)
	}
	for more, want := range map[string]Arm{
		"set: [image]":                           {Sets: Sets{Given: true, By: []string{"image"}}},
		"set: image":                             {Sets: Sets{Given: true, By: []string{"image"}}},
		"set: []":                                {Sets: Sets{Given: true}},
		"claims: {author: said}":                 {Claims: map[string]Field{"author": {Column: "said"}}},
		"claims: {model: {value: 0}}":            {Claims: map[string]Field{"model": {Value: "0"}}},
		"claims: {author: said}, claims_of: aim": {Claims: map[string]Field{"author": {Column: "said"}}, ClaimsOf: Field{Column: "aim"}},
		"ice: {score: s}":                        {ICE: ICE{Score: Field{Column: "s"}}},
		"ice: {impact: i, confidence: {value: 5}, ease: e}": {ICE: ICE{Impact: Field{Column: "i"}, Confidence: Field{Value: "5"}, Ease: Field{Column: "e"}}},
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
		"ice: {impact: i}":     "m.yaml:6: arm.ice must say score, or all of impact, confidence and ease",
		"claims_of: aim":       "m.yaml:6: arm.claims_of is the metric of arm.claims and arm.ice, and there is neither",
		"ice: {}":              "m.yaml:6: arm.ice must say score, or all of impact, confidence and ease",
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
	// Of before raw logs were known: a file that came in by it must not come in again.
	if got := digest(good); got != "5588632f80a027450af7874736e281beb5f8d66668147d522769aeed4046655d" {
		t.Errorf("digest %s is another than it was", got)
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
			`m.yaml:2: unknown key "colour" in the mapping: known are arm, at, control, day, event, exclude, experiment, exposed_at, layout, metrics, null, segment, skip, snapshot, unit`,
		}},
		"twice": {"layout: users\nlayout: pairs\n", []string{`m.yaml:2: is not YAML: mapping key "layout" already defined at [1:1]`}},
		"one metric, two columns": {"layout: users\nexperiment: {id: e}\narm: {id: a}\nunit: u\nmetrics:\n  - {name: m, value: x}\n  - {name: m, value: y}\n", []string{
			"m.yaml:6: metric m is given twice: two columns cannot both be its value",
		}},
		"layout": {"layout: rows\n", []string{`m.yaml:1: layout must be outcomes, pairs, users, exposures, events, experiments, not "rows"`}},
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
		"zone": {strings.Replace(good, "{column: start, plus: 7d}", "{column: start, zone: Paris}", 1), []string{
			`m.yaml:5: experiment.ended.zone must be the name of a time zone such as America/New_York, not "Paris"`,
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
		"exposures need": {"layout: exposures\n", []string{
			"m.yaml:1: layout exposures needs arm.id", "m.yaml:1: layout exposures needs experiment.id",
			"m.yaml:1: layout exposures needs exposed_at", "m.yaml:1: layout exposures needs unit",
		}},
		"not of exposures": {log + "day: d\nat: t\nmetrics: [{name: m, value: v}]\n", []string{
			"m.yaml:7: day is not for layout exposures: its users are added up when they are mined",
			"m.yaml:8: at is for layout events, not exposures",
			"m.yaml:9: metrics are not for layout exposures: import what its users did with layout events",
		}},
		"events need": {"layout: events\nmetrics: [{name: m}]\n", []string{
			"m.yaml:1: layout events needs at", "m.yaml:1: layout events needs unit",
			"m.yaml:2: metric m needs value: a column, or {value: 1} to count rows",
		}},
		"not of events": {clicks + "experiment: {id: e}\nsegment: country\n", []string{
			"m.yaml:9: experiment is not for layout events: an event counts for every experiment that its unit is in, which layout exposures says",
			"m.yaml:10: segment is not for layout events: an event counts for every experiment that its unit is in, which layout exposures says",
		}},
		"pre of events": {strings.Replace(clicks, "value: {value: 1}", "value: v, pre: x", 1), []string{
			"m.yaml:5: metric clicks has pre, which is for layout users: of events, look_back says which came before exposure",
		}},
		"rules of events only": {"layout: users\nexperiment: {id: e}\narm: {id: a}\nunit: u\nmetrics: [{name: m, value: v, window: 7d}, {name: o, value: {value: 1}}]\n", []string{
			"m.yaml:5: metric m has window or look_back, which are for layout events: a user's row says how much, not when",
			"m.yaml:5: metric o counts rows, of which layout users has one for each user: name a column, or import events",
		}},
		"rules of outcomes": {strings.Replace(good, "name: conversion", "name: conversion\n    cap: 1", 1), []string{
			"m.yaml:9: metric conversion has keys that are not for layout outcomes",
		}},
		"rules of metrics": {strings.NewReplacer("7d", "soon", "14d", "1.5s", "99.9%", "100%").Replace(clicks), []string{
			`m.yaml:6: metric.look_back must be whole seconds, from 1s to 10000d, or none, not "1.5s"`,
			`m.yaml:6: metric.window must be a span of time such as 7d or 36h, not "soon"`,
			`m.yaml:7: metric.cap must be a value above zero such as 100, or a share of users below 100% such as 99.9%, not "100%"`,
		}},
		"spans": {strings.NewReplacer("7d", "-7d", "14d", "20000d", "99.9%", "0").Replace(clicks), []string{
			`m.yaml:6: metric.look_back must be whole seconds, from 1s to 10000d, or none, not "20000d"`,
			`m.yaml:6: metric.window must be whole seconds, from 1s to 10000d, or none, not "-7d"`,
			`m.yaml:7: metric.cap must be a value above zero such as 100, or a share of users below 100% such as 99.9%, not "0"`,
		}},
		"two rules for one name": {strings.Replace(clicks, "{name: clicks, value: {value: 1}}", "{name: {column: also}, value: v, window: 7d}", 1), []string{
			"m.yaml:5: metrics also and what are named by columns, in which one name may stand: give both the same window, look_back and cap",
		}},
		"counted rows": {strings.Replace(clicks, "{value: 1}", "{value: 0}", 1), []string{
			`m.yaml:5: metric.value.value must be a number other than zero, such as 1 to count rows, not "0"`,
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
	f.Add([]byte(log))
	f.Add([]byte(clicks))
	f.Add([]byte("a: &x [*x]\n<<: {b: !!int c}\n? d\n: |\n  e\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse("fuzz.yaml", text)
		if (m == nil) != (err != nil) {
			t.Fatalf("mapping %v with error %v", m, err)
		}
		if m != nil && (m.Digest() == "" || (len(m.Metrics) == 0) != (m.Layout == Exposures)) {
			t.Fatalf("%+v", m)
		}
	})
}
