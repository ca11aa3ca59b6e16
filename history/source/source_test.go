package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history"
)

// tables of a warehouse: two experiments, one of which has ended, twelve events
// per user from five days before exposure to six after it.
func tables(name string) []string {
	return []string{"CREATE DATABASE " + name,
		"CREATE TABLE " + name + ".tests (test String, title String, team String, began Date, finished Nullable(DateTime), base String) ENGINE = MergeTree ORDER BY test",
		"INSERT INTO " + name + ".tests VALUES ('e1', 'blue buttons', 'shop', '2026-01-01', '2026-01-20 00:00:00', 'off'), ('e2', 'red buttons', 'shop', '2026-02-01', NULL, 'off')",
		"CREATE TABLE " + name + ".seen (user UInt64, at DateTime, test String, variant LowCardinality(String), country String) ENGINE = MergeTree ORDER BY user",
		// twice each, the second time a day later; even users from 990 on see both arms
		"INSERT INTO " + name + ".seen SELECT number % 1000, toDateTime('2026-01-10 00:00:00', 'UTC') + number % 1000 + 86400 * (number >= 1000), 'e1', if(number % 2 = 1 OR number >= 1990, 'on', 'off'), if(number % 3 = 0, 'DE', '') FROM numbers(2000)",
		"INSERT INTO " + name + ".seen SELECT number, toDateTime('2026-02-10 00:00:00', 'UTC'), 'e2', if(number % 2 = 1, 'on', 'off'), '' FROM numbers(400)",
		"CREATE TABLE " + name + ".orders (user UInt64, at DateTime, amount Float64, items UInt32) ENGINE = MergeTree ORDER BY (user, at)",
		"INSERT INTO " + name + ".orders SELECT number % 1000, toDateTime('2026-01-10 00:00:00', 'UTC') + number % 1000 + 86400 * (intDiv(number, 1000) - 5), (number % 7) + intDiv(number, 1000) / 4 + (number % 2), 1 + number % 3 FROM numbers(12000)",
	}
}

const shop = `source: the shop
clickhouse: %s/%s
read_only: true
experiments: |
  SELECT test AS experiment_id, title, team, began AS started, finished AS ended, base AS control FROM tests;
assignments: |
  SELECT user AS unit_id, at AS timestamp, test AS experiment_id, variant AS variation_id, country AS segment FROM seen -- all of them
facts:
  - metric: revenue
    sql: SELECT user AS unit_id, at AS timestamp, amount AS value FROM orders
  - metric: price
    sql: SELECT user AS unit_id, at AS timestamp, amount AS value, items AS denominator FROM orders
window: 3d
pre: 2d
`

