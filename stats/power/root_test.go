package power

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// anyDesign is a design from tiny to large, most of which have an answer.
func anyDesign(t *rapid.T) Design {
	log := func(what string, lo, hi float64) float64 {
		return math.Exp(rapid.Float64Range(math.Log(lo), math.Log(hi)).Draw(t, what))
	}
	sd := log("sd", 0.1, 10)
	d := Design{
		Metric:        rapid.SampledFrom([]Metric{Mean{1, sd, 0}, Mean{-1, sd, 2}, Proportion{sd / 11}, Ratio{2, 4, 3, 5, 1}, Count{sd, 1, 2}}).Draw(t, "metric"),
		MDE:           rapid.SampledFrom([]float64{1, -1}).Draw(t, "sign") * log("mde", 0.005, 3),
		Alpha:         log("alpha", 1e-6, 0.3),
		Power:         rapid.Float64Range(0.1, 0.99).Draw(t, "power"),
		Sides:         rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.OneSided}).Draw(t, "sides"),
		Test:          rapid.SampledFrom([]Test{Score, Wald, Stabilised}).Draw(t, "test"),
		Strict:        rapid.Bool().Draw(t, "strict"),
		Margin:        rapid.SampledFrom([]float64{0, 0.03, 0.3}).Draw(t, "margin"),
		LowerIsBetter: rapid.Bool().Draw(t, "lower"),
		Allocation:    log("allocation", 0.1, 10),
		Treatments:    rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "treatments"),
		Correction:    rapid.SampledFrom([]Correction{Dunnett, Holm, Bonferroni, Uncorrected}).Draw(t, "correction"),
		Goal:          rapid.SampledFrom([]Goal{OneArm, AnyArm, AllArms}).Draw(t, "goal"),
		Reference:     rapid.SampledFrom([]Reference{Normal, StudentT}).Draw(t, "reference"),
		Correlation:   rapid.SampledFrom([]float64{0, 0.7}).Draw(t, "rho"),
	}
	if rapid.IntRange(0, 3).Draw(t, "clustered") == 0 {
		d.Cluster = Cluster{Size: 5, ICC: 0.1, CV: 0.4}
	}
	if rapid.IntRange(0, 3).Draw(t, "finite") == 0 {
		d.Population = log("population", 2, 1e5)
	}
	return d
}

// TestAnswersAreTheSmallest: what each solver returns has the power asked for, and
// nothing smaller has it, from a few users on. Lift is left out: its power has a
// largest value in the effect, near a lift of −1, where the delta method is none.
func TestAnswersAreTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDesign(t)
		power := func(d Design, n float64) float64 {
			s, err := d.PowerAt(n)
			if err != nil {
				return 0
			}
			return map[Goal]float64{OneArm: s.Power, AnyArm: s.AnyPower, AllArms: s.AllPower}[d.Goal]
		}
		smallest := func(what string, from, to float64, at func(x float64) float64) {
			if got := at(to); !(math.Abs(got-d.Power) < 1e-8) {
				t.Errorf("%+v: power %v at the %s %v", d, got, what, to)
			}
			for part := 0.02; part < 1; part += 0.049 {
				if x := from + part*(to-from); at(x) > d.Power+1e-9 {
					t.Errorf("%+v: the %s %v is enough, not only %v", d, what, x, to)
				}
			}
		}
		n := math.Exp(rapid.Float64Range(-0.5, 8).Draw(t, "log users"))
		if s, err := d.SampleSize(); err == nil {
			if p, _ := newPlan(d); d.Reference == Normal || s.Control > p.fewest()*(1+1e-6) {
				smallest("size", 0, s.Control, func(n float64) float64 { return power(d, n) })
			}
			n = s.Control * math.Max(1, n/50)
		}
		direction := 1.0
		if d.LowerIsBetter {
			direction = -1
		}
		if s, err := d.MDEAt(n); err == nil && s.MDE != 0 {
			smallest("MDE", -direction*d.Margin, s.MDE, func(x float64) float64 {
				q := d
				q.MDE = x
				return power(q, n)
			})
		}
		if s, err := d.MarginAt(n); err == nil {
			smallest("margin", math.Max(0, -direction*d.MDE), s.Margin, func(x float64) float64 {
				q := d
				q.Margin = x
				return power(q, n)
			})
		}
	})
}

