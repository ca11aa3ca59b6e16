package allocator_test

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/allocator"
)

func BenchmarkSolve(b *testing.B) {
	for _, size := range []struct{ candidates, options int }{{500, 100}, {10_000, 30}} {
		p := night(size.candidates, size.options, 1)
		b.Run(fmt.Sprintf("candidates=%d", size.candidates), func(b *testing.B) {
			for b.Loop() {
				plan, err := allocator.Solve(p, allocator.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(100*plan.Gap, "gap-%")
				b.ReportMetric(float64(len(plan.Choices)), "chosen")
			}
		})
	}
}