// expected computes what the shop's e1 must come out as, user by user, of whom no
// sum of revenue exceeds its cap, and none of price its. ys are the uncapped sums.
func expected(capOfRevenue, capOfPrice float64) (out map[string][10]float64, ys []float64) {
	out = map[string][10]float64{}
	for user := range 1000 {
		if user >= 990 && user%2 == 0 { // saw two arms
			continue
		}
		arm := []string{"off", "on"}[user%2]
		var y, x, d float64
		for k := range 12 {
			number := k*1000 + user
			amount := float64(number%7) + float64(k)/4 + float64(number%2)
			switch { // day k-5 after exposure
			case k >= 5 && k < 8:
				y, d = y+amount, d+float64(1+number%3)
			case k == 3 || k == 4:
				x += amount
			}
		}
		ys = append(ys, y)
		all, before := y, x
		for _, segment := range []string{"", "DE"}[:1+b2i(user%3 == 0)] {
			for _, metric := range []string{"revenue", "price"} {
				s := out[metric+"/"+segment+"/"+arm]
				y, x = min(all, capOfRevenue), min(before, capOfRevenue)
				if metric == "price" {
					y, x = min(all, capOfPrice), min(before, capOfPrice)
				}
				each := [10]float64{1, y, y * y, 1, 1, y, x, x * x, x * y, x}
				if metric == "price" {
					each[3], each[4], each[5], each[9] = d, d*d, y*d, x*d
				}
				for i := range s {
					s[i] += each[i]
				}
				out[metric+"/"+segment+"/"+arm] = s
			}
		}
	}
	slices.Sort(ys)
	return out, ys
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// holds compares what was fetched of e1 with what must come out.
func holds(t *testing.T, path string, want map[string][10]float64) {
	t.Helper()
	for _, row := range read(t, path)[1:] {
		if row[4] != "2026-01-10" {
			t.Errorf("nobody was exposed that day first: %q", row)
		}
		if row[0] != "e1" {
			t.Errorf("no fact of the experiment lies in its time: %q", row)
		}
		key, sums := row[1]+"/"+row[2]+"/"+row[3], [10]float64{}
		for i := range sums {
			fmt.Sscan(row[5+i], &sums[i])
		}
		if sums != want[key] {
			t.Errorf("%s: %v, want %v", key, sums, want[key])
		}
		delete(want, key)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// TestCaps: of every user no more counts than the cap, a value or the sum of rank
// ⌈share · n⌉ among all n users of both arms.
func TestCaps(t *testing.T) {
	own(t, "default", tables("capped")...)
	w := serve(t, "")
	_, ys := expected(0, 0)
	path := filepath.Join(t.TempDir(), "capped.csv")
	for share, rank := range map[string]int{"90%": 896, "0.01%": 1, "99.99%": 995} { // of 995
		text := fmt.Sprintf(shop, w.URL, "capped")
		text = strings.Replace(text, "metric: revenue", "metric: revenue\n    cap: 11.5", 1)
		text = strings.Replace(text, "metric: price", "metric: price\n    cap: "+share, 1)
		s := parse(t, text)
		fetch(t, s, w.dial(t, s), time.Time{}, path)
		want, _ := expected(11.5, ys[rank-1])
		holds(t, path, want)
	}
	if len(ys) != 995 || ys[0] == ys[895] || ys[895] == ys[994] || ys[0] > 11.5 || ys[994] < 11.5 {
		t.Errorf("the caps of %d sums, from %g to %g, say nothing", len(ys), ys[0], ys[994])
	}
}

// TestUsersStayInTheWarehouse reads assignments and facts through a read-only
// user, and holds every sum against those added up user by user; imported, the
// effects are those of the sums. Only SELECTs were sent, and no setting.
func TestUsersStayInTheWarehouse(t *testing.T) {
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(time.Hour)) // must not become a setting
	defer cancel()
	owner := own(t, "default", tables("shop")...)
	w := serve(t, "")
	s := parse(t, fmt.Sprintf(shop, w.URL, "shop"))
	conn := w.dial(t, s)

	looks, err := s.Look(ctx, conn)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, l := range looks {
		shown = append(shown, fmt.Sprintf("%s %d %d %d", l.View, len(l.Columns), len(l.Rows), l.Count))
	}
	if diff := cmp.Diff([]string{"assignments 5 5 2400", "facts of revenue 3 5 12000", "facts of price 4 5 12000", "experiments 6 2 2"}, shown); diff != "" {
		t.Error(diff)
	}

	path := filepath.Join(t.TempDir(), "shop.csv")
	got := fetch(t, s, conn, time.Time{}, path)
	uncapped, _ := expected(math.Inf(1), math.Inf(1))
	holds(t, path, maps.Clone(uncapped))
	if !slices.Equal(got.Silent, []string{"e2"}) {
		t.Errorf("without facts: %q", got.Silent)
	}

	own(t, "default", "CREATE DATABASE own_shop")
	h, err := history.Open(ctx, own(t, "own_shop"))
	if err != nil {
		t.Fatal(err)
	}
	report, err := h.Import(ctx, history.ImportRequest{Files: []string{path}, Names: []string{"the shop"}, Mapping: got.Mapping})
	if err != nil || report.Files[0].File != "the shop" || report.Files[0].Imported != got.Rows {
		t.Fatalf("%+v, %v", report, err)
	}
	effects, err := h.Effects(ctx, history.EffectQuery{Metric: "revenue"})
	if err != nil || len(effects) != 1 {
		t.Fatalf("%+v, %v", effects, err)
	}
	e, c, on := effects[0], uncapped["revenue//off"], uncapped["revenue//on"]
	if e.Verdict != history.Usable || !e.Adjusted || e.Control != "off" || e.Title != "blue buttons" || e.Team != "shop" ||
		math.Abs(e.UnadjustedLift-(on[1]/on[0]/(c[1]/c[0])-1)) > 1e-12 {
		t.Errorf("%+v", e)
	}

	w.readOnly(t)
	// The user cannot write: the test would see it if anything tried.
	err = conn.Exec(ctx, "INSERT INTO seen SELECT 1, now(), 'e1', 'on', ''")
	if ex := (*clickhouse.Exception)(nil); !errors.As(err, &ex) || ex.Code != readOnly {
		t.Errorf("an insert with a deadline: %v", err)
	}
	var rows uint64
	if err := owner.QueryRow(ctx, "SELECT count() FROM shop.seen").Scan(&rows); err != nil || rows != 2400 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// readOnly wants nothing but SELECTs, and no settings, in what was asked so far.
func (w *warehouse) readOnly(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.asked) == 0 {
		t.Error("nothing was asked")
	}
	for _, a := range w.asked {
		if first := firstWord(a.sql); first != "SELECT" && first != "WITH" {
			t.Errorf("asked: %s", a.sql)
		}
		if regexp.MustCompile(`(?i)\b(SETTINGS|INTO OUTFILE)\b`).MatchString(a.sql) {
			t.Errorf("asked with settings: %s", a.sql)
		}
		for name := range a.params {
			if !plain[name] && !strings.HasPrefix(name, "param_") {
				t.Errorf("sent the setting %s=%s with %.40q", name, a.params.Get(name), a.sql)
			}
		}
	}
}

func fetch(t *testing.T, s *Source, q Queryer, since time.Time, path string) Fetched {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := s.Fetch(context.Background(), q, since, file, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func read(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimSpace(line), ","))
	}
	return rows
}

// With a watermark only experiments that have ended since are read, and with
// again those of some time before, for what came late.
func TestWatermark(t *testing.T) {
	own(t, "default", tables("marked")...)
	w := serve(t, "")
	s := parse(t, fmt.Sprintf(shop, w.URL, "marked")+"watermark: ended\n")
	s.Experiments = strings.Replace(s.Experiments, "finished AS ended", "toDateTime(finished, 'UTC') AS ended", 1)
	s.Facts = s.Facts[:1]
	s.Facts[0].Window = 0
	conn := w.dial(t, s)
	path := filepath.Join(t.TempDir(), "x.csv")
	end := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	first := fetch(t, s, conn, time.Time{}, path)
	if first.Rows != 4 || !first.Watermark.Equal(end) {
		t.Errorf("%+v", first)
	}
	again, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if fetch(t, s, conn, end, path); !bytes.Equal(again, must(os.ReadFile(path))) {
		t.Error("what ended at the watermark itself is not read again")
	}
	if later := fetch(t, s, conn, end.Add(time.Second), path); later.Rows != 0 || len(must(os.ReadFile(path))) != 0 {
		t.Errorf("nothing is new, but %+v", later)
	}
	s.Facts[0].Window = time.Minute // in which facts of what has ended still count
	if still := fetch(t, s, conn, end.Add(time.Second), path); still.Rows != 4 {
		t.Errorf("within the window: %+v", still)
	}
	s.Again = 24 * time.Hour
	if late := fetch(t, s, conn, end.Add(time.Hour), path); late.Rows != 4 {
		t.Errorf("late rows: %+v", late)
	}
	w.readOnly(t)
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}

// Outcomes that somebody added up before are read as they are, every type as an
// import reads it.
func TestOutcomes(t *testing.T) {
	own(t, "default", "CREATE DATABASE summed",
		`CREATE TABLE summed.results (e String, arm Nullable(String), day Date, at DateTime64(3, 'Europe/Berlin'), n UInt64, y Decimal(18, 2), f Float64, ok Bool, gone Nullable(Float64), l LowCardinality(String)) ENGINE = MergeTree ORDER BY e`,
		`INSERT INTO summed.results VALUES ('b', 'x', '2026-01-02', '2026-01-02 03:04:05.678', 18446744073709551615, 1.25, 0.1, true, NULL, 'a,"b"'), ('a', NULL, '2026-01-01', '2026-01-01 01:00:00', 1, -3, 1e300, false, 2.5, '')`)
	w := serve(t, "")
	s := parse(t, "source: sums\nclickhouse: "+w.URL+"/summed\noutcomes: (SELECT * FROM results)\nmapping: m.yaml\nwatermark: day\n")
	path := filepath.Join(t.TempDir(), "x.csv")
	got := fetch(t, s, w.dial(t, s), time.Time{}, path)
	want := "e,arm,day,at,n,y,f,ok,gone,l\n" +
		"a,,2026-01-01,2026-01-01T01:00:00+01:00,1,-3,1e+300,0,2.5,\n" +
		"b,x,2026-01-02,2026-01-02T03:04:05.678+01:00,18446744073709551615,1.25,0.1,1,,\"a,\"\"b\"\"\"\n"
	if diff := cmp.Diff(want, string(must(os.ReadFile(path)))); diff != "" {
		t.Error(diff)
	}
	if got.Mapping != nil || !got.Watermark.Equal(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
	w.readOnly(t)
}

// What the server refuses is told with the source, the view, and the way out. The
// slow view has no end, so that its limit is met however fast the machine is.
func TestFaults(t *testing.T) {
	own(t, "default", "CREATE DATABASE faulty", "CREATE TABLE faulty.t (unit_id String, tiemstamp DateTime, experiment_id String, variation_id String) ENGINE = MergeTree ORDER BY unit_id",
		"INSERT INTO faulty.t VALUES ('u', '2026-01-01 00:00:00', 'e', 'a')")
	const facts = "facts:\n  - metric: m\n    sql: SELECT unit_id, tiemstamp AS timestamp, 1 AS value FROM t\n"
	for name, c := range map[string]struct{ text, limit, address, want, way string }{
		"time": {text: "assignments: SELECT unit_id, now() AS timestamp, experiment_id, variation_id FROM (SELECT toString(sum(number)) AS unit_id, 'e' AS experiment_id, 'a' AS variation_id FROM system.numbers)\n" + facts, limit: "1",
			want: `source "faulty", assignments: the server's time limit of 1`, way: "max_execution_time"},
		"column":  {text: "assignments: SELECT * FROM t\n" + facts, want: "it lacks the column timestamp; did you mean tiemstamp AS timestamp?"},
		"empty":   {text: "assignments: SELECT * FROM t WHERE 0\n" + facts, want: "it lacks the column timestamp; did you mean tiemstamp AS timestamp?"},
		"table":   {text: "assignments: SELECT * FROM tt\n" + facts, want: `source "faulty", assignments: `, way: "mend the view's SQL"},
		"setting": {text: "assignments: SELECT * FROM t\n" + facts, address: "?max_threads=1", want: "readonly"},
		"bracket": {text: "assignments: SELECT 1) SETTINGS max_threads = 1 --\n" + facts, want: "faulty"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, c.limit)
			s := parse(t, "source: faulty\nclickhouse: "+w.URL+"/faulty"+c.address+"\n"+c.text)
			_, err := s.Look(context.Background(), lazily{w, t, s})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q", err, c.want)
			}
			if f := (*Fault)(nil); c.way != "" && (!errors.As(err, &f) || !strings.Contains(f.WayOut, c.way)) {
				t.Errorf("way out of %v, want %q", err, c.way)
			}
		})
	}
}

