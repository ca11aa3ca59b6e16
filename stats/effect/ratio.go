package effect

import "github.com/assay-planner/assay/stats/internal/input"

// RatioArm holds the sufficient statistics of a ratio metric in one arm, such as
// clicks per view: per user a numerator x and a denominator y, over users who
// are independent of each other.
type RatioArm struct {
	N                   int     // users, at least 2
	Numerator           float64 // mean of x per user
	Denominator         float64 // mean of y per user, not 0
	NumeratorVariance   float64 // sample variance of x, divisor N − 1
	DenominatorVariance float64 // sample variance of y, divisor N − 1
	Covariance          float64 // sample covariance of x and y, divisor N − 1
}

// Arm returns the ratio R = x̄/ȳ as the mean of its linearised per-user value
// x/ȳ − R(y/ȳ − 1), whose variance is that of the delta method:
//
//	(s_x² − 2R s_xy + R² s_y²) / ȳ²
//
// so that Arm.Variance/N is the squared standard error of R, and RelativeLift
// and Welch answer for ratios as they do for means. A covariance larger than the
// two variances allow is an error.
//
// Source: Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric
// Analytics", KDD, §3.
func (r RatioArm) Arm() (Arm, error) {
	bound := r.NumeratorVariance * r.DenominatorVariance
	if err := input.First(checkUsers("N", r.N), input.Finite("Numerator", r.Numerator), input.Finite("Denominator", r.Denominator),
		input.Check(r.Denominator != 0, "Denominator", r.Denominator, "a ratio needs a denominator other than 0"),
		input.NonNegative("NumeratorVariance", r.NumeratorVariance), input.NonNegative("DenominatorVariance", r.DenominatorVariance),
		input.Check(r.Covariance*r.Covariance <= bound*(1+1e-9), "Covariance", r.Covariance, "exceeds the product of the two standard deviations")); err != nil {
		return Arm{}, err
	}
	ratio := r.Numerator / r.Denominator
	variance := (r.NumeratorVariance - 2*ratio*r.Covariance + ratio*ratio*r.DenominatorVariance) / r.Denominator / r.Denominator
	// Rounding may leave a perfectly proportional metric just below 0.
	arm := Arm{N: r.N, Mean: ratio, Variance: max(0, variance)}
	if err := arm.check("ratio"); err != nil {
		return Arm{}, err
	}
	return arm, nil
}
