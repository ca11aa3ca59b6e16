// Package proxy answers, from past tests that measured several metrics: how far does
// a short-term metric's lift predict the long-term one, and what does one test say
// about all of its metrics together?
//
// Estimated lifts of two metrics agree or disagree for two reasons: because their
// true lifts do, and because the same users make the noise of both. The second is
// known, from the standard errors and the correlation of users' metrics, and is taken
// out; what is left is the covariance of true lifts.
//
// A [Test] holds a past test's estimates and their covariance. [Fit] learns the mean
// and covariance of true lifts, as [Effects]. [Assess] says how good a proxy is, with
// intervals, beside what a regression of estimates on estimates would have said.
// [Effects.Index] gives the best weights of short-term metrics and predicts with them.
// [Effects.Posterior] is what one test says about every metric at once. Where nobody knows
// the correlation of users' metrics, [ErrorCorrelation] tells it from tests of different sizes.
//
//	test, err := proxy.NewTest(lifts, correlation)        // []stats.Estimate, of users
//	quality, err := proxy.Assess(tests, []int{0, 1}, 2, proxy.Options{})
//	effects, err := proxy.Fit(tests, proxy.Options{})
//	index, err := effects.Index([]int{0, 1}, 2, noise)    // a measurement with this covariance
//	forecast, err := index.Predict([]float64{0.01, 0.02}) // stats.Normal of the long-term lift
//	after, err := effects.Posterior(test)                 // target and guardrails jointly
//	risk, err := after.Probability(proxy.Below(2, -0.005), proxy.Above(0, 0))
//
// True lifts are taken as normal. Fat tails leave the covariance consistent, but its
// standard errors too small; those of [Moments] do not assume a form. Nothing here
// says that the next test is like the past ones, or that a proxy that predicted well
// goes on to do so once it is what people aim at.
package proxy
