package health

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"gonum.org/v1/gonum/mat"
)

// regression is effects of days on columns, by generalised least squares with
// known standard errors and one correlation ρ between any two days.
type regression struct {
	coefficients []float64
	covariance   *mat.SymDense
	q            float64 // what is left: Σ of squared whitened residuals
	df           int
}

// regress whitens rows and effects, so that ordinary least squares is right:
// with e = effect/SE, (I − aJ)e/√(1 − ρ) has unit covariance for
//
//	a = (1 − √((1 − ρ)/(1 + (n − 1)ρ)))/n      J: all ones
//
// Source: Seber & Lee (2003), Linear Regression Analysis, 2nd ed., §3.10.
func regress(days []Day, rho float64, row func(Day) []float64) (regression, error) {
	n, p := len(days), len(row(days[0]))
	// In units of the smallest standard error no weight is above 1.
	unit := math.Inf(1)
	for _, d := range days {
		unit = math.Min(unit, d.SE)
	}
	x, y := mat.NewDense(n, p, nil), mat.NewVecDense(n, nil)
	for i, d := range days {
		w := unit / d.SE
		for j, c := range row(d) {
			x.Set(i, j, c*w)
		}
		y.SetVec(i, d.Value/d.SE)
	}
	a := (1 - math.Sqrt((1-rho)/(1+float64(n-1)*rho))) / float64(n)
	scale := 1 / math.Sqrt(1-rho)
	for j := range p {
		column := x.ColView(j).(*mat.VecDense)
		whiten(column, a, scale)
	}
	whiten(y, a, scale)
	var qr mat.QR
	qr.Factorize(x)
	if condition := qr.Cond(); !(condition < 1e10) {
		return regression{}, input.Check(false, "days", float64(n), "their standard errors or days are too uneven for a trend")
	}
	var b, fitted mat.VecDense
	if err := qr.SolveVecTo(&b, false, y); err != nil {
		return regression{}, input.Check(false, "days", float64(n), "their standard errors or days are too uneven for a trend")
	}
	fitted.MulVec(x, &b)
	fitted.SubVec(y, &fitted)
	r := regression{q: mat.Dot(&fitted, &fitted), df: n - p, covariance: mat.NewSymDense(p, nil)}
	var inverse mat.Dense
	var upper mat.Dense
	qr.RTo(&upper)
	if err := inverse.Inverse(upper.Slice(0, p, 0, p)); err != nil {
		return regression{}, input.Check(false, "days", float64(n), "their standard errors or days are too uneven for a trend")
	}
	r.covariance.SymOuterK(unit*unit, &inverse)
	for j := range p {
		r.coefficients = append(r.coefficients, b.AtVec(j)*unit)
	}
	return r, nil
}

// whiten replaces v by (v − a·(sum of v))·scale.
func whiten(v *mat.VecDense, a, scale float64) {
	shift := a * mat.Sum(v)
	for i := range v.Len() {
		v.SetVec(i, (v.AtVec(i)-shift)*scale)
	}
}

// at is the fitted effect for a row of columns, with its standard error.
func (r regression) at(row []float64) stats.Estimate {
	x := mat.NewVecDense(len(row), row)
	return stats.Estimate{
		Value: mat.Dot(x, mat.NewVecDense(len(row), r.coefficients)),
		SE:    math.Sqrt(math.Max(0, mat.Inner(x, r.covariance, x))),
	}
}