// TestPopulationOfFew: a population too small for the test is refused, and no
// design is left with 0 users or without an end.
func TestPopulationOfFew(t *testing.T) {
	failed := func(_ Sizing, err error) error { return err }
	few := Design{Metric: Mean{SD: 1}, MDE: 4, Treatments: 3, Correction: Holm, Population: 4}
	if s := assert.Must(few.SampleSize()); !(s.Control > 0 && s.Control <= 1 && math.Abs(s.Power-0.8) < 1e-9) {
		t.Errorf("Holm in a population of 4: %+v", s)
	}
	few.MDE = 1
	assert.Field(t, failed(few.SampleSize()), "Population")
	few.Reference = StudentT
	assert.Field(t, failed(few.SampleSize()), "Population")
	few.Correction, few.Metric = Dunnett, Mean{SD: 1, TreatmentSD: 2}
	assert.Field(t, failed(few.SampleSize()), "Population")
	// With 9 times as many users in treatment, even a census leaves an error: of the
	// variance 1/100 + 1/900 mirrored effects take 4/1000 at the most.
	census := Design{Metric: Mean{SD: 1}, MDE: 0.2, Allocation: 9, Population: 1000}
	assert.Field(t, failed(census.SampleSize()), "Population")
	s := assert.Must(census.PowerAt(100))
	assert.Near(t, "variance of a census", s.SE*s.SE, (1.0/100+1.0/900-0.004)*1000/999, 1e-14)
}

// TestPowerOfNoEffect: where one of several arms is found by chance as often as
// asked, there is no smallest effect or margin.
func TestPowerOfNoEffect(t *testing.T) {
	d := Design{Metric: Mean{SD: 1}, Alpha: 0.3, Power: 0.31, Sides: stats.OneSided, Treatments: 2, Correction: Uncorrected, Goal: AnyArm}
	failed := func(_ Sizing, err error) error { return err }
	assert.Field(t, failed(d.MDEAt(100)), "Power")
	d.Margin = 0.1
	assert.Field(t, failed(d.MDEAt(100)), "Power")
	d.MDE = -0.2
	assert.Field(t, failed(d.MarginAt(100)), "Power")
	d.MDE = 0.2
	assert.Field(t, failed(d.MarginAt(100)), "MDE")
	assert.Field(t, failed(d.SampleSize()), "Power")
}

// TestTinyAlpha: far thresholds of several arms keep their precision, and
// AlphaAt its answer where 1e-100 is enough.
func TestTinyAlpha(t *testing.T) {
	for _, correction := range []Correction{Dunnett, Holm, Bonferroni} {
		d := Design{Metric: Mean{SD: 1}, MDE: 1, Treatments: 3, Correction: correction}
		for _, n := range []float64{20, 100, 500} {
			alpha := assert.Must(d.AlphaAt(n)).Alpha
			q := d
			q.Alpha = alpha
			if alpha > 1e-100 {
				assert.Near(t, string(correction), assert.Must(q.PowerAt(n)).Power, 0.8, 1e-9)
			}
		}
		assert.Near(t, string(correction), assert.Must(d.AlphaAt(1e6)).Alpha, 1e-100, 0)
	}
}

// TestLiftOutOfReach: a lift whose control mean is too uncertain is refused, without
// a search up to the largest numbers.
func TestLiftOutOfReach(t *testing.T) {
	d := Design{Metric: Mean{Mean: 1, SD: 0.5}, Test: Lift, Treatments: 2, Correction: Holm, Reference: StudentT, Sides: stats.OneSided, Alpha: 0.001}
	_, err := d.MDEAt(2)
	assert.Field(t, err, "control")
	// Towards 0 its power has a peak, and so few users find the effect before it only.
	rare := Design{Metric: Mean{Mean: -3, SD: 2}, MDE: 1.2, Alpha: 0.2, Power: 0.3, Sides: stats.OneSided, Test: Lift, Allocation: 5}
	n := assert.Must(rare.SampleSize()).Control
	assert.Near(t, "MDE before the peak", assert.Must(rare.MDEAt(n)).MDE, 1.2, 1e-9)
}
