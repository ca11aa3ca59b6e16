// Package anytime answers, however often one looks at a running test: is the
// effect established, can it still be as large as hoped, and when may one stop?
//
// A [Design] fixes, before the first look, the level and what the test is tuned
// to. [Design.Monitor] takes all looks so far, each an estimate with its standard
// error, and returns a [Result]: a decision with its reason in words, an
// always-valid p-value, and the confidence sequence: one interval per look, all
// of which hold together with the stated level.
//
//	d := anytime.Design{MDE: 0.01, Margin: 0.01}           // relative lifts here; any unit will do
//	r, err := d.Monitor([]anytime.Look{{Users: 40_000, Estimate: lift}, …})
//	if r.Decision != anytime.Continue { fmt.Println(r.Reason) }
//	price, err := d.Price(0.8, 14)                         // what looking every day costs
//
// # One method under three names
//
// The mSPRT of Johari, Pekelis & Walsh, the two-sided normal mixture of Howard et
// al. and the asymptotic confidence sequence of Waudby-Smith et al. are the same
// function of estimate and standard error; they differ in what is proved, and
// in how the mixture's width τ is chosen. Yeast is the other method: a constant
// boundary that needs a planned end and is tightest there.
//
// [Mixture] and [Stitched] are the exact boundaries for sums of counts and
// bounded values, without a normal approximation.
//
// The package does not adjust an estimate for having been stopped at: the
// interval holds its level, the estimate at a stop is too far from 0 on
// average. Looks planned in advance cost less with a group-sequential design,
// which is not here; and up to about 20 of them, even a Bonferroni correction does
// (500 users an arm, 0.2 standard deviations: power 0.67 against 0.62 with 14
// looks, but 0.54 against 0.65 with 56).
package anytime
