// Package stats answers, from sufficient statistics alone: what do past tests
// say about an idea that was never tested, and what is the next test worth?
//
// [FitGroups] learns the distribution of true effects from many [Estimate]s, each
// with its standard error, and predicts a new idea's effect as a [Normal]. A
// [ShipRule] turns that forecast and a design's standard error into expected
// gain.
//
//	fit, err := stats.FitGroups(past)                     // map[string][]stats.Estimate
//	forecast := fit.Predict("feed/ranking")               // Normal: mean and SD of the true lift
//	gain := stats.PosteriorMean{}.Gain(forecast, 0.004)   // of a test with that standard error
//
// Every other question has a package of its own:
//
//	power       how many users does a test need, or what can so many show?
//	reach       how many users has a test seen by day d?
//	duration    how many weeks is that, and what can each week show?
//	effect      what did two arms measure: intervals, tests, covariates, segments
//	quantile    the same for a p95, and for means that extremes cannot dominate
//	sequential  planned looks: when to stop, and what to say then
//	anytime     looks at any time: when to stop, at what price
//	multiple    many tests: adjusted p-values, online FDR, the winner's curse
//	health      is the test to be believed: split, A/A, novelty, outliers
//	bayes       posteriors under any prior, and the best arm
//	value       before a test: what it is worth, how large it should be
//	returns     after many tests: what a ship rule would have returned
//	meta        many effects: their mean, their spread, each one shrunk
//	shrink      many effects: their distribution, without a form given
//	mixed       many effects with features: what the next idea's will be
//	proxy       many effects of several metrics: what a short-term one says of a long-term one
//	analysis    one test with all of the above, as one report
//
// Lifts are fractions: 0.02 is +2%. Every function is pure: the same input gives
// the same bits. Input without an answer gives an [*InputError] that names the
// field; what is only doubtful is a warning in the result.
//
// No package reads data, or knows what a hypothesis, a cohort or a plan is.
package stats
