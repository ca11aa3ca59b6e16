// Package sequential answers: when may a test be looked at and stopped early,
// what does that cost in users, and what do the numbers say after it stopped?
//
// A [Design] states the looks, the error rates and a [Boundary] family. Its [Plan]
// has the boundaries of each look, the sample size relative to a test that looks
// once, and what to expect. Monitor takes the looks so far and says continue or
// stop and why; Infer gives the p-value, estimate and interval that account for
// the looks.
//
//	plan, err := sequential.Design{Looks: 5, Power: 0.9}.Plan()   // two-sided 5%, O'Brien–Fleming-type spending
//	users := fixed.Users * plan.Inflation                         // 1.02 times those of the fixed test
//	v, err := plan.Monitor(sequential.Look{Information: 0.4, Z: 2.1})
//	fmt.Println(v.Reason)   // continue: z = 2.1 did not cross the efficacy boundary ±3.357 at look 1 of 4 …
//	f, err := plan.Infer(looks...)                                // after the stop
//
// Time is information, as a fraction of what was planned: users so far over users
// planned. An effect is a drift, its expected z at full information, or in the
// unit of the estimates that Monitor and Infer are given. Boundaries and
// probabilities come from recursive numerical integration, to about 1e-12.
//
// Unless a Design says otherwise α is two-sided, both sides together; power counts
// rejections upwards only; and futility is advice, so that α holds if it is ignored.
//
// The package does not test after every user (see anytime for looks at any time
// without a plan), re-estimate the sample size from the effect seen, compare more
// than two arms, or use data that come in after the rule stopped.
package sequential
