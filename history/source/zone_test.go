package source

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestZoneOfTheServer: dates are the same and what is new too, wherever the server stands
// and whatever zone its columns have; a column that is NULL everywhere takes no row away.
func TestZoneOfTheServer(t *testing.T) {
	own(t, "default", "CREATE DATABASE zoned",
		"CREATE TABLE zoned.sums (test String, day Date, at DateTime64(3, 'Asia/Tokyo')) ENGINE = MergeTree ORDER BY day",
		"INSERT INTO zoned.sums SELECT 'e', toDate('2026-03-07') + number, toDateTime64('2026-03-07 00:30:00', 3, 'Asia/Tokyo') + 86400 * number FROM numbers(4)",
		"CREATE TABLE zoned.seen (user String, at DateTime) ENGINE = MergeTree ORDER BY user",
		"INSERT INTO zoned.seen SELECT toString(number), toDateTime('2026-03-08 06:59:59', 'UTC') + number % 2 FROM numbers(10)")
	path := filepath.Join(t.TempDir(), "zoned.csv")
	column := func(i int) (cells []string) {
		for _, row := range read(t, path)[1:] {
			if !slices.Contains(cells, row[i]) {
				cells = append(cells, row[i])
			}
		}
		return cells
	}
	days := []string{"2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"}
	for _, zone := range []string{"UTC", "Asia/Tokyo", "America/New_York"} {
		w := serve(t, "")
		w.zone = zone
		sums := parse(t, fmt.Sprintf("source: z\nclickhouse: %s/zoned\noutcomes: SELECT test, day, toNullable(day) AS again, NULL AS none, at FROM sums\nmapping: m.yaml\nwatermark: day\n", w.URL))
		conn := w.dial(t, sums)
		got := fetch(t, sums, conn, time.Time{}, path)
		if !slices.Equal(column(1), days) || !slices.Equal(column(2), days) || !slices.Equal(column(3), []string{""}) {
			t.Errorf("%s: days %q, again %q, NULL %q", zone, column(1), column(2), column(3))
		}
		if ats := column(4); len(ats) != 4 || ats[1] != "2026-03-08T00:30:00+09:00" {
			t.Errorf("%s: instants %q", zone, ats)
		}
		if fetch(t, sums, conn, got.Watermark, path); !slices.Equal(column(1), days[3:]) {
			t.Errorf("%s: new since %s: %q", zone, got.Watermark, column(1))
		}
		users := parse(t, fmt.Sprintf("source: z\nclickhouse: %s/zoned\nassignments: SELECT user AS unit_id, at AS timestamp, 'e' AS experiment_id, user AS variation_id FROM seen\n"+
			"facts: [{metric: m, sql: 'SELECT user AS unit_id, at AS timestamp, 1 AS value FROM seen'}]\n", w.URL))
		if fetch(t, users, w.dial(t, users), time.Time{}, path); !slices.Equal(column(4), days[1:2]) {
			t.Errorf("%s: days of first exposure %q", zone, column(4))
		}
	}
}
