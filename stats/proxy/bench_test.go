package proxy

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// programme simulates tests of k metrics with errors as large as the effects.
func programme(n, k int) []Test {
	rng := rand.New(rand.NewPCG(1, 2))
	cov, noise := square(k), square(k)
	for i := range k {
		for j := range k {
			cov[i][j], noise[i][j] = 0.3, 0.2
		}
		cov[i][i], noise[i][i] = 1, 1
	}
	return simulate(rng, n, make([]float64, k), cov, func(rng *rand.Rand) [][]float64 {
		size, omega := 0.5+rng.Float64(), square(k)
		for i := range k {
			for j := range k {
				omega[i][j] = size * noise[i][j]
			}
		}
		return omega
	})
}

func BenchmarkFit(b *testing.B) {
	for _, size := range []struct{ tests, metrics int }{{1000, 5}, {100_000, 2}, {100_000, 5}, {1000, 20}} {
		tests := programme(size.tests, size.metrics)
		for _, method := range []Method{Likelihood, Moments} {
			b.Run(fmt.Sprintf("%s/tests=%d/metrics=%d", method, size.tests, size.metrics), func(b *testing.B) {
				for b.Loop() {
					assert.Must(Fit(tests, Options{Method: method}))
				}
			})
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	for _, short := range [][]int{{0}, {0, 1, 2}} {
		for _, n := range []int{1000, 100_000} {
			tests := programme(n, 5)
			b.Run(fmt.Sprintf("tests=%d/short=%d", n, len(short)), func(b *testing.B) {
				for b.Loop() {
					assert.Must(Assess(tests, short, 4, Options{}))
				}
			})
		}
	}
}

func BenchmarkPosterior(b *testing.B) {
	tests := programme(1000, 5)
	e := assert.Must(Fit(tests, Options{}))
	b.Run("metrics=5", func(b *testing.B) {
		for b.Loop() {
			assert.Must(e.Posterior(tests[0]))
		}
	})
	after := assert.Must(e.Posterior(tests[0]))
	for _, regions := range [][]Region{{Above(0, 0), Below(1, 0)}, {Above(0, 0), Above(1, 0), Above(2, 0), Above(3, 0)}} {
		b.Run(fmt.Sprintf("regions=%d", len(regions)), func(b *testing.B) {
			for b.Loop() {
				assert.Must(after.Probability(regions...))
			}
		})
	}
}
