package anytime

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/quad"
	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"
)

// The unit tests of confseq, the software of Howard et al. (2021), print seven
// digits; they were made with V = VOpt = 100 and α = 0.05.
func TestMixturePublished(t *testing.T) {
	for name, c := range map[string]struct {
		mixture    Mixture
		logE, want float64
	}{
		"normal, two-sided":        {Mixture{VOpt: 100}, -0.6510052, 30.35209},
		"normal, one-sided":        {Mixture{VOpt: 100, OneSided: true}, -0.06502391, 27.66071},
		"gamma-exponential":        {Mixture{Kind: GammaExponential, VOpt: 100, Scale: 2}, -0.2490165, 33.02017},
		"gamma-Poisson":            {Mixture{Kind: GammaPoisson, VOpt: 100, Scale: 2}, -0.06991219, 30.1949},
		"beta-binomial, two-sided": {Mixture{Kind: BetaBinomial, VOpt: 100, Below: 0.2, Above: 0.8}, -0.6941012, 31.4308},
		"beta-binomial, one-sided": {Mixture{Kind: BetaBinomial, VOpt: 100, Below: 0.2, Above: 0.8, OneSided: true}, -0.07134019, 28.41238},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Near(t, "ln E", assert.Must(c.mixture.LogE(10, 100)), c.logE, 5e-8)
			assert.Near(t, "bound", assert.Must(c.mixture.Bound(100)), c.want, 5e-5)
		})
	}
	k := assert.Must(Mixture{VOpt: 100}.prepare())
	assert.Near(t, "rho", k.rho, 12.60056, 5e-6)
}

func TestStitchedPublished(t *testing.T) {
	assert.Near(t, "c = 3", assert.Must(Stitched{VMin: 10, Scale: 3}.Bound(100)), 64.48755, 5e-6)
	assert.Near(t, "c = -1", assert.Must(Stitched{VMin: 10, Scale: -1}.Bound(100)), 28.99389, 5e-6)
}

// ln E is the logarithm of the integral that defines it; here by quadrature.
func TestMixtureIsItsIntegral(t *testing.T) {
	const v, rho = 30.0, 4.0
	for _, c := range []float64{0.1, 1, 3} {
		for _, s := range []float64{-8, 0, 5, 40} {
			a := rho / c / c
			lg, _ := math.Lgamma(a)
			lower, _ := quad.Integrate(0, 1, 1e-13, func(u float64) float64 {
				// θ = u⁸ takes the pole of a shape below 1 away.
				th := math.Pow(u, 8)
				lambda := (1 - th) / c
				return 8 * math.Pow(u, 7) * math.Exp((a-1)*math.Log(th)-a*th+a*math.Log(a)-lg+lambda*s-v*(-math.Log(th)-(1-th))/c/c)
			})
			k := kernel{kind: GammaExponential, c: c, rho: rho, oneSided: true}
			k.start()
			assert.Near(t, "gamma-exponential", k.logE(s, v), math.Log(lower/mathext.GammaIncReg(a, a)), 1e-8)
			upper, _ := quad.Integrate(0, 1, 1e-13, func(u float64) float64 {
				th := 1 / u
				lambda := math.Log(th) / c
				return th * th * math.Exp((a-1)*math.Log(th)-a*th+a*math.Log(a)-lg+lambda*s-v*(th-1-math.Log(th))/c/c)
			})
			k = kernel{kind: GammaPoisson, c: c, rho: rho, oneSided: true}
			k.start()
			assert.Near(t, "gamma-Poisson", k.logE(s, v), math.Log(upper/mathext.GammaIncRegComp(a, a)), 1e-8)
		}
	}
}

// Small steps are nearly normal steps, whatever their name: with c, g, h → 0 all
// kinds tend to the normal mixture, through every branch of the tail functions.
func TestMixturesTendToNormal(t *testing.T) {
	for _, scale := range []float64{3e-2, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8} {
		for _, s := range []float64{-1500, -100, -3, -1e-9, 0, 1e-9, 2, 30, 100} {
			for _, kind := range []Kind{GammaExponential, GammaPoisson, BetaBinomial} {
				m := Mixture{Kind: kind, VOpt: 100, Scale: scale, Below: scale, Above: 2 * scale, OneSided: true}
				want := assert.Must(Mixture{VOpt: 100, OneSided: true}.LogE(s, 100))
				got := assert.Must(m.LogE(s, 100))
				// The first correction is a third cumulant's: s³c/V² and below.
				assert.Near(t, string(kind), got, want, scale*(0.2+math.Abs(s)/50+math.Abs(s*s*s)/1e4)+1e-9)
			}
		}
	}
}