// A text that is no number is told, and never counts as 0, also where it might be NULL.
func TestTextIsNoNumber(t *testing.T) {
	own(t, "default", "CREATE DATABASE texts", "CREATE TABLE texts.t (u String, at DateTime, amount Nullable(String)) ENGINE = MergeTree ORDER BY u",
		"INSERT INTO texts.t VALUES ('a', '2026-01-01 00:00:00', '12.5'), ('b', '2026-01-01 00:00:00', NULL)")
	w := serve(t, "")
	s := parse(t, "source: texts\nclickhouse: "+w.URL+"/texts\nassignments: SELECT u AS unit_id, at AS timestamp, 'e' AS experiment_id, u AS variation_id FROM t\n"+
		"facts: [{metric: m, sql: \"SELECT u AS unit_id, at AS timestamp, amount AS value FROM t\"}]\n")
	path := filepath.Join(t.TempDir(), "x.csv")
	conn := w.dial(t, s)
	fetch(t, s, conn, time.Time{}, path)
	if rows := read(t, path); len(rows) != 3 || rows[1][6] != "12.5" || rows[2][6] != "0" {
		t.Errorf("%q", rows)
	}
	own(t, "default", "INSERT INTO texts.t VALUES ('c', '2026-01-01 00:00:00', '12,50')")
	_, err := s.Fetch(context.Background(), conn, time.Time{}, io.Discard, func(int64) {})
	if f := (*Fault)(nil); !errors.As(err, &f) || !strings.Contains(f.WayOut, "toFloat64OrNull(x) AS value") ||
		!strings.Contains(err.Error(), `facts of m: column value: "12,50" is no number, as one of 1 such rows`) {
		t.Errorf("%v", err)
	}
	s.Assignments = strings.Replace(s.Assignments, "at AS", "concat(toString(at), ' EST') AS", 1)
	_, err = s.Fetch(context.Background(), conn, time.Time{}, io.Discard, func(int64) {})
	if f := (*Fault)(nil); !errors.As(err, &f) || !strings.Contains(f.WayOut, "AS timestamp") ||
		!strings.Contains(err.Error(), `assignments: column timestamp: "2026-01-01 00:00:00 EST" is no instant, as one of 3 such rows`) {
		t.Errorf("%v", err)
	}
	w.readOnly(t)
}

