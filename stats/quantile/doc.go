// Package quantile answers, without raw rows: what is the p95 of a latency or
// of revenue in each arm of a test, how sure is that, and did the treatment
// move it?
//
// A warehouse sends a [Histogram] (bin edges and counts) or a [Digest] (the
// centroids of a t-digest). A [Sample] is one of them with, where a user has
// several events, the [Clusters] sums that tell how much less they are worth
// than as many independent ones. [Compare] answers for two samples, and
// [Estimate.Arm] hands a quantile to stats/effect as if it were a mean.
//
//	control := quantile.Sample{Sketch: quantile.Histogram{Edges: edges, Counts: counts}, Clusters: sums}
//	c, err := quantile.Compare(treatment, control, 0.95, quantile.Options{})
//	c.Difference.Interval, c.Relative.Value, c.P
//
// [Winsorised] and [Trimmed] are means of bins that carry their sums, with caps
// that [PooledLimits] takes from all arms together.
//
// # Conventions
//
// Ranks are masses from 0 to n. A bin spreads its events evenly; two equal
// edges are a point mass (the users without revenue). A centroid's mean stands
// at the middle of its mass, with straight lines between: n centroids of weight
// 1 give the quantiles of Hazen (type 5 of Hyndman & Fan 1996). Where no event
// lies between two values, the quantile on that step is their middle, as a
// median is.
//
// The package does not build sketches, does not adjust for covariates, and has
// no quantile below the first or above the last known value: it says so instead
// of extrapolating.
package quantile
