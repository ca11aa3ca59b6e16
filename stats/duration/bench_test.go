package duration_test

import (
	"testing"

	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/sequential"
)

func BenchmarkTest_Weeks(b *testing.B) {
	once := signup()
	looks, continuous := once, once
	looks.Monitoring = assert.Must(duration.Looks(once.Design, sequential.Design{Looks: 4}))
	continuous.Monitoring = assert.Must(duration.Continuous(once.Design, 0))
	for name, t := range map[string]duration.Test{"weeks=12/once": once, "weeks=12/looks=4": looks, "weeks=12/continuous": continuous} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				assert.Must(t.Weeks(12))
			}
		})
	}
}
