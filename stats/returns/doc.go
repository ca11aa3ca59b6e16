// Package returns answers: what would a ship rule have returned on our past
// experiments, so that a team can choose its rule from its own history?
//
// An [Experiment] has the estimated lifts of its arms; a [Rule] chooses one of
// them, or none. [Of] values one rule, and [Compare] ranks several against the one
// in use, by paired differences over experiments.
//
//	rules := []returns.Rule{
//		returns.PosteriorMean("t prior", prior, 0),
//		returns.Refitted("normal prior, refitted", fit, 0),
//		returns.Best(), returns.Never(),
//	}
//	table, err := returns.Compare(history, returns.Options{}, returns.Significant(0.025), rules...)
//	table.Rows[0].Gain // of the best rule over the current one, with its interval
//
// A rule that decides and is scored on the same estimates looks better than it is:
// it ships what was lucky ([PlugIn]). [Thinned] splits each estimate by added noise
// into two independent ones, decides on one and scores on the other; [CrossFit]
// does so with estimates of folds of the users. Both are unbiased for the rule's
// return with somewhat fewer users, and [Extrapolated] goes back to all of them.
//
// Estimates are normal around the truth with known standard errors, and experiments
// are independent of each other. A return is the lift shipped, times the
// experiment's worth; costs of shipping are the rule's business. The best of many
// rules is a winner too: its interval is not corrected for the choice.
package returns
