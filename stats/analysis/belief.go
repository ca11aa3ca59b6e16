package analysis

import (
	"errors"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// addBelief adds the posterior of the lift under the prior: the estimate is taken as
// normal with its delta-method standard error.
func (c *Comparison) addBelief(s series, m measured, o Options) {
	if o.Prior == nil {
		return
	}
	lift, ok := m.lift()
	if !ok {
		c.Warnings = append(c.Warnings, "there is no posterior: the relative lift has no standard error")
		return
	}
	post := o.Prior.Posterior(lift.Value, lift.SE)
	summary, err := bayes.Summarise(post, o.Level)
	if err != nil {
		c.Warnings = append(c.Warnings, "there is no posterior: "+reason(err))
		return
	}
	above, below := post.Split(0, 0)
	b := Belief{Mean: summary.Mean, SD: summary.SD, ProbPositive: summary.ProbPositive, ProbBetter: summary.ProbPositive,
		Interval: summary.EqualTailed, Loss: -below, LossControl: above}
	if m.fallIsBetter(s) {
		b.ProbBetter, b.Loss, b.LossControl = post.CDF(0)-post.PointMass(0), above, -below
	}
	c.Posterior = &b
}

// fallIsBetter: a lift below 0 is an improvement. Where the control mean is below 0 a
// rise of the metric is a fall of the lift.
func (m measured) fallIsBetter(s series) bool { return s.LowerIsBetter != (m.Control.Mean < 0) }

// addBest compares all treatments of a metric with each other.
func (r *Report) addBest(s series, control string, names []string, done []measured, o Options) error {
	if o.Prior == nil || len(done) < 2 || math.IsNaN(o.Prior.Mean()) {
		return nil
	}
	lifts := make([]stats.Estimate, len(done))
	for i, m := range done {
		var ok bool
		if lifts[i], ok = m.lift(); !ok {
			return nil
		}
	}
	base := done[0].Control
	se := math.Sqrt(base.Variance/float64(base.N)) / math.Abs(base.Mean)
	odds, err := bayes.CompareLifts(o.Prior, lifts, se, bayes.CompareOptions{LowerIsBetter: done[0].fallIsBetter(s)})
	if err != nil {
		if errors.Is(err, stats.ErrInput) {
			r.Warnings = append(r.Warnings, fmt.Sprintf("%s: the probability of being best has no answer: %s", s.Name, reason(err)))
			return nil
		}
		return err
	}
	best := Best{Metric: s.Name}
	for i, a := range odds.Arms {
		name := control
		if i > 0 {
			name = names[i-1]
		}
		best.Arms = append(best.Arms, BestOdds{name, a.ProbBest, a.ExpectedLoss})
	}
	r.Best = append(r.Best, best)
	return nil
}
