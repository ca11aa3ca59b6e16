package importer

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history/mapping"
)

func TestExposures(t *testing.T) {
	result, lines := read(t, "layout: exposures\nexperiment: {id: e, started: from}\narm: {id: a}\nunit: u\nexposed_at: at\nsegment: where\n"+
		"control: {first: true}\nskip: [{column: u, equals: robot, reason: no user}]\n", "a.csv",
		"e,from,a,u,at,where\n"+
			"x,2026-01-01,off,u1,1970-01-01T00:01:40Z,DE\n"+
			"x,2026-01-01,off,u1,1970-01-01T00:01:40Z,DE\n"+ // a log says things twice
			"x,2026-01-01,off,u1,1970-01-01T00:03:20Z,\n"+
			"x,2026-01-01,on,robot,,\n"+
			"x,2026-01-01,on,u2,,DE\n"+
			"x,2026-01-01,,u2,soon,DE\n"+
			"x,2026-01-01,on,,1970-01-02,DE\n")
	if diff := cmp.Diff([]string{"2: x/u1/off/DE since 100", "3: x/u1/off/DE since 100", "4: x/u1/off/ since 200"}, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		`a.csv:7: column a: is empty`, `a.csv:8: column u: is empty`,
		`a.csv:7: column at: "soon" is not a date such as 2026-01-31 or 2026-01-31T18:00:00Z`, `a.csv:6: column at: is empty`,
	}, problems(result)); diff != "" {
		t.Error(diff)
	}
	if result.Rows != 7 || result.Skipped != 1 || result.Bad != 3 || len(result.Experiments) != 1 || len(result.Experiments[0].Arms) != 1 ||
		result.Experiments[0].Control != "off" || !cmp.Equal(result.Days, []int64{0}) || len(result.Metrics) != 0 {
		t.Errorf("%+v", result)
	}
}

func TestEvents(t *testing.T) {
	result, lines := read(t, `layout: events
unit: u
at: {column: day, plus: 1h}
event: id
null: ["-"]
metrics:
  - {name: rows, value: {value: 1}, window: 7d}
  - {name: {column: what, rename: {b: buy}}, value: n, denominator: d, cap: 5}
  - {name: share, value: n, denominator: {value: 2}}
`, "a.csv", "u,day,id,what,n,d\n"+
		"u1,1970-01-02,k,b,3,1\n"+
		"u1,1970-01-03,,look,0.5,0\n"+
		"u2,1970-01-02,-,b,,1\n"+
		"u2,,x,b,1,1\n"+
		"u2,1970-01-02,x,,1,-1\n")
	if diff := cmp.Diff([]string{
		"2: /u1 did rows 1/1 (before 0)", "3: /u1 did rows 1/1 (before 0)",
		"2: /u1 did buy 3/1 (before 0)", "3: /u1 did look 0.5/0 (before 0)",
		"2: /u1 did share 3/2 (before 0)", "3: /u1 did share 0.5/2 (before 0)",
	}, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		`a.csv:5: column day: is empty`, `a.csv:6: column what: is empty`,
		`a.csv:6: column d: "-1" is a negative denominator`,
		`a.csv:4: column n: is empty`, `a.csv:4: column n: is empty`,
	}, problems(result)); diff != "" {
		t.Error(diff)
	}
	capped := mapping.Reckoning{Cap: 5}
	if diff := cmp.Diff(map[string]mapping.Reckoning{"rows": {Window: 7 * 24 * time.Hour}, "buy": capped, "look": capped}, result.Reckonings); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"buy", "look", "rows", "share"}, result.Metrics); diff != "" || result.Bad != 3 || len(result.Experiments) != 0 || !cmp.Equal(result.Days, []int64{1, 2}) {
		t.Errorf("%+v\n%s", result, diff)
	}
}

// TestUsersWithACap: of layout users a rule is one of the metrics that it has.
func TestUsersWithACap(t *testing.T) {
	result, lines := read(t, "layout: users\n"+about+"unit: u\nmetrics: [{name: m, value: n, cap: 99%}, {name: k, value: n}]\n", "a.csv", "e,a,u,n\nx,on,u1,7\n")
	if diff := cmp.Diff(map[string]mapping.Reckoning{"m": {CapShare: 0.99}}, result.Reckonings); diff != "" || len(lines) != 3 {
		t.Errorf("%q\n%s", lines, diff)
	}
}
