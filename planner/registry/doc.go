// Package registry is what Assay must not forget: the hypotheses that people
// and generators submitted, the plans that were in force, what each plan
// started, who holds which buckets when, and who changed what.
//
// Registry keeps it in one SQLite file. A change is acknowledged only once it
// is on disk, so that it outlives kill -9 and a power cut, and it commits
// together with its line in the audit table. Two processes may have the file
// open at once: a running server and a command beside it.
//
//	reg, err := registry.Open(ctx, filepath.Join(dir, "registry.db"))
//	defer reg.Close()
//	receipts, err := reg.Add(registry.WithActor(ctx, "cli"), drafts)
//
// What a store has to keep is stated by the conformance suite of this package's
// tests, which any other store can run. The package judges nothing: whether a
// hypothesis is well-formed, and what a plan says, is the planner's business.
package registry
