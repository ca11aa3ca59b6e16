package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// odd are names that must survive being a parameter.
var odd = []string{"a'b", `c\d`, "e\tf\ng", "h\x00i", "ж", " ", `"`, "{x:String}"}

// TestEffectsOfSomeExperiments: what is asked for is what would be picked from
// the whole, from users as from sums, however many and however odd the names.
func TestEffectsOfSomeExperiments(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	names := append([]string{"users", "events"}, odd...)
	for _, statement := range []string{
		`INSERT INTO experiments (experiment, started, ended, control, version)
		 SELECT arrayJoin({names:Array(String)}), toDateTime('2026-01-01', 'UTC'), toDateTime('2026-01-15', 'UTC'), 'control', 1`,
		`INSERT INTO outcomes (experiment, metric, arm, n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, sum_xd, version)
		 SELECT arrayJoin(arraySlice({names:Array(String)}, 3)) AS experiment, 'sums', arrayJoin(['control', 'blue']) AS arm,
		        1000, 100 + cityHash64(experiment, arm) % 100 AS y, y, 1000, 1000, y, 0, 1`,
		`INSERT INTO assignments (experiment, unit, arm, exposed_at, version)
		 SELECT arrayJoin(['users', 'events']), toString(number), if(number % 2 = 0, 'control', 'blue'), toDateTime('2026-01-03', 'UTC'), 1
		 FROM numbers(400)`,
		`INSERT INTO facts (experiment, metric, unit, at, value, denominator, version)
		 SELECT arrayJoin(['users', '']), 'clicks', toString(number), toDateTime('2026-01-04', 'UTC'), 1 + cityHash64(number) % 5, 1, 1
		 FROM numbers(400)`,
	} {
		if err := h.conn.Exec(ctx, statement, param("names", names)); err != nil {
			t.Fatal(err)
		}
	}
	all := effects(t, h, EffectQuery{})
	if len(all) != len(names) {
		t.Fatalf("%d effects of %d experiments", len(all), len(names))
	}
	for _, some := range [][]string{{"nothing like it"}, {"users", "users", "events"}, {"events"}, odd, odd[:1]} {
		want := slices.DeleteFunc(slices.Clone(all), func(e Effect) bool { return !slices.Contains(some, e.Experiment) })
		if diff := cmp.Diff(want, effects(t, h, EffectQuery{Experiments: some}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-picked +mined): %s", some, diff)
		}
	}
	// More names than a parameter holds, and still in order.
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("%03d%s", i, strings.Repeat("-", 100)))
	}
	if diff := cmp.Diff(all, effects(t, h, EffectQuery{Experiments: append(many, names...)})); diff != "" {
		t.Error(diff)
	}
}

// TestOnlyTheirRowsAreRead asks the engine how much it read: of 200 experiments
// with 1000 users each, one costs a small part of what all cost.
func TestOnlyTheirRowsAreRead(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	for _, statement := range generated {
		if err := h.conn.Exec(ctx, statement, param("experiments", uint64(200)), param("users", uint64(1000)), param("pre", 0.)); err != nil {
			t.Fatal(err)
		}
	}
	quiet(t, h)
	all, some := rowsRead(t, h, nil), rowsRead(t, h, []string{"exp-7"})
	if all < 600_000 || some > all/10 {
		t.Errorf("%d rows read for one experiment, %d for all", some, all)
	}
}

// rowsRead is how many rows of what tables mining those experiments would read.
func rowsRead(t *testing.T, h *History, experiments []string) (read uint64) {
	t.Helper()
	params := append(miningParams(EffectQuery{Experiments: experiments}), param("plain", experiments))
	for _, s := range []statement{aggregatedSums, userCounts, toldSums} {
		rows, err := h.conn.Query(context.Background(), "EXPLAIN ESTIMATE "+s.sql(), append(params, (&caps{}).params()...)...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var database, table string
			var parts, found, marks uint64
			if err := rows.Scan(&database, &table, &parts, &found, &marks); err != nil {
				t.Fatal(err)
			}
			read += found
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return read
}
