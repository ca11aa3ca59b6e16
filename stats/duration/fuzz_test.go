package duration_test

import (
	"testing"

	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
	"github.com/assay-planner/assay/stats/sequential"
)

// Whatever is asked, the answer is finite numbers or an error that names its field.
func FuzzTest(f *testing.F) {
	f.Add(0.02, 0.05, 0.05, 0.8, 0.0, 0.2, 2e6, 0.5, 12, 1, 0)
	f.Add(0.02, 0.05, 0.05, 0.8, 0.0, 0.2, 2e6, 0.5, 3, 3, 4)
	f.Add(0.5, -0.9, 0.3, 0.999999, 0.0, 1.0, 12.0, 0.0, 2, 2, -1)
	f.Add(0.3, 0.0, 0.05, 0.8, 0.01, 0.5, 1e4, 1.0, 5, 1, 3)
	f.Fuzz(func(t *testing.T, baseline, mde, alpha, target, margin, share, users, growth float64, weeks, treatments, looks int) {
		curve, err := reach.Weekly(users, growth)
		if err != nil {
			return
		}
		d := power.Design{Metric: power.Proportion{Baseline: baseline}, MDE: mde, Relative: true, Alpha: alpha, Power: target,
			Margin: margin, Treatments: treatments % 4, Correction: power.Bonferroni}
		test := duration.Test{Design: d, Traffic: curve, Share: share, Guardrail: weeks%2 == 0}
		switch {
		case looks > 0:
			test.Monitoring, err = duration.Looks(d, sequential.Design{Looks: looks % 6})
		case looks < 0:
			test.Monitoring, err = duration.Continuous(d, -looks%12)
		}
		if err != nil {
			assert.Answered[int](t)(0, err)
			return
		}
		assert.Answered[[]duration.Week](t)(test.Weeks(weeks % 5))
		assert.Answered[duration.Length](t)(test.Length(0))
		assert.Answered[duration.Point](t)(test.At(users))
	})
}
