package anytime

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Price is what looking repeatedly costs against a test of the same level and
// power that looks once. Users are in proportion to 1/SE².
type Price struct {
	Power float64 `json:"power"` // of both tests, if the effect is MDE
	Looks int     `json:"looks"` // evenly spaced in users
	// FixedSE is the standard error at which the test that looks once has the
	// power, and SE the one at the last look of the monitored test, both in the
	// effect's unit.
	FixedSE float64 `json:"fixed_se"`
	SE      float64 `json:"se"`
	// WidthRatio is the width of the last look's interval over that of the
	// fixed-size interval of the same users.
	WidthRatio float64 `json:"width_ratio"`
	// MaxUsers, as a multiple of the fixed test's, are needed if no look stops it.
	MaxUsers float64 `json:"max_users"`
	// LastLookUsers is MaxUsers if only the last look counted: an upper bound
	// in closed form.
	LastLookUsers float64 `json:"last_look_users"`
	// MeanUsers is the expected multiple of the fixed test's users at the stop
	// or the last look, if the effect is MDE; MeanUsersNull, if there is no
	// effect (a Margin, which stops some of these earlier, is not counted).
	MeanUsers     float64 `json:"mean_users"`
	MeanUsersNull float64 `json:"mean_users_null"`
}

// WidthRatio returns how much wider the confidence sequence is at standard error
// se > 0 than the interval of a test that looks only then: halfwidth/(z SE) with z
// = z₁₋α/₂, or z₁₋α of a one-sided design. At α = 0.05 it is 1.55 where the
// mixture is tuned to, and grows slowly on both sides.
//
// Source: Waudby-Smith et al. (2024), §2.
func (d Design) WidthRatio(se float64) (float64, error) {
	b, err := d.prepare()
	if err := input.First(err, input.Positive("se", se)); err != nil {
		return 0, err
	}
	ratio := b.halfWidth(se) / (b.critical() * se)
	return ratio, input.Finite("se/Tau", ratio)
}

// PowerAt returns the probability that an effect of MDE is established by the
// last of looks ≥ 1 looks, evenly spaced in users, where the last look's standard
// error is se > 0. Only crossings on the effect's side count. It is computed by
// recursive integration over the looks, with an error below 10⁻⁶; more than 1,000
// looks are refused, because they add nothing that a thousand do not.
//
// Yeast's planned end is taken to be the last look.
//
// Source: Armitage, McPherson & Rowe (1969), JRSS A 132:235–244.
func (d Design) PowerAt(se float64, looks int) (float64, error) {
	b, err := d.forMDE(looks)
	if err := input.First(err, input.Positive("se", se)); err != nil {
		return 0, err
	}
	reached := b.crossing(se, looks, math.Abs(b.MDE))
	return math.Min(1, reached[looks-1]), nil
}

// Price returns what looks ≥ 1 looks, evenly spaced in users, cost against one
// look with the same power (in (Alpha, 1)) to establish an effect of MDE:
//
//	FixedSE = MDE/(z + z_power)      SE solves PowerAt(SE, looks) = power
//
// LastLookUsers is ((k + z_power)/(z + z_power))² with k the half-width of the last
// look's interval in standard errors, 1.9 at the usual levels; for equal width
// instead of equal power it is WidthRatio² = 2.4. A design that is tuned by MDE is
// tuned to about that look.
//
// Source: as PowerAt; the mean of the stopping time is Σ (tₖ − tₖ₋₁) P(not stopped
// before look k).
func (d Design) Price(power float64, looks int) (Price, error) {
	b, err := d.forMDE(looks)
	if err := input.First(err, input.Fraction("power", power),
		input.Check(power > b.Alpha, "power", power, "must exceed Alpha, the power of a test without users")); err != nil {
		return Price{}, err
	}
	mde, zPower := math.Abs(b.MDE), norm.Quantile(power)
	p := Price{Power: power, Looks: looks, FixedSE: mde / (b.critical() + zPower)}
	// The last look alone reaches the power at ratio SE/MDE = 1/(k + z_power).
	alone := func(ratio float64) float64 {
		return b.ending(ratio*mde).halfWidth(ratio*mde)/(ratio*mde) + zPower - 1/ratio
	}
	low, high := 1e-3, 10.0
	if !(alone(low) < 0 && alone(high) > 0) {
		return Price{}, input.Check(false, "Tau", b.tau, "is too far from MDE: the test would never end")
	}
	last := mde * solve.Root(low, high, 1e-12, alone)
	p.LastLookUsers = square(p.FixedSE / last)
	p.SE = solve.Root(last, p.FixedSE, 1e-9*last, func(se float64) float64 {
		return b.crossing(se, looks, mde)[looks-1] - power
	})
	if math.IsNaN(p.SE) { // one look: the last is the only one, and rounding decides the sign
		p.SE = last
	}
	p.MaxUsers = square(p.FixedSE / p.SE)
	p.WidthRatio = b.ending(p.SE).halfWidth(p.SE) / (b.critical() * p.SE)
	p.MeanUsers = p.MaxUsers * b.meanTime(p.SE, looks, mde)
	p.MeanUsersNull = p.MaxUsers * b.meanTime(p.SE, looks, 0)
	return p, nil
}

func square(x float64) float64 { return x * x }

// forMDE prepares a design for questions about its MDE.
func (d Design) forMDE(looks int) (boundary, error) {
	if d.Method == Yeast && d.PlannedSE == 0 {
		d.PlannedSE = 1 // replaced by each end that is asked about
	}
	b, err := d.prepare()
	return b, input.First(err, input.Check(math.Abs(d.MDE) >= 1/input.Max, "MDE", d.MDE, "must not be 0: power and price are those of finding it"),
		input.Check(looks >= 1 && looks <= 1000, "looks", float64(looks), "must be from 1 to 1000"))
}

// ending is the boundary if the last look has standard error se.
func (b boundary) ending(se float64) boundary {
	b.PlannedSE = se
	return b
}

// schedule is the times (fractions of the last look's users) and the boundaries of
// the sum in units of its standard deviation at the last look.
func (b boundary) schedule(se float64, looks int) (times, bounds []float64) {
	b = b.ending(se)
	times, bounds = make([]float64, looks), make([]float64, looks)
	for k := range times {
		times[k] = float64(k+1) / float64(looks)
		at := se / math.Sqrt(times[k])
		bounds[k] = b.halfWidth(at) / se * times[k]
	}
	return times, bounds
}

// crossing is the probability of having stopped on the effect's side by each look.
func (b boundary) crossing(se float64, looks int, effect float64) []float64 {
	times, bounds := b.schedule(se, looks)
	above, _ := crossing(times, bounds, effect/se, b.sign == 0)
	return above
}

// meanTime is the expected fraction of the last look's users at the stop.
func (b boundary) meanTime(se float64, looks int, effect float64) float64 {
	times, bounds := b.schedule(se, looks)
	above, below := crossing(times, bounds, effect/se, b.sign == 0)
	mean := times[0]
	for k := 1; k < looks; k++ {
		mean += (times[k] - times[k-1]) * (1 - above[k-1] - below[k-1])
	}
	return mean
}
