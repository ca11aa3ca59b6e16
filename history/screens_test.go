package history

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const screenedMapping = `
layout: outcomes
experiment:
  id: id
  surface: surface
  component: component
  started: started
  ended: ended
  planned_end: planned_end
  planned_users: planned_users
  analysis: analysis
  layer: layer
  overlap: overlap
arm: {id: arm}
day: {column: day}
metrics: [{name: revenue, version: version, mean: {n: n, mean: mean, variance: variance}}]
`

const screenedHeader = "id,surface,component,started,ended,planned_end,planned_users,analysis,layer,overlap,arm,day,n,mean,variance,version\n"

// trial is an experiment of two weeks from the first of January, unless it says
// otherwise.
type trial struct {
	id, surface, component, started, ended, plannedEnd, plannedUsers, analysis, layer, overlap string

	versions [4]string // of control and blue on two days
	same     bool      // numbers that other trials have too
	users    int
}

func (tr trial) rows(k int) string {
	var text strings.Builder
	mean, users := float64(10+k), tr.users
	if tr.same {
		mean = 10
	}
	if users == 0 {
		users = 1000
	}
	for i, version := range tr.versions {
		fmt.Fprintf(&text, "%q,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,2026-01-%02d,%d,%g,4,%s\n", tr.id, tr.surface, tr.component,
			or(tr.started, "2026-01-01"), or(tr.ended, "2026-01-15"), tr.plannedEnd, tr.plannedUsers, tr.analysis, tr.layer, tr.overlap,
			[]string{"control", "blue"}[i%2], 2+i/2, users, mean+float64(i%2), version)
	}
	return text.String()
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// judged imports trials, whose numbers follow those of earlier ones, and returns
// all verdicts by id.
func judged(t *testing.T, h *History, earlier int, trials []trial) map[string]Judged {
	t.Helper()
	text := screenedHeader
	for k, tr := range trials {
		text += tr.rows(earlier + k)
	}
	mustImport(t, h, ImportRequest{Files: []string{write(t, "trials.csv", text)}, Mapping: parse(t, screenedMapping)})
	return verdicts(t, h)
}

func verdicts(t *testing.T, h *History) map[string]Judged {
	t.Helper()
	all, err := h.Verdicts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]Judged{}
	for _, j := range all {
		by[j.Experiment] = j
	}
	return by
}

