package duration

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
	"github.com/assay-planner/assay/stats/power"
)

// AlphaAt returns the test at the type I error α at which the given users in control
// detect Design.MDE with the power asked for, and its sizing: Design.Alpha is set, and
// looks are planned anew for it. It is where
//
//	PowerAt(control) = Power
//
// as power.Design.AlphaAt for a test that looks once, and sought over log α for one with
// looks, whose comparisons each have an α of 1e-12 to 0.4: the least of it where even
// that has the power. The field Alpha is not used. An α that is not below Power, or none
// at all, is an error that names control.
//
// Source: as SampleSize.
func (t Test) AlphaAt(control float64) (Test, power.Sizing, error) {
	target := t.target()
	few := func(ok bool, most float64) error {
		return input.Check(ok, "control", control, fmt.Sprintf("too few users: no Alpha up to %.3g gives the Power", most))
	}
	if t.Monitoring.none() {
		s, err := t.Design.AlphaAt(control)
		t.Design.Alpha = s.Alpha
		return t, s, input.First(err, few(s.Alpha < target, target))
	}
	low, high, err := t.levels()
	if err != nil {
		return t, power.Sizing{}, err
	}
	missing := func(logAlpha float64) float64 {
		_, s, failed := t.level(math.Exp(logAlpha), control)
		if failed != nil {
			err = failed
			return math.NaN()
		}
		return target - s.Power
	}
	best := math.Log(low)
	// Looks cost power, so that the α of a test that looks once is nearly always too
	// small, and nearer than the least there is.
	if once, failed := t.Design.AlphaAt(control); failed == nil && once.Alpha > low && once.Alpha < high {
		best = math.Log(once.Alpha)
	}
	lacks := missing(best)
	if lacks <= 0 && best > math.Log(low) {
		best = math.Log(low)
		lacks = missing(best)
	}
	if first := best; lacks > 0 {
		best = solve.Root(first, math.Log(high), 1e-12, func(logAlpha float64) float64 {
			if logAlpha == first { // planned already
				return lacks
			}
			return missing(logAlpha)
		})
	}
	if err := input.First(err, few(!math.IsNaN(best), high)); err != nil {
		return t, power.Sizing{}, err
	}
	return t.level(math.Exp(best), control)
}

// levels are the least and greatest Design.Alpha of a test with looks: several arms and a
// margin leave each comparison a part of it.
func (t Test) levels() (low, high float64, err error) {
	d := t.Design
	d.Alpha = 1e-6
	of, err := aimOf(d)
	part := of.alpha / d.Alpha
	const inside = 1e-9 // of the ends, which rounding could leave
	return 1e-12 / part * (1 + inside), math.Min(0.4/part, t.target()) * (1 - inside), err
}

// level is the test at another α, planned anew, and what it shows.
func (t Test) level(alpha, control float64) (Test, power.Sizing, error) {
	t.Design.Alpha = alpha
	var err error
	if m := t.Monitoring; m.Plan != nil {
		t.Monitoring, err = Looks(t.Design, m.Plan.Design)
	} else {
		t.Monitoring, err = Continuous(t.Design, m.Price.Looks)
	}
	if err != nil {
		return t, power.Sizing{}, err
	}
	s, err := t.PowerAt(control)
	return t, s, err
}
