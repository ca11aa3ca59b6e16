package mip_test

import (
	"context"
	"fmt"
	"math"

	"github.com/assay-planner/assay/allocator/mip"
)

// Of three experiments with one budget, which two?
func ExampleBranchAndBound_Solve() {
	p := mip.Problem{Maximize: true}
	budget := []float64{40, 50, 60} // GPU-hours
	var all []int32
	for _, value := range []float64{3, 5, 6} {
		all = append(all, p.AddColumn(value, 0, 1, true))
	}
	p.AddRow(math.Inf(-1), 100, all, budget)
	found, err := mip.BranchAndBound{}.Solve(context.Background(), p, mip.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.Status, found.Values, found.Objective)
	// Output: optimal [1 0 1] 9
}