// TestScreens has experiments on both sides of every screen's line.
func TestScreens(t *testing.T) {
	const early, overlap, changed = "peeked and stopped early", "overlapping change", "metric changed"
	cases := []struct {
		trial
		want string
	}{
		{trial{id: "plain"}, Usable},
		// 14 days of 15.6 are just over nine tenths, of 16 they are not.
		{trial{id: "time enough", plannedEnd: "2026-01-16 12:00:00"}, Usable},
		{trial{id: "time short", plannedEnd: "2026-01-17"}, early},
		{trial{id: "time short, sequential", plannedEnd: "2026-01-17", analysis: "sequential"}, Usable},
		{trial{id: "time short, fixed", plannedEnd: "2026-01-17", analysis: "fixed"}, early},
		// Two days of 1000 users in each of two arms.
		{trial{id: "users enough", plannedUsers: "4400"}, Usable},
		{trial{id: "users short", plannedUsers: "4500"}, early},
		{trial{id: "users enough, time short", plannedUsers: "4000", plannedEnd: "2026-02-15"}, Usable},
		{trial{id: "time enough, users short", plannedUsers: "9000", plannedEnd: "2026-01-15"}, Usable},
		{trial{id: "both short", plannedUsers: "9000", plannedEnd: "2026-02-15"}, early},
		{trial{id: "too few users, stopped early", plannedUsers: "4500", users: 10}, early},
		{trial{id: "declared", overlap: "ranker v7 was launched on the 9th"}, overlap},
		// The same numbers on the same days, under three ids; others that differ in one thing.
		{trial{id: "twin a", surface: "twins", same: true}, Usable},
		{trial{id: "twin b", surface: "twins", same: true}, "duplicate of twin a"},
		{trial{id: "twin c", surface: "twins", same: true, plannedEnd: "2026-02-15"}, "duplicate of twin a"},
		{trial{id: "twin elsewhere", surface: "other", same: true}, Usable},
		{trial{id: "twin later", surface: "twins", same: true, ended: "2026-01-16"}, Usable},
		// One component: a and b in two layers at once, c in a's, d without any, e later
		// for less than half of its time, f that reaches into the second half of a.
		{trial{id: "layer a", surface: "feed", component: "ranker", layer: "1"}, overlap},
		{trial{id: "layer b", surface: "feed", component: "ranker", layer: "2"}, overlap},
		{trial{id: "layer c", surface: "ads", component: "ranker", layer: "1"}, Usable},
		{trial{id: "layer c2", surface: "ads", component: "ranker", layer: "1"}, Usable},
		{trial{id: "layer d", surface: "feed", component: "ranker"}, Usable},
		{trial{id: "layer e", surface: "feed", component: "ranker", layer: "3", started: "2026-01-10", ended: "2026-02-10"}, Usable},
		{trial{id: "layer f", surface: "feed", component: "bidder", layer: "1"}, Usable},
		{trial{id: "no component a", surface: "feed", layer: "1"}, Usable},
		{trial{id: "no component b", surface: "feed", layer: "2"}, Usable},
		// Between arms, between days; told for some rows only.
		{trial{id: "version of arms", versions: [4]string{"v1", "v2", "v1", "v2"}}, changed},
		{trial{id: "version of days", versions: [4]string{"v1", "v1", "v2", "v2"}}, changed},
		{trial{id: "version of some", versions: [4]string{"v1", "v1", "", ""}}, Usable},
		{trial{id: "version of all", versions: [4]string{"v1", "v1", "v1", "v1"}}, Usable},
	}
	var trials []trial
	for _, c := range cases {
		trials = append(trials, c.trial)
	}
	h := newHistory(t)
	got := judged(t, h, 0, trials)
	for _, c := range cases {
		j := got[c.id]
		if j.Verdict != c.want || j.Effects != 1 || (j.Usable == 1) != (c.want == Usable) || (j.SeenBy == "") != (c.want == Usable) {
			t.Errorf("%s: %+v, want %q", c.id, j, c.want)
		}
	}
	for id, want := range map[string]string{
		"both short":      "ended with 31% of the planned time and 44% of the planned users, and its analysis is not sequential",
		"declared":        "ranker v7 was launched on the 9th",
		"layer a":         "changed the same component for the same users as layer b",
		"version of days": "revenue measured by v1, v2",
	} {
		if got[id].SeenBy != want {
			t.Errorf("%s is seen by %q, want %q", id, got[id].SeenBy, want)
		}
	}
	s := summary(t, h)
	if s.Verdicts["duplicate of another"] != 2 || s.Verdicts[early] != 5 || s.Verdicts[overlap] != 3 || s.Verdicts[changed] != 2 {
		t.Errorf("%v", s.Verdicts)
	}
	// Other questions get the same verdicts.
	for _, q := range []EffectQuery{{Metric: "revenue"}, {MinUsers: 1}, {Experiments: []string{"twin b", "declared"}}} {
		for _, e := range effects(t, h, q) {
			if e.Verdict != got[e.Experiment].Verdict {
				t.Errorf("%+v: %s is %q, was %q", q, e.Experiment, e.Verdict, got[e.Experiment].Verdict)
			}
		}
	}
	// What was wrong is put right by a correction.
	trials = []trial{{id: "version of arms", versions: [4]string{"v2", "v2", "v2", "v2"}}, {id: "time short", plannedEnd: "2026-01-15"}, {id: "twin a", surface: "twins"}}
	got = judged(t, h, len(cases), trials)
	for id, want := range map[string]string{"version of arms": Usable, "time short": Usable, "twin b": Usable, "twin c": "duplicate of twin b"} {
		if got[id].Verdict != want {
			t.Errorf("once corrected, %s is %+v, want %q", id, got[id], want)
		}
	}
}

