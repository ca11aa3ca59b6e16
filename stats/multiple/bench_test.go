package multiple

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkAdjust(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		rng := rand.New(rand.NewPCG(1, 1))
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Pow(rng.Float64(), 1+float64(i%3))
		}
		for _, c := range []Correction{Holm, Hommel, BH} {
			b.Run(fmt.Sprintf("%s/tests=%d", c, n), func(b *testing.B) {
				for b.Loop() {
					assert.Must(Adjust(p, c))
				}
			})
		}
		b.Run(fmt.Sprintf("storey/tests=%d", n), func(b *testing.B) {
			for b.Loop() {
				assert.Must(QValues(p, Storey{}))
			}
		})
	}
}

// BenchmarkOnline is a whole stream, of which a tenth is discovered.
func BenchmarkOnline(b *testing.B) {
	for _, method := range []Method{LORD, SAFFRON, ADDIS, LOND} {
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("%s/tests=%d", method, n), func(b *testing.B) {
				for b.Loop() {
					rng := rand.New(rand.NewPCG(1, 2))
					o := assert.Must(NewOnline(Options{Method: method}))
					for i := range n {
						p := rng.Float64()
						if i%10 == 0 {
							p *= 1e-6
						}
						assert.Must(o.Next(p))
					}
				}
			})
		}
	}
}
