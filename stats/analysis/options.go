package analysis

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/multiple"
	"github.com/assay-planner/assay/stats/sequential"
)

// Options says how a test is read. The zero value is the usual way.
type Options struct {
	Level float64     // of intervals, a fraction in [0.5, 1); 1 − Level is the α of decisions. Zero means 0.95
	Sides stats.Sides // empty means two-sided
	// Adjustment is how covariates are used, where rows have them; empty means CUPED,
	// and None leaves them out.
	Adjustment effect.Adjustment
	// Correction of p-values over all comparisons that are no guardrails; empty
	// means Holm, and Uncorrected none.
	Correction multiple.Correction
	// Lift is the interval of relative lifts: effect.Delta, LogRatio or Fieller. Empty
	// means the score interval for proportions (LogRatio for adjusted ones and in
	// segments), else Delta, and Fieller where the control mean is within 4 standard
	// errors of 0.
	Lift effect.Method
	// Prior of true relative lifts, as fractions; nil: no posterior.
	Prior bayes.Prior
	// MDE is the relative lift, a fraction, at which the confidence sequence by day
	// is tightest; it holds whatever this is. Zero means the prior's spread where that
	// is known, else 0.02.
	MDE float64
	// Plan makes the looks of rows by day those of a group-sequential test.
	Plan *Plan
}

// Plan is a group-sequential test as it was planned.
type Plan struct {
	Design sequential.Design // its Alpha and Sides are set from Options
	Users  int               // planned in all arms together, at the last look
}

// Choices beside those of the packages that do the work.
const (
	None        effect.Adjustment   = "none"
	Uncorrected multiple.Correction = "none"
)

func (o Options) withDefaults() (Options, error) {
	o.Level = cmp.Or(o.Level, 0.95)
	if o.Sides == "" {
		o.Sides = stats.TwoSided
	}
	if o.Adjustment == "" {
		o.Adjustment = effect.CUPED
	}
	if o.Correction == "" {
		o.Correction = multiple.Holm
	}
	if o.MDE == 0 {
		o.MDE = o.spread()
	}
	checks := []error{
		input.Check(o.Level >= 0.5 && o.Level < 1, "Options.Level", o.Level, "must lie in [0.5, 1)"),
		input.Positive("Options.MDE", o.MDE),
		input.OneOf("Options.Sides", o.Sides, stats.TwoSided, stats.Greater, stats.Less),
		input.OneOf("Options.Adjustment", o.Adjustment, effect.CUPED, effect.OLS, effect.Lin, None),
		input.OneOf("Options.Correction", o.Correction, multiple.Holm, multiple.Bonferroni, multiple.Sidak, multiple.Hochberg, multiple.Hommel, multiple.BH, multiple.BY, Uncorrected),
		input.OneOf("Options.Lift", o.Lift, "", effect.Delta, effect.LogRatio, effect.Fieller),
	}
	if o.Prior != nil {
		checks = append(checks, o.Prior.Check())
	}
	if o.Plan != nil {
		checks = append(checks, input.Check(o.Plan.Users > 0, "Options.Plan.Users", float64(o.Plan.Users), "must be above 0"),
			input.Check(o.alpha() <= 0.4, "Options.Level", o.Level, "must be at least 0.6 (60%) with planned looks"))
	}
	return o, input.First(checks...)
}

// spread is about the size of effects to expect: 0.73 MDE is the mixture's width.
func (o Options) spread() float64 {
	const usual = 0.02
	if o.Prior == nil || o.Prior.Check() != nil {
		return usual
	}
	if half := (o.Prior.Quantile(0.84) - o.Prior.Quantile(0.16)) / 2; half > 0 && half < 1e6 {
		return half / 0.73
	}
	return usual
}

// alpha is 1 − Level to 12 digits: 1 − 0.95 is 0.05, not 0.050000000000000044.
func (o Options) alpha() float64 { return math.Round((1-o.Level)*1e12) / 1e12 }
