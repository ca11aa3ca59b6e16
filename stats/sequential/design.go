package sequential

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Design states a group-sequential test before anyone is exposed: when it is
// looked at, with which error rates, and how boundaries are spread over the looks.
// The statistic at each look is a z-value whose score Z√t has independent normal
// increments, as those of means, rates, regression coefficients and log hazard
// ratios have in large samples.
type Design struct {
	// Looks is the number of equally spaced looks, the last one included, from 1
	// to 1000; zero means 5, or as many as Information or SpendFractions has.
	Looks int
	// Information holds the fraction of the maximum information at each look:
	// rising by at least 1e-6, above 0, the last one 1. For means and rates it is
	// users so far over users planned. Empty means k/Looks.
	Information []float64
	Alpha       float64     // type I error, both sides together, in [1e-12, 0.4]; zero means 0.05
	Power       float64     // 1 − type II error, in (Alpha, 1 − 1e-9]; zero means 0.80
	Sides       stats.Sides // empty means TwoSided
	// Efficacy is the boundary that rejects; zero means OBFSpending.
	Efficacy Boundary
	// Futility is the boundary below which the test stops without rejecting, by
	// spending of the type II error 1 − Power (not a classical boundary); zero
	// means none. In a two-sided test it stops for |z| below it.
	Futility Boundary
	// Binding lets the efficacy boundary count on stops for futility: it is lower,
	// and α is exceeded if a test goes on below the futility boundary. By default
	// futility is advice: α holds whether it is followed or not. One-sided only.
	Binding bool
	// SpendJointly spends α on |Z|, as α(t; α), instead of α/2 on each side, as
	// 2α(t; α/2). The latter is what rpact and gsDesign do. Of the families here
	// only OBFSpending tells them apart: at t = 0.2, 0.4 … 1 and α = 0.05 it has
	// z = 4.38 3.10 2.55 2.25 2.06 jointly and 4.88 3.36 2.68 2.29 2.03 by side.
	SpendJointly bool
	// BothDirections counts, for a two-sided test, also the rejections of the
	// wrong sign as power. By default they do not count: a test that says the
	// opposite of the truth has not detected it.
	BothDirections bool
}

const maxLooks = 1000

// filled is the design with its defaults, checked.
func (d Design) filled() (Design, error) {
	if d.Looks == 0 {
		d.Looks = cmp.Or(len(d.Information), len(d.Efficacy.fractions), 5)
	}
	d.Alpha, d.Power = cmp.Or(d.Alpha, 0.05), cmp.Or(d.Power, 0.8)
	d.Sides = cmp.Or(d.Sides, stats.TwoSided)
	if d.Efficacy.kind == unset {
		d.Efficacy = OBFSpending()
	}
	if err := d.check(); err != nil {
		return d, err
	}
	if len(d.Information) == 0 {
		d.Information = make([]float64, d.Looks)
		for i := range d.Information {
			d.Information[i] = float64(i+1) / float64(d.Looks)
		}
	}
	d.Information = append([]float64{}, d.Information...)
	return d, input.First(d.checkSpending(d.Information), d.checkLeft())
}

func (d Design) check() error {
	looks := float64(d.Looks)
	return input.First(
		input.Check(d.Looks >= 1 && d.Looks <= maxLooks, "Looks", looks, "must lie in 1 to 1000"),
		input.Check(len(d.Information) == 0 || len(d.Information) == d.Looks, "Looks", looks, "must be the length of Information, or 0"),
		checkInformation("Information", d.Information),
		input.Check(d.Alpha >= 1e-12 && d.Alpha <= 0.4, "Alpha", d.Alpha, "must lie in [1e-12, 0.4]"),
		input.Check(d.Power > d.Alpha && d.Power <= 1-1e-9, "Power", d.Power, "must exceed Alpha, the power of a test without users, and be at most 1 − 1e-9"),
		input.OneOf("Sides", d.Sides, stats.TwoSided, stats.OneSided),
		input.Check(!d.Binding || d.Sides == stats.OneSided, "Binding", 1, "needs a one-sided test: in a two-sided one futility is advice"),
		d.Efficacy.check("Efficacy", d.Looks),
		input.Check(!d.Futility.classical(), "Futility", d.Futility.parameter, "needs a spending boundary, not a classical one"),
		d.Futility.check("Futility", d.Looks))
}

// checkInformation wants rising fractions that end in 1.
func checkInformation(field string, ts []float64) error {
	before := 0.0
	for i, t := range ts {
		if !(t >= before+minStep && t <= 1) {
			return &input.Error{Field: fmt.Sprintf("%s[%d]", field, i), Value: t, Reason: "fractions must rise by at least 1e-6, from above 0 to 1"}
		}
		before = t
	}
	return input.Check(len(ts) == 0 || before == 1, fmt.Sprintf("%s[%d]", field, len(ts)-1), before, "the last fraction must be 1")
}

// minStep is the smallest distance between looks, in fractions of information: 1e-6,
// with room for the rounding of 0.500001 − 0.5.
const minStep = 1e-6 * (1 - 1e-9)

// checkLeft wants type II error left for the last look, which cannot do without.
func (d Design) checkLeft() error {
	if d.Futility.kind == unset || d.Looks == 1 {
		return nil
	}
	left := 1 - d.betaSpent(d.Information[d.Looks-2])/(1-d.Power)
	return input.Check(left >= 1e-6, "Futility", left, "must leave at least 1e-6 of the type II error to the last look")
}

// checkSpending tries the user's spending functions at fractions t.
func (d Design) checkSpending(t []float64) error {
	return input.First(d.Efficacy.checkFunction("Efficacy", d.Alpha/d.perSide(), t),
		d.Futility.checkFunction("Futility", 1-d.Power, t))
}

func (b Boundary) checkFunction(field string, level float64, ts []float64) error {
	if b.kind != spendFunction {
		return nil
	}
	before := 0.0
	for _, t := range ts {
		x := b.spend(math.Min(t, 1), level)
		if !(x >= before && x <= level*(1+1e-9)) {
			return input.Check(false, field, x, "a spending function must lie in [0, α] and not fall")
		}
		before = x
	}
	return input.Check(math.Abs(b.spend(1, level)-level) <= 1e-9*level, field, b.spend(1, level), "a spending function must give α at t = 1")
}

// perSide is over how many sides Efficacy spreads α.
func (d Design) perSide() float64 {
	if d.Sides == stats.TwoSided && !d.SpendJointly {
		return 2
	}
	return 1
}

// alphaSpent is the cumulative α spent by information t, both sides together.
func (d Design) alphaSpent(t float64) float64 {
	return math.Min(d.perSide()*d.Efficacy.spent(t, d.Alpha/d.perSide(), d.Information), d.Alpha)
}

// betaSpent is the cumulative type II error spent on futility by information t.
func (d Design) betaSpent(t float64) float64 {
	return math.Min(d.Futility.spent(t, 1-d.Power, d.Information), 1-d.Power)
}
