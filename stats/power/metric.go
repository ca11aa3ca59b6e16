package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Metric is what a design compares: a [Mean], [Proportion], [Ratio] or [Count],
// with its value in control. Any other metric whose estimate is normal for many
// users, such as a quantile, is a Mean with the standard deviation of its
// linearised per-user value.
type Metric interface {
	check(test Test) error
	baseline() float64
	// room is how far the treatment can be from the baseline in a direction, ±1;
	// that value itself is out of reach.
	room(direction float64) float64
	contrast(question) contrast
	// events are the rarest outcomes expected of n users whose baseline moved by
	// effect, which the normal approximation needs some of; +Inf if it counts none.
	events(n, effect float64) float64
}

// question is what a metric is asked: how far is the truth from the null
// hypothesis, and how precisely does one user in control measure it?
type question struct {
	test       Test
	effect     float64 // true treatment − control
	boundary   float64 // the null hypothesis: treatment − control = boundary
	allocation float64
}

// contrast is the answer. null and truth are on the scale of the test, on which
// distance is measured; se is in the metric's unit.
type contrast struct {
	distance        float64
	null, truth, se spread
}

// spread holds the standard deviations of one user in control and in treatment.
type spread struct{ control, treatment float64 }

// unit is the standard error of the difference with one user in control and
// as many as allocation says in treatment.
func (s spread) unit(allocation float64) float64 {
	return math.Hypot(s.control, s.treatment/math.Sqrt(allocation))
}

// share is control's share of the variance of the difference: the correlation of
// two treatments' differences from it.
func (s spread) share(allocation float64) float64 {
	r := s.control / s.unit(allocation)
	return r * r
}

// plain is the contrast of a test whose variances do not depend on the hypothesis.
func (q question) plain(s spread, baseline float64) contrast {
	if q.test == Lift {
		// The lift's SE times the baseline: √(σ_c²(μₜ/μ_c)² + σₜ²/k).
		s.control *= math.Abs(1 + q.effect/baseline)
	}
	return contrast{distance: q.effect - q.boundary, null: s, truth: s, se: s}
}

// notStabilised refuses a scale that a metric does not have.
func notStabilised(test Test) error {
	if test == Stabilised {
		return &input.Error{Field: "Test", Reason: "only a Proportion and a Count have a scale of constant variance"}
	}
	return nil
}

// baselineField names where a metric's baseline comes from.
func baselineField(m Metric) string {
	switch m.(type) {
	case Mean:
		return "Mean"
	case Ratio:
		return "Numerator"
	case Count:
		return "Rate"
	}
	return "Baseline"
}
