package history

import (
	"context"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// counting is a connection that counts how often effects are mined and screened.
type counting struct {
	driver.Conn
	minings, screenings int
}

var comparesArms, screensEffects = query("effects"), query("screens")

func (c *counting) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	switch query {
	case screensEffects:
		c.screenings++
	case comparesArms:
		c.minings++
	}
	return c.Conn.Query(ctx, query, args...)
}

// Everybody's effects are mined once for each state of the history, for any
// time; what is remembered is what would be mined.
func TestEffectsAreMinedOnce(t *testing.T) {
	h := newHistory(t)
	c := &counting{Conn: h.conn}
	h.conn = c
	file := func(text string) ImportRequest {
		return ImportRequest{Mapping: parse(t, simple), Files: []string{write(t, "a.csv", header+text)}}
	}
	ended := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	mustImport(t, h, file(day("e1", "control", 1, 1000, 100)+day("e1", "b", 1, 1000, 120)))
	c.minings, c.screenings = 0, 0
	for _, q := range []EffectQuery{{}, {AsOf: ended}, {AsOf: ended.Add(time.Hour)}, {AsOf: ended.Add(-time.Second)}, {MinUsers: fewestUsers}} {
		got := effects(t, h, q)
		want, err := h.mine(t.Context(), EffectQuery{AsOf: q.AsOf, MinUsers: fewestUsers})
		c.minings--
		if d := cmp.Diff(append([]Effect{}, want...), got); err != nil || d != "" {
			t.Errorf("%+v: %v (-mined +remembered):\n%s", q, err, d)
		}
		if len(got) > 0 {
			got[0].Lift = 9 // the caller's own
		}
	}
	if _, err := h.Noise(t.Context(), ended); err != nil || c.minings != 1 || c.screenings != 1 {
		t.Errorf("mined %d times, screened %d times, %v", c.minings, c.screenings, err)
	}
	effects(t, h, EffectQuery{Metric: "conversion"})
	effects(t, h, EffectQuery{MinUsers: 1})
	if c.minings != 3 || c.screenings != 1 {
		t.Errorf("other questions were mined %d times; screened %d times", c.minings-1, c.screenings)
	}
	mustImport(t, h, file(day("e1", "control", 1, 1000, 100)+day("e1", "b", 1, 1000, 140)))
	if got := effects(t, h, EffectQuery{AsOf: ended}); len(got) != 1 || got[0].Lift < 0.39 || got[0].Lift > 0.41 {
		t.Errorf("after a correction: %+v", got)
	}
	// Another machine's import, copied with its rows, is older than the newest and new all the same.
	for _, s := range []string{"INSERT INTO imports (id, state) VALUES (7, 2)",
		"INSERT INTO outcomes SELECT * REPLACE ('e0' AS experiment, 7 AS version) FROM outcomes FINAL",
		"INSERT INTO experiments SELECT * REPLACE ('e0' AS experiment, 7 AS version) FROM experiments FINAL"} {
		if err := h.conn.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if got := effects(t, h, EffectQuery{AsOf: ended}); len(got) != 2 || got[0].Experiment != "e0" {
		t.Errorf("after a copy: %+v", got)
	}
}
