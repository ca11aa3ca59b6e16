package history

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	assignmentLines = `SELECT concat(experiment, ' ', unit, ' ', arm, ' ', toString(exposed_at), ' ', segment, ' ', toString(logged)) FROM assignments FINAL ORDER BY ALL`
	factLines       = `SELECT concat(experiment, '|', metric, ' ', unit, ' ', toString(at), ' ', event, ' ', toString(value), '/', toString(denominator), if(ratio = 1, ' ratio', '')) FROM facts FINAL ORDER BY ALL`
	ruleLines       = `SELECT concat(metric, ' ', toString(window_seconds), ' ', toString(look_back_seconds), ' ', toString(cap), ' ', toString(cap_share)) FROM metric_rules FINAL ORDER BY ALL`
)

func same(t *testing.T, h *History, question string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, stored(t, h, question)); diff != "" {
		t.Errorf("%s", diff)
	}
}

// TestRawLogs brings in the exposure and the event log of docs/examples.
func TestRawLogs(t *testing.T) {
	h := newHistory(t)
	report := mustImport(t, h, ImportRequest{Files: []string{"../docs/examples/exposures.csv"}, Mapping: example(t, "exposures")})
	want := FileReport{File: report.Files[0].File, SHA256: report.Files[0].SHA256, Read: 8, Skipped: 1, Imported: 6}
	if diff := cmp.Diff(want, report.Files[0]); diff != "" || report.Experiments != 2 || report.Arms != 4 || report.Metrics != 0 || report.Days != 6 {
		t.Errorf("%+v\n%s", report, diff)
	}
	same(t, h, assignmentLines,
		"feed-badge u1 holdout 2026-03-02 09:00:00 DE 1",
		"feed-badge u1 holdout 2026-03-04 18:30:00 DE 1",
		"feed-badge u2 badge 2026-03-03 12:00:00 FR 1",
		"feed-badge u2 badge 2026-03-09 12:00:00 FR 1",
		"search-order u2 holdout 2026-03-06 08:00:00 FR 1",
		"search-order u3 above 2026-03-07 20:15:00 DE 1")
	same(t, h, `SELECT concat(experiment, '|', title, '|', surface, '|', toString(started), '|', toString(ended), '|', control) FROM experiments FINAL ORDER BY ALL`,
		"feed-badge|Badge on sponsored posts|feed|2026-03-02 00:00:00|2026-03-16 00:00:00|holdout",
		"search-order|Ads above organic results|search|2026-03-05 00:00:00|2026-03-19 00:00:00|holdout")

	report = mustImport(t, h, ImportRequest{Files: []string{"../docs/examples/events.csv"}, Mapping: example(t, "events")})
	want = FileReport{File: report.Files[0].File, SHA256: report.Files[0].SHA256, Read: 7, Imported: 21}
	if diff := cmp.Diff(want, report.Files[0]); diff != "" || report.Experiments != 0 || report.Metrics != 3 || report.Days != 5 {
		t.Errorf("%+v\n%s", report, diff)
	}
	if diff := cmp.Diff([]string{"metrics whose window, look-back and cap are now those of the mapping: 2"}, report.Notes); diff != "" {
		t.Error(diff)
	}
	same(t, h, strings.Replace(factLines, "FINAL", "FINAL WHERE unit = 'u1' AND metric IN ('clicks', 'order_value')", 1),
		"|clicks u1 2026-02-25 10:00:00 e1 1/1",
		"|clicks u1 2026-03-02 09:00:10 e2 1/1",
		"|clicks u1 2026-03-02 09:00:10 e3 1/1",
		"|clicks u1 2026-03-08 21:00:00 e4 0/1",
		"|order_value u1 2026-02-25 10:00:00 e1 0/0 ratio",
		"|order_value u1 2026-03-02 09:00:10 e2 0/0 ratio",
		"|order_value u1 2026-03-02 09:00:10 e3 0/0 ratio",
		"|order_value u1 2026-03-08 21:00:00 e4 24.5/1 ratio")
	same(t, h, ruleLines, "clicks 604800 1209600 0 0.999", "converted 1209600 0 1 0")
}

const exposureLog = "layout: exposures\nexperiment: {id: e, started: {value: 2026-01-01}, ended: {value: 2026-02-01}}\narm: {id: arm}\nunit: user\nexposed_at: seen\nsegment: country\n"

