package duration_test

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/sequential"
)

// A size leads back to the α that it was found for.
func TestAlphaAtUndoesTheSampleSize(t *testing.T) {
	mean := power.Mean{Mean: 1.2, SD: 4}
	rate := power.Proportion{Baseline: 0.02}
	once := func(power.Design) duration.Monitoring { return duration.Monitoring{} }
	looks := func(s sequential.Design) func(power.Design) duration.Monitoring {
		return func(d power.Design) duration.Monitoring { return assert.Must(duration.Looks(d, s)) }
	}
	always := func(d power.Design) duration.Monitoring { return assert.Must(duration.Continuous(d, 10)) }
	for name, c := range map[string]struct {
		d       power.Design
		monitor func(power.Design) duration.Monitoring
	}{
		"once":         {power.Design{Metric: rate, MDE: 0.05, Relative: true, Alpha: 0.03}, once},
		"looks":        {power.Design{Metric: rate, MDE: 0.05, Relative: true, Alpha: 0.03}, looks(sequential.Design{Looks: 4})},
		"one-sided":    {power.Design{Metric: mean, MDE: 0.1, Sides: stats.OneSided, Alpha: 0.1, Power: 0.9}, looks(sequential.Design{Looks: 3, Futility: sequential.OBFSpending(), Binding: true})},
		"futility":     {power.Design{Metric: mean, MDE: -0.1, Alpha: 0.2}, looks(sequential.Design{Looks: 3, Futility: sequential.HwangShihDeCani(-2)})},
		"strict":       {power.Design{Metric: mean, MDE: 0.1, Alpha: 0.35, Strict: true}, looks(sequential.Design{Looks: 2})},
		"margin":       {power.Design{Metric: mean, Margin: 0.1, Alpha: 0.01}, looks(sequential.Design{Looks: 5, Efficacy: sequential.PocockSpending()})},
		"three arms":   {power.Design{Metric: mean, MDE: 0.1, Alpha: 0.02, Treatments: 3, Correction: power.Bonferroni}, looks(sequential.Design{Looks: 2})},
		"small":        {power.Design{Metric: mean, MDE: 0.1, Alpha: 1e-9}, looks(sequential.Design{Looks: 3})},
		"always":       {power.Design{Metric: mean, MDE: 0.1, Alpha: 0.02}, always},
		"always guard": {power.Design{Metric: mean, Margin: 0.1, Alpha: 0.2}, always},
	} {
		t.Run(name, func(t *testing.T) {
			test := duration.Test{Design: c.d, Monitoring: c.monitor(c.d)}
			size := assert.Must(test.SampleSize())
			again, s, err := test.AlphaAt(size.Control)
			if err != nil {
				t.Fatal(err)
			}
			assert.Near(t, "alpha", again.Design.Alpha, c.d.Alpha, 1e-6)
			assert.Near(t, "power", s.Power, size.Power, 1e-9)
			assert.Near(t, "planned again", s.Critical, size.Critical, 1e-6)
			if p := assert.Must(again.PowerAt(size.Control)); p.Power != s.Power {
				t.Errorf("the test has power %v, its sizing %v", p.Power, s.Power)
			}
		})
	}
}

// The root over α of R's rpact 3.3.4 getPowerMeans(getDesignGroupSequential(kMax = 4,
// sided = 1, typeOfDesign = "asOF"), stDev = 4, alternative = 0.3,
// maxNumberOfSubjects = 4000) = 0.8, to its 1e-7.
func TestAlphaAtReference(t *testing.T) {
	d := power.Design{Metric: power.Mean{SD: 4}, MDE: 0.3, Sides: stats.OneSided}
	test := duration.Test{Design: d, Monitoring: assert.Must(duration.Looks(d, sequential.Design{Looks: 4}))}
	again, _, err := test.AlphaAt(2000)
	if err != nil {
		t.Fatal(err)
	}
	assert.Near(t, "alpha", again.Design.Alpha, 0.06813209834, 1e-6)
}

func TestAlphaAtOfTooFewOrVeryManyUsers(t *testing.T) {
	d := power.Design{Metric: power.Mean{SD: 4}, MDE: 0.3}
	looks := duration.Test{Design: d, Monitoring: assert.Must(duration.Looks(d, sequential.Design{Looks: 4}))}
	for name, test := range map[string]duration.Test{"once": {Design: d}, "looks": looks} {
		_, _, err := test.AlphaAt(10)
		t.Log(name)
		assert.Field(t, err, "control")
	}
	again, s, err := looks.AlphaAt(1e9)
	if err != nil || again.Design.Alpha > 1.1e-12 || s.Power < 0.8 {
		t.Errorf("α %v with power %v (%v)", again.Design.Alpha, s.Power, err)
	}
}

// A population that cannot have the power, or an effect that no population is large
// enough for, still has a power by week.
func TestWeeksWithoutASampleSize(t *testing.T) {
	for name, d := range map[string]power.Design{
		"population": {Metric: power.Mean{SD: 4}, MDE: 0.001, Allocation: 0.25, Population: 1e7},
		"effect":     {Metric: power.Mean{SD: 4}, MDE: 1e-10},
	} {
		test := signup()
		test.Design = d
		weeks, err := test.Weeks(3)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, w := range weeks {
			if w.Enough || !(w.Power > 0 && w.Power < 0.1) {
				t.Errorf("%s, week %d: enough %v, power %v", name, w.Week, w.Enough, w.Power)
			}
		}
	}
	test := signup()
	test.Design.MDE = -3 // of a rate
	_, err := test.Weeks(3)
	assert.Field(t, err, "MDE")
}
