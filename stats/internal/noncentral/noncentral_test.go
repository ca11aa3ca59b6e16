package noncentral

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats/internal/norm"
)

// Values of the integral by Gauss quadrature in arithmetic of 30 digits.
func TestTailByHighPrecision(t *testing.T) {
	for _, c := range []struct{ t, df, delta, want float64 }{
		{2.5, 1, 0.5, 0.208141296714982414},
		{40, 2.5, 6, 0.0105020490165565527},
		{3, 4, 2.9, 0.532362240573613539},
		{1.7, 30, 2.5, 0.786813386777172331},
		{-1, 12, -3, 0.0238620225245604511},
		{0.5, 200, -1.5, 0.0228175939336507621},
		{12, 60, 14, 0.915898380140674928},
		{1.96, 337523, 2.8, 0.799545543663420718},
		{1.96, 1e9, 2.8, 0.799545806650755322},
		{250, 1e4, 255, 0.99307270019650947},
		{100, 10, 100, 0.559419143265991494},
		{1e4, 50, 9000, 0.171051625990463887},
		{6, 9, -1, 4.44798331499983332e-6},
		{1e5, 1e9, 100001, 0.658458914126620236},
	} {
		if got := Tail(c.t, c.df, c.delta); !(math.Abs(got/c.want-1) < 5e-13) {
			t.Errorf("P(T > %g), df %g, δ %g: got %.17g, want %.17g", c.t, c.df, c.delta, got, c.want)
		}
	}
}

// The central t of 1 and 2 degrees of freedom has closed forms, good in any tail.
func TestTailIsClosedForFewDegrees(t *testing.T) {
	for _, x := range []float64{1e-9, 0.5, 3, 1e3, 1e9, 1e40} {
		root := math.Hypot(x, math.Sqrt2)
		for df, want := range map[float64]float64{1: math.Atan(1/x) / math.Pi, 2: 1 / root / (x + root)} {
			if got := Tail(x, df, 0); !(math.Abs(got/want-1) < 5e-14) {
				t.Errorf("P(T > %g), df %g: got %.17g, want %.17g", x, df, got, want)
			}
		}
	}
}

// TestEvenIsGeneral: the short rule agrees with the long one wherever it is taken.
func TestEvenIsGeneral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		df := math.Exp(rapid.Float64Range(math.Log(2000), math.Log(1e9)).Draw(t, "ln df"))
		x := rapid.Float64Range(1e-6, math.Min(40, math.Sqrt(df/40))).Draw(t, "t")
		delta := x + rapid.Float64Range(-9, 9).Draw(t, "delta − t")
		if a, b := even(x, df, delta), general(x, df, delta); !(math.Abs(a/b-1) < 2e-13) {
			t.Errorf("P(T > %g), df %g, δ %g: %.17g by the short rule, %.17g by the long one", x, df, delta, a, b)
		}
	})
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		df := math.Exp(rapid.Float64Range(0, math.Log(1e9)).Draw(t, "ln df"))
		x := rapid.Float64Range(-50, 50).Draw(t, "t")
		delta := rapid.Float64Range(-60, 60).Draw(t, "delta")
		p := Tail(x, df, delta)
		if both := p + Tail(-x, df, -delta); !(math.Abs(both-1) < 1e-12) {
			t.Errorf("the two sides of %g, df %g, δ %g add up to %.17g", x, df, delta, both)
		}
		if more := Tail(x, df, delta+0.1); !(more >= p-1e-13) || !(p >= 0 && p <= 1+1e-13) {
			t.Errorf("P(T > %g), df %g, falls from δ %g on: %g, %g", x, df, delta, p, more)
		}
		alpha := math.Exp(rapid.Float64Range(-200, math.Log(0.999)).Draw(t, "ln alpha"))
		if back := Tail(Critical(alpha, df), df, 0); !(math.Abs(back/alpha-1) < 1e-11) {
			t.Errorf("quantile of %g, df %g: its tail is %g", alpha, df, back)
		}
	})
}

// TestNodes: E S² = 1 and E Φ(δ − tS) is the tail.
func TestNodes(t *testing.T) {
	for _, df := range []float64{1, 2, 9.5, 10, 40, 101, 1e5, math.Inf(1)} {
		var one, square, tail float64
		for _, n := range Nodes(df) {
			one += n.Weight
			square += n.Weight * n.S * n.S
			tail += n.Weight * norm.CDF(2.8-1.96*n.S)
		}
		if !(math.Abs(one-1) < 1e-12 && math.Abs(square-1) < 1e-12) || !(math.Abs(tail-Tail(1.96, df, 2.8)) < 1e-12) {
			t.Errorf("df %g: E 1 = %.16g, E S² = %.16g, tail %.16g, not %.16g", df, one, square, tail, Tail(1.96, df, 2.8))
		}
	}
}

func BenchmarkTail(b *testing.B) {
	for _, c := range [][3]float64{{2, 1, 3}, {2, 10, 3}, {1.96, 1e4, 2.8}, {1.96, 1e9, 2.8}, {100, 10, 100}, {1000, 1e6, 1001}} {
		b.Run(fmt.Sprintf("t=%g/df=%g/delta=%g", c[0], c[1], c[2]), func(b *testing.B) {
			for b.Loop() {
				Tail(c[0], c[1], c[2])
			}
		})
	}
}

func BenchmarkCritical(b *testing.B) {
	for b.Loop() {
		Critical(0.025, 1000)
	}
}
