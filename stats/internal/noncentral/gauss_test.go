package noncentral

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// TestFewNodes: nine nodes give the tails of the noncentral t and the moments of S²,
// E S⁴ = 1 + 2/ν.
func TestFewNodes(t *testing.T) {
	for _, df := range []float64{1.0001e4, 3e5, 1e9, 1e15} {
		nodes := FewNodes(df)
		if len(nodes) != 9 {
			t.Fatalf("%d nodes of %g degrees of freedom", len(nodes), df)
		}
		mean := func(f func(s float64) float64) (sum float64) {
			for _, n := range nodes {
				sum += n.Weight * f(n.S)
			}
			return sum
		}
		assert.Near(t, "1", mean(func(float64) float64 { return 1 }), 1, 1e-14)
		assert.Near(t, "S²", mean(func(s float64) float64 { return s * s }), 1, 1e-14)
		assert.Near(t, "S⁴", mean(func(s float64) float64 { return s * s * s * s }), 1+2/df, 1e-14)
		for _, c := range []float64{0, 1.96, 3.3, 10, 21, 40} {
			for _, beyond := range []float64{-3, -0.5, 0, 1, 4} {
				assert.Near(t, "tail", mean(func(s float64) float64 { return norm.CDF(c + beyond - c*s) }), Tail(c, df, c+beyond), 1e-13)
			}
		}
	}
	for _, df := range []float64{1, 100, 1e4, math.Inf(1)} {
		if got, want := FewNodes(df), Nodes(df); len(got) != len(want) || got[0] != want[0] {
			t.Errorf("%g degrees of freedom have a rule of their own", df)
		}
	}
}
