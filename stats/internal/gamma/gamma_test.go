package gamma

import (
	"math"
	"testing"
)

// Where the plain difference keeps its digits both must agree, and Γ(a + 1) =
// aΓ(a) must hold where it does not.
func TestRemainder(t *testing.T) {
	for _, a := range []float64{1e-3, 0.5, 1, 3, 9.999, 10, 12.5, 40} {
		l, _ := math.Lgamma(a)
		want := l - ((a-0.5)*math.Log(a) - a + 0.5*math.Log(2*math.Pi))
		if got := Remainder(a); math.Abs(got-want) > 1e-13*(1+math.Abs(l)) {
			t.Errorf("Remainder(%g) = %.16g, want %.16g", a, got, want)
		}
	}
	for _, a := range []float64{5, 9.5, 100, 1e5} {
		want := 1 - (a+0.5)*math.Log1p(1/a)
		if got := Remainder(a+1) - Remainder(a); math.Abs(got-want) > 4e-16*a {
			t.Errorf("Remainder(%g + 1) − Remainder: %.16g, want %.16g", a, got, want)
		}
	}
}

func TestEntropy(t *testing.T) {
	for y, want := range map[float64]float64{-1: 1, 0: 0, math.E - 1: 1, -0.5: 0.5 - 0.5*math.Ln2} {
		if got := Entropy(y); math.Abs(got-want) > 1e-15 {
			t.Errorf("Entropy(%g) = %.17g, want %.17g", y, got, want)
		}
	}
	for _, y := range []float64{-1e-3, 1e-3} { // where the series ends
		below, above := Entropy(y*(1-1e-9)), Entropy(y*(1+1e-9))
		if math.Abs(above/below-1-4e-9) > 1e-10 {
			t.Errorf("a step at %g: %.17g to %.17g", y, below, above)
		}
	}
}

// R 4's pchisq(q, df, lower.tail = FALSE).
func TestChiSquareTail(t *testing.T) {
	for _, c := range []struct {
		q    float64
		df   int
		want float64
	}{
		{0, 3, 1}, {1e-8, 1, 0.999920211544053}, {3.84, 1, 0.0500435212487052}, {1000, 1, 1.79583278480073e-219}, {1400, 2, 9.85967654375977e-305},
		{700, 6, 6.11672698000319e-148}, {300, 50, 2.31413641651407e-37}, {1.02e5, 1e5, 4.41193925512031e-06}, {1.0001e9, 1e9, 0.0126756119949356},
	} {
		if got := ChiSquareTail(c.q, c.df); math.Abs(got/c.want-1) > 1e-13 {
			t.Errorf("P(χ² ≥ %g) with %d df: got %.15g, want %.15g", c.q, c.df, got, c.want)
		}
	}
}
