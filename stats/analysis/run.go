package analysis

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/multiple"
)

// Run reads a test. Every treatment is compared with the control on every metric:
//
//	mean        Welch's t                      effect.Compare
//	proportion  pooled z, score intervals      effect.CompareProportions
//	ratio       delta method, normal           effect.Moments.Ratio, effect.Compare
//	covariates  CUPED, OLS or Lin              effect.Adjust
//	quantile    density estimate, normal       quantile.Sample.Quantile
//	guardrail   z = (lift + Margin)/SE on the difference ȳₜ − (1 − Margin)ȳ_c, one-sided
//
// The p-values of all comparisons that are no guardrails are one family, corrected by
// Options.Correction. Guardrails are each tested at (1 − Level)/2, one-sided: all must
// hold, so that asking more of them makes no false "all hold" likelier (Berger
// 1982, Technometrics 24:295–300). Segments are not in the family: they tell where to
// look next. P-values and intervals are those of a test that is read once; with
// days, Course or Sequential answers for looking repeatedly. Under a plan its looks
// decide: a comparison is in the family with the p-value of its look that stopped,
// and with 1 before; a guardrail spends its α/2 over the same looks.
//
// A comparison without an answer (nobody converts in either arm) says so in Problem.
// The error is an *InputError that names the field of the Test or the Options.
func Run(t Test, o Options) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	if err := t.check(); err != nil {
		return Report{}, err
	}
	if t.Days == "" {
		t.Days = NewUsers
	}
	all, err := t.series()
	if err != nil {
		return Report{}, err
	}
	r := Report{Test: t.Name, Level: o.Level, Sides: o.Sides, Findings: []Finding{}, Best: []Best{}, Warnings: slices.Clone(t.Notes)}
	if slices.ContainsFunc(t.Rows, func(row Row) bool { return row.Day > 0 }) {
		r.Days = t.Days
	}
	if err := r.countUsers(t, all); err != nil {
		return Report{}, err
	}
	if err := r.checkPlan(o.Plan); err != nil {
		return Report{}, err
	}
	for _, s := range all {
		if err := r.addMetric(t, s, o); err != nil {
			return Report{}, err
		}
	}
	if err := r.correct(o); err != nil {
		return Report{}, err
	}
	r.Status = health.OK
	for _, f := range r.Findings {
		if f.Status == health.Fail || f.Status == health.Warn && r.Status == health.OK {
			r.Status = f.Status
		}
	}
	for i := range r.Comparisons {
		r.Comparisons[i].Verdict = r.verdict(r.Comparisons[i])
	}
	return r, nil
}

// addMetric compares all treatments on one metric.
func (r *Report) addMetric(t Test, s series, o Options) error {
	cells, err := s.total()
	if err != nil {
		return err
	}
	control := t.Arms[t.control()].Name
	var done []measured
	var names []string
	for _, a := range t.Arms {
		if a.Control {
			continue
		}
		c := Comparison{Metric: s.Name, Treatment: a.Name, Control: control, Kind: s.kind, Quantile: s.Quantile,
			LowerIsBetter: s.LowerIsBetter, P: 1}
		m, err := s.measure(cells, a.Name, control, o)
		if err != nil {
			if !errors.Is(err, stats.ErrInput) {
				return err
			}
			c.Problem = reason(err)
			r.Comparisons = append(r.Comparisons, c)
			continue
		}
		if err := r.fill(&c, s, m, o); err != nil {
			return err
		}
		done, names = append(done, m), append(names, a.Name)
		r.Comparisons = append(r.Comparisons, c)
	}
	return r.addBest(s, control, names, done, o)
}

// errNoUsers: the metric has no row of an arm.
func errNoUsers(arm string) error {
	return &stats.InputError{Field: "Rows", Reason: arm + " has no row of this metric"}
}

func (s series) measure(cells byArm, treatment, control string, o Options) (measured, error) {
	for _, arm := range []string{treatment, control} {
		if cells[arm].empty() {
			return measured{}, errNoUsers(arm)
		}
	}
	return s.compare(cells[treatment], cells[control], o)
}

// fill adds to a comparison all that follows from its numbers.
func (r *Report) fill(c *Comparison, s series, m measured, o Options) error {
	result := m.Result
	c.Result, c.P = &result, m.PValue(o.Sides)
	c.Warnings = append(c.Warnings, m.Warnings...)
	change := m.Difference.Value
	c.Better = change > 0 != s.LowerIsBetter && change != 0
	c.addCovariates(m)
	c.addGuardrail(s, m, o)
	c.addBelief(s, m, o)
	c.addSegments(s, o)
	return r.addDays(c, s, o)
}

func (c *Comparison) addCovariates(m measured) {
	a := m.adjusted
	if a == nil {
		return
	}
	c.Covariates = &Covariates{Adjustment: a.Adjustment, Unadjusted: m.plain, Correlation: a.Correlation, Slopes: a.TreatmentSlopes}
	if before := m.plain.Difference.SE; before > 0 {
		ratio := m.Difference.SE / before
		c.Covariates.VarianceSaved = 1 - ratio*ratio
	}
}

// correct adjusts the family's p-values.
func (r *Report) correct(o Options) error {
	var p []float64
	var of []int
	for i, c := range r.Comparisons {
		if c.Result != nil && c.Guardrail == nil {
			p, of = append(p, c.decisive()), append(of, i)
		}
	}
	r.Family = Family{Correction: o.Correction, Size: len(p), Alpha: o.alpha(), Promise: promise(o.Correction)}
	if len(p) == 0 {
		return nil
	}
	adjusted := p
	if o.Correction != Uncorrected {
		var err error
		if adjusted, err = multiple.Adjust(p, o.Correction); err != nil {
			return err
		}
	}
	for k, i := range of {
		if r.Comparisons[i].undecided() {
			continue
		}
		value := adjusted[k]
		r.Comparisons[i].AdjustedP, r.Comparisons[i].Established = &value, value <= o.alpha()
	}
	return nil
}

// undecided: the plan's looks are not over.
func (c Comparison) undecided() bool {
	return c.Sequential != nil && (c.Sequential.Verdict == nil || !c.Sequential.Verdict.Action.Stops())
}

// decisive is the p-value that decides: under a plan that of its looks, in the order of
// its stages; before they are over, none.
func (c Comparison) decisive() float64 {
	switch {
	case c.undecided():
		return 1
	case c.Sequential != nil:
		return c.Sequential.Inference.PValue
	}
	return c.P
}

func promise(c multiple.Correction) string {
	switch c {
	case Uncorrected:
		return "each comparison alone: among many, some are below α by chance"
	case multiple.BH, multiple.BY:
		return "of what is called established, at most a share α is false on average"
	}
	return "the probability of calling anything established that is not is at most α"
}

// reason is what an input error says, without the Go field that it names.
func reason(err error) string {
	e, ok := errors.AsType[*stats.InputError](err)
	switch {
	case !ok:
		return err.Error()
	case e.Value == 0 || math.IsNaN(e.Value):
		return e.Reason
	}
	return fmt.Sprintf("%s (%.4g)", e.Reason, e.Value)
}