// A view without rows has columns all the same, and keeps no other from being read.
func TestEmptyViews(t *testing.T) {
	own(t, "default", "CREATE DATABASE empty", "CREATE TABLE empty.t (u String, at DateTime, e LowCardinality(String), f Nullable(Float64)) ENGINE = MergeTree ORDER BY u",
		"INSERT INTO empty.t VALUES ('a', '2026-01-01 00:00:00', 'e', 1)")
	w := serve(t, "")
	const views = "assignments: SELECT u AS unit_id, at AS timestamp, e AS experiment_id, u AS variation_id FROM t%s\n" +
		"facts: [{metric: m, sql: 'SELECT u AS unit_id, at AS timestamp, f AS value FROM t%s'}]\n"
	for i, c := range []struct {
		users, facts string
		rows         int64
		silent       []string
	}{{"", "", 1, nil}, {"", " WHERE 0", 0, []string{"e"}}, {" WHERE 0", "", 0, nil}, {" WHERE 0", " WHERE 0", 0, nil}} {
		s := parse(t, "source: s\nclickhouse: "+w.URL+"/empty\n"+fmt.Sprintf(views, c.users, c.facts))
		conn := w.dial(t, s)
		got := fetch(t, s, conn, time.Time{}, filepath.Join(t.TempDir(), "x.csv"))
		if got.Rows != c.rows || !slices.Equal(got.Silent, c.silent) {
			t.Errorf("%d: %+v", i, got)
		}
		looks, err := s.Look(context.Background(), conn)
		if err != nil || len(looks) != 2 || len(looks[0].Columns) != 4 || looks[1].Columns[2] != (Column{"value", "Nullable(Float64)", true}) {
			t.Errorf("%d: %+v, %v", i, looks, err)
		}
	}
	s := parse(t, "source: s\nclickhouse: "+w.URL+"/empty\noutcomes: SELECT * FROM t WHERE 0\nmapping: m.yaml\nwatermark: at\n")
	if got := fetch(t, s, w.dial(t, s), time.Time{}, filepath.Join(t.TempDir(), "x.csv")); got.Rows != 0 {
		t.Errorf("%+v", got)
	}
	w.readOnly(t)
}

