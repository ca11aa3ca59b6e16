// Package analysis answers: what does one finished or running test say, all of it
// together? Sufficient statistics go in, one report comes out.
//
// A [Test] has arms, metrics and [Row]s: the sums of a metric over the users of an
// arm, if wanted by segment and by day. [Run] checks its health, compares every
// treatment with the control on every metric, corrects for how many comparisons
// that are, and says in words what is established and what is not.
//
//	report, err := analysis.Run(test, analysis.Options{})
//	for _, c := range report.Comparisons { fmt.Println(c.Metric, c.Treatment, c.Verdict) }
//
// How rows of several days add up is said once, by Test.Days. [NewUsers]: a row
// holds the users first seen on its day, so that days are disjoint and sums add.
// [Cumulative]: a row is a snapshot of everybody so far, and the last one counts.
//
// All methods are those of the packages beside it: effect, quantile, multiple,
// health, anytime, sequential, bayes. This one decides which of them a row calls
// for, and nothing else. It does not read files, choose metrics, or stop a test.
package analysis
