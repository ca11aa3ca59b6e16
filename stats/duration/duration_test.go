package duration_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
	"github.com/assay-planner/assay/stats/sequential"
)

// drawn is any test with an MDE and traffic that may or may not suffice.
func drawn(t *rapid.T) duration.Test {
	d := power.Design{
		MDE: rapid.Float64Range(0.02, 0.2).Draw(t, "mde"), Relative: true,
		Power:      rapid.Float64Range(0.5, 0.95).Draw(t, "power"),
		Alpha:      rapid.Float64Range(0.01, 0.1).Draw(t, "alpha"),
		Allocation: rapid.Float64Range(0.25, 4).Draw(t, "allocation"),
		Strict:     rapid.Bool().Draw(t, "strict"),
	}
	if rapid.Bool().Draw(t, "fall") {
		d.MDE = -d.MDE
	}
	switch rapid.IntRange(0, 2).Draw(t, "metric") {
	case 0:
		d.Metric = power.Mean{Mean: 1, SD: rapid.Float64Range(0.5, 10).Draw(t, "sd")}
	case 1:
		d.Metric = power.Proportion{Baseline: rapid.Float64Range(0.01, 0.6).Draw(t, "baseline")}
	default:
		d.Metric = power.Count{Rate: rapid.Float64Range(0.1, 5).Draw(t, "rate")}
	}
	test := duration.Test{Design: d, Share: rapid.Float64Range(0.01, 1).Draw(t, "share")}
	users := math.Exp(rapid.Float64Range(7, 14).Draw(t, "users"))
	if rapid.Bool().Draw(t, "bounded") {
		test.Traffic = reach.Curve{Model: reach.Geometric, Scale: 3 * users, Visit: 0.1}
	} else {
		test.Traffic = assert.Must(reach.Weekly(users, rapid.Float64Range(0, 1).Draw(t, "growth")))
	}
	switch rapid.IntRange(0, 4).Draw(t, "monitoring") {
	case 0:
		test.Monitoring = assert.Must(duration.Looks(d, sequential.Design{Looks: rapid.IntRange(1, 5).Draw(t, "looks"), Futility: sequential.HwangShihDeCani(-2)}))
	case 1:
		test.Monitoring = assert.Must(duration.Continuous(d, 10))
	}
	return test
}

// More weeks never show less, and the first week that is enough is the one of the
// sample size, which is where power reaches what was asked for.
func TestWeeksAgreeWithTheSampleSize(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		test := drawn(rt)
		weeks, err := test.Weeks(10)
		if err != nil {
			rt.Fatal(err)
		}
		length, err := test.Length(0)
		if err != nil {
			rt.Fatal(err)
		}
		target := test.Design.Power
		for i, w := range weeks {
			if w.Enough != (length.Reached && w.Week >= length.Week) {
				rt.Fatalf("week %d: enough %v, but it takes %v days", w.Week, w.Enough, length.Days)
			}
			// Power at the very size is the target, but for the solvers' tolerance.
			if w.Enough && w.Power < target-1e-6 || !w.Enough && w.Power > target+1e-6 {
				rt.Fatalf("week %d: enough %v with power %v for %v", w.Week, w.Enough, w.Power, target)
			}
			if w.Enough && w.MDE != 0 && math.Abs(w.RelativeMDE) > math.Abs(test.Design.MDE)*(1+1e-6) {
				rt.Fatalf("week %d is enough for %v but detects %v", w.Week, test.Design.MDE, w.RelativeMDE)
			}
			if i == 0 {
				continue
			}
			before := weeks[i-1]
			if w.Power < before.Power-1e-9 || before.MDE != 0 && math.Abs(w.MDE) > math.Abs(before.MDE)*(1+1e-9) || before.MDE != 0 && w.MDE == 0 {
				rt.Fatalf("week %d shows less than the one before: %+v after %+v", w.Week, w, before)
			}
		}
		if length.Inflation < 1-1e-9 || length.Effect.Users > length.Sizing.Control*(1+test.Design.Allocation)*(1+1e-9) {
			rt.Fatalf("inflation %v, %v users expected", length.Inflation, length.Effect.Users)
		}
		if length.Effect.Days > length.Days*(1+1e-9) || length.NoEffect.Days > length.Days*(1+1e-9) {
			rt.Fatalf("expected longer than at most: %+v", length)
		}
	})
}

