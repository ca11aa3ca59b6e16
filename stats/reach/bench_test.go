package reach

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkFit(b *testing.B) {
	for _, days := range []int{2, 14, 56} {
		points := pointsOf(Curve{Model: BetaBinomial, Scale: 1e6, A: 0.5, B: 3}, daysTo(days)...)
		b.Run(fmt.Sprintf("points=%d", days), func(b *testing.B) {
			for b.Loop() {
				assert.Must(Fit(points, Options{}))
			}
		})
	}
}

func BenchmarkUsers(b *testing.B) {
	for _, c := range []Curve{{Model: BetaBinomial, Scale: 1e6, A: 0.5, B: 3}, {Model: Power, Scale: 1e6, Exponent: 0.5}} {
		b.Run(string(c.Model), func(b *testing.B) {
			for b.Loop() {
				c.Users(28)
			}
		})
	}
}

func BenchmarkDay(b *testing.B) {
	c := Curve{Model: BetaBinomial, Scale: 1e6, A: 0.5, B: 3}
	b.Run("beta_binomial", func(b *testing.B) {
		for b.Loop() {
			c.Day(5e5)
		}
	})
}
