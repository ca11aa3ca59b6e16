package duration

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/sequential"
)

// Monitoring says how a running test is looked at. The zero value is a test that is
// looked at once, at its end; Looks and Continuous make the others.
type Monitoring struct {
	Plan  *sequential.Plan // of Looks, otherwise nil
	Price *anytime.Price   // of Continuous, otherwise nil

	of         aim
	drift      float64 // expected z at the planned end that has the power asked for
	last       float64 // critical value at the planned end
	continuous anytime.Design
}

// Looks plans looks for the comparison of each treatment with control. Alpha, Power and
// Sides of the sequential design are set by the power design:
//
//   - of several treatments each is compared at α/k (Bonferroni) or α (Uncorrected):
//     Dunnett's and Holm's critical values do not hold over looks, and are refused;
//   - with a Margin the test is one-sided, at α/2 if Sides is TwoSided;
//   - Strict counts stops for the wrong sign as power.
//
// Goals of several arms together are refused: they have no plan.
//
// Source: Jennison & Turnbull (2000), Group Sequential Methods with Applications to
// Clinical Trials, ch. 2 and §16.2 (Bonferroni for several arms).
func Looks(d power.Design, s sequential.Design) (Monitoring, error) {
	of, err := aimOf(d)
	if err != nil {
		return Monitoring{}, err
	}
	s.Alpha, s.Power, s.Sides = of.alpha, of.power, stats.TwoSided
	if of.oneSided {
		s.Sides = stats.OneSided
	}
	s.BothDirections = of.strict
	plan, err := s.Plan()
	if err != nil {
		return Monitoring{}, err
	}
	return Monitoring{Plan: &plan, of: of, drift: plan.Drift, last: plan.Stages[len(plan.Stages)-1].Efficacy}, nil
}

// continuousLooks stand for looking all the time. They are evenly spaced in users; twice
// as many need 1% fewer users at the usual levels, because looks find more than they cost.
const continuousLooks = 100

// Continuous plans a test that may be looked at whenever one likes, by the always-valid
// normal mixture tuned to the MDE. Its size is that at which the power asked for is
// reached within looks evenly spaced in users, from 1 to 1000; zero means 100, and more
// add little. Strict is ignored: only stops on the effect's side are power.
//
// Several treatments and a Margin are treated as by Looks.
//
// Source: Johari, Koomen, Pekelis & Walsh (2022), "Always Valid Inference", Operations
// Research 70; the price as anytime.Design.Price.
func Continuous(d power.Design, looks int) (Monitoring, error) {
	of, err := aimOf(d)
	if err != nil {
		return Monitoring{}, err
	}
	if looks == 0 {
		looks = continuousLooks
	}
	if err := input.Check(looks > 0 && looks <= 1000, "looks", float64(looks), "must lie in 1 to 1000"); err != nil {
		return Monitoring{}, err
	}
	a := anytime.Design{Alpha: of.alpha, MDE: 1}
	if of.oneSided {
		a.Sides = stats.Greater
	}
	price, err := a.Price(of.power, looks)
	if err != nil {
		return Monitoring{}, err
	}
	return Monitoring{Price: &price, of: of, drift: 1 / price.SE, last: price.WidthRatio * of.critical(), continuous: a}, nil
}

func (m Monitoring) none() bool { return m.Plan == nil && m.Price == nil }

// inflation is the most users over those of the fixed test.
func (m Monitoring) inflation() float64 {
	switch {
	case m.Plan != nil:
		return m.Plan.Inflation
	case m.Price != nil:
		return m.Price.MaxUsers
	}
	return 1
}

// expected is the z to expect where the test that looks once has this power; at least
// a little above 0, which the integration over continuous looks wants.
func (m Monitoring) expected(fixedPower float64) float64 {
	return math.Max(1e-3, m.of.critical()+norm.Quantile(clamp(fixedPower)))
}

// power is that of the monitored test at an expected z at its planned end.
func (m Monitoring) power(drift float64) (float64, error) {
	if m.Plan != nil {
		p, err := m.Plan.At(drift)
		return p.Power, err
	}
	return m.continuous.PowerAt(1/drift, m.Price.Looks)
}

// aim is what one comparison is held to.
type aim struct {
	alpha, power     float64
	oneSided, strict bool
}

// critical is that of the test that looks once.
func (a aim) critical() float64 {
	if a.oneSided {
		return -norm.Quantile(a.alpha)
	}
	return -norm.Quantile(a.alpha / 2)
}

// aimOf is what the design holds the comparison of one treatment with control to.
func aimOf(d power.Design) (aim, error) {
	a := aim{alpha: cmp.Or(d.Alpha, 0.05), power: cmp.Or(d.Power, 0.8), oneSided: d.Sides == stats.OneSided}
	a.strict = d.Strict && !a.oneSided && d.Margin == 0
	if err := input.First(input.Fraction("Alpha", a.alpha), input.Fraction("Power", a.power)); err != nil {
		return aim{}, err
	}
	if d.Margin != 0 && !a.oneSided {
		a.alpha, a.oneSided = a.alpha/2, true
	}
	if d.Treatments > 1 {
		count := float64(d.Treatments)
		if d.Goal != "" && d.Goal != power.OneArm {
			return aim{}, input.Check(false, "Goal", count, "several arms together have no plan of looks: use OneArm")
		}
		switch d.Correction {
		case power.Bonferroni:
			a.alpha /= count
		case power.Uncorrected:
		default:
			return aim{}, input.Check(false, "Correction", count, "treatments with looks need Bonferroni or Uncorrected")
		}
	}
	return a, input.Check(a.power > a.alpha, "Power", a.power, "must exceed Alpha")
}
