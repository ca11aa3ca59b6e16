package planner_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/assay-planner/assay/planner"
)

// A plan that was stored before forecasts came from a fitted model is shown as it was made:
// what it lacks follows from its forecasts, which were normal.
func TestPlanOfAnEarlierVersion(t *testing.T) {
	text, err := os.ReadFile("testdata/plan_before_models.json")
	if err != nil {
		t.Fatal(err)
	}
	var p planner.Plan
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	h := open(t)
	h.submit(t, "late")
	*h.now = p.At
	if err := h.registry.SavePlan(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	current, err := h.CurrentPlan(t.Context())
	if err != nil || len(current.Entries) != len(p.Entries) || current.Priors[0].Model != nil {
		t.Fatalf("%d entries, %v", len(current.Entries), err)
	}
	for _, e := range current.Entries {
		f := e.Forecast
		if f.SD == 0 {
			continue
		}
		if math.Abs(f.Median-f.Mean) > 1e-12 || math.Abs(f.Q95-f.Mean-1.6448536*f.SD) > 1e-6*f.SD || f.ProbLeast != f.ProbPositive &&
			math.Abs(f.ProbLeast-f.ProbPositive) > 1e-5 || !(f.Q05 < f.Low && f.Low < f.Q25 && f.Q75 < f.High && f.High < f.Q95) {
			t.Errorf("%s: %+v", e.Hypothesis, f)
		}
	}
	// An idea that it does not know is forecast from what it believed.
	row := h.row(t, "late")
	if row.Forecast == nil || row.Forecast.Group != "feed/human" || row.Forecast.Effects == 0 || row.Value == 0 || len(row.Forecast.Drivers) != 0 {
		t.Errorf("%+v", row.Forecast)
	}
	if x, err := h.Explain(t.Context(), "late"); err != nil || x.Plan != p.ID || len(x.Designs) == 0 {
		t.Errorf("%+v, %v", x, err)
	}
}
