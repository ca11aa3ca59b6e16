// Package power answers, before a test starts: how many users does it need, what
// effect can so many users show, with what power and at what level?
//
// A [Design] joins a [Metric] (a [Mean], [Proportion], [Ratio] or [Count]) with
// what else changes the answer: allocation, several treatment arms, a margin of
// non-inferiority, clusters, a covariate, a finite population. Every part left at
// its zero value is absent, and the parts combine. A [Sizing] is the answer.
//
//	d := power.Design{
//		Metric:   power.Mean{Mean: 1.2, SD: 4},
//		MDE:      0.01, Relative: true, // +1%
//		Treatments: 3,                  // against one control, by Dunnett's test
//		Correlation: 0.6,               // with the covariate of CUPED
//	}
//	size, err := d.SampleSize()         // size.ControlUsers, size.Power, size.Warnings
//	size, err = d.MDEAt(1_000_000)      // users in control; also PowerAt, AlphaAt, MarginAt
//
// # Conventions
//
// Control is one arm; each treatment arm has Allocation times as many users. An
// effect is treatment − control in the metric's unit, a relative one its
// fraction of |baseline|: 0.01 is +1%. The sign of MDE is its direction. An error
// names the field of Design in question as a Go expression: Metric.SD,
// Cluster.ICC, or the argument control. A size at which a method is
// unreliable is no error but a warning.
//
// All sizes are of a test that is looked at once, at its end; for tests with
// looks multiply by the inflation that stats/sequential gives. The package does
// not draw samples, analyse a finished test, or weigh gain against cost.
package power