// For a statistic of one standard error the size with looks is the inflation's multiple.
func TestSizeIsTheInflationTimesTheFixed(t *testing.T) {
	d := power.Design{Metric: power.Mean{Mean: 1, SD: 3}, MDE: 0.02, Relative: true, Power: 0.9}
	fixed := assert.Must(d.SampleSize())
	for _, m := range []duration.Monitoring{
		assert.Must(duration.Looks(d, sequential.Design{Looks: 5, Efficacy: sequential.Pocock()})),
		assert.Must(duration.Continuous(d, 0)),
	} {
		test := duration.Test{Design: d, Monitoring: m, Traffic: assert.Must(reach.Weekly(1e5, 0.7))}
		l := assert.Must(test.Length(0))
		assert.Near(t, "users", l.Sizing.Control/fixed.Control, l.Inflation, 1e-9)
		assert.Near(t, "power", assert.Must(test.PowerAt(l.Sizing.Control)).Power, 0.9, 1e-6)
		assert.Near(t, "mde", assert.Must(test.MDEAt(l.Sizing.Control)).RelativeMDE, 0.02, 1e-9)
	}
}

// The interpolation between 20 moments, of days that are users, is the engine's mean.
func TestMeanDaysOfALineAreTheMeanUsers(t *testing.T) {
	d := power.Design{Metric: power.Mean{SD: 1}, MDE: 0.1}
	test := duration.Test{Design: d, Monitoring: assert.Must(duration.Continuous(d, 0)), Traffic: reach.Curve{Model: reach.Line, Scale: 100}}
	l := assert.Must(test.Length(0))
	assert.Near(t, "days", l.Effect.Days, l.Effect.Users/100, 0.01)
}

// What looks promise, on simulated tests of normal metrics, each week of a schedule
// being the planned end.
func TestPowerByWeekIsWhatHappens(t *testing.T) {
	assert.Long(t)
	d := power.Design{Metric: power.Mean{SD: 1}, MDE: 0.1}
	random := rand.New(rand.NewPCG(11, 23))
	for name, m := range map[string]duration.Monitoring{
		"looks":      assert.Must(duration.Looks(d, sequential.Design{Looks: 3})),
		"continuous": assert.Must(duration.Continuous(d, 20)),
	} {
		test := duration.Test{Design: d, Monitoring: m, Traffic: reach.Curve{Model: reach.Line, Scale: 100}}
		for _, w := range assert.Must(test.Weeks(3)) {
			const tests = 400_000
			found := 0
			limits := bounds(m, w.Control)
			for range tests {
				if crosses(random, limits, w.Control) {
					found++
				}
			}
			assert.Binomial(t, name, found, tests, w.Power)
		}
	}
}

// bounds are the critical values of z at each look.
func bounds(m duration.Monitoring, control float64) (limits []float64) {
	if m.Plan != nil {
		for _, s := range m.Plan.Stages {
			limits = append(limits, s.Efficacy)
		}
		return limits
	}
	for i := 1; i <= m.Price.Looks; i++ {
		se := math.Sqrt(2 / (control * float64(i) / float64(m.Price.Looks)))
		limits = append(limits, 1.959964*assert.Must(anytime.Design{MDE: 0.1}.WidthRatio(se)))
	}
	return limits
}

