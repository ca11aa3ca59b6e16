package mixed

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// Intervals from thirty effects hold what they say, whether standard errors are small
// beside effects or three times as large. By the tail as it was fitted, 80% intervals would
// then hold 71%, and nothing at all where it was fitted to be nothing. How much an interval
// holds is exact for each programme, and differs between them by an SD of 0.06 to 0.14;
// the bound is 1 in 10⁶ of their mean, beyond the 3 points by which a flat prior is cautious.
func TestIntervalsHoldWhereTheSizeIsUnsure(t *testing.T) {
	const programmes, n, mean = 200, 30, 0.3
	for _, se := range []float64{0.2, 1, 3} {
		rng := rand.New(rand.NewPCG(15, uint64(10*se)))
		var held, plain, square float64
		for range programmes {
			e := assert.Must(NewEffects(Block{Name: "mean", Columns: 1, Fixed: true}))
			for range n {
				one := se * (0.5 + rng.Float64())
				if err := e.Add(stats.Estimate{Value: mean + rng.NormFloat64() + one*rng.NormFloat64(), SE: one}, NoGroup, Feature{0, 0, 1}); err != nil {
					t.Fatal(err)
				}
			}
			fit := assert.Must(Learn(e, Options{}))
			holds := func(fit Fit) float64 {
				f := assert.Must(fit.Predict(Feature{0, 0, 1})).Effect
				truth := stats.Normal{Mean: mean, SD: 1}
				return truth.CDF(f.Quantile(0.9)) - truth.CDF(f.Quantile(0.1))
			}
			h := holds(fit)
			held, square = held+h/programmes, square+h*h/programmes
			fit.Next = fit.Tail
			plain += holds(fit) / programmes
		}
		bound := 4.9 * math.Sqrt((square-held*held)/programmes)
		t.Logf("standard errors of %g effects: 80%% intervals hold %.3f, by the tail alone %.3f; bound %.3f", se, held, plain, bound)
		if held < 0.8-bound || held > 0.83+bound {
			t.Errorf("standard errors of %g effects: 80%% intervals hold %.3f", se, held)
		}
	}
}

// A tail that is known well stands as it is; a stored fit forecasts the same, and one that
// was stored before sizes were unsure still forecasts.
func TestSizesThatAreKnown(t *testing.T) {
	for _, shape := range []Shape{Normal, Student, Adaptive} {
		fit := assert.Must(Learn(heavy(t, 3, 3000), Options{Tail: shape}))
		if d := cmp.Diff(fit.Tail, fit.Next); d != "" {
			t.Errorf("%s: %s", shape, d)
		}
		few := assert.Must(Learn(heavy(t, 3, 25), Options{Tail: shape}))
		if !(few.Next.SD() > 1.02*few.Tail.SD()) || len(few.Next.Weights) > 30 {
			t.Errorf("%s: of 25 effects, SD %.5f and %.5f, of %d normals", shape, few.Tail.SD(), few.Next.SD(), len(few.Next.Weights))
		}
		text := assert.Must(json.Marshal(few))
		var again, old Fit
		var stored map[string]any
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal(text, &stored)
		delete(stored, "next")
		if err := json.Unmarshal(assert.Must(json.Marshal(stored)), &old); err != nil {
			t.Fatal(err)
		}
		z := []Feature{{0, 0, 1}, {1, 2, 1}}
		want := assert.Must(few.Predict(z...))
		if d := cmp.Diff(want, assert.Must(again.Predict(z...))); d != "" {
			t.Errorf("%s: %s", shape, d)
		}
		if f := assert.Must(old.Predict(z...)); f.Mean != want.Mean || !(f.Effect.SD() < want.Effect.SD()) {
			t.Errorf("%s: stored before, %g ± %g, now ± %g", shape, f.Mean, f.Effect.SD(), want.Effect.SD())
		}
		stored["next"] = map[string]any{"weights": []float64{-1}}
		if json.Unmarshal(assert.Must(json.Marshal(stored)), &old) == nil {
			t.Error("a distribution with a negative weight is read")
		}
	}
}
