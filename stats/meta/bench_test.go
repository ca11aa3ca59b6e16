package meta

import (
	"fmt"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
)

func BenchmarkFit(b *testing.B) {
	for _, k := range []int{50, 5000} {
		es := make([]stats.Estimate, k)
		for i := range es {
			es[i] = stats.Estimate{Value: math.Sin(float64(i+1)) / 10, SE: 0.05 + 0.01*float64(i+1)/float64(k)}
		}
		for _, method := range []Method{DL, PM, REML} {
			b.Run(fmt.Sprintf("%s/studies=%d", method, k), func(b *testing.B) {
				for b.Loop() {
					if _, err := Fit(es, Options{Method: method}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
