package shrink

import (
	"math"
	"testing"
)

func exp(x float64) float64 {
	one := []float64{1}
	timesExp(one, []float64{x})
	return one[0]
}

func TestTimesExp(t *testing.T) {
	worst := 0.0
	for x := -699.9; x < 1; x += 0.000_731 {
		worst = max(worst, math.Abs(exp(x)/math.Exp(x)-1))
	}
	for x := 1e-300; x < 1; x *= 1.37 {
		worst = max(worst, math.Abs(exp(-x)/math.Exp(-x)-1))
	}
	if worst > 5e-16 {
		t.Errorf("off by %g of itself", worst)
	}
	for _, x := range []float64{-701, -1e6, -1e300, math.Inf(-1)} {
		if exp(x) != 0 {
			t.Errorf("exp(%g) = %g", x, exp(x))
		}
	}
	if exp(0) != 1 {
		t.Errorf("exp(0) = %g", exp(0))
	}
}
