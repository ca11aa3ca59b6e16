package allocator_test

import (
	"context"
	"testing"

	"github.com/assay-planner/assay/allocator"
)

// BenchmarkSolve reports the time of one night and what is left between plan and bound.
func BenchmarkSolve(b *testing.B) {
	for _, size := range []struct {
		name    string
		problem func() allocator.Problem
	}{
		{"candidates=500", func() allocator.Problem { return night(500, 100, 1) }},
		{"candidates=500/packed", func() allocator.Problem { return packed(500, 100, 1) }},
		{"candidates=10000", func() allocator.Problem { return night(10_000, 30, 1) }},
	} {
		b.Run(size.name, func(b *testing.B) {
			p := size.problem()
			var plan allocator.Plan
			for b.Loop() {
				var err error
				if plan, err = allocator.Solve(context.Background(), p, allocator.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(100*plan.Gap, "gap-%")
			b.ReportMetric(float64(len(plan.Choices)), "chosen")
		})
	}
}
