package forecast

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// What the world is made of is chosen, and what it is not made of is not: a pair of traits
// that matters, a tail, ageing.
func TestChoose(t *testing.T) {
	const pair = "surface × team"
	plain := world{surface: 0.004, team: 0.003, residual: normal(0.004), se: 0.003}
	crossed, heavy, drifting := plain, plain, plain
	crossed.crossed = 0.006
	heavy.residual = student(0.002, 3)
	drifting.drift, drifting.years = 0.008, 4
	for name, w := range map[string]world{"plain": plain, "crossed": crossed, "heavy": heavy, "drifting": drifting} {
		past, _ := w.run(21, 2400)
		spec, trials, err := Choose(context.Background(), past)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range trials {
			t.Logf("%s: %s gains %.1f ± %.1f, taken %t", name, x.Change, x.Gain, x.SE, x.Taken)
		}
		if got := slices.Contains(spec.Blocks, pair); got != (name == "crossed") {
			t.Errorf("%s: pair of traits chosen: %t", name, got)
		}
		if name == "heavy" && spec.Tail == "normal" {
			t.Errorf("%s: the tail is normal", name)
		}
		if got := spec.HalfLife > 0; name == "drifting" && !got {
			t.Errorf("%s: half-life %g days", name, spec.HalfLife)
		}
	}
}

// The choice sees nothing of the last effects before it foretells them: effects that are
// all alike in time give no choice, and neither do few.
func TestChooseNeedsTime(t *testing.T) {
	past, _ := world{residual: normal(0.004), se: 0.003}.run(1, 500)
	for i := range past {
		past[i].Ended = epoch
	}
	spec, trials, err := Choose(context.Background(), past)
	if err != nil || len(trials) > 0 || strings.Join(spec.Blocks, ",") != "surface,team,claims" {
		t.Errorf("got %+v after %d trials, %v", spec, len(trials), err)
	}
	past, _ = world{residual: normal(0.004), se: 0.003}.run(1, fewest-1)
	if _, trials, _ := Choose(context.Background(), past); len(trials) > 0 {
		t.Errorf("%d effects give %d trials", len(past), len(trials))
	}
}
