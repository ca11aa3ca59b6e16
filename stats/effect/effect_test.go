package effect

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// The sums are exact sums of the user-level table userlevel_1 (1,482 and 1,518
// simulated users); the results are numpy 1.24.2 and statsmodels 0.13.5 on the
// same users.
func TestLiftReference(t *testing.T) {
	control := assert.Must(ArmFromSums(1482, 1681.23, 4516.0919102))
	treatment := assert.Must(ArmFromSums(1518, 1748.0825, 4659.34573703))
	w := assert.Must(Welch(treatment, control))
	lift := assert.Must(RelativeLift(treatment, control))
	assert.Near(t, "diff", (w.Difference)/0.0171363009606715, 1, 1e-8)
	assert.Near(t, "SE", (w.SE)/0.0483507345585464, 1, 1e-8)
	assert.Near(t, "t", (w.T)/0.354416558861618, 1, 1e-8)
	assert.Near(t, "p", (w.P)/0.723051673658707, 1, 1e-8)
	assert.Near(t, "lift", (lift.Value)/0.01510560602875, 1, 1e-8)
	assert.Near(t, "lift SE", (lift.SE)/0.0429495985076474, 1, 1e-8)
}

// Clicks per view of the same users: Σx, Σx², Σy, Σy², Σxy.
func TestRatioReference(t *testing.T) {
	arm := func(n int, x, xx, y, yy, xy float64) Arm {
		k := float64(n)
		moment := func(ab, a, b float64) float64 { return (ab - a*b/k) / (k - 1) }
		return assert.Must(RatioArm{N: n, Numerator: x / k, Denominator: y / k, NumeratorVariance: moment(xx, x, x),
			DenominatorVariance: moment(yy, y, y), Covariance: moment(xy, x, y)}.Arm())
	}
	control := arm(1482, 1746, 6204, 9090, 97080, 21422)
	treatment := arm(1518, 1980, 7006, 9271, 95341, 22358)
	w := assert.Must(Welch(treatment, control))
	lift := assert.Must(RelativeLift(treatment, control))
	assert.Near(t, "treatment", (treatment.Mean)/0.213569194261676, 1, 1e-8)
	assert.Near(t, "var treatment", (treatment.Variance/1518)/2.10107502882873e-05, 1, 1e-8)
	assert.Near(t, "control", (control.Mean)/0.192079207920792, 1, 1e-8)
	assert.Near(t, "var control", (control.Variance/1482)/1.88473381070998e-05, 1, 1e-8)
	assert.Near(t, "diff", (w.Difference)/0.0214899863408841, 1, 1e-8)
	assert.Near(t, "diff SE", (w.SE)/0.00631332625447055, 1, 1e-8)
	assert.Near(t, "z", (w.T)/3.40390872809192, 1, 1e-8)
	assert.Near(t, "p of the normal approximation", (2*norm.CDF(-w.T))/0.000664289462191243, 1, 1e-8)
	assert.Near(t, "lift", (lift.Value)/0.11188085672316, 1, 1e-8)
	assert.Near(t, "lift SE", (lift.SE)/0.0346558842478643, 1, 1e-8)
}

// A denominator that is always 1 makes the ratio a mean.
func TestRatioOfOnesIsMean(t *testing.T) {
	got := assert.Must(RatioArm{N: 100, Numerator: 0.3, Denominator: 1, NumeratorVariance: 0.2}.Arm())
	if got != (Arm{100, 0.3, 0.2}) {
		t.Errorf("got %+v", got)
	}
}

// The smallest variances that have a standard error still give numbers. With 1 degree
// of freedom P is 2/(πT) there: the tail of a Cauchy distribution.
func TestWelchFarApart(t *testing.T) {
	w := assert.Must(Welch(Arm{2, 1e40, 1e-320}, Arm{2, -1e40, 0}))
	assert.Near(t, "DF", w.DF, 1, 0)
	assert.Near(t, "P", w.P*w.T, 2/math.Pi, 1e-12)
	assert.Near(t, "PGreater", w.PGreater*w.T, 1/math.Pi, 1e-12)
}

func TestEffectErrors(t *testing.T) {
	good := Arm{10, 1, 1}
	lift := func(treatment, control Arm) error { _, err := RelativeLift(treatment, control); return err }
	welch := func(treatment, control Arm) error { _, err := Welch(treatment, control); return err }
	sums := func(n int, sum, squares float64) error { _, err := ArmFromSums(n, sum, squares); return err }
	ratio := func(r RatioArm) error { _, err := r.Arm(); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{lift(good, Arm{10, 0, 1}), "control.Mean"},
		{lift(Arm{1, 1, 1}, good), "treatment.N"},
		{lift(Arm{10, math.NaN(), 1}, good), "treatment.Mean"},
		{lift(good, Arm{10, 1, -1}), "control.Variance"},
		{lift(Arm{10, 1e30, 1}, Arm{10, 1e-30, 1}), "treatment.Mean/control.Mean"},
		{welch(Arm{10, 1, 0}, Arm{10, 2, 0}), "treatment.Variance"},
		{welch(Arm{1e9, 1, 1e-320}, Arm{1e9, 2, 0}), "treatment.Variance"}, // so small that its standard error is 0
		{sums(1, 1, 1), "n"},
		{sums(10, 10, 9), "squares"},
		{sums(10, math.Inf(1), 9), "sum"},
		{ratio(RatioArm{N: 10, Numerator: 1}), "Denominator"},
		{ratio(RatioArm{N: 10, Denominator: 1, Covariance: 1}), "Covariance"},
	} {
		assert.Field(t, c.err, c.field)
	}
}

// What cannot be answered is empty, not half filled.
func TestRatioErrorIsEmpty(t *testing.T) {
	arm, err := RatioArm{N: 10, Numerator: 1e40, Denominator: 1e-300}.Arm()
	assert.Field(t, err, "ratio.Mean")
	if arm != (Arm{}) {
		t.Errorf("got %+v beside an error", arm)
	}
}
