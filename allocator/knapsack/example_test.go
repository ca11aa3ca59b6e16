package knapsack_test

import (
	"fmt"

	"github.com/assay-planner/assay/allocator/knapsack"
)

func ExampleCheck() {
	p := &knapsack.Problem{Rows: []knapsack.Row{{Name: "GPU-hours", Most: 10}}}
	p.AddClass(false)
	p.AddItem(5, knapsack.Use{Row: 0, Units: 4})
	p.AddItem(7, knapsack.Use{Row: 0, Units: 9})
	p.AddClass(true)
	p.AddItem(1, knapsack.Use{Row: 0, Units: 3})
	value, err := knapsack.Check(p, []int{0, 0})
	fmt.Println(value, err)
	_, err = knapsack.Check(p, []int{1, 0})
	fmt.Println(err)
	// Output:
	// 6 <nil>
	// knapsack: the choice breaks rule row: row 0 (GPU-hours) uses 12 of at most 10
}
