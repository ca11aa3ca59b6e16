package quad

import (
	"math"
	"testing"
)

func TestSeveral(t *testing.T) {
	got := Several([]float64{-9, 0, 9}, 3, 1e-13, func(x float64, out []float64) {
		out[0] = math.Exp(-x * x / 2)
		out[1] = math.Sqrt(math.Abs(x - 0.3)) // a kink inside a panel
		out[2] = x * x
	})
	for i, want := range []float64{math.Sqrt(2 * math.Pi), (math.Pow(9.3, 1.5) + math.Pow(8.7, 1.5)) * 2 / 3, 486} {
		if e := math.Abs(got[i] - want); !(e <= 1e-10*want) {
			t.Errorf("function %d: got %.15g, want %.15g", i, got[i], want)
		}
	}
}
