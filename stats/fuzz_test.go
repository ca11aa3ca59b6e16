package stats

import (
	"errors"
	"math"
	"reflect"
	"testing"
)

// finite fails on any NaN or infinity in a result, wherever it stands.
func finite(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			t.Fatalf("%g in a result", v.Float())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			finite(t, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			finite(t, v.Index(i))
		}
	}
}

// answered fails unless a call gave finite numbers or an *InputError.
func answered[T any](t *testing.T) func(T, error) {
	return func(result T, err error) {
		t.Helper()
		var input *InputError
		switch {
		case err == nil:
			finite(t, reflect.ValueOf(result))
		case !errors.As(err, &input) || input.Field == "" || input.Reason == "":
			t.Fatalf("error %v is no *InputError with a field and a reason", err)
		}
	}
}

func FuzzFits(f *testing.F) {
	f.Add(0.01, 0.02, -0.01, 0.01, 0.3, 1e-30, 0.0, 5.0)
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.0, 1.0, 1e-300, 1e-40)
	f.Add(math.NaN(), 1.0, 1.0, 0.0, math.Inf(1), -1.0, 1.0, math.NaN())
	f.Add(1.0, 1e-40, 1.0, 1e-40, 1.0, 1e40, 1.0, 1e40)
	f.Fuzz(func(t *testing.T, a, sa, b, sb, c, sc, d, sd float64) {
		es := []Estimate{{a, sa}, {b, sb}, {c, sc}, {d, sd}}
		answered[NormalFit](t)(FitNormal(es))
		answered[NormalFit](t)(FitNormal(es[:2]))
		answered[GroupsFit](t)(FitGroups(map[string][]Estimate{"a": es[:2], "b": es[2:]}))
		answered[GroupsFit](t)(FitGroups(map[string][]Estimate{"a": es[:1], "b": es[1:2], "c": es[2:]}))
	})
}

func FuzzRules(f *testing.F) {
	f.Add(0.01, 0.02, 0.01, 0.0, 0.05, 0.02)
	f.Add(-1e40, 1e40, 1e-320, 1e40, 1e-300, 1e-40)
	f.Add(1e40, 1e-320, math.Inf(1), -1e40, 0.0, 0.0)
	f.Add(0.0, 0.0, 0.0, 0.0, 1.0, math.NaN())
	f.Fuzz(func(t *testing.T, mean, sd, se, cut, alpha, delta float64) {
		prior := Normal{mean, sd}
		valid := prior.Check() == nil && se >= 0
		number := func(what string, valid bool, x float64) {
			t.Helper()
			if math.IsNaN(x) == valid || math.IsInf(x, 0) {
				t.Fatalf("%s = %g, input valid: %v", what, x, valid)
			}
		}
		deltaOK := math.Abs(delta) <= maxMagnitude
		cutOK := math.Abs(cut) <= maxMagnitude
		alphaOK := alpha >= 0 && alpha < 1
		number("PosteriorMean.Gain", valid && cutOK, PosteriorMean{cut}.Gain(prior, se))
		number("PosteriorMean.ProbShip", valid && cutOK && deltaOK, PosteriorMean{cut}.ProbShip(delta, prior, se))
		number("Significant.Gain", valid && alphaOK, Significant{alpha}.Gain(prior, se))
		number("Significant.ProbShip", valid && alphaOK && deltaOK, Significant{alpha}.ProbShip(delta, prior, se))
		number("Posterior", valid && deltaOK, prior.Posterior(delta, se).Mean)
		number("Posterior", valid && deltaOK, prior.Posterior(delta, se).SD)
		number("CDF", prior.Check() == nil && !math.IsNaN(delta), prior.CDF(delta))
		number("ProbAbove", prior.Check() == nil && !math.IsNaN(delta), prior.ProbAbove(delta))
	})
}

func FuzzPower(f *testing.F) {
	f.Add(0.1, 1.0, 0.0, 0.02, 0.05, 0.8, 1.0, 1000.0, uint8(0))
	f.Add(0.999999, 1e-40, 1e40, -1e-40, 1e-300, 0.999, 1e-40, 1e-40, uint8(7))
	f.Add(math.NaN(), -1.0, 0.0, math.Inf(1), 2.0, 1.0, -1.0, 0.0, uint8(3))
	f.Fuzz(func(t *testing.T, baseline, sd, sd2, mde, alpha, power, ratio, users float64, flags uint8) {
		sides, relative, strict := Sides(flags&1), flags&2 != 0, flags&4 != 0
		mean := MeanTest{baseline, sd, sd2, mde, relative, alpha, power, ratio, sides, strict}
		rate := ProportionTest{baseline, mde, relative, alpha, power, ratio, sides, strict}
		answered[Sizing](t)(mean.SampleSize())
		answered[Sizing](t)(mean.PowerAt(users))
		answered[Sizing](t)(mean.MDEAt(users))
		answered[Sizing](t)(rate.SampleSize())
		answered[Sizing](t)(rate.PowerAt(users))
		answered[Sizing](t)(rate.MDEAt(users))
	})
}

func FuzzEffects(f *testing.F) {
	f.Add(10, 1.0, 1.0, 12, 2.0, 0.5, 0.1, 0.2)
	f.Add(2, 1e40, 1e40, 1<<62, -1e-40, 1e-320, 1e-300, 1e300)
	f.Add(0, math.NaN(), -1.0, -5, math.Inf(1), 0.0, 0.0, math.NaN())
	f.Fuzz(func(t *testing.T, n1 int, m1, v1 float64, n2 int, m2, v2, covariance, squares float64) {
		a, b := Arm{n1, m1, v1}, Arm{n2, m2, v2}
		answered[Estimate](t)(RelativeLift(a, b))
		answered[WelchResult](t)(Welch(a, b))
		answered[Arm](t)(RatioArm{n1, m1, m2, v1, v2, covariance}.Arm())
		answered[Arm](t)(ArmFromSums(n1, m1, squares))
		answered[SampleRatioResult](t)(SampleRatio([]int{n1, n2}, []float64{m1, m2}))
	})
}
