package solve

import (
	"math"
	"testing"
)

func TestRoot(t *testing.T) {
	for name, c := range map[string]struct {
		lo, hi, want float64
		f            func(float64) float64
	}{
		"cosine":      {0, 2, math.Pi / 2, math.Cos},
		"flat cubic":  {-1, 3, 1, func(x float64) float64 { return (x - 1) * (x - 1) * (x - 1) }},
		"steep":       {0, 1e6, 3, func(x float64) float64 { return math.Expm1(x-3) / (1 + math.Exp(x-3)) }},
		"at an end":   {2, 5, 2, func(x float64) float64 { return x - 2 }},
		"reversed":    {5, 0, 2, func(x float64) float64 { return 4 - x*x }},
		"jump":        {0, 1, 0.25, func(x float64) float64 { return math.Copysign(1, x-0.25) }},
		"huge values": {0, 1, 0.5, func(x float64) float64 { return 1e300 * (x - 0.5) }},
	} {
		calls := 0
		got := Root(c.lo, c.hi, 1e-12, func(x float64) float64 { calls++; return c.f(x) })
		if math.Abs(got-c.want) > 1e-4 || name != "flat cubic" && math.Abs(got-c.want) > 2e-12 || calls > 110 {
			t.Errorf("%s: got %.15g after %d calls, want %.15g", name, got, calls, c.want)
		}
	}
	if got := Root(1, 2, 0, func(x float64) float64 { return x }); !math.IsNaN(got) {
		t.Errorf("no change of sign: got %g, want NaN", got)
	}
}

func TestBisect(t *testing.T) {
	if got := Bisect(0, 4, func(x float64) bool { return x*x < 2 }); math.Abs(got-math.Sqrt2) > 1e-15 {
		t.Errorf("got %.17g", got)
	}
}
