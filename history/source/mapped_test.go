package source

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/mapping"
)

// The same logs, once as files with mappings, once as tables with a source.
const (
	exposureFile = `
layout: exposures
experiment: {id: test, title: title, started: began, ended: ended, analysis: analysis, planned_users: planned}
arm: {id: arm, weight: {value: 0.5}}
control: {name: off}
unit: user
exposed_at: at
segment: country
`
	eventFile = `
layout: events
unit: user
at: at
event: id
metrics:
  - {name: revenue, value: amount, window: 3d, look_back: 2d, cap: 90%}
  - {name: bought, value: {value: 1}, window: 9d, cap: 1}
  - {name: price, value: amount, denominator: items, look_back: 4d}
  - {name: spend, value: amount, cap: 12.5}
`
	logTables = `source: the logs
clickhouse: %s/%s
experiments: SELECT id AS experiment_id, title, began AS started, ended, base AS control, 'sequential' AS analysis, 900 AS planned_users FROM tests
arms: SELECT id AS experiment_id, arrayJoin(['off', 'on']) AS variation_id, 0.5 AS weight FROM tests
assignments: SELECT user AS unit_id, at AS timestamp, test AS experiment_id, arm AS variation_id, country AS segment FROM seen
facts:
  - {metric: revenue, cap: 90%%, sql: "SELECT user AS unit_id, at AS timestamp, amount AS value FROM did", window: 3d}
  - {metric: bought, cap: 1, sql: "SELECT user AS unit_id, at AS timestamp, 1 AS value FROM did", window: 9d, pre: none}
  - {metric: price, sql: "SELECT user AS unit_id, at AS timestamp, amount AS value, items AS denominator FROM did", pre: 4d}
  - {metric: spend, cap: 12.5, sql: "SELECT user AS unit_id, at AS timestamp, amount AS value FROM did", pre: none}
pre: 2d
`
)

