// Package health answers, before anybody believes an effect: did the test run as
// designed, and is its result a stable property of all users?
//
// [Check] takes what is known of a test, an [Experiment] of which every part may
// be missing, and returns a [Report]: a list of findings, each with a status (ok,
// warn, fail), a p-value, a message and a way out. Each finding also has a
// function of its own with all of its numbers:
//
//	split, err := health.SampleRatio([]int{200574, 194300}, []float64{50, 50})
//	if split.P < health.SampleRatioAlarm { … }
//
//	report, err := health.Check(health.Experiment{Counts: looks, Weights: weights, Days: days})
//	for _, f := range report.Findings { fmt.Println(f.Status, f.Name, f.Message, f.WayOut) }
//
// [SequentialSampleRatio] may be looked at every day. [AA] tells from the p-values
// of A/A tests whether standard errors are right. [Novelty] fits the effect's
// course over days, and over weekdays. [Outliers] tells how much of an effect and
// of its variance a few users carry.
//
// The package does not repair anything: it says which finding to mend first. It
// does not correct for the number of findings; an alarm level far below 5% does.
package health
