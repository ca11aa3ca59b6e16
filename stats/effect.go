package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Arm holds the sufficient statistics of one metric in one arm of a test.
type Arm struct {
	N        int     // users, at least 2
	Mean     float64 // mean per user
	Variance float64 // sample variance between users, with divisor N − 1
}

// ArmFromSums turns the sums that a query returns, n users, Σy and Σy², into an
// Arm:
//
//	mean = Σy/n      variance = (Σy² − (Σy)²/n)/(n − 1)
//
// The difference loses about log₁₀(mean²/variance) of 16 digits. A negative
// result within that rounding (1e-12 of Σy²) is 0; a more negative one is an
// error, because no values have such sums.
func ArmFromSums(n int, sum, squares float64) (Arm, error) {
	if err := first(checkUsers("n", n), checkFinite("sum", sum), checkNonNegative("squares", squares)); err != nil {
		return Arm{}, err
	}
	mean := sum / float64(n)
	rest := squares - sum*mean
	if err := check(rest >= -1e-12*squares, "squares", squares, "is below sum²/n, which no values can give"); err != nil {
		return Arm{}, err
	}
	return Arm{N: n, Mean: mean, Variance: math.Max(0, rest) / float64(n-1)}, nil
}

// RelativeLift returns the relative lift of treatment over control and its
// standard error by the delta method:
//
//	lift = ȳₜ/ȳ_c − 1      SE = √(sₜ²/nₜ + (ȳₜ/ȳ_c)² s_c²/n_c) / |ȳ_c|
//
// The arms are independent. The normal approximation is poor when ȳ_c is within
// a few of its own standard errors of 0; a mean of 0 is an error. Where it
// is below 0, a rise of the mean is a negative lift. If neither arm varies, SE is 0,
// which FitNormal and FitGroups refuse.
//
// Source: Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric
// Analytics", KDD, §2.
func RelativeLift(treatment, control Arm) (Estimate, error) {
	if err := first(treatment.check("treatment"), control.check("control"),
		check(control.Mean != 0, "control.Mean", control.Mean, "a relative lift needs a control mean other than 0")); err != nil {
		return Estimate{}, err
	}
	ratio := treatment.Mean / control.Mean
	se := math.Hypot(treatment.meanSE(), ratio*control.meanSE()) / math.Abs(control.Mean)
	if err := first(checkFinite("treatment.Mean/control.Mean", ratio), checkFinite("SE", se)); err != nil {
		return Estimate{}, err
	}
	return Estimate{Value: ratio - 1, SE: se}, nil
}

// WelchResult is Welch's test of the difference of two means.
type WelchResult struct {
	Difference float64 // ȳₜ − ȳ_c, in the metric's unit
	SE         float64 // its standard error
	T          float64 // Difference/SE
	DF         float64 // Welch–Satterthwaite degrees of freedom
	P          float64 // two-sided p-value
	PGreater   float64 // one-sided p-value against "treatment is larger"
}

// Welch tests whether the means of two independent arms differ, without
// assuming equal variances:
//
//	SE² = sₜ²/nₜ + s_c²/n_c      T = (ȳₜ − ȳ_c)/SE
//	DF  = SE⁴ / ((sₜ²/nₜ)²/(nₜ − 1) + (s_c²/n_c)²/(n_c − 1))
//
// If neither arm varies there is no test: an error.
//
// Source: Welch (1947), Biometrika 34:28–35; R's t.test.
func Welch(treatment, control Arm) (WelchResult, error) {
	if err := first(treatment.check("treatment"), control.check("control"),
		check(treatment.meanSE() > 0 || control.meanSE() > 0, "treatment.Variance", treatment.Variance, "neither arm varies")); err != nil {
		return WelchResult{}, err
	}
	se := math.Hypot(treatment.meanSE(), control.meanSE())
	// Shares of SE² instead of fourth powers, which could underflow.
	a, b := treatment.meanSE()/se, control.meanSE()/se
	df := 1 / (a*a*a*a/float64(treatment.N-1) + b*b*b*b/float64(control.N-1))
	diff := treatment.Mean - control.Mean
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	return WelchResult{
		Difference: diff, SE: se, T: diff / se, DF: df,
		P: 2 * t.CDF(-math.Abs(diff/se)), PGreater: t.CDF(-diff / se),
	}, nil
}

func (a Arm) meanSE() float64 { return math.Sqrt(a.Variance / float64(a.N)) }

func (a Arm) check(name string) error {
	return first(checkUsers(name+".N", a.N), checkFinite(name+".Mean", a.Mean), checkNonNegative(name+".Variance", a.Variance))
}

func checkUsers(field string, n int) error {
	return check(n >= 2, field, float64(n), "a variance needs at least 2 users")
}
