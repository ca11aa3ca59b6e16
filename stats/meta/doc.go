// Package meta pools estimates of the same kind of effect from several studies: what
// is the mean effect, how much do the true effects differ, and what does each
// study's own effect look like in the light of the others?
//
// [Fit] takes the estimates with their standard errors and returns a [Result]: the
// mean with its test and interval, the variance τ² of true effects, Cochran's Q, I²
// and the interval in which a new study's true effect lies. [Result.Shrink] gives each
// study's own effect, pulled towards the mean; [QProfile] says how well τ² and I² are
// known.
//
//	r, err := meta.Fit(studies, meta.Options{})    // REML; []stats.Estimate in
//	fmt.Println(r.Mean, r.Interval, r.I2)
//	own, err := r.Shrink(studies)
//
// Effects are in any unit that adds up: differences, relative lifts, log ratios.
//
// The package does not fit covariates, several effects of one study, or studies that
// share users; and it does not look for unpublished ones. For a prior of true effects
// by maximum likelihood alone, stats.FitNormal is enough.
package meta
