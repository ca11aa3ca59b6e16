package analysis

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/quantile"
)

// measured is one treatment against the control.
type measured struct {
	effect.Result                  // the one to decide by
	plain         effect.Result    // without covariates
	adjusted      *effect.Adjusted // nil without covariates
}

// moments are those of the outcome and its covariates; a ratio's are linearised.
func (s series) moments(c cell) (effect.Moments, error) {
	if s.kind == Ratio {
		return c.moments.Ratio()
	}
	return c.moments, nil
}

// arm presents whatever the metric is as a mean, with what makes it doubtful.
func (s series) arm(c cell) (arm effect.Arm, warnings []string, err error) {
	switch {
	case c.sketch != nil && s.Quantile > 0:
		e, err := quantile.Sample{Sketch: c.sketch, Clusters: c.clusters}.Quantile(s.Quantile, quantile.Options{})
		return e.Arm(), e.Warnings, err
	case c.sketch != nil:
		m, err := quantile.Winsorised(c.sketch, s.limits)
		return m.Arm, m.Warnings, err
	}
	m, err := s.moments(c)
	if err != nil {
		return effect.Arm{}, nil, err
	}
	arm, err = m.Arm()
	return arm, nil, err
}

// compare measures the treatment by the method that its kind calls for.
func (s series) compare(treatment, control cell, o Options) (measured, error) {
	plain, err := s.plain(treatment, control, o)
	if err != nil {
		return measured{}, err
	}
	m := measured{Result: plain, plain: plain}
	if o.Adjustment == None || !s.hasCovariates(treatment) {
		return m, nil
	}
	adjusted, err := s.adjust(treatment, control, o.Adjustment)
	if err != nil {
		return m, err
	}
	m.adjusted = &adjusted
	m.Result, err = trusted(s.effect(o), adjusted.Compare)
	return m, err
}

func (s series) hasCovariates(c cell) bool {
	values := len(c.moments.Means)
	return values > 2 || values == 2 && s.kind != Ratio
}

func (s series) adjust(treatment, control cell, how effect.Adjustment) (effect.Adjusted, error) {
	t, err := s.moments(treatment)
	if err != nil {
		return effect.Adjusted{}, err
	}
	c, err := s.moments(control)
	if err != nil {
		return effect.Adjusted{}, err
	}
	return effect.Adjust(t, c, how)
}

func (s series) plain(treatment, control cell, o Options) (effect.Result, error) {
	if s.kind == Proportion && o.Lift == "" {
		t, c := proportion(treatment), proportion(control)
		return effect.CompareProportions(t, c, effect.Options{Level: o.Level, Sides: o.Sides})
	}
	t, ofTreatment, err := s.arm(treatment)
	if err != nil {
		return effect.Result{}, err
	}
	c, ofControl, err := s.arm(control)
	if err != nil {
		return effect.Result{}, err
	}
	r, err := trusted(s.effect(o), func(o effect.Options) (effect.Result, error) { return effect.Compare(t, c, o) })
	for _, w := range ofTreatment {
		r.Warnings = append(r.Warnings, "treatment: "+w)
	}
	for _, w := range ofControl {
		r.Warnings = append(r.Warnings, "control: "+w)
	}
	return r, err
}

func proportion(c cell) effect.Proportion {
	return effect.Proportion{Successes: int(math.Round(c.moments.Means[0] * float64(c.moments.N))), N: c.moments.N}
}

// trusted compares, and takes Fieller's interval of the lift where nobody chose
// one and the control mean is too near 0 for the delta method.
func trusted(o effect.Options, compare func(effect.Options) (effect.Result, error)) (effect.Result, error) {
	r, err := compare(o)
	if err != nil || o.Lift != "" {
		return r, err
	}
	if se := math.Sqrt(r.Control.Variance / float64(r.Control.N)); math.Abs(r.Control.Mean) < nearZero*se {
		o.Lift = effect.Fieller
		return compare(o)
	}
	return r, nil
}

// nearZero is how many standard errors a control mean must be from 0 for the
// delta method to be trusted, as stats/effect warns.
const nearZero = 4

// effect are the options of a comparison of means. The lift of small rates is skewed,
// so that where no score interval is to be had, the logarithm's is nearest to it.
func (s series) effect(o Options) effect.Options {
	e := effect.Options{Level: o.Level, Sides: o.Sides, Lift: o.Lift}
	if s.kind == Ratio || s.Quantile > 0 {
		e.Difference = effect.NormalZ
	}
	if s.kind == Proportion && o.Lift == "" {
		e.Lift = effect.LogRatio
	}
	return e
}

// lift is the estimate of the relative lift, if there is one with an error.
func (m measured) lift() (stats.Estimate, bool) {
	if m.Lift == nil || !(m.Lift.SE > 0) {
		return stats.Estimate{}, false
	}
	return stats.Estimate{Value: m.Lift.Value, SE: m.Lift.SE}, true
}
