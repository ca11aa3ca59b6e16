// Package allocator decides which experiments to run: given what is free of every
// pool of machines and every layer of users, week by week, and for each candidate
// the ways to test it and what each is worth, it chooses at most one way for each so
// that the total value is large, and proves how much larger it could be.
//
// A [Problem] goes in, a [Plan] comes out: the choices with their cohorts, as concrete
// bucket ranges; an upper bound on the value of any plan; the price of one more unit
// of each capacity; and one [Reason] for every candidate, chosen or not.
//
//	plan, err := allocator.Solve(ctx, problem, allocator.Options{Unit: "M€/year"})
//	if err != nil { … } // *InputError names the candidate and the field
//	fmt.Printf("%.1f of at most %.1f\n", plan.Value, plan.Bound)
//	err = allocator.Check(problem, plan) // independent of Solve
//
// The problem is a multiple-choice multidimensional knapsack with conflicts,
// prerequisites, and quotas of groups of candidates. Solve
//
//   - flattens it to rows of capacity by week (model.go);
//   - finds the prices that minimise the Lagrangian bound by an interior-point method
//     (interior.go);
//   - builds plans guided by those prices (greedy.go, dive.go), and improves the best one
//     by forcing options in and refilling (improve.go);
//   - takes the night apart by segments, which are solved exactly at prices of what they
//     share (parts.go, columns.go) and exchanged (exchange.go);
//   - has what is still open solved exactly, with all rules, where that is small enough
//     (exact.go, package mip);
//   - gives each experiment its buckets (package cohort), and explains (reason.go).
//
// Conflicts and prerequisites are left out of the bound of the prices, which holds
// without them, only less tightly; that of the parts has those within a segment, and the
// exact solver's has all.
//
// The package is pure: no I/O, no global state, and no clock but a deadline of its caller.
// The same problem gives the same plan, byte for byte, in whatever order it lists things.
// It does not forecast, know calendars or currencies, model capacity beyond the horizon,
// or promise the optimum: it says how far away that can be at most, and where it is
// proved.
package allocator
