package stats

import (
	"errors"
	"math"
	"testing"
)

func wantField(t *testing.T, err error, field string) {
	t.Helper()
	var input *InputError
	if !errors.As(err, &input) || !errors.Is(err, ErrInput) || input.Field != field {
		t.Errorf("got error %v, want an *InputError of %s", err, field)
	}
}

// The sums are exact sums of the user-level table userlevel_1 (1,482 and 1,518
// simulated users); the results are numpy 1.24.2 and statsmodels 0.13.5 on the
// same users.
func TestLiftReference(t *testing.T) {
	control := must(ArmFromSums(1482, 1681.23, 4516.0919102))
	treatment := must(ArmFromSums(1518, 1748.0825, 4659.34573703))
	w := must(Welch(treatment, control))
	lift := must(RelativeLift(treatment, control))
	c := &comparison{table: "userlevel_1 revenue", rows: 1}
	c.equal(t, "diff", w.Difference, 0.0171363009606715, 1e-8)
	c.equal(t, "SE", w.SE, 0.0483507345585464, 1e-8)
	c.equal(t, "t", w.T, 0.354416558861618, 1e-8)
	c.equal(t, "p", w.P, 0.723051673658707, 1e-8)
	c.equal(t, "lift", lift.Value, 0.01510560602875, 1e-8)
	c.equal(t, "lift SE", lift.SE, 0.0429495985076474, 1e-8)
	c.report(t)
}

// Clicks per view of the same users: Σx, Σx², Σy, Σy², Σxy.
func TestRatioReference(t *testing.T) {
	arm := func(n int, x, xx, y, yy, xy float64) Arm {
		k := float64(n)
		moment := func(ab, a, b float64) float64 { return (ab - a*b/k) / (k - 1) }
		return must(RatioArm{N: n, Numerator: x / k, Denominator: y / k, NumeratorVariance: moment(xx, x, x),
			DenominatorVariance: moment(yy, y, y), Covariance: moment(xy, x, y)}.Arm())
	}
	control := arm(1482, 1746, 6204, 9090, 97080, 21422)
	treatment := arm(1518, 1980, 7006, 9271, 95341, 22358)
	w := must(Welch(treatment, control))
	lift := must(RelativeLift(treatment, control))
	c := &comparison{table: "userlevel_1 clicks/views", rows: 1}
	c.equal(t, "treatment", treatment.Mean, 0.213569194261676, 1e-8)
	c.equal(t, "var treatment", treatment.Variance/1518, 2.10107502882873e-05, 1e-8)
	c.equal(t, "control", control.Mean, 0.192079207920792, 1e-8)
	c.equal(t, "var control", control.Variance/1482, 1.88473381070998e-05, 1e-8)
	c.equal(t, "diff", w.Difference, 0.0214899863408841, 1e-8)
	c.equal(t, "diff SE", w.SE, 0.00631332625447055, 1e-8)
	c.equal(t, "z", w.T, 3.40390872809192, 1e-8)
	c.equal(t, "p of the normal approximation", 2*cdf(-w.T), 0.000664289462191243, 1e-8)
	c.equal(t, "lift", lift.Value, 0.11188085672316, 1e-8)
	c.equal(t, "lift SE", lift.SE, 0.0346558842478643, 1e-8)
	c.report(t)
}

// A denominator that is always 1 makes the ratio a mean.
func TestRatioOfOnesIsMean(t *testing.T) {
	got := must(RatioArm{N: 100, Numerator: 0.3, Denominator: 1, NumeratorVariance: 0.2}.Arm())
	if got != (Arm{100, 0.3, 0.2}) {
		t.Errorf("got %+v", got)
	}
}

// The smallest variances that have a standard error still give numbers.
func TestWelchFarApart(t *testing.T) {
	w := must(Welch(Arm{2, 1e40, 1e-320}, Arm{2, -1e40, 0}))
	if w.P != 0 || w.PGreater != 0 || math.IsNaN(w.DF) || math.IsInf(w.T, 0) {
		t.Errorf("got %+v", w)
	}
}

func TestEffectErrors(t *testing.T) {
	good := Arm{10, 1, 1}
	lift := func(treatment, control Arm) error { _, err := RelativeLift(treatment, control); return err }
	welch := func(treatment, control Arm) error { _, err := Welch(treatment, control); return err }
	sums := func(n int, sum, squares float64) error { _, err := ArmFromSums(n, sum, squares); return err }
	ratio := func(r RatioArm) error { _, err := r.Arm(); return err }
	srm := func(counts []int, weights ...float64) error { _, err := SampleRatio(counts, weights); return err }
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
		{srm([]int{1}, 1), "counts"},
		{srm([]int{1, 2}, 1), "weights"},
		{srm([]int{1, -2}, 1, 1), "counts[1]"},
		{srm([]int{1, 2}, 1, 0), "weights[1]"},
		{srm([]int{0, 0}, 1, 1), "counts"},
	} {
		wantField(t, c.err, c.field)
	}
}

// What cannot be answered is empty, not half filled.
func TestRatioErrorIsEmpty(t *testing.T) {
	arm, err := RatioArm{N: 10, Numerator: 1e40, Denominator: 1e-300}.Arm()
	wantField(t, err, "ratio.Mean")
	if arm != (Arm{}) {
		t.Errorf("got %+v beside an error", arm)
	}
}
