package knapsack_test

import (
	"context"
	"fmt"

	"github.com/assay-planner/assay/allocator/knapsack"
)

func Example() {
	p := &knapsack.Problem{Rows: []knapsack.Row{{Name: "GPU-hours", Most: 10}}}
	p.AddClass(false)
	p.AddItem(5, knapsack.Use{Row: 0, Units: 4})
	p.AddItem(7, knapsack.Use{Row: 0, Units: 8})
	p.AddClass(true)
	p.AddItem(1, knapsack.Use{Row: 0, Units: 3})
	p.AddItem(4, knapsack.Use{Row: 0, Units: 6})
	s, err := knapsack.Solve(context.Background(), p, knapsack.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Choice, s.Value, s.Bound, s.Optimal)
	value, err := knapsack.Check(p, s.Choice)
	fmt.Println(value, err)
	_, err = knapsack.Check(p, []int{1, 0})
	fmt.Println(err)
	// Output:
	// [0 1] 9 9 true
	// 9 <nil>
	// knapsack: the choice breaks rule row: row 0 (GPU-hours) uses 11 of at most 10
}
