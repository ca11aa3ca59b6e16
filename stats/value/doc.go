// Package value answers, before a test is run: what is it worth, and how large should
// it be?
//
// [Production] is what users turn into when ideas of one kind, drawn from a
// bayes.Prior, are tested and the good ones ship: gain and slope by users, the
// efficient size, how many ideas to split users over, and the p-value below which an
// idea should ship. [Rollout] sizes a test on part of a finite population, without any
// significance level. [OfInformation] prices a measurement of several arms. [FindBar]
// says what ideas must reach where people and machines propose more than can be tested.
//
//	v, err := value.Production{Prior: prior, Sigma: 4}.At(50_000)
//	best, err := value.Rollout{Population: 1e6, Arms: arms}.Optimum(1)
//	info, err := value.OfInformation(beliefs, []float64{0.01, 0.01})
//
// Values are in the unit of effects, lifts as fractions, or of Rollout's responses;
// what a unit of it is worth in money is the caller's. The package allots no users
// among ideas that differ (see the allocator) and knows no calendar.
package value
