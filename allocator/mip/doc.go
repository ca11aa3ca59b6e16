// Package mip states mixed-integer linear programs and solves them: the small hard
// problems that are left when an allocation is all but decided.
//
// A [Problem] in rows and columns goes in, a [Solution] comes out, with a [Status] that
// says no more than is proved:
//
//	var p mip.Problem
//	x := p.AddColumn(5, 0, 1, true)
//	y := p.AddColumn(4, 0, 1, true)
//	p.AddRow(math.Inf(-1), 10, []int32{x, y}, []float64{6, 7})
//	p.Maximize = true
//	found, err := mip.BranchAndBound{}.Solve(ctx, p, mip.Options{})
//
// There are two of [Solver]: HiGHS in package highs, with cuts and good bounds, and
// [BranchAndBound] here, of our own, for builds without the other, to hold it against, and
// for near-pure knapsacks of some tens of groups, where it is the faster one
// (docs/benchmarks.md). Which of them is an option of the caller, not of the build, so
// that one binary can show both.
//
// The answer is checked before it is given, in numbers of the problem itself
// ([Problem.Check]). The package does not read or write files, and knows nothing of
// experiments.
package mip