// Temme's expansions and the library's own functions meet where both are good.
func TestTailsMeet(t *testing.T) {
	for _, y := range []float64{-0.02, -0.01, -1e-3, -1e-5, 0, 1e-6, 1e-3, 0.01, 0.02} {
		for _, a := range []float64{2e5, 1e6} {
			x := a * (1 + y)
			if p := mathext.GammaIncReg(a, x); p > 1e-200 {
				assert.Near(t, "ln P", lnLower(a, y), math.Log(p), 1e-7)
			}
			if q := mathext.GammaIncRegComp(a, x); q > 1e-200 {
				assert.Near(t, "ln Q", lnUpper(a, y), math.Log(q), 1e-7)
			}
		}
		up, down := 6000*(1+y), 14000-6000*y
		k := kernel{p: 0.3, q: 0.7}
		e := up - 6000
		divergence := 6000*gamma.Entropy(e/6000) + 14000*gamma.Entropy(-e/14000)
		assert.Near(t, "ln of beta's tail", lnBetaAbove(up, down, k.p, k.q, divergence, e), math.Log(mathext.RegIncBeta(down, up, 0.7)), 3e-5)
	}
	for _, a := range []float64{0.3, 2, 50, 9e4} {
		for _, y := range []float64{-0.9, 1e3} {
			x := a * (1 + y)
			if p := mathext.GammaIncReg(a, x); y < 0 && p > 0 && p < 1e-290 {
				assert.Near(t, "ln P", lnLower(a, y), math.Log(p), 1e-6)
			}
			// Q lies between the terms of its enveloping series.
			if y > 0 {
				lg, _ := math.Lgamma(a)
				first := (a-1)*math.Log(x) - x - lg
				assert.Near(t, "ln Q", lnUpper(a, y), first, math.Abs(1.1*math.Log1p((a-1)/x))+1e-9*x)
			}
		}
	}
}

func TestMixtureLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mixture{
			Kind: rapid.SampledFrom([]Kind{Normal, GammaExponential, GammaPoisson, BetaBinomial}).Draw(t, "kind"),
			VOpt: rapid.Float64Range(0.1, 1e6).Draw(t, "vopt"), Alpha: rapid.Float64Range(1e-6, 0.4).Draw(t, "alpha"),
			OneSided: rapid.Bool().Draw(t, "one-sided"), Scale: rapid.Float64Range(1e-3, 10).Draw(t, "c"),
			Below: rapid.Float64Range(1e-3, 10).Draw(t, "g"), Above: rapid.Float64Range(1e-3, 10).Draw(t, "h"),
		}
		v := rapid.Float64Range(0.1, 1e7).Draw(t, "v")
		u := assert.Must(m.Bound(v))
		if m.Kind == BetaBinomial && u >= v/m.Below {
			return // nothing attainable crosses
		}
		e, threshold := assert.Must(m.LogE(u, v)), math.Log(1/m.Alpha)
		if math.Abs(e-threshold) > 1e-7*(1+threshold) {
			t.Fatalf("at its bound ln E is %.12g, not ln(1/α) = %.12g", e, threshold)
		}
		if next := assert.Must(m.Bound(v * 1.5)); next <= u {
			t.Fatalf("the bound falls from %g to %g", u, next)
		}
	})
}

func TestMixtureInput(t *testing.T) {
	good := Mixture{VOpt: 100}
	for field, call := range map[string]func() (float64, error){
		"VOpt":  func() (float64, error) { return Mixture{}.Bound(1) },
		"Alpha": func() (float64, error) { return Mixture{VOpt: 1, Alpha: 0.6, OneSided: true}.Bound(1) },
		"Kind":  func() (float64, error) { return Mixture{VOpt: 1, Kind: "cauchy"}.Bound(1) },
		"Scale": func() (float64, error) { return Mixture{VOpt: 1, Kind: GammaPoisson}.Bound(1) },
		"Below": func() (float64, error) { return Mixture{VOpt: 1, Kind: BetaBinomial, Above: 1}.Bound(1) },
		"Above": func() (float64, error) { return Mixture{VOpt: 1, Kind: BetaBinomial, Below: 1}.Bound(1) },
		"v":     func() (float64, error) { return good.Bound(0) },
		"s":     func() (float64, error) { return good.LogE(math.NaN(), 1) },
		"VMin":  func() (float64, error) { return Stitched{}.Bound(1) },
		"Eta":   func() (float64, error) { return Stitched{VMin: 1, Eta: 1}.Bound(1) },
		"Power": func() (float64, error) { return Stitched{VMin: 1, Power: 0.5}.Bound(1) },
	} {
		_, err := call()
		assert.Field(t, err, field)
	}
	_, err := Mixture{VOpt: 1, Kind: BetaBinomial, Below: 1, Above: 1}.LogE(3, 2)
	assert.Field(t, err, "s")
	_, err = Mixture{VOpt: 1, Kind: GammaPoisson, Scale: 1}.LogE(-30, 2)
	assert.Field(t, err, "s")
}
