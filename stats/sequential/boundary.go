package sequential

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Boundary is a family of stopping boundaries. A classical one fixes the shape
// of the critical values over the looks; a spending one fixes how much of α (or,
// for futility, of β) may be used up by information t, whenever the looks come.
// The zero value is the default of the field that holds it.
type Boundary struct {
	kind      kind
	parameter float64
	spend     func(t, alpha float64) float64
	fractions []float64
}

type kind int

const (
	unset kind = iota
	wangTsiatis
	obfSpending
	pocockSpending
	kimDeMets
	hwangShihDeCani
	spendFunction
	spentFractions
)

// OBrienFleming is the classical boundary with critical values that fall with
// information, z_k = C/√t_k.
//
// Source: O'Brien & Fleming (1979), Biometrics 35:549–556.
func OBrienFleming() Boundary { return WangTsiatis(0) }

// Pocock is the classical boundary with one critical value at all looks, z_k = C.
//
// Source: Pocock (1977), Biometrika 64:191–199.
func Pocock() Boundary { return WangTsiatis(0.5) }

// WangTsiatis is the classical boundary z_k = C·t_k^(Δ−½), with shape Δ in
// [−1, 1]: 0 is O'Brien and Fleming's, ½ is Pocock's.
//
// Source: Wang & Tsiatis (1987), Biometrics 43:193–199.
func WangTsiatis(delta float64) Boundary { return Boundary{kind: wangTsiatis, parameter: delta} }

// OBFSpending spends little early, like O'Brien and Fleming's boundary:
//
//	α(t) = 2 − 2Φ(z₁₋α/₂ / √t)
//
// where α is what one side may spend.
//
// Source: Lan & DeMets (1983), Biometrika 70:659–663.
func OBFSpending() Boundary { return Boundary{kind: obfSpending} }

// PocockSpending spends about evenly, like Pocock's boundary: α(t) = α ln(1 + (e − 1)t).
//
// Source: Lan & DeMets (1983), Biometrika 70:659–663.
func PocockSpending() Boundary { return Boundary{kind: pocockSpending} }

// KimDeMets is the power family of spending, α(t) = α t^γ, with γ in (0, 50]:
// 1 is even, 3 is close to O'Brien and Fleming.
//
// Source: Kim & DeMets (1987), Biometrika 74:149–154.
func KimDeMets(gamma float64) Boundary { return Boundary{kind: kimDeMets, parameter: gamma} }

// HwangShihDeCani is the gamma family of spending,
//
//	α(t) = α (1 − e^(−γt))/(1 − e^(−γ))      α t for γ = 0
//
// with γ in [−40, 40]: −4 is close to O'Brien and Fleming, 1 to Pocock.
//
// Source: Hwang, Shih & De Cani (1990), Statistics in Medicine 9:1439–1445.
func HwangShihDeCani(gamma float64) Boundary {
	return Boundary{kind: hwangShihDeCani, parameter: gamma}
}

// Spend is a boundary by any spending function f(t, α): the error spent by
// information t in (0, 1] of the α that one side may spend. It must not fall,
// lie in [0, α], and give α at t = 1.
//
// Source: Lan & DeMets (1983), Biometrika 70:659–663.
func Spend(f func(t, alpha float64) float64) Boundary {
	return Boundary{kind: spendFunction, spend: f}
}

// SpendFractions is a boundary by the cumulative fractions of the error spent at
// each planned look: not falling, in [0, 1], the last one 1. A test that looks at
// other times spends by the straight lines between these points and the origin.
//
// Source: Lan & DeMets (1983), Biometrika 70:659–663.
func SpendFractions(fractions ...float64) Boundary {
	return Boundary{kind: spentFractions, fractions: append([]float64{}, fractions...)}
}

// String names the family and its parameter.
func (b Boundary) String() string {
	switch {
	case b.kind == wangTsiatis && b.parameter == 0:
		return "O'Brien-Fleming"
	case b.kind == wangTsiatis && b.parameter == 0.5:
		return "Pocock"
	case b.kind == wangTsiatis:
		return fmt.Sprintf("Wang-Tsiatis(%g)", b.parameter)
	case b.kind == kimDeMets:
		return fmt.Sprintf("Kim-DeMets spending(%g)", b.parameter)
	case b.kind == hwangShihDeCani:
		return fmt.Sprintf("Hwang-Shih-DeCani spending(%g)", b.parameter)
	}
	return [...]string{unset: "default", obfSpending: "O'Brien-Fleming-type spending", pocockSpending: "Pocock-type spending",
		spendFunction: "user-supplied spending", spentFractions: "user-supplied spent fractions"}[b.kind]
}

func (b Boundary) classical() bool { return b.kind == wangTsiatis }

func (b Boundary) check(field string, looks int) error {
	switch b.kind {
	case wangTsiatis:
		return input.Check(math.Abs(b.parameter) <= 1, field, b.parameter, "needs Wang and Tsiatis' Δ in [−1, 1]")
	case kimDeMets:
		return input.Check(b.parameter > 0 && b.parameter <= 50, field, b.parameter, "needs Kim and DeMets' γ in (0, 50]")
	case hwangShihDeCani:
		return input.Check(math.Abs(b.parameter) <= 40, field, b.parameter, "needs Hwang, Shih and DeCani's γ in [−40, 40]")
	case spendFunction:
		return input.Check(b.spend != nil, field, 0, "needs a spending function")
	case spentFractions:
		return b.checkFractions(field, looks)
	}
	return nil
}

func (b Boundary) checkFractions(field string, looks int) error {
	f := b.fractions
	if len(f) != looks {
		return input.Check(false, field, float64(len(f)), "needs one spent fraction for each look")
	}
	before := 0.0
	for _, x := range f {
		if !(x >= before && x <= 1) {
			return input.Check(false, field, x, "spent fractions must lie in [0, 1] and not fall")
		}
		before = x
	}
	return input.Check(before == 1, field, before, "the last spent fraction must be 1")
}

// spent is the cumulative error spent by information t of a level alpha, for a
// spending boundary; planned are the fractions of information of the plan.
func (b Boundary) spent(t, alpha float64, planned []float64) float64 {
	switch {
	case b.kind == spendFunction:
		return b.spend(math.Min(t, 1), alpha)
	case t >= 1:
		return alpha
	}
	switch b.kind {
	case obfSpending:
		return 2 * norm.CDF(norm.Quantile(alpha/2)/math.Sqrt(t))
	case pocockSpending:
		return alpha * math.Log1p((math.E-1)*t)
	case kimDeMets:
		return alpha * math.Pow(t, b.parameter)
	case hwangShihDeCani:
		if b.parameter == 0 {
			return alpha * t
		}
		return alpha * math.Expm1(-b.parameter*t) / math.Expm1(-b.parameter)
	}
	return alpha * interpolate(t, planned, b.fractions)
}

// interpolate is the piecewise linear function through (0, 0) and (x_i, y_i).
func interpolate(t float64, x, y []float64) float64 {
	x0, y0 := 0.0, 0.0
	for i := range x {
		if t <= x[i] {
			return y0 + (y[i]-y0)*(t-x0)/(x[i]-x0)
		}
		x0, y0 = x[i], y[i]
	}
	return y0
}
