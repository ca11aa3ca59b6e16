// Package insights answers what a programme of past experiments teaches, beyond each
// one's own result: what did everything that shipped really bring, how many wins are
// false, how fat is the tail of ideas, which kinds of idea win, which short-term metric
// says what the long-term one will do, and which ship rule would have returned most?
//
// Learn takes mined effects and returns a Report, a part for each question. A part that
// the data cannot answer is nil, and Missing says why and what would answer it.
//
//	report, err := insights.Learn(effects, insights.Options{Metric: "rpm"})
//	report.Shipped.Measured, report.Shipped.Posterior  // before and after the winner's curse
//	report.Tail.DF                                     // and report.Tail.Tests against report.TailNormal.Tests
//	for _, g := range report.Groups { … }              // by surface, component, change type …
//
// The statistics are those of stats: shrink for what is believed of each effect, bayes for
// the tail, value for what it means, stats.FitGroups for groups, proxy for the north star,
// returns for ship rules. The package is pure, and it forecasts and plans nothing.
package insights
