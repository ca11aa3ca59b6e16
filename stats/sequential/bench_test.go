package sequential

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/stats"
)

func BenchmarkPlan(b *testing.B) {
	for name, d := range map[string]Design{
		"OBF spending, two-sided": {},
		"OBF spending, one-sided": {Sides: stats.OneSided},
		"Pocock, two-sided":       {Efficacy: Pocock()},
		"OBF spending, futility":  {Sides: stats.OneSided, Futility: OBFSpending()},
		"OBF spending, binding":   {Sides: stats.OneSided, Futility: OBFSpending(), Binding: true},
	} {
		for _, d.Looks = range []int{5, 10, 20, 50} {
			b.Run(fmt.Sprintf("%s/looks=%d", name, d.Looks), func(b *testing.B) {
				for b.Loop() {
					d.Plan()
				}
			})
		}
	}
}

func BenchmarkMonitor(b *testing.B) {
	for _, boundary := range []Boundary{OBFSpending(), Pocock()} {
		p := plan(b, Design{Looks: 5, Efficacy: boundary})
		looks := []Look{{Information: 0.2, Z: 1}, {Information: 0.37, Z: 1.2}, {Information: 0.61, Z: 1.4}}
		b.Run(fmt.Sprintf("%v/looks=5", boundary), func(b *testing.B) {
			for b.Loop() {
				p.Monitor(looks...)
			}
		})
	}
}

func BenchmarkInfer(b *testing.B) {
	for _, n := range []int{5, 20} {
		p := plan(b, Design{Looks: n})
		looks := looksAt(p, make([]float64, n))
		looks[n-1].Z = 2.2
		b.Run(fmt.Sprintf("looks=%d", n), func(b *testing.B) {
			for b.Loop() {
				p.Infer(looks...)
			}
		})
	}
}
