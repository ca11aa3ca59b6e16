// Package bayes answers, with a prior of true effects: what does a test's estimate
// say, and which arm is best?
//
// A [Prior] is a [Mixture] of normals (with point masses, if some ideas do nothing)
// or a [StudentT] (if few ideas bring most of the gain); [FitStudentT] and [FitSpike]
// learn one from past estimates. Whatever the prior, a posterior is a Mixture, its
// moments to 1e-12 and its probabilities to that or 1e-16 (in closed form for a mixture
// prior, by quadrature for a t: see [StudentT.Posterior]); [Beta] and [Gamma] are priors
// of rates.
//
//	fit, err := bayes.FitStudentT(past, bayes.FitOptions{})  // []stats.Estimate
//	post := fit.Prior.Posterior(0.021, 0.012)                // after one more test
//	s, err := bayes.Summarise(post, 0.9)                     // mean, SD, credible intervals
//	c, err := bayes.Compare([]bayes.Beta{a, b}, bayes.CompareOptions{Care: 0.0005})
//
// [Compare] and [CompareLifts] give each arm's probability of being best and its
// expected loss. What a test is worth before it is run is stats/value's question.
//
// A credible interval holds the truth as often as it says if the prior is right, also
// when a test was stopped early; it says nothing of error rates at a fixed effect
// (see stats/anytime and stats/sequential). The package does not draw samples, fit
// regressions, or know what a metric is.
package bayes
