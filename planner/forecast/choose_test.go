package forecast

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
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
// all alike in time choose no features, and neither do few. Their tail needs no time.
func TestChooseNeedsTime(t *testing.T) {
	past, _ := world{residual: normal(0.004), se: 0.003}.run(1, 500)
	for i := range past {
		past[i].Ended = epoch
	}
	few, _ := world{residual: normal(0.004), se: 0.003}.run(1, fewest-1)
	for _, past := range [][]Past{past, few} {
		spec, trials, err := Choose(context.Background(), past)
		if err != nil || strings.Join(spec.Blocks, ",") != "surface,team,claims" || spec.Tail != "normal" {
			t.Errorf("%d effects: %+v, %v", len(past), spec, err)
		}
		for _, x := range trials {
			if !strings.HasPrefix(x.Change, "tail ") || x.Taken {
				t.Errorf("%d effects: %+v", len(past), x)
			}
		}
	}
}

// Forty effects, some of which are far larger than the others, show a tail; sixteen
// choose nothing.
func TestFewEffectsChooseATail(t *testing.T) {
	for _, n := range []int{40, 16} {
		rng := rand.New(rand.NewPCG(4, uint64(n)))
		past := make([]Past, n)
		for i := range past {
			size := 0.001
			if i%8 == 0 {
				size = 0.03
			}
			past[i] = Past{Idea: Idea{ID: fmt.Sprint(i)}, Metric: "rpm", Effect: stats.Estimate{Value: size*rng.NormFloat64() + 0.002*rng.NormFloat64(), SE: 0.002}}
		}
		spec, trials, err := Choose(context.Background(), past)
		if err != nil || (spec.Tail != "normal") != (n == 40) || (len(trials) > 0) != (n == 40) {
			t.Errorf("%d effects: %+v after %+v, %v", n, spec, trials, err)
		}
	}
}