// A query ends with the context that asks it, though the context's deadline is
// kept from the driver.
func TestCancel(t *testing.T) {
	own(t, "default", "CREATE DATABASE endless")
	w := serve(t, "")
	s := parse(t, "source: endless\nclickhouse: "+w.URL+"/endless\noutcomes: SELECT sum(number) FROM system.numbers\nmapping: m.yaml\n")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Look(ctx, w.dial(t, s)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the deadline", err)
	}
	w.readOnly(t)
}

func TestMistakes(t *testing.T) {
	const head = "source: w\nclickhouse: http://h\n"
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"source: w\n", "s.yaml:1: a source gives either outcomes, or assignments and facts\ns.yaml:1: clickhouse is missing: the address, as https://reader:${PASSWORD}@host:8443/database"},
		"both":           {head + "outcomes: SELECT 1\nassignments: SELECT 1\n", "s.yaml:3: a source gives either outcomes, or assignments and facts"},
		"no mapping":     {head + "outcomes: SELECT 1\nwindow: 1d\n", "s.yaml:3: outcomes need a mapping: the file that says what their columns mean, as for a file of outcomes\ns.yaml:4: window goes with assignments, not with outcomes"},
		"no facts":       {head + "assignments: SELECT 1\nwatermark: ended\nmapping: m\nagain: 1d\n", "s.yaml:3: assignments need facts: what their units did, for each metric\ns.yaml:4: watermark is a column of experiments, which are missing\ns.yaml:5: mapping goes with outcomes; the columns of assignments have fixed names"},
		"typo":           {head + "asignments: SELECT 1\n", `s.yaml:3: unknown key "asignments" in the source: did you mean "assignments"?`},
		"a write":        {head + "outcomes: |\n  -- harmless\n  INSERT INTO t SELECT 1\n", `s.yaml:3: outcomes must be a SELECT, but begins with "INSERT"`},
		"writable":       {head + "read_only: false\n", "s.yaml:3: read_only is true of every source: Assay never writes to one"},
		"twice":          {head + "assignments: SELECT 1\nfacts:\n  - {metric: m, sql: SELECT 1}\n  - {metric: m, sql: SELECT 2}\n", "s.yaml:5: metric m is given twice: write one SELECT with UNION ALL"},
		"span":           {head + "window: -1d\npre: soon\n", "s.yaml:3: window must be whole seconds, from 0s to 10000d, or none, not \"-1d\"\ns.yaml:4: pre must be a span of time such as 7d or 36h, not \"soon\""},
		"no such secret": {"source: w\nclickhouse: http://u:${NONE}@h\n", "s.yaml:2: clickhouse names ${NONE}, which the environment does not have: export NONE=…"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("s.yaml", []byte(c.text), func(string) (string, bool) { return "", false })
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if lines := strings.Split(err.Error(), "\n"); !slices.Equal(lines, strings.Split(c.want, "\n")) {
				t.Errorf("%s\nwant\n%s", err, c.want)
			}
		})
	}
	s, err := Parse("s.yaml", []byte("source: w\nclickhouse: https://ann:${PW}@h/d?x=1\noutcomes: SELECT 1\nmapping: m\n"), func(name string) (string, bool) { return "p@ss w/rd", name == "PW" })
	if err != nil || s.Address != "https://ann:p%40ss%20w%2Frd@h/d?x=1" {
		t.Errorf("%v, %v", s, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(shop, "http://h", "d")))
	f.Add([]byte("source: w\nclickhouse: http://${A}\noutcomes: SELECT 1\nmapping: m"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("s.yaml", text, func(string) (string, bool) { return "x", true })
		if (s == nil) == (err == nil) {
			t.Errorf("%v and %v", s, err)
		}
	})
}
