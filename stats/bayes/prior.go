package bayes

// Distribution is what is believed of one true value, before a test or after it.
// [Mixture], [StudentT], [Beta] and [Gamma] are distributions; [Single] makes one
// of a stats.Normal. Methods return NaN exactly if Check reports an error, an
// argument is outside its range, or the number asked for does not exist.
type Distribution interface {
	Check() error                 // an *InputError, if the distribution is none
	Mean() float64                // NaN where there is none (a t of 1 degree of freedom)
	SD() float64                  // +Inf or NaN where there is none
	LogDensity(x float64) float64 // natural logarithm of the density at x
	CDF(x float64) float64        // P(value ≤ x)
	ProbAbove(x float64) float64  // P(value > x), accurate in the far tail
	Quantile(q float64) float64   // the smallest x with CDF(x) ≥ q
}

// Prior is a distribution of true effects that an estimate δ̂ ~ N(δ, se²) can
// change: [Mixture] and [StudentT].
type Prior interface {
	Distribution
	// Posterior is the distribution after an estimate with standard error se.
	Posterior(estimate, se float64) Mixture
	// PosteriorMean is Posterior(estimate, se).Mean(), sooner.
	PosteriorMean(estimate, se float64) float64
	// LogMarginal is the log density of the estimate before it is seen.
	LogMarginal(estimate, se float64) float64
	// Split is E[δ; δ̂ > cut] and E[δ; δ̂ ≤ cut], which sum to the mean.
	Split(cut, se float64) (above, below float64)
}
