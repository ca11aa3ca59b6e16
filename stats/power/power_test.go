package power

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Published: alpha 0.05, power 0.8, effect 0.01 sd: 156,977.595 per arm; and the
// test sizes of the website and the display examples of Feit & Berman (2019), Tables 1
// and 2, with and without the correction for the finite population.
func TestSampleSizePublished(t *testing.T) {
	website := Mean{SD: math.Sqrt(.68 * .32)}
	display := Mean{SD: 103.77}
	// The display example prints its difference as 0.19; its size says 0.1880.
	difference := math.Sqrt(2*7.848879734/4_782_433) * display.SD
	for _, c := range []struct {
		design    Design
		n, within float64
	}{
		{Design{Metric: Mean{SD: 1}, MDE: 0.01}, 156977.595, 5.1e-4},
		{Design{Metric: website, MDE: 0.0136}, 18468, 1},
		{Design{Metric: website, MDE: 0.0136, Population: 100_000}, 13487, 1},
		{Design{Metric: display, MDE: difference}, 4_782_433, 1},
		{Design{Metric: display, MDE: difference, Population: 1_000_000}, 452_673, 1},
	} {
		assert.Near(t, "n", assert.Must(c.design.SampleSize()).Control, c.n, c.within)
	}
}

// Dunnett (1964), Table II, two-sided, and Dunnett (1955), Table 1a, one-sided, 5%:
// equal arms, two decimals, a half-unit in the last place off at the most; then
// values by nested adaptive integration in R 4.2.2.
func TestDunnettPublished(t *testing.T) {
	inf := math.Inf(1)
	equal := func(k int) []float64 {
		r := make([]float64, k)
		for i := range r {
			r[i] = 1
		}
		return r
	}
	for _, c := range []struct {
		k         int
		df        float64
		two, less float64
	}{
		{2, 10, 2.57, 2.15}, {3, 10, 2.76, 2.34}, {4, 10, 2.89, 2.47}, {2, 20, 2.38, 2.03}, {3, 20, 2.54, 2.19},
		{2, 60, 2.27, 1.95}, {3, 60, 2.41, 2.10}, {2, inf, 2.21, 1.92}, {3, inf, 2.35, 2.06}, {4, inf, 2.44, 2.16}, {9, inf, 2.69, 2.42},
	} {
		assert.Near(t, "two-sided", assert.Must(DunnettCritical(equal(c.k), c.df, 0.05, stats.TwoSided)), c.two, 0.0051)
		assert.Near(t, "one-sided", assert.Must(DunnettCritical(equal(c.k), c.df, 0.05, stats.OneSided)), c.less, 0.0051)
	}
	assert.Near(t, "k = 3", assert.Must(DunnettCritical(equal(3), inf, 0.05, stats.TwoSided)), 2.34897059033927, 1e-12)
	assert.Near(t, "df = 8", assert.Must(DunnettCritical(equal(3), 8, 0.05, stats.TwoSided)), 2.87966150511978, 1e-11)
	assert.Near(t, "unequal arms", assert.Must(DunnettCritical([]float64{0.5, 1, 4}, 12, 0.01, stats.TwoSided)), 3.568002704532, 1e-10)
	assert.Near(t, "df = 3", assert.Must(DunnettCritical([]float64{0.5, 1, 4}, 3, 0.05, stats.OneSided)), 3.257405621356, 1e-9)
	assert.Near(t, "one arm", assert.Must(DunnettCritical(equal(1), inf, 0.05, stats.TwoSided)), 1.959963984540054, 1e-14)
}

func TestSizingFields(t *testing.T) {
	s := assert.Must(Design{Metric: Mean{Mean: -2, SD: 4, TreatmentSD: 5}, MDE: 0.1, Relative: true, Allocation: 0.25, Sides: stats.OneSided, Treatments: 2, Correction: Uncorrected}.SampleSize())
	assert.Near(t, "MDE", s.MDE, 0.2, 1e-15)
	assert.Near(t, "relative MDE", s.RelativeMDE, 0.1, 1e-15)
	assert.Near(t, "treatment", s.Treatment, s.Control/4, 1e-9)
	assert.Near(t, "SE", s.SE, math.Sqrt(16/s.Control+25/s.Treatment), 1e-12)
	assert.Near(t, "relative SE", s.RelativeSE, s.SE/2, 1e-15)
	assert.Near(t, "z + z_power", s.MDE/s.SE, 1.6448536269514722+0.8416212335729143, 1e-9)
	if s.ControlUsers != int(math.Ceil(s.Control)) || s.TotalUsers != s.ControlUsers+2*s.TreatmentUsers {
		t.Errorf("not rounded up: %+v", s)
	}
}