// TestExposuresAgain: a log that is longer than it was adds its new entries, one with
// another segment corrects, and with Replace what it lacks goes.
func TestExposuresAgain(t *testing.T) {
	h, m := newHistory(t), parse(t, exposureLog)
	const head = "e,arm,user,seen,country\n"
	imported := func(replace bool, text string) FileReport {
		t.Helper()
		f := mustImport(t, h, ImportRequest{Files: []string{write(t, "log.csv", head+text)}, Mapping: m, Replace: replace}).Files[0]
		f.File, f.SHA256 = "", ""
		return f
	}
	first := "e1,blue,u1,2026-01-02,DE\ne1,blue,u1,2026-01-03,DE\ne1,control,u2,2026-01-02,DE\n"
	for _, c := range []struct {
		replace bool
		text    string
		want    FileReport
	}{
		{false, first, FileReport{Read: 3, Imported: 3}},
		{false, first + "e1,blue,u1,2026-01-05,DE\ne1,blue,u1,2026-01-05,DE\n", FileReport{Read: 5, Imported: 1, Unchanged: 3}},
		{false, "e1,blue,u1,2026-01-02,FR\n", FileReport{Read: 1, Superseded: 1}},
		{true, "e1,blue,u1,2026-01-03,DE\ne1,control,u2,2026-01-02,DE\n", FileReport{Read: 2, Unchanged: 2, Removed: 2}},
	} {
		if diff := cmp.Diff(c.want, imported(c.replace, c.text)); diff != "" {
			t.Errorf("%s%s", c.text, diff)
		}
	}
	same(t, h, assignmentLines, "e1 u1 blue 2026-01-03 00:00:00 DE 1", "e1 u2 control 2026-01-02 00:00:00 DE 1")
}

const eventLog = "layout: events\nunit: user\nat: at\nmetrics:\n  - {name: {column: what}, value: n}\n"

const eventHead = "user,at,what,n,id\n"

func takeEvents(t *testing.T, h *History, mapping string, replace bool, files ...string) (FileReport, error) {
	t.Helper()
	paths := make([]string, len(files))
	for i, text := range files {
		paths[i] = write(t, "events.csv", eventHead+text)
	}
	report, err := h.Import(context.Background(), ImportRequest{Files: paths, Mapping: parse(t, mapping), Replace: replace})
	var all FileReport
	for _, f := range report.Files {
		all.Read, all.Bad, all.Imported, all.Superseded = all.Read+f.Read, all.Bad+f.Bad, all.Imported+f.Imported, all.Superseded+f.Superseded
		all.Unchanged, all.Removed = all.Unchanged+f.Unchanged, all.Removed+f.Removed
	}
	return all, err
}

// TestEventsAgain: an event supersedes the one of the same metric, user, second and
// event; with Replace those go that lie within a file's span of a metric and are not
// in the files, and no others.
func TestEventsAgain(t *testing.T) {
	h := newHistory(t)
	for _, c := range []struct {
		replace bool
		files   []string
		want    FileReport
	}{
		{false, []string{"u1,2026-01-01,click,1,\nu1,2026-01-03,click,2,\nu2,2026-01-04,click,3,\nu1,2026-01-03,buy,9,\n"}, FileReport{Read: 4, Imported: 4}},
		{false, []string{"u1,2026-01-03,click,2,\nu2,2026-01-04,click,5,\nu1,2026-01-06,click,1,\n"}, FileReport{Read: 3, Imported: 1, Superseded: 1, Unchanged: 1}},
		{false, []string{"u3,2026-01-08,click,1,\n"}, FileReport{Read: 1, Imported: 1}}, // nothing of that time is stored
		// Of clicks from the 2nd to the 5th only this is left; the purchase of the 3rd is of another metric.
		{true, []string{"u1,2026-01-02,click,7,\nu1,2026-01-05,click,8,\n"}, FileReport{Read: 2, Imported: 2, Removed: 2}},
		// Each file has a span of its own: the 5th and 6th lie between them.
		{true, []string{"u1,2026-01-01,click,1,\nu1,2026-01-04,click,4,\n", "u3,2026-01-07,click,1,\nu3,2026-01-09,click,1,\n"},
			FileReport{Read: 4, Imported: 3, Unchanged: 1, Removed: 2}},
	} {
		got, err := takeEvents(t, h, eventLog, c.replace, c.files...)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", c.files, err, diff)
		}
	}
	same(t, h, factLines,
		"|buy u1 2026-01-03 00:00:00  9/1",
		"|click u1 2026-01-01 00:00:00  1/1",
		"|click u1 2026-01-04 00:00:00  4/1",
		"|click u1 2026-01-05 00:00:00  8/1",
		"|click u1 2026-01-06 00:00:00  1/1",
		"|click u3 2026-01-07 00:00:00  1/1",
		"|click u3 2026-01-09 00:00:00  1/1")
	// What was taken out comes in as new.
	if got, err := takeEvents(t, h, eventLog, false, "u2,2026-01-04,click,5,\n"); err != nil || got.Imported != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestEventsThatCannotBeToldApart are bad rows, whose message says the way out.
