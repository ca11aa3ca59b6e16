package mixed

import (
	"encoding/json"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/google/go-cmp/cmp"
)

// A fit that was stored forecasts the same, to the last bit, also what it never saw.
func TestFitSurvivesJSON(t *testing.T) {
	for _, exact := range []int{256, 1} {
		fit := assert.Must(Learn(newProgramme(4, 20).effects(t, 300), Options{Exact: exact, Tail: Adaptive}))
		text := assert.Must(json.Marshal(fit))
		var again Fit
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		for level := range 20 {
			z := []Feature{{0, 0, 1}, {1, level, 1}, {2, 19 - level, 1}}
			if d := cmp.Diff(assert.Must(fit.Predict(z...)), assert.Must(again.Predict(z...))); d != "" {
				t.Fatal(d)
			}
		}
		if d := cmp.Diff(fit.Blocks, again.Blocks) + cmp.Diff(fit.Tail, again.Tail); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(string(text), string(assert.Must(json.Marshal(again)))); d != "" {
			t.Error(d)
		}
	}
	for _, text := range []string{`{}`, `{"order":[0],"columns":[]}`, `{"blocks":[{"Name":"a","Columns":2}],"order":[3],"columns":[0],"posterior":{"mean":[1],"covariance":[1]},"tail":{"weights":[1],"components":[{"mean":0,"sd":1}]}}`} {
		if err := json.Unmarshal([]byte(text), new(Fit)); err == nil {
			t.Errorf("%s is read as a fit", text)
		}
	}
}
