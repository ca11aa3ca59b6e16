// Package sample is the programme that comes with Assay: a made-up ads-ranking
// team with 2,000 past experiments, a backlog of 500 hypotheses, a policy, and,
// unlike any real team, the true lift of each of them. Forecasts and plans can
// be held against that truth.
//
//	p := sample.Generate(sample.Seed)
//	err := p.WriteTo(dir) // outcomes.parquet, outcomes.yaml, hypotheses.ndjson, policy.yaml, truth.csv
//
// A reader must know two types: Programme, all of it, and Lift, one true
// effect. Every distribution with its parameters and the reason for it is in
// docs/sample.md; the tests hold what that page says.
//
// The package simulates no users: the sums over users that a history keeps are
// drawn from their own distributions. It knows no forecast and no plan.
package sample
