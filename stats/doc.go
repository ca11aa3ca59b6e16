// Package stats answers, from sufficient statistics alone: what did a test
// measure, what do past tests say about an idea that was never tested, and what
// is the next test worth?
//
// An [Estimate] is one measured effect with its standard error; [RelativeLift]
// makes it from two arms. [FitGroups] learns the distribution of true effects
// from many estimates and predicts a new idea's effect as a [Normal]. A
// [ShipRule] turns that forecast and a design's standard error into expected
// gain; [MeanTest] and [ProportionTest] tell the standard error, the users and
// the power of a design.
//
//	fit, err := stats.FitGroups(past)                     // map[string][]stats.Estimate
//	forecast := fit.Predict("feed/ranking")               // Normal: mean and SD of the true lift
//	plan, err := stats.MeanTest{Mean: 1.2, SD: 4, MDE: 0.01, Relative: true}.SampleSize()
//	gain := stats.PosteriorMean{}.Gain(forecast, plan.RelativeSE)
//
// Lifts are fractions: 0.02 is +2%. Every function is pure: the same input gives
// the same bits. Input without an answer gives an [*InputError]; a warning is
// part of a result.
//
// The package does not read data, stop a test early, correct for many tests, or
// know what a hypothesis, a cohort or a plan is.
package stats
