package returns

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/bayes"
)

func BenchmarkOf(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, arms := range []int{1, 3} {
		es, _ := programme(rng, 10_000, arms, 5, func() float64 { return 0.01 * rng.NormFloat64() })
		for _, r := range []Rule{Significant(0.025), PosteriorMean("t", bayes.StudentT{Scale: 0.01, DF: 4}, 0)} {
			for _, m := range []Method{PlugIn, Thinned, CrossFit, Extrapolated} {
				b.Run(fmt.Sprintf("%s/%s/experiments=10000/arms=%d", m, r.Name[:4], arms), func(b *testing.B) {
					for b.Loop() {
						if _, err := Of(es, r, Options{Method: m}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