// TestMappedIsImported: the same raw rows, imported as logs and mapped where they lie, give
// exactly the same effects, by segment, and the same sums of every day: windows that end
// before and after the experiment, ratios, caps, values before exposure, users of two
// arms, parts of seconds, and rows that come late. Amounts are whole quarters, so that
// rounding is no matter of the order in which days are added up.
func TestMappedIsImported(t *testing.T) {
	ctx, long := context.Background(), os.Getenv("ASSAY_LONG") != ""
	name := "mapped_logs"
	owner := own(t, "default", "CREATE DATABASE "+name,
		"CREATE TABLE "+name+".tests (id String, title String, began DateTime('UTC'), ended Nullable(DateTime('UTC')), base String) ENGINE = MergeTree ORDER BY id",
		"INSERT INTO "+name+".tests VALUES ('e1', 'one', '2026-01-01 00:00:00', '2026-01-14 00:00:00', 'off'), ('e2', 'two', '2026-01-03 00:00:00', '2026-01-20 12:00:00', 'off'), ('e3', 'three', '2026-01-03 00:00:00', NULL, 'off')",
		"CREATE TABLE "+name+".seen (user Nullable(UInt64), at Nullable(DateTime64(3, 'UTC')), test LowCardinality(Nullable(String)), arm Nullable(String), country Nullable(String)) ENGINE = MergeTree ORDER BY tuple()",
		// nobody's, nowhere and at no time
		"INSERT INTO "+name+".seen VALUES (NULL, '2026-01-05 00:00:00', 'e1', 'on', 'DE'), (1, NULL, 'e1', 'on', 'DE'), (2, '2026-01-05 00:00:00', NULL, 'on', 'DE'), (2, '2026-01-05 00:00:00', '', 'on', 'DE'), (3, '2026-01-05 00:00:00', 'e1', NULL, 'DE'), (4, '2026-01-05 00:00:00', 'e1', '', 'DE')",
		"CREATE TABLE "+name+".did (user UInt64, at DateTime64(3, 'UTC'), id UInt64, amount Float64, items UInt32) ENGINE = MergeTree ORDER BY user")
	w := serve(t, "")
	s := parse(t, fmt.Sprintf(logTables, w.URL, name))
	conn := w.dial(t, s)
	own(t, "default", "CREATE DATABASE imported_logs", "CREATE DATABASE mapped_history")
	imported, mapped := open(t, "imported_logs"), open(t, "mapped_history")
	r := rand.New(rand.NewPCG(8, 8))
	dir, id := t.TempDir(), 0
	for night := range 2 + 2*b2i(long) {
		id = logged(t, owner, name, r, night, id)
		path := filepath.Join(dir, "source.csv")
		got := fetch(t, s, conn, time.Time{}, path)
		report, err := mapped.Import(ctx, history.ImportRequest{Files: []string{path}, Names: []string{s.FileName(got.Watermark)}, Mapping: got.Mapping, Whole: got.Whole})
		if err != nil {
			t.Fatalf("%+v, %v", report.Problems, err)
		}
		if night == 1 && report.Files[0].Removed == 0 {
			t.Error("nobody was exposed earlier than was known: no row of a day went")
		}
	}
	for text, sql := range map[string]string{
		exposureFile: `SELECT ifNull(test, '') AS test, title, toString(began) AS began, ifNull(toString(ended), '') AS ended, 'sequential' AS analysis, '900' AS planned, ifNull(arm, '') AS arm, ifNull(toString(user), '') AS user, ifNull(toString(seen.at), '') AS at, ifNull(country, '') AS country
FROM mapped_logs.seen INNER JOIN mapped_logs.tests ON seen.test = tests.id WHERE user != '' AND arm != '' AND at != ''`,
		eventFile: "SELECT toString(user) AS user, toString(did.at) AS at, toString(did.id) AS id, toString(amount) AS amount, toString(items) AS items FROM mapped_logs.did",
	} {
		m, err := mapping.Parse("m.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, string(m.Layout)+".csv")
		dump(t, owner, path, sql)
		if _, err := imported.Import(ctx, history.ImportRequest{Files: []string{path}, Mapping: m}); err != nil {
			t.Fatal(err)
		}
	}
	// Effects are made of these sums, dates and weights: to compare them too takes some time.
	for _, experiment := range []string{"e1", "e2", "e3"}[:1+2*b2i(long)] {
		want, err := imported.Experiment(ctx, experiment)
		if err != nil {
			t.Fatal(err)
		}
		have, err := mapped.Experiment(ctx, experiment)
		if err != nil || len(want.Days) < 4*2*3*4 {
			t.Fatalf("%d sums of days, %v", len(want.Days), err)
		}
		if diff := cmp.Diff(want, have, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-imported +mapped):\n%s", experiment, diff)
		}
	}
	if !long {
		return
	}
	all := history.EffectQuery{AllSegments: true, MinUsers: 2}
	want, err := imported.Effects(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	have, err := mapped.Effects(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 3*4*3 || !want[6].Adjusted || !want[6].Usable {
		t.Fatalf("%d effects, and of revenue %+v", len(want), want[6])
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-imported +mapped):\n%s", diff)
	}
}

func open(t *testing.T, database string) *history.History {
	t.Helper()
	h, err := history.Open(context.Background(), own(t, database))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// logged adds a night's rows: exposures, of which some are earlier than those that are
// known, and events around them, on the edges of windows too.
func logged(t *testing.T, owner driver.Conn, name string, r *rand.Rand, night, id int) int {
	t.Helper()
	var seen, did []string
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
	for user := range 240 {
		for e, test := range []string{"e1", "e2", "e3"} {
			if r.IntN(3) > 0 && night > 0 {
				continue
			}
			first := time.Date(2026, 1, 12-2*night+r.IntN(5), 10, 0, 0, r.IntN(1000)*1e6, time.UTC)
			arm := []string{"off", "on"}[(user+e)%2]
			if r.IntN(60) == 0 {
				arm = "on"
			}
			country := []string{"'DE'", "'FR'", "''"}[user%3]
			if user%7 == 0 {
				country = "NULL"
			}
			seen = append(seen, fmt.Sprintf("(%d, '%s', '%s', '%s', %s)", user, at(first), test, arm, country))
			for range r.IntN(4) {
				id++
				when := first.Add(time.Duration(r.IntN(20*24)-8*24) * time.Hour)
				switch r.IntN(6) {
				case 0: // in the second of the exposure, before or after it
					when = first.Truncate(time.Second).Add(time.Duration(r.IntN(1000)) * time.Millisecond)
				case 1: // where a window ends
					when = first.Truncate(time.Second).Add(time.Duration(72*3600-1+r.IntN(2)) * time.Second)
				case 2: // where an experiment ends
					when = time.Date(2026, 1, 14, 0, 0, r.IntN(2), r.IntN(2)*5e8, time.UTC)
				}
				did = append(did, fmt.Sprintf("(%d, '%s', %d, %g, %d)", user, at(when), id, float64(r.IntN(40))/4, 1+r.IntN(3)))
			}
		}
	}
	for table, rows := range map[string][]string{"seen": seen, "did": did} {
		if err := owner.Exec(context.Background(), "INSERT INTO "+name+"."+table+" VALUES "+strings.Join(rows, ", ")); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// dump writes the rows of a query of texts as CSV.
func dump(t *testing.T, owner driver.Conn, path, sql string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := owner.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	to := csv.NewWriter(file)
	columns := rows.Columns()
	cells, into := make([]string, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for err = to.Write(columns); err == nil && rows.Next(); {
		if err = rows.Scan(into...); err == nil {
			err = to.Write(cells)
		}
	}
	if to.Flush(); err != nil || rows.Err() != nil || to.Error() != nil {
		t.Fatal(err, rows.Err(), to.Error())
	}
}
