package quantile

import (
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkCompare(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	a, c := draw(r, 100_000, logNormal), draw(r, 100_000, logNormal)
	for name, arms := range map[string][2]Sketch{
		"histogram/bins=2315":      {binned(a), binned(c)},
		"digest/centroids=100":     {digestOf(a, 100), digestOf(c, 100)},
		"digest/centroids=1000":    {digestOf(a, 1000), digestOf(c, 1000)},
		"few/exact-binomial/n=900": {digestOf(a[:900], 200), digestOf(c[:900], 200)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				assert.Must(Compare(Sample{Sketch: arms[0]}, Sample{Sketch: arms[1]}, 0.95, Options{}))
			}
		})
	}
}

func BenchmarkWinsorised(b *testing.B) {
	h := summed(draw(rand.New(rand.NewPCG(1, 1)), 100_000, logNormal))
	b.Run("bins=2315", func(b *testing.B) {
		for b.Loop() {
			assert.Must(Winsorised(h, UpTo(1000)))
		}
	})
}
