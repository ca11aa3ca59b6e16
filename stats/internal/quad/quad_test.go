package quad

import (
	"math"
	"testing"
)

func TestIntegrate(t *testing.T) {
	for name, c := range map[string]struct {
		a, b, want float64
		f          func(float64) float64
	}{
		"polynomial":      {-1, 3, 20, func(x float64) float64 { return x * x * x }},
		"normal density":  {-9, 9, 1, func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }},
		"narrow peak":     {-1, 1, math.Sqrt(math.Pi) * 0.1, func(x float64) float64 { return math.Exp(-(x - 0.3) * (x - 0.3) * 100) }},
		"integrable pole": {0, 1, 2, func(x float64) float64 { return 1 / math.Sqrt(x) }},
		"oscillation":     {0, 100, (1 - math.Cos(5000)) / 50, func(x float64) float64 { return math.Sin(50 * x) }},
		"kink":            {-1, 2, 2.5, math.Abs},
		"empty interval":  {2, 2, 0, math.Exp},
		"reversed":        {1, 0, -0.5, func(x float64) float64 { return x }},
	} {
		got, bound := Integrate(c.a, c.b, 1e-10, c.f)
		if e := math.Abs(got - c.want); !(e <= math.Max(bound, 1e-13)) || e > 1e-8 {
			t.Errorf("%s: got %.15g, want %.15g: error %.2g above its bound %.2g", name, got, c.want, e, bound)
		}
	}
}

func TestLegendreIsExact(t *testing.T) {
	r := Legendre(5)
	sum := 0.0
	for i, x := range r.Nodes {
		sum += r.Weights[i] * math.Pow(x, 8)
	}
	if math.Abs(sum-2.0/9) > 1e-15 {
		t.Errorf("the integral of x⁸ over [−1, 1] is %.17g, want 2/9", sum)
	}
}
