package analysis

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/multiple"
)

func TestFamilyIsAllButGuardrails(t *testing.T) {
	x := Test{Arms: append(two(), Arm{Name: "u"}), Metrics: []Metric{{Name: "slow", LowerIsBetter: true, Margin: 0.1}}}
	for _, metric := range []string{"a", "b", "slow"} {
		x.Rows = append(x.Rows, mean("c", metric, 1000, 10, 4), mean("t", metric, 1000, 10.2, 4), mean("u", metric, 1000, 10.1, 4))
	}
	r := run(t, x)
	var p []float64
	for _, c := range r.Comparisons {
		if c.Metric != "slow" {
			p = append(p, c.P)
		}
	}
	want := assert.Must(multiple.Adjust(p, multiple.Holm))
	if r.Family.Size != 4 || r.Comparisons[0].Metric != "slow" {
		t.Fatalf("family of %d, first %s", r.Family.Size, r.Comparisons[0].Metric)
	}
	for i, c := range r.Comparisons[2:] {
		if *c.AdjustedP != want[i] {
			t.Errorf("%s %s: adjusted %v, want %v", c.Metric, c.Treatment, *c.AdjustedP, want[i])
		}
	}
	if g := r.Comparisons[0]; g.AdjustedP != nil || !g.Guardrail.Holds || !g.Established || g.Better {
		t.Errorf("guardrail: %+v", g)
	}
	if none := runWith(t, x, Options{Correction: Uncorrected}); *none.Comparisons[2].AdjustedP != none.Comparisons[2].P {
		t.Error("none corrects")
	}
}

// A guardrail holds exactly where Fieller's interval, whose test it inverts, lies on the
// good side of the margin.
func TestGuardrailAgreesWithFieller(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	held := 0
	for range 400 {
		lower := rng.IntN(2) == 0
		x := test(mean("c", "m", 50+rng.IntN(500), 10, 40), mean("t", "m", 50+rng.IntN(500), 10+2*(rng.Float64()-0.5), 40))
		x.Metrics = []Metric{{Name: "m", Margin: 0.01 + 0.2*rng.Float64(), LowerIsBetter: lower}}
		c := first(runWith(t, x, Options{Lift: effect.Fieller}))
		good := c.Result.Lift.Interval.Low > -c.Guardrail.Margin
		if lower {
			good = c.Result.Lift.Interval.High < c.Guardrail.Margin
		}
		// Degrees of freedom are those of the difference in both.
		if good != c.Guardrail.Holds && math.Abs(c.Guardrail.P-0.025) > 1e-6 {
			t.Errorf("interval %+v, guardrail %+v", c.Result.Lift.Interval, c.Guardrail)
		}
		if c.Guardrail.Holds {
			held++
		}
	}
	if held < 50 || held > 350 {
		t.Errorf("%d of 400 held: the test says little", held)
	}
}
