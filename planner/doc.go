// Package planner answers every night: which hypotheses are tested next, with
// which design, on which users and machines, and why not the others?
//
// A reader must know three types. A Snapshot is all that a night's decision may
// see: the policy, what past experiments returned, the backlog, and what was
// started before. Make turns it into a Plan and nothing else: no clock, no
// store, no chance, so the same snapshot gives the same plan, byte for byte. A
// Planner is the thin shell around it: it loads a snapshot from the Registry
// and the History, calls Make, and saves; it answers the Service that the
// command line, the HTTP API and the pages are written against.
//
//	p := planner.New(reg, hist, policy, time.Now)
//	receipts, err := p.Submit(ctx, drafts)
//	plan, err := p.Plan(ctx, planner.PlanRequest{}) // tonight's, now in force
//	why, err := p.Explain(ctx, receipts[0].ID)
//
// The road from a hypothesis to its place, a file each: forecast (what lift may
// it have), design and value (each way to test it, and its worth), candidates
// (what is free and what may not meet), stability (what was announced), make
// (choose, place, rank), reason (say why). Compare holds a plan against simpler
// policies where the truth is known.
//
// The package does not read files or databases, and does not decide whether a test
// that has ended ships. It says how likely an idea harms a guardrail and takes
// nothing off its value for that: what a harm costs, no policy says.
package planner