// TestSharedUsers: without layers, assignments tell whether two experiments met.
// All change one component at one time: b has half of a's users, c 4% of them and
// others, d none. A wholly shared experiment on another component is no conflict.
func TestSharedUsers(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	for _, statement := range []string{
		`INSERT INTO experiments (experiment, surface, component, started, ended, control, version)
		 SELECT arrayJoin(['a', 'b', 'c', 'd', 'e']) AS experiment, 'feed', if(experiment = 'e', 'other', 'ranker'),
		        toDateTime('2026-01-01', 'UTC'), toDateTime('2026-01-15', 'UTC'), 'control', 1`,
		`INSERT INTO assignments (experiment, unit, arm, exposed_at, version)
		 SELECT (arrayJoin([('a', 0), ('b', 1000), ('c', 1920), ('d', 9000), ('e', 0)]) AS from).1, toString(number + from.2),
		        if(number % 2 = 0, 'control', 'blue'), toDateTime('2026-01-03', 'UTC'), 1 FROM numbers(2000)`,
		`INSERT INTO facts (experiment, metric, unit, at, value, denominator, version)
		 SELECT experiment, 'clicks', unit, exposed_at, cityHash64(unit, experiment) % 10, 1, 1 FROM assignments`,
	} {
		if err := h.conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	for id, j := range verdicts(t, h) {
		got[id] = j.Verdict
	}
	// c has 40 units (2%) of a, but 1080 of b
	want := map[string]string{"a": "overlapping change", "b": "overlapping change", "c": "overlapping change", "d": Usable, "e": Usable}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Without b, what a and c share is too little to matter.
	if err := h.conn.Exec(ctx, "INSERT INTO experiments (experiment, version, deleted) VALUES ('b', 2, 1)"); err != nil {
		t.Fatal(err)
	}
	h.recent.filled = false
	for id, j := range verdicts(t, h) {
		if j.Verdict != Usable {
			t.Errorf("%s: %+v", id, j)
		}
	}
	// A ratio for some users and a mean for others is no one metric.
	if err := h.conn.Exec(ctx, `INSERT INTO facts (experiment, metric, unit, at, value, ratio, denominator, version)
		SELECT 'd', 'clicks', unit, exposed_at, 1, 1, 2, 2 FROM assignments WHERE experiment = 'd' AND arm = 'blue'`); err != nil {
		t.Fatal(err)
	}
	h.recent.filled = false
	if j := verdicts(t, h)["d"]; j.Verdict != "metric changed" || j.SeenBy != "clicks a mean in one arm, a ratio in another" {
		t.Errorf("%+v", j)
	}
}

// TestScreensOfACluster reads the same tables through Distributed ones.
func TestScreensOfACluster(t *testing.T) {
	ctx, h, conn := context.Background(), newHistory(t), newConn(t)
	var trials []trial
	for _, layer := range []string{"1", "2", ""} {
		trials = append(trials, trial{id: "layer " + layer, surface: "feed", component: "ranker", layer: layer, versions: [4]string{"v1", "v1", layer, layer}})
	}
	judged(t, h, 0, trials)
	for _, table := range []string{"experiments", "outcomes", "assignments", "facts"} {
		if err := conn.Exec(ctx, fmt.Sprintf("CREATE TABLE %s AS remote('127.0.0.1', '%s', '%[1]s')", table, database(t, h.conn))); err != nil {
			t.Fatal(err)
		}
	}
	everybody, want, err := h.everybody(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&History{conn: conn}).screen(ctx, everybody)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(screened{})); diff != "" || err != nil || len(want) < 3 {
		t.Errorf("%v %v\n%s", want, err, diff)
	}
}
