// Package knapsack solves multiple-choice knapsack problems with many rows, exactly
// where it can and with a proof of how near it came where it cannot.
//
//	s, err := knapsack.Solve(ctx, problem, knapsack.Options{})
//	if err != nil { … } // *InputError names the class and the field
//	fmt.Printf("%.0f of at most %.0f\n", s.Value, s.Bound)
//	_, err = knapsack.Check(problem, s.Choice) // independent of Solve
//
// A [Problem] has classes of items, of each of which at most one is taken, or exactly
// one; rows that limit what the chosen items use, from above and from below; and pairs
// of classes that exclude each other. A [Solution] is the choice, its value, an upper
// bound on the value of any choice, and the price of one more unit of each row.
//
// Solve finds prices of the rows that minimise the Lagrangian bound, by a proximal
// bundle method with conflicts settled exactly in every evaluation (dual.go, bundle.go,
// conflict.go). What the prices leave open is the core (core.go). A first choice within
// all limits (descend.go, and where the limits leave little between them seek.go) is
// improved by two searches, which change a few classes at random, go to where the room of
// all limits is as a good choice leaves it, and land within the limits by exchanges of up
// to four others, found by meeting in the middle (search.go, centre.go, exchange.go,
// landing.go); and beside them a mixed-integer solver, if one is given, proves or improves
// what is open (exact.go).
//
// There is no I/O and no global state. Work is counted, so the same problem with the
// same options gives the same choice on any number of processors, and in whatever order
// its classes and their items stand (order.go); only a context that ends early makes the
// answer depend on when, and [Solution.Cut] says so.
package knapsack