// TestMDEIsTheClosedForm to the last bit: stored plans were made by it.
func TestMDEIsTheClosedForm(t *testing.T) {
	for sd := 0.1; sd < 50; sd *= 1.37 {
		for n := 10.0; n < 1e8; n *= 3.1 {
			s := assert.Must(Design{Metric: Mean{Mean: 1, SD: sd}}.MDEAt(n))
			unit := math.Hypot(sd, sd)
			assert.Near(t, "SE", s.RelativeSE, unit/math.Sqrt(n), 0)
			assert.Near(t, "MDE", s.RelativeMDE, (-norm.Quantile(0.025)+norm.Quantile(0.8))*unit/math.Sqrt(n), 0)
		}
	}
}

// TestModifiers: each changes the size by its textbook factor.
func TestModifiers(t *testing.T) {
	plain := Design{Metric: Mean{Mean: 1, SD: 1}, MDE: 0.01}
	n := assert.Must(plain.SampleSize()).Control
	cuped := plain
	cuped.Correlation = -0.6
	assert.Near(t, "CUPED", assert.Must(cuped.SampleSize()).Control, n*0.64, 1e-6)
	shops := plain
	shops.Cluster = Cluster{Size: 50, ICC: 0.03, CV: 0.7}
	s := assert.Must(shops.SampleSize())
	assert.Near(t, "clusters", s.Control, n*(1+(1.49*50-1)*0.03), 1e-6)
	if s.ControlClusters != int(math.Ceil(s.Control/50)) || s.ControlUsers != 50*s.ControlClusters {
		t.Errorf("clusters are not whole: %+v", s)
	}
	arms := plain
	arms.Treatments, arms.Correction, arms.Alpha = 4, Bonferroni, 0.04
	one := plain
	one.Alpha = 0.01
	assert.Near(t, "Bonferroni", assert.Must(arms.SampleSize()).Control, assert.Must(one.SampleSize()).Control, 1e-6)
	lift := plain
	lift.Test, lift.MDE = Lift, 0.1
	assert.Near(t, "lift", assert.Must(lift.SampleSize()).Control, n/100*(1+1.21)/2, 1e-6)
}

// TestDecreaseMirrorsIncrease: the sign of the MDE is the direction of interest.
func TestDecreaseMirrorsIncrease(t *testing.T) {
	for _, m := range []Metric{Mean{SD: 1}, Ratio{1, 2, 1, 1, 0.2}} {
		up := assert.Must(Design{Metric: m, MDE: 0.1, Sides: stats.OneSided, Strict: true}.SampleSize())
		down := assert.Must(Design{Metric: m, MDE: -0.1, Sides: stats.OneSided}.SampleSize())
		assert.Near(t, "n", down.Control, up.Control, 0)
	}
	for _, test := range []Test{Score, Wald, Stabilised} {
		rate := assert.Must(Design{Metric: Proportion{0.4}, MDE: 0.1, Margin: 0.02, Test: test}.SampleSize())
		mirror := assert.Must(Design{Metric: Proportion{0.6}, MDE: -0.1, Margin: 0.02, Test: test, LowerIsBetter: true}.SampleSize())
		assert.Near(t, "rate", mirror.Control, rate.Control, 1e-7)
	}
}

func TestStrictCountsBothTails(t *testing.T) {
	d := Design{Metric: Mean{SD: 1}, MDE: 0.01}
	loose := assert.Must(d.PowerAt(100))
	d.Strict = true
	strict := assert.Must(d.PowerAt(100))
	z := 1.959963984540054
	assert.Near(t, "loose", loose.Power, norm.CDF(0.01/loose.SE-z), 1e-15)
	assert.Near(t, "strict", strict.Power, norm.CDF(0.01/loose.SE-z)+norm.CDF(-0.01/loose.SE-z), 1e-15)
}

