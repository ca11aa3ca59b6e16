package history

import (
	"context"
	"math"
	"testing"
)

// TestEvents gives the facts of no experiment to every experiment that their unit
// was in by then. 200 units are in e1 since the 3rd and in e2 since the 5th, half
// of them in blue; on the 2nd, 4th and 6th each clicks 1, 2 and 4 times, in blue of
// its experiment's half 8 times more on the 6th. So e1 counts 2 + 4 = 6 against
// 14, e2 counts 4 against 12. Other users' clicks belong to nobody.
func TestEvents(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	for _, statement := range []string{
		`INSERT INTO experiments (experiment, started, ended, control, version)
		 SELECT arrayJoin(['e1', 'e2']), toDateTime('2026-01-01', 'UTC'), toDateTime('2026-01-15', 'UTC'), 'control', 1`,
		`INSERT INTO assignments (experiment, unit, arm, exposed_at, version)
		 SELECT arrayJoin(['e1', 'e2']) AS experiment, concat('u', toString(number)), if(number % 2 = 0, 'control', 'blue'),
		        toDateTime(if(experiment = 'e1', '2026-01-03', '2026-01-05'), 'UTC'), 1 FROM numbers(200)`,
		// The spread of ±1 by pairs of users leaves means alone.
		`INSERT INTO facts (metric, unit, at, event, value, denominator, version)
		 SELECT 'clicks', concat('u', toString(number)), toDateTime('2026-01-02', 'UTC') + 2 * 86400 * k,
		        toString(k), bitShiftLeft(1, k) + if(k = 2, 8 * (number % 2) + intDiv(number, 2) % 2 * 2 - 1, 0), 1, 1
		 FROM numbers(300) ARRAY JOIN [0, 1, 2] AS k`,
	} {
		if err := h.conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	found := effects(t, h, EffectQuery{})
	if len(found) != 2 {
		t.Fatalf("%+v", found)
	}
	for i, want := range []struct{ baseline, lift float64 }{{6, 14./6 - 1}, {4, 2}} {
		e := found[i]
		if e.Baseline != want.baseline || math.Abs(e.Lift-want.lift) > 1e-12 || e.ControlUsers != 100 || e.TreatmentUsers != 100 || !e.Usable {
			t.Errorf("%+v, want %+v", e, want)
		}
	}
}
