package cohort_test

import (
	"fmt"

	"github.com/assay-planner/assay/allocator/cohort"
)

func ExampleTable_Assign() {
	layer := cohort.Layer{Salt: "feed-all/ranking", Buckets: cohort.DefaultBuckets}
	table, err := cohort.NewTable(layer, []cohort.Tenant{{
		Experiment: "h-7@2026-11-23",
		Arms: []cohort.Arm{
			{Name: "control", Ranges: []cohort.Range{{From: 0, To: 2000}}},
			{Name: "treatment", Ranges: []cohort.Range{{From: 2000, To: 4000}}},
		},
	}})
	if err != nil {
		panic(err)
	}
	for _, unit := range []string{"user-1", "user-2"} {
		a := table.Assign(unit)
		fmt.Printf("%s %d %s %q %q\n", unit, a.Bucket, a.State, a.Experiment, a.Arm)
	}
	// Output:
	// user-1 5336 free "" ""
	// user-2 2122 exposed "h-7@2026-11-23" "treatment"
}

func ExamplePlace() {
	held := []cohort.Hold{{Owner: "running", Ranges: []cohort.Range{{From: 300, To: 400}}, Until: 2}}
	placed, err := cohort.Place(1000, held, []cohort.Ask{
		{Start: 0, Weeks: 2, Buckets: 250},
		{Start: 0, Weeks: 1, Buckets: 650},
	})
	fmt.Println(placed, err)
	// Output: [[{50 300}] [{0 50} {400 1000}]] <nil>
}
