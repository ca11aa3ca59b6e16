// Package effect answers: what did a test measure? It compares a treatment with a
// control from sums alone, as a difference and as a relative lift, with intervals,
// p-values, and warnings where the numbers are not to be trusted.
//
// An [Arm] is a metric in one arm: users, mean, variance. [Compare] makes a
// [Result] of two; so do [CompareProportions] for counts, and [Adjusted.Compare]
// after [Adjust] has used covariates from before the test. [RatioArm] and
// [Moments.Ratio] make arms of ratio metrics. [CompareSegments] does it by segment.
//
//	control, err := effect.ArmFromSums(users, sum, sumOfSquares)
//	r, err := effect.Compare(treatment, control, effect.Options{Lift: effect.Fieller})
//	fmt.Println(r.Difference.Value, r.Difference.Interval, r.P, r.Warnings)
//	if r.Lift != nil { // nil: the control mean is 0
//		fmt.Println(r.Lift.Value, r.Lift.Interval)
//	}
//
//	adjusted, err := effect.Adjust(treated, untreated, effect.CUPED) // Moments of (y, x…)
//	r, err = adjusted.Compare(effect.Options{})
//
// Which interval of the lift: Delta for control means far from 0; Fieller if
// the result warns that they are not, or always. With the control mean 2 standard
// errors from 0, 95% intervals of Delta held the truth in 90.9% of 20,000
// simulated tests, those of Fieller in 95.2%.
//
// Skewed metrics: all is exact for normal means only, and means of skewed values
// become normal slowly. Measured false positives of A/A tests at 5%, 10,000
// tests each, and how often a 95% interval of Delta held the lift:
//
//	log-normal (skewness 6)                   50 +     50 users   4.1%   93.1%
//	                                          50 +    950         8.9%   90.6%
//	                                       8,000 +  8,000         4.9%   95.1%
//	revenue, 5% of users buy (skewness 20)   500 +    500         4.3%   90.4%
//	                                         500 +  9,500         9.8%   89.4%
//	                                       5,000 + 95,000         6.2%   93.6%
//	                                      80,000 + 80,000         4.9%   95.1%
//	Pareto, index 2.5 (skewness ∞)           500 +    500         4.5%   95.0%
//	                                         500 +  9,500         7.3%   92.6%
//
// Equal arms cancel skewness in the difference; unequal ones do not.
//
// The package does not read data, cap outliers, look at a test while it runs, or
// correct for many metrics or segments.
package effect