// TestRestrictedLikelihood: the closed forms are where the likelihood of the
// expected data, given the difference, is largest.
func TestRestrictedLikelihood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.05, 0.95).Draw(t, "control")
		q := rapid.Float64Range(0.05, 0.95).Draw(t, "treated")
		b := rapid.Float64Range(-0.04, 0.04).Filter(func(b float64) bool { return math.Abs(b) > 1e-4 }).Draw(t, "boundary")
		k := rapid.Float64Range(0.1, 10).Draw(t, "k")
		slope := func(x float64) float64 {
			return p/x - (1-p)/(1-x) + k*(q/(x+b)-(1-q)/(1-x-b))
		}
		rate := restrictedRate(p, q, b, k)
		if s := slope(rate); !(rate > 0 && rate < 1 && math.Abs(s) < 1e-9*(1+k)/math.Pow(min(rate, rate+b, 1-rate, 1-rate-b), 2)) {
			t.Errorf("rates %g, %g, difference %g, k %g: slope %g at %g", p, q, b, k, s, rate)
		}
		r := restrictedCount(p, q, b, k)
		if s := p/r - 1 + k*(q/(r+b)-1); !(r > 0 && r+b > 0 && math.Abs(s) < 1e-9) {
			t.Errorf("counts %g, %g, difference %g, k %g: slope %g at %g", p, q, b, k, s, r)
		}
	})
}

// TestSolversAgree: size, power, MDE, margin and α are views of one equation.
func TestSolversAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Design{
			Metric: rapid.SampledFrom([]Metric{Mean{-3, 2, 0}, Mean{3, 2, 3}, Proportion{0.3}, Ratio{2, 4, 3, 5, 1}, Count{3, 2, 1.5}}).Draw(t, "metric"),
			MDE:    rapid.Float64Range(0.01, 0.4).Draw(t, "mde"), Relative: true,
			Alpha:       rapid.Float64Range(0.001, 0.2).Draw(t, "alpha"),
			Power:       rapid.Float64Range(0.3, 0.99).Draw(t, "power"),
			Sides:       rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.OneSided}).Draw(t, "sides"),
			Test:        rapid.SampledFrom([]Test{Score, Wald, Lift, Stabilised}).Draw(t, "test"),
			Strict:      rapid.Bool().Draw(t, "strict"),
			Margin:      rapid.SampledFrom([]float64{0, 0.05}).Draw(t, "margin"),
			Allocation:  rapid.Float64Range(0.1, 5).Draw(t, "allocation"),
			Treatments:  rapid.IntRange(1, 4).Draw(t, "treatments"),
			Correction:  rapid.SampledFrom([]Correction{Dunnett, Holm, Bonferroni, Uncorrected}).Draw(t, "correction"),
			Goal:        rapid.SampledFrom([]Goal{OneArm, AnyArm, AllArms}).Draw(t, "goal"),
			Reference:   rapid.SampledFrom([]Reference{Normal, Normal, Normal, StudentT}).Draw(t, "reference"),
			Correlation: rapid.SampledFrom([]float64{0, 0.7}).Draw(t, "rho"),
			Population:  rapid.SampledFrom([]float64{0, 1e5}).Draw(t, "population"),
		}
		if rapid.Bool().Draw(t, "clustered") {
			d.Cluster = Cluster{Size: 20, ICC: 0.05, CV: 0.4}
		}
		if d.Reference == StudentT {
			d.Treatments = min(d.Treatments, 2) // double integrals take their time
		}
		aim := func(s Sizing) float64 {
			return map[Goal]float64{OneArm: s.Power, AnyArm: s.AnyPower, AllArms: s.AllPower}[d.Goal]
		}
		s, err := d.SampleSize()
		if err != nil || aim(s) > d.Power+1e-6 {
			return // no answer, or the floor of a t-test: the fuzz test holds the former to a reason
		}
		if !(s.AllPower <= s.Power+1e-9 && s.Power <= s.AnyPower+1e-9 && s.AnyPower <= s.Power*float64(d.Treatments)+1e-9) {
			t.Errorf("%+v: powers out of order: %+v", d, s)
		}
		if !(math.Abs(aim(s)-d.Power) < 1e-9) {
			t.Errorf("%+v: power at the solved size is %v", d, aim(s))
		}
		if back, err := d.MDEAt(s.Control); err != nil || !(math.Abs(back.MDE/s.MDE-1) < 1e-7) {
			t.Errorf("%+v: MDE at the solved size is %v, not %v (%v)", d, back.MDE, s.MDE, err)
		}
		if back, err := d.AlphaAt(s.Control); err != nil || !(math.Abs(back.Alpha/d.Alpha-1) < 1e-7) {
			t.Errorf("%+v: α at the solved size is %v (%v)", d, back.Alpha, err)
		}
		if back, err := d.MarginAt(s.Control); d.Margin > 0 && (err != nil || !(math.Abs(back.RelativeMargin/d.Margin-1) < 1e-6)) {
			t.Errorf("%+v: margin at the solved size is %v (%v)", d, back.RelativeMargin, err)
		}
		if more, err := d.PowerAt(s.Control * 1.01); err == nil && !(aim(more) >= aim(s)-1e-12) {
			t.Errorf("%+v: more users have less power", d)
		}
	})
}

