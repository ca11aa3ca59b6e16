package source

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// TestOddInstants: a number that is of another unit than seconds, or an instant of another
// century, is told with its view, column and value, by an import and by a look. Those of
// tests that wait for their watermark are not.
func TestOddInstants(t *testing.T) {
	own(t, "default", "CREATE DATABASE clocks", "CREATE TABLE clocks.t (u String, at DateTime, s Int64, far DateTime64(3)) ENGINE = MergeTree ORDER BY u",
		"INSERT INTO clocks.t SELECT toString(number), '2026-01-01 10:00:00', 1767261600, if(number = 7, '2199-01-01 00:00:00', '2026-01-01 10:00:00') FROM numbers(10)")
	w := serve(t, "")
	views := map[string]string{"seen": "at", "did": "at", "began": "at", "ended": "at"}
	for name, c := range map[string]struct{ view, sql, want, way string }{
		"plain":                           {view: "seen", sql: "at"},
		"seconds":                         {view: "seen", sql: "s"},
		"milliseconds of exposures":       {"seen", "1000 * s", `source "clocks", assignments: column timestamp: "1767261600000" is no number of seconds since 1970, from 1973 to 2105`, "fromUnixTimestamp64Milli(toInt64(timestamp)) AS timestamp"},
		"days of exposures":               {"seen", "toUInt16(20454)", `assignments: column timestamp: "20454" is no number of seconds`, ""},
		"microseconds of one event":       {"did", "if(u = '7', 1000000, 1) * s", `source "clocks", facts of m: column timestamp: "1767261600000000" is no number`, "fromUnixTimestamp64Micro"},
		"an event of another century":     {"did", "far", `facts of m: column timestamp: "2199-01-01 00:00:00.000" lies outside the years 1970 to 2105`, "WHERE"},
		"milliseconds of a start":         {"began", "1000 * s", `experiments: column started: "1767261600000" is no number`, "AS started"},
		"milliseconds of the watermark":   {"ended", "toNullable(1000 * s)", `experiments: column ended: "1767261600000" is no number`, "AS ended"},
		"waiting for its watermark":       {view: "ended", sql: "far"},
		"zero is none, and so is nothing": {view: "ended", sql: "0"},
	} {
		t.Run(name, func(t *testing.T) {
			as := func(view string) string {
				if view == c.view {
					return c.sql
				}
				return views[view]
			}
			s := parse(t, "source: clocks\nclickhouse: "+w.URL+"/clocks\nwatermark: ended\n"+
				"assignments: SELECT u AS unit_id, "+as("seen")+" AS timestamp, 'e' AS experiment_id, u AS variation_id FROM t\n"+
				"experiments: SELECT 'e' AS experiment_id, any("+as("began")+") AS started, any("+as("ended")+") AS ended FROM t\n"+
				"facts: [{metric: m, sql: \"SELECT u AS unit_id, "+as("did")+" AS timestamp, 1 AS value FROM t\"}]\n")
			conn := w.dial(t, s)
			_, fetched := s.Fetch(context.Background(), conn, time.Time{}, io.Discard, func(int64) {})
			_, looked := s.Look(context.Background(), conn)
			for _, err := range []error{fetched, looked} {
				switch f := (*Fault)(nil); {
				case c.want == "" && err == nil:
				case c.want == "" || err == nil || !strings.Contains(err.Error(), c.want):
					t.Errorf("%v, want %q", err, c.want)
				case !errors.As(err, &f) || !strings.Contains(f.WayOut, c.way):
					t.Errorf("way out of %v, want %q", err, c.way)
				}
			}
		})
	}
}
