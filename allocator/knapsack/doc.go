// Package knapsack states multiple-choice knapsack problems with many rows, and checks
// choices for them.
//
//	value, err := knapsack.Check(problem, choice)
//
// A [Problem] has classes of items, of each of which at most one is taken, or exactly
// one; rows that limit what the chosen items use, from above and from below; and pairs
// of classes that exclude each other. [Check] knows nothing of how a choice was found.
package knapsack