func TestEventsThatCannotBeToldApart(t *testing.T) {
	const text = "u1,2026-01-01 10:00:00,click,1,a\nu1,2026-01-01 10:00:00,click,1,b\nu1,2026-01-01 10:00:00,buy,1,a\nu2,2026-01-01 10:00:00,click,1,a\nu1,2026-01-01 10:00:00,click,1,b\n"
	const named = "repeats line 3: metric click, second 2026-01-01 10:00:00, event \"b\"; leave one out, or name a column with event: that tells them apart"
	const unnamed = "repeats line 2: metric click, second 2026-01-01 10:00:00; name a column that tells them apart with event:, or add them up before"
	for mapping, want := range map[string][]string{
		eventLog:                 {`events.csv:3: column user: "u1" ` + unnamed, `events.csv:6: column user: "u1" ` + unnamed},
		eventLog + "event: id\n": {`events.csv:6: column user: "u1" ` + named},
		eventLog + "  - {name: click, value: n}\n": {
			`events.csv:2: column user: "u1" gives metric click twice: each metric has one column of a row`,
			`events.csv:3: column user: "u1" ` + unnamed, `events.csv:4: column user: "u1" ` + unnamed,
			`events.csv:5: column user: "u2" gives metric click twice: each metric has one column of a row`,
			`events.csv:6: column user: "u1" ` + unnamed},
	} {
		h := newHistory(t)
		path := write(t, "events.csv", eventHead+text)
		req := ImportRequest{Files: []string{path}, Mapping: parse(t, mapping)}
		report, err := h.Import(context.Background(), req)
		var got []string
		for _, p := range report.Problems {
			got = append(got, strings.Replace(p.String(), path, "events.csv", 1))
		}
		if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, ErrBadRows) {
			t.Errorf("%v\n%s", err, diff)
		}
		same(t, h, factLines)
		if req.MaxErrors = int64(len(want)); len(want) == 5 {
			continue
		}
		report = mustImport(t, h, req)
		if f := report.Files[0]; f.Bad != req.MaxErrors || f.Imported != 5-req.MaxErrors || len(stored(t, h, factLines)) != int(f.Imported) {
			t.Errorf("%+v", f)
		}
	}
}

// TestRules: a mapping that gives any of a metric's keys replaces its whole rule, one
// that gives none leaves it, and none takes it back.
func TestRules(t *testing.T) {
	h := newHistory(t)
	day := 0
	for _, c := range []struct {
		keys string
		want []string
	}{
		{", window: 7d, look_back: 14d, cap: 100", []string{"buy 604800 1209600 100 0", "click 604800 1209600 100 0"}},
		{"", []string{"buy 604800 1209600 100 0", "click 604800 1209600 100 0"}},
		{", cap: 99%", []string{"buy 0 0 0 0.99", "click 0 0 0 0.99"}},
		{", window: none", []string{"buy 0 0 0 0", "click 0 0 0 0"}},
	} {
		day++
		mapping := strings.Replace(eventLog, "value: n", "value: n"+c.keys, 1)
		at := "2026-01-0" + string(rune('0'+day))
		if _, err := takeEvents(t, h, mapping, false, "u1,"+at+",click,1,\nu1,"+at+",buy,1,\n"); err != nil {
			t.Fatal(err)
		}
		same(t, h, ruleLines, c.want...)
	}
	// Said again, it is no new version, by which everything would be mined again.
	before := stored(t, h, "SELECT toString(max(version)) FROM metric_rules")
	if _, err := takeEvents(t, h, strings.Replace(eventLog, "value: n", "value: n, window: none", 1), false, "u1,2026-01-09,click,1,\n"); err != nil {
		t.Fatal(err)
	}
	same(t, h, "SELECT toString(max(version)) FROM metric_rules", before...)
	// By layout users as well, and of the named metric alone. A refused import changes nothing.
	users := strings.Replace(byUser, "value: clicks}", "value: clicks, cap: 3}", 1)
	if _, err := h.Import(context.Background(), ImportRequest{Files: []string{write(t, "bad.csv", userRows(0, 4, 3, 0, "DE")+"u9\n")}, Mapping: parse(t, users)}); !errors.Is(err, ErrBadRows) {
		t.Error(err)
	}
	same(t, h, ruleLines, "buy 0 0 0 0", "click 0 0 0 0")
	mustImport(t, h, ImportRequest{Files: []string{write(t, "users.csv", userRows(0, 4, 3, 0, "DE"))}, Mapping: parse(t, users)})
	same(t, h, ruleLines, "buy 0 0 0 0", "click 0 0 0 0", "clicks 0 0 3 0")
}

