package anytime

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkMonitor(b *testing.B) {
	for _, d := range []Design{{MDE: 0.01}, {MDE: 0.01, Sides: stats.Greater}, {Method: Yeast, PlannedSE: 0.001}} {
		var looks []Look
		for k := 1; k <= 100; k++ {
			looks = append(looks, look(0.001, 0.05/float64(k)))
		}
		b.Run(fmt.Sprintf("%s%s/looks=100", d.Method, d.Sides), func(b *testing.B) {
			for b.Loop() {
				assert.Must(d.Monitor(looks))
			}
		})
	}
}

func BenchmarkPrice(b *testing.B) {
	for _, looks := range []int{14, 100} {
		b.Run(fmt.Sprintf("looks=%d", looks), func(b *testing.B) {
			for b.Loop() {
				assert.Must(Design{MDE: 0.01}.Price(0.8, looks))
			}
		})
	}
}

func BenchmarkMixtureBound(b *testing.B) {
	for _, m := range []Mixture{{VOpt: 100}, {VOpt: 100, OneSided: true}, {Kind: GammaExponential, VOpt: 100, Scale: 2}, {Kind: GammaPoisson, VOpt: 100, Scale: 2}, {Kind: BetaBinomial, VOpt: 100, Below: 0.2, Above: 0.8, OneSided: true}} {
		b.Run(fmt.Sprintf("%s,one-sided=%v", m.Kind, m.OneSided), func(b *testing.B) {
			for b.Loop() {
				assert.Must(m.Bound(100))
			}
		})
	}
}
