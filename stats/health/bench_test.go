package health

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkSequentialSampleRatio(b *testing.B) {
	var looks [][]int
	for i := 1; i <= 30; i++ {
		looks = append(looks, []int{1000 * i, 1010 * i, 990 * i})
	}
	b.Run("looks=30,arms=3", func(b *testing.B) {
		for b.Loop() {
			assert.Must(SequentialSampleRatio(looks, []float64{1, 1, 1}, 0))
		}
	})
}

func BenchmarkAA(b *testing.B) {
	for _, n := range []int{100, 300, 10_000} {
		p := make([]float64, n)
		for i := range p {
			p[i] = (float64(i*7919%n) + 0.5) / float64(n)
			p[i] *= p[i]
		}
		b.Run(fmt.Sprintf("tests=%d", n), func(b *testing.B) {
			for b.Loop() {
				assert.Must(AA(p, AAOptions{}))
			}
		})
	}
}

func BenchmarkNovelty(b *testing.B) {
	days := dailyEffects(28, flat(0.01), func(d int) float64 { return 0.001 * float64(d) })
	b.Run("days=28", func(b *testing.B) {
		for b.Loop() {
			assert.Must(Novelty(days, NoveltyOptions{}))
		}
	})
}