// TestHolmByEnumeration: the recursion against all 3ᵏ⁺¹ ways in which k independent
// arms fall between the thresholds.
func TestHolmByEnumeration(t *testing.T) {
	a := arms{k: 3, thresholds: []float64{3, 2, 1}, state: newSteps(3), next: newSteps(3)}
	right, wrong := []float64{0.2, 0.35, 0.5}, []float64{0.05, 0.1, 0.22}
	// The cells of one arm: right beyond thresholds 1, 2, 3, wrong beyond them, none.
	cells := []float64{0.2, 0.15, 0.15, 0.05, 0.05, 0.12, 0.28}
	var want powers
	for code := range 7 * 7 * 7 {
		cell := []int{code % 7, code / 7 % 7, code / 49}
		p, rejected := 1.0, 0
		beyond := func(step int) (n int) {
			for _, c := range cell {
				if c < 6 && c%3 <= step {
					n++
				}
			}
			return n
		}
		for _, c := range cell {
			p *= cells[c]
		}
		for rejected < 3 && beyond(rejected) > rejected {
			rejected++
		}
		hits := 0.0
		for _, c := range cell {
			if c < 3 && c <= rejected-1 {
				hits++
			}
		}
		want.one += p * hits / 3
		if hits > 0 {
			want.any += p
		}
		if hits == 3 {
			want.all += p
		}
	}
	got := a.stepDown(right, wrong)
	assert.Near(t, "one", got.one, want.one, 1e-15)
	assert.Near(t, "any", got.any, want.any, 1e-15)
	assert.Near(t, "all", got.all, want.all, 1e-15)
}

