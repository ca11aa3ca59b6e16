package effect

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Arm holds the sufficient statistics of one metric in one arm of a test.
type Arm struct {
	N        int     `json:"n"`        // users, at least 2
	Mean     float64 `json:"mean"`     // mean per user
	Variance float64 `json:"variance"` // sample variance between users, with divisor N − 1
}

// ArmFromSums turns the sums that a query returns, n users, Σy and Σy², into an
// Arm:
//
//	mean = Σy/n      variance = (Σy² − (Σy)²/n)/(n − 1)
//
// The difference loses about log₁₀(mean²/variance) of 16 digits. A negative
// result within that rounding (1e-12 of Σy²) is 0; a more negative one is an
// error, because no values have such sums.
//
// Source: Chan, Golub & LeVeque (1983), The American Statistician 37:242–247, who also
// say what the difference loses.
func ArmFromSums(n int, sum, squares float64) (Arm, error) {
	if err := input.First(checkUsers("n", n), input.Finite("sum", sum), input.NonNegative("squares", squares)); err != nil {
		return Arm{}, err
	}
	mean := sum / float64(n)
	rest := squares - sum*mean
	if err := input.Check(rest >= -1e-12*squares, "squares", squares, "is below sum²/n, which no values can give"); err != nil {
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
func RelativeLift(treatment, control Arm) (stats.Estimate, error) {
	if err := input.First(treatment.check("treatment"), control.check("control"),
		input.Check(control.Mean != 0, "control.Mean", control.Mean, "a relative lift needs a control mean other than 0")); err != nil {
		return stats.Estimate{}, err
	}
	ratio := treatment.Mean / control.Mean
	se := math.Hypot(treatment.meanSE(), ratio*control.meanSE()) / math.Abs(control.Mean)
	if err := input.First(input.Finite("treatment.Mean/control.Mean", ratio), input.Finite("SE", se)); err != nil {
		return stats.Estimate{}, err
	}
	return stats.Estimate{Value: ratio - 1, SE: se}, nil
}

// WelchResult is Welch's test of the difference of two means.
type WelchResult struct {
	Difference float64 `json:"difference"` // ȳₜ − ȳ_c, in the metric's unit
	SE         float64 `json:"se"`         // its standard error
	T          float64 `json:"t"`          // Difference/SE
	DF         float64 `json:"df"`         // Welch–Satterthwaite degrees of freedom
	P          float64 `json:"p"`          // two-sided p-value
	PGreater   float64 `json:"p_greater"`  // one-sided p-value against "treatment is larger"
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
	diff, se, df, err := welch(treatment, control)
	if err != nil {
		return WelchResult{}, err
	}
	t := reference{df}
	return WelchResult{
		Difference: diff, SE: se, T: diff / se, DF: df,
		P: 2 * t.below(-math.Abs(diff/se)), PGreater: t.below(-diff / se),
	}, nil
}

// welch is the test without its p-values.
func welch(treatment, control Arm) (diff, se, df float64, err error) {
	if err := input.First(treatment.check("treatment"), control.check("control"),
		input.Check(treatment.meanSE() > 0 || control.meanSE() > 0, "treatment.Variance", treatment.Variance, "neither arm varies")); err != nil {
		return 0, 0, 0, err
	}
	se = math.Hypot(treatment.meanSE(), control.meanSE())
	return treatment.Mean - control.Mean, se, welchDF(treatment, control, treatment.N-1, control.N-1), nil
}

// welchDF is Welch–Satterthwaite's, from those of the two variances; at least the
// smaller of them, also after rounding.
func welchDF(t, c Arm, dt, dc int) float64 {
	se := math.Hypot(t.meanSE(), c.meanSE())
	if se == 0 {
		return float64(dt + dc)
	}
	// Shares of SE² instead of fourth powers, which could underflow.
	a, b := t.meanSE()/se, c.meanSE()/se
	return math.Max(float64(min(dt, dc)), 1/(a*a*a*a/float64(dt)+b*b*b*b/float64(dc)))
}

func (a Arm) meanSE() float64 { return math.Sqrt(a.Variance / float64(a.N)) }

func (a Arm) check(name string) error {
	return input.First(checkUsers(name+".N", a.N), input.Finite(name+".Mean", a.Mean), input.NonNegative(name+".Variance", a.Variance))
}

func checkUsers(field string, n int) error {
	return input.Check(n >= 2, field, float64(n), "a variance needs at least 2 users")
}
