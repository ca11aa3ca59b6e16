package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// must ends the test if a call fails, and passes its value on.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Published: alpha 0.05, power 0.8, effect 0.01 sd: 156,977.595 per arm; and the
// test size of the website example of Feit & Berman (2019), Table 1.
func TestSampleSizePublished(t *testing.T) {
	for _, c := range []struct {
		test      MeanTest
		n, within float64
	}{
		{MeanTest{SD: 1, MDE: 0.01}, 156977.595, 5.1e-4},
		{MeanTest{SD: math.Sqrt(.68 * .32), MDE: 0.0136}, 18468, 1},
	} {
		near(t, "n", must(c.test.SampleSize()).Control, c.n, c.within)
	}
}

func TestSizingFields(t *testing.T) {
	s := must(MeanTest{Mean: 2, SD: 4, TreatmentSD: 5, MDE: 0.1, Relative: true, Ratio: 0.25, Sides: OneSided}.SampleSize())
	near(t, "MDE", s.MDE, 0.2, 1e-15)
	near(t, "relative MDE", s.RelativeMDE, 0.1, 1e-15)
	near(t, "treatment", s.Treatment, s.Control/4, 1e-9)
	near(t, "SE", s.SE, math.Sqrt(16/s.Control+25/s.Treatment), 1e-12)
	near(t, "relative SE", s.RelativeSE, s.SE/2, 1e-15)
	near(t, "z + z_power", s.MDE/s.SE, 1.6448536269514722+0.8416212335729143, 1e-9)
	if s.ControlUsers != int(math.Ceil(s.Control)) || s.TreatmentUsers != int(math.Ceil(s.Treatment)) {
		t.Errorf("not rounded up: %+v", s)
	}
}

// TestDecreaseMirrorsIncrease: the sign of the MDE is the direction of interest.
func TestDecreaseMirrorsIncrease(t *testing.T) {
	up := must(MeanTest{SD: 1, MDE: 0.1, Sides: OneSided}.SampleSize())
	down := must(MeanTest{SD: 1, MDE: -0.1, Sides: OneSided}.SampleSize())
	near(t, "mean", down.Control, up.Control, 0)
	rate := must(ProportionTest{Baseline: 0.4, MDE: 0.1}.SampleSize())
	mirror := must(ProportionTest{Baseline: 0.6, MDE: -0.1}.SampleSize())
	near(t, "rate", mirror.Control, rate.Control, 1e-9)
}

func TestStrictCountsBothTails(t *testing.T) {
	loose := must(MeanTest{SD: 1, MDE: 0.01}.PowerAt(100))
	strict := must(MeanTest{SD: 1, MDE: 0.01, Strict: true}.PowerAt(100))
	z := 1.959963984540054
	near(t, "loose", loose.Power, cdf(0.01/loose.SE-z), 1e-15)
	near(t, "strict", strict.Power, cdf(0.01/loose.SE-z)+cdf(-0.01/loose.SE-z), 1e-15)
}

// TestSolversAgree: size, power and MDE are three views of one equation.
func TestSolversAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alpha := rapid.Float64Range(0.001, 0.2).Draw(t, "alpha")
		power := rapid.Float64Range(0.3, 0.99).Draw(t, "power")
		ratio := rapid.Float64Range(0.1, 10).Draw(t, "ratio")
		sides := rapid.SampledFrom([]Sides{TwoSided, OneSided}).Draw(t, "sides")
		strict := rapid.Bool().Draw(t, "strict")
		baseline := rapid.Float64Range(0.001, 0.7).Draw(t, "baseline")
		mde := rapid.Float64Range(0.001, 0.4).Draw(t, "mde")
		rate := ProportionTest{baseline, mde, true, alpha, power, ratio, sides, strict}
		mean := MeanTest{Mean: -3, SD: 2, TreatmentSD: 3, MDE: mde, Relative: true, Alpha: alpha, Power: power, Ratio: ratio, Sides: sides, Strict: strict}
		for _, test := range []interface {
			SampleSize() (Sizing, error)
			PowerAt(float64) (Sizing, error)
			MDEAt(float64) (Sizing, error)
		}{rate, mean} {
			s, err := test.SampleSize()
			if err != nil {
				t.Fatal(err)
			}
			at, err := test.PowerAt(s.Control)
			if err != nil || math.Abs(at.Power-power) > 1e-9 {
				t.Errorf("%+v: power at the solved size is %v (%v)", test, at.Power, err)
			}
			back, err := test.MDEAt(s.Control)
			if err != nil || math.Abs(back.MDE/s.MDE-1) > 1e-8 {
				t.Errorf("%+v: MDE at the solved size is %v, not %v (%v)", test, back.MDE, s.MDE, err)
			}
			if more, err := test.PowerAt(s.Control * 1.01); err != nil || more.Power < at.Power {
				t.Errorf("%+v: more users have less power (%v)", test, err)
			}
		}
	})
}

func TestPowerErrors(t *testing.T) {
	nan := math.NaN()
	size := func(s Sizing, err error) error { return err }
	for field, err := range map[string]error{
		"SD":          size(MeanTest{SD: -1, MDE: 1}.SampleSize()),
		"TreatmentSD": size(MeanTest{SD: 1, TreatmentSD: nan, MDE: 1}.SampleSize()),
		"MDE":         size(MeanTest{SD: 1}.SampleSize()),
		"Mean":        size(MeanTest{SD: 1, MDE: 1, Relative: true}.PowerAt(10)),
		"Alpha":       size(MeanTest{SD: 1, MDE: 1, Alpha: 1}.SampleSize()),
		"Power":       size(MeanTest{SD: 1, MDE: 1, Power: 0.04}.SampleSize()),
		"Ratio":       size(MeanTest{SD: 1, MDE: 1, Ratio: -1}.SampleSize()),
		"Sides":       size(MeanTest{SD: 1, MDE: 1, Sides: 7}.SampleSize()),
		"control":     size(MeanTest{SD: 1, MDE: 1}.PowerAt(0)),
		"users":       size(MeanTest{SD: 1e20, MDE: 1e-20}.SampleSize()),
		"Baseline":    size(ProportionTest{Baseline: 1, MDE: 0.1}.SampleSize()),
	} {
		wantField(t, err, field)
	}
	wantField(t, size(ProportionTest{Baseline: 0.9, MDE: 0.2}.SampleSize()), "MDE")
	wantField(t, size(ProportionTest{Baseline: 0.9}.MDEAt(5)), "control")
	wantField(t, size(ProportionTest{Baseline: 0.9, MDE: nan}.PowerAt(5)), "MDE")
}