// crosses runs one test of SD 1 and effect 0.1 to its planned end.
func crosses(random *rand.Rand, limits []float64, control float64) bool {
	more := control / float64(len(limits))
	var sum, users float64
	for _, limit := range limits {
		sum += 0.1*more + math.Sqrt(2*more)*random.NormFloat64()
		users += more
		if z := sum / math.Sqrt(2*users); math.Abs(z) >= limit {
			return z > 0
		}
	}
	return false
}

func TestErrorsNameTheField(t *testing.T) {
	good := signup()
	several := good.Design
	several.Treatments = 3
	all := several
	all.Correction, all.Goal = power.Bonferroni, power.AllArms
	for field, ask := range map[string]func() error{
		"Share": func() error { bad := good; bad.Share = 2; _, err := bad.Weeks(3); return err },
		"MDE":   func() error { bad := good; bad.Design.MDE = 0; _, err := bad.Length(0); return err },
		"Scale": func() error { bad := good; bad.Traffic = reach.Curve{}; _, err := bad.Weeks(3); return err },
		"Population": func() error {
			bad := good
			bad.Design.Population = 1000
			_, err := bad.Weeks(3)
			return err
		},
		"Correction": func() error { _, err := duration.Looks(several, sequential.Design{}); return err },
		"Goal":       func() error { _, err := duration.Continuous(all, 0); return err },
		"looks":      func() error { _, err := duration.Continuous(good.Design, -1); return err },
		"Alpha":      func() error { _, err := duration.Looks(power.Design{Alpha: 2}, sequential.Design{}); return err },
		"control":    func() error { _, err := good.At(math.NaN()); return err },
		"Metric":     func() error { bad := good; bad.Design.Metric = nil; _, err := bad.At(10); return err },
		"Monitoring": func() error {
			bad := good
			bad.Monitoring = assert.Must(duration.Looks(good.Design, sequential.Design{}))
			bad.Design.Alpha = 0.1
			_, err := bad.Weeks(3)
			return err
		},
	} {
		if in := (*stats.InputError)(nil); !errors.As(ask(), &in) || in.Field != field {
			t.Errorf("%s: got %v", field, ask())
		}
	}
}

// Guardrails: the margin shrinks from week to week, with and without a stated one.
func TestGuardrailWeeks(t *testing.T) {
	test := signup()
	test.Design.MDE, test.Guardrail = 0, true
	weeks := assert.Must(test.Weeks(4))
	test.Design.Margin = weeks[2].RelativeMargin
	length := assert.Must(test.Length(0))
	assert.Near(t, "days", length.Days, 21, 1e-6)
	for i, w := range assert.Must(test.Weeks(4)) {
		assert.Near(t, "margin", w.RelativeMargin, weeks[i].RelativeMargin, 1e-12)
		if w.MDE != 0 || weeks[i].Power != 0 || w.Power == 0 {
			t.Errorf("week %d: %+v and %+v", w.Week, w, weeks[i])
		}
	}
}

// A guardrail with looks: its plan is one-sided, and margin and size agree.
func TestGuardrailWithLooks(t *testing.T) {
	test := signup()
	test.Design.MDE, test.Design.Margin = 0, 0.03
	test.Monitoring = assert.Must(duration.Looks(test.Design, sequential.Design{Looks: 3}))
	if s := test.Monitoring.Plan.Design.Sides; s != stats.OneSided {
		t.Errorf("sides %v", s)
	}
	assert.Near(t, "alpha", test.Monitoring.Plan.Design.Alpha, 0.025, 0)
	size := assert.Must(test.SampleSize())
	test.Design.Margin, test.Guardrail = 0, true
	assert.Near(t, "margin", assert.Must(test.MarginAt(size.Control)).RelativeMargin, 0.03, 1e-9)
	assert.Near(t, "margin", assert.Must(test.At(size.Control)).RelativeMargin, 0.03, 1e-9)
	test.Guardrail = false
	_, err := test.MDEAt(size.Control)
	assert.Field(t, err, "Monitoring")
}
