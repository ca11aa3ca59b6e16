package solve

import (
	"math"
	"testing"
)

// The place of a maximum, inside and at an end, to the square root of the precision.
func TestMaximum(t *testing.T) {
	for place, f := range map[float64]func(float64) float64{
		0.3: func(x float64) float64 { return -(x - 0.3) * (x - 0.3) },
		1:   math.Exp,
		0:   func(x float64) float64 { return -math.Abs(x) },
	} {
		if got := Maximum(0, 1, f); math.Abs(got-place) > 1e-8 {
			t.Errorf("got %g, want %g", got, place)
		}
	}
}
