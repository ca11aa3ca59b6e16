// Package shrink learns the distribution of true effects from many estimates and
// shrinks each towards what the others say: empirical Bayes without assuming a
// shape of the prior. It answers: which effects are real, which way do they go,
// how large are they really, and how heavy is the tail that the next idea is
// drawn from?
//
// [Adaptive] fits a scale mixture of normals around one mode (ash), [Nonparametric]
// point masses anywhere. Both give a [Fit], with a certificate of how near the
// optimum it is; its Posteriors say of each estimate the mean, SD and how sure
// the sign is ([Posterior]), its Prior is a mixture for all else.
//
//	fit, err := shrink.Adaptive(past, shrink.Options{}) // past: []stats.Estimate
//	rows, err := fit.Posteriors(past)                   // rows[i].Mean, .LFSR, .SValue …
//	called := rows[i].SValue < 0.05                     // at most 5% wrong signs are expected
//	idea := fit.Prior()                                 // forecast of an idea never tested
//	idea.Quantile(0.9)                                  // its lift is above this one time in ten
//	idea.Posterior(0.012, 0.005).ProbAbove(0.01)        // after a test of it
//	idea.LogMarginal(0.012, 0.005)                      // log predictive density, to compare priors
//
// It does not model effects by features or groups (stats.FitGroups does), take
// correlated estimates, estimate standard errors, or draw from the posterior.
package shrink
