// Package duration answers: how long must a test run, and what can it show by the
// end of each week?
//
// A Test joins a power.Design with the traffic that will feed it (a reach.Curve and
// the Share of it that is in the test) and with how it is looked at while it runs (a
// Monitoring; none means once, at its end). It answers week by week (Weeks), for the
// whole test (Length), and for any number of users (At, and the questions of
// power.Design: SampleSize, MDEAt, PowerAt, AlphaAt, MarginAt).
//
//	traffic, err := reach.Weekly(2e6, 0.5)          // 2 M users in week 1, growing with √weeks
//	t := duration.Test{
//		Design:  power.Design{Metric: power.Proportion{Baseline: 0.02}, MDE: 0.05, Relative: true},
//		Traffic: traffic,
//		Share:   0.1,                            // of the users, over all arms together
//	}
//	t.Monitoring, err = duration.Looks(t.Design, sequential.Design{Looks: 4})
//	weeks, err := t.Weeks(12)                       // users, MDE and power by the end of each week
//	length, err := t.Length(0)                       // weeks at most and on average, or that it never ends
//
// Power under looks is exact for a normal statistic: the fixed test's power at so
// many users gives its expected z (noncentrality), and the plan is solved at that
// drift. A week's power is that of the test that is planned to end with the week.
//
// The package does not know weekdays or seasons beyond what the curve knows, does not
// choose the share, and takes the variance per user to be the same in every week.
package duration