func TestPowerErrors(t *testing.T) {
	nan := math.NaN()
	of := func(change func(*Design)) error {
		d := Design{Metric: Mean{Mean: 1, SD: 1}, MDE: 0.1}
		change(&d)
		_, err := d.SampleSize()
		return err
	}
	for field, change := range map[string]func(*Design){
		"Metric":                   func(d *Design) { d.Metric = nil },
		"Metric.SD":                func(d *Design) { d.Metric = Mean{SD: -1} },
		"Metric.TreatmentSD":       func(d *Design) { d.Metric = Mean{SD: 1, TreatmentSD: nan} },
		"Metric.Mean":              func(d *Design) { d.Metric, d.Relative = Mean{SD: 1}, true },
		"Metric.Baseline":          func(d *Design) { d.Metric = Proportion{1} },
		"Metric.Rate":              func(d *Design) { d.Metric = Count{} },
		"Metric.Exposure":          func(d *Design) { d.Metric = Count{Rate: 1, Exposure: -1} },
		"Metric.Dispersion":        func(d *Design) { d.Metric = Count{Rate: 1, Dispersion: nan} },
		"Metric.Denominator":       func(d *Design) { d.Metric = Ratio{Numerator: 1} },
		"Metric.Covariance":        func(d *Design) { d.Metric = Ratio{1, 1, 1, 1, 2} },
		"Metric.NumeratorVariance": func(d *Design) { d.Metric = Ratio{1, 1, 1, 1, 1} },
		"MDE":                      func(d *Design) { d.MDE = 0 },
		"Alpha":                    func(d *Design) { d.Alpha = 1 },
		"Power":                    func(d *Design) { d.Power = 0.04 },
		"Sides":                    func(d *Design) { d.Sides = "three-sided" },
		"Test":                     func(d *Design) { d.Test = Stabilised },
		"Margin":                   func(d *Design) { d.Margin = -1 },
		"Allocation":               func(d *Design) { d.Allocation = -1 },
		"Treatments":               func(d *Design) { d.Treatments = 51 },
		"Correction":               func(d *Design) { d.Correction = "x" },
		"Goal":                     func(d *Design) { d.Goal = "x" },
		"Reference":                func(d *Design) { d.Reference = "x" },
		"Cluster.Size":             func(d *Design) { d.Cluster.ICC = 0.1 },
		"Cluster.ICC":              func(d *Design) { d.Cluster = Cluster{Size: 3, ICC: 2} },
		"Cluster.CV":               func(d *Design) { d.Cluster = Cluster{Size: 3, ICC: 0, CV: -1} },
		"Correlation":              func(d *Design) { d.Correlation = 1 },
		"Population":               func(d *Design) { d.Population = 1 },
	} {
		assert.Field(t, of(change), field)
	}
	failed := func(_ Sizing, err error) error { return err }
	rate := Design{Metric: Proportion{0.9}, MDE: 0.2}
	assert.Field(t, failed(rate.SampleSize()), "MDE")
	assert.Field(t, failed(rate.MDEAt(5)), "control")
	assert.Field(t, failed(Design{Metric: Mean{SD: 1e20}, MDE: 1e-20}.SampleSize()), "MDE")
	mean := Design{Metric: Mean{SD: 1}, MDE: 0.1}
	assert.Field(t, failed(mean.PowerAt(0)), "control")
	assert.Field(t, failed(mean.AlphaAt(2)), "control")
	mean.Population = 10
	assert.Field(t, failed(mean.PowerAt(6)), "control")
	mean.Population, mean.Reference = 0, StudentT
	assert.Field(t, failed(mean.PowerAt(1.4)), "control")
	mean.Margin, mean.MDE = 0.1, -0.1
	assert.Field(t, failed(mean.SampleSize()), "MDE")
}

func TestWarnings(t *testing.T) {
	for name, s := range map[string]Sizing{
		"events":     assert.Must(Design{Metric: Proportion{0.001}, MDE: 0.005}.PowerAt(1000)),
		"clusters":   assert.Must(Design{Metric: Mean{SD: 1}, MDE: 1, Cluster: Cluster{Size: 10, ICC: 0.1}}.PowerAt(50)),
		"small":      assert.Must(Design{Metric: Mean{SD: 1}, MDE: 1}.PowerAt(20)),
		"lift":       assert.Must(Design{Metric: Mean{Mean: 1, SD: 5}, MDE: 0.1, Test: Lift}.PowerAt(100)),
		"large lift": assert.Must(Design{Metric: Mean{Mean: 1, SD: 5}, MDE: 0.2, Test: Lift}.PowerAt(1e4)),
		"optimism":   assert.Must(Design{Metric: Mean{SD: 1}, MDE: 0.1, Margin: 0.1}.PowerAt(100)),
		"effects":    assert.Must(Design{Metric: Mean{SD: 1}, MDE: 0.1, Population: 1000}.PowerAt(100)),
	} {
		if len(s.Warnings) != 1 {
			t.Errorf("%s: %q", name, s.Warnings)
		}
	}
	if s := assert.Must(Design{Metric: Mean{SD: 1}, MDE: 0.1}.SampleSize()); s.Warnings != nil {
		t.Errorf("warned of nothing: %q", s.Warnings)
	}
}
