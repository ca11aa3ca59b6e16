package value

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func FuzzArms(f *testing.F) {
	f.Add(0.0, 1.0, 0.5, 2.0, 0.3, 2.5)
	f.Add(0.0, 0.0, 0.0, 0.0, 0.5, 3.0)
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.1, 1.5)
	f.Add(0.1, 1e-9, 0.1, 1e9, 1e-9, 30.0)
	f.Fuzz(func(t *testing.T, m1, s1, m2, s2, control, df float64) {
		arms := []stats.Normal{{Mean: m1, SD: s1}, {Mean: m2, SD: s2}}
		assert.Answered[Information](t)(OfInformation(arms, []float64{control, math.Abs(df)}))
		r := Rollout{math.Abs(df), [2]RolloutArm{{arms[0], s2}, {arms[1], s1}}}
		assert.Answered[RolloutPlan](t)(r.Optimum(0))
		assert.Answered[RolloutPlan](t)(r.Plan(control, m1))
	})
}

func FuzzProduction(f *testing.F) {
	f.Add(-0.2, 1.0, 3.0, 10.0, 100.0)
	f.Add(0.0, 1.0, 1.05, 1e-9, 1e9)
	f.Add(1e40, 1e-40, 2.0, 1e40, 1e-40)
	f.Add(-5.0, 1.0, 1e6, 1.0, 1.0)
	f.Fuzz(func(t *testing.T, location, scale, df, sigma, users float64) {
		for _, prior := range []bayes.Prior{bayes.StudentT{Location: location, Scale: scale, DF: df}, bayes.Mixture{Weights: []float64{1, df}, Components: []stats.Normal{{Mean: location, SD: scale}, {}}}} {
			v, err := Production{prior, sigma}.At(users)
			assert.Answered[TestValue](t)(v, err)
			if err == nil && (v.Gain < 0 || v.Value < 0 || v.Slope < 0 || v.Gain < prior.Mean()) {
				t.Fatalf("%+v: %+v", prior, v)
			}
		}
	})
}
