package mixed

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkLearn(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		for _, shape := range []Shape{Normal, Student, Adaptive} {
			b.Run(fmt.Sprintf("effects=%d/groups=50/tail=%s", n, shape), func(b *testing.B) {
				e := newProgramme(9, 50).effects(b, n)
				for b.Loop() {
					fit := assert.Must(Learn(e, Options{Tail: shape}))
					b.ReportMetric(float64(fit.Iterations), "iterations")
				}
			})
		}
	}
	b.Run("effects=4000/words=8000", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		e := assert.Must(NewEffects(Block{Name: "words", Columns: 8000}))
		words := make([]float64, 8000)
		for w := range words {
			words[w] = 0.05 * rng.NormFloat64()
		}
		for i := range 4000 {
			y, z := 0.2*rng.NormFloat64(), []Feature{}
			for range 14 {
				w := int(8000 * rng.Float64() * rng.Float64())
				y += words[w]
				z = append(z, Feature{0, w, 1})
			}
			if err := e.Add(stats.Estimate{Value: y + 0.2*rng.NormFloat64(), SE: 0.2}, i/4, z...); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			fit := assert.Must(Learn(e, Options{}))
			b.ReportMetric(float64(fit.Iterations), "iterations")
		}
	})
}
