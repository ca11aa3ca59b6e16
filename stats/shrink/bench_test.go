package shrink

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// fortySDs and the point mass are 40 components.
func fortySDs() []float64 {
	sds := defaultSDs(spiked(rand.New(rand.NewPCG(1, 1)), 10), 0)
	for k := range 39 {
		sds = append(sds[:k], 0.02*float64(int(1)<<(k/2))*[]float64{1, 1.4142135623730951}[k%2])
	}
	return sds
}

func BenchmarkAdaptive(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		es := spiked(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(fmt.Sprintf("estimates=%d/components=40", n), func(b *testing.B) {
			for b.Loop() {
				fit := assert.Must(Adaptive(es, Options{SDs: fortySDs()}))
				if fit.Gap > 1e-9*float64(n+9) {
					b.Fatal(fit.Gap)
				}
			}
		})
	}
}

func BenchmarkEstimateMode(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		es := spiked(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(fmt.Sprintf("estimates=%d", n), func(b *testing.B) {
			for b.Loop() {
				assert.Must(Adaptive(es, Options{EstimateMode: true}))
			}
		})
	}
}

func BenchmarkNonparametric(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		es := spiked(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(fmt.Sprintf("estimates=%d/places=300", n), func(b *testing.B) {
			for b.Loop() {
				assert.Must(Nonparametric(es, Points{}))
			}
		})
	}
}

func BenchmarkPosteriors(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		es := spiked(rand.New(rand.NewPCG(1, 1)), n)
		fit := assert.Must(Adaptive(es[:1000], Options{}))
		b.Run(fmt.Sprintf("estimates=%d", n), func(b *testing.B) {
			for b.Loop() {
				assert.Must(fit.Posteriors(es))
			}
		})
	}
}