// TestKilledImportOfEvents: rules and events come in together or not at all.
func TestKilledImportOfEvents(t *testing.T) {
	ruled := strings.Replace(eventLog, "value: n", "value: n, cap: 3", 1)
	for _, decided := range []bool{false, true} {
		h := newHistory(t)
		halfOf(t, h, decided, ruled, eventHead+"u1,2026-01-01,click,1,\n")
		same(t, h, ruleLines)
		forgetLiving()
		h, err := Open(context.Background(), h.conn)
		if err != nil {
			t.Fatal(err)
		}
		var rules, facts []string
		if decided {
			rules, facts = []string{"click 0 0 3 0"}, []string{"|click u1 2026-01-01 00:00:00  1/1"}
		}
		same(t, h, ruleLines, rules...)
		same(t, h, factLines, facts...)
		if left := stagingTables(t, h); len(left) > 0 {
			t.Errorf("tables are left: %v", left)
		}
	}
}

// TestEventsLikeAMap: whatever files come in, with and without Replace, the events
// that are stored and the counts that are told are those of a map by key.
func TestEventsLikeAMap(t *testing.T) {
	type key struct {
		metric, unit string
		day          int
		event        string
	}
	random := rand.New(rand.NewPCG(7, 7))
	h, model := newHistory(t), map[key]int{}
	for i := range 12 {
		var files []string
		replace, gone := i%3 == 2, map[key]bool{}
		staged, want := map[key]int{}, FileReport{}
		for range 1 + random.IntN(2) {
			file, text := map[key]int{}, ""
			first, last := map[string]int{}, map[string]int{}
			from := 1 + random.IntN(15)
			for range 1 + random.IntN(15) {
				k := key{[]string{"click", "buy"}[random.IntN(2)], fmt.Sprint("u", random.IntN(3)), from + random.IntN(6), []string{"", "a"}[random.IntN(2)]}
				if _, twice := staged[k]; twice {
					continue
				}
				n := random.IntN(3)
				file[k], staged[k] = n, n
				text += fmt.Sprintf("%s,2026-01-%02d,%s,%d,%s\n", k.unit, k.day, k.metric, n, k.event)
				if first[k.metric] == 0 || k.day < first[k.metric] {
					first[k.metric] = k.day
				}
				last[k.metric] = max(last[k.metric], k.day)
			}
			if text == "" {
				continue
			}
			files = append(files, text)
			for k, n := range file {
				want.Read++
				switch was, known := model[k]; {
				case !known:
					want.Imported++
				case was != n:
					want.Superseded++
				default:
					want.Unchanged++
				}
			}
			for k := range model {
				if replace && first[k.metric] > 0 && first[k.metric] <= k.day && k.day <= last[k.metric] {
					gone[k] = true
				}
			}
		}
		for k := range gone {
			if _, stays := staged[k]; !stays {
				delete(model, k)
				want.Removed++
			}
		}
		maps.Copy(model, staged)
		got, err := takeEvents(t, h, eventLog+"event: id\n", replace, files...)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("import %d, replace %v: %v\n%q\n%s", i, replace, err, files, diff)
		}
		var lines []string
		for k, n := range model {
			lines = append(lines, fmt.Sprintf("|%s %s 2026-01-%02d 00:00:00 %s %d/1", k.metric, k.unit, k.day, k.event, n))
		}
		slices.Sort(lines)
		have := stored(t, h, factLines)
		slices.Sort(have)
		if diff := cmp.Diff(lines, have); diff != "" {
			t.Fatalf("import %d, replace %v: %s", i, replace, diff)
		}
	}
}
