package allocator_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-planner/assay/allocator"
)

// Two ideas want half of a layer or more, a third needs what is not there.
func example() allocator.Problem {
	return allocator.Problem{
		Weeks:  2,
		Pools:  []allocator.Pool{{Name: "a100", GPUHours: []int64{100, 100}}},
		Layers: []allocator.Layer{{Segment: "feed-us", Name: "l1", Buckets: 1000}},
		Candidates: []allocator.Candidate{
			{ID: "early-exit", Options: []allocator.Option{
				{Design: "60% × 2 weeks", Weeks: 2, Value: 3, Segment: "feed-us", Layer: "l1", Buckets: 600},
				{Design: "40% × 2 weeks", Weeks: 2, Value: 2.5, Segment: "feed-us", Layer: "l1", Buckets: 400},
			}},
			{ID: "new-ranker", Options: []allocator.Option{
				{Design: "60% × 1 week", Weeks: 1, Value: 4, Segment: "feed-us", Layer: "l1", Buckets: 600,
					Compute: []allocator.Compute{{Pool: "a100", GPUHours: []int64{80}}}},
			}},
			{ID: "huge-model", Options: []allocator.Option{
				{Design: "offline", Weeks: 1, Value: 9, Compute: []allocator.Compute{{Pool: "a100", GPUHours: []int64{500}}}},
			}},
		},
	}
}

func ExampleSolve() {
	plan, err := allocator.Solve(context.Background(), example(), allocator.Options{Unit: "M€/year"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("value %.1f, bound %.1f\n", plan.Value, plan.Bound)
	for _, c := range plan.Choices {
		fmt.Printf("%s: %s from week %d, buckets %v\n", c.Candidate, c.Design, c.Start, c.Cohort)
	}
	fmt.Println(plan.Reasons[1].Candidate, plan.Reasons[1].Text)
	// Output:
	// value 6.5, bound 6.5
	// early-exit: 40% × 2 weeks from week 0, buckets [{600 1000}]
	// new-ranker: 60% × 1 week from week 0, buckets [{0 600}]
	// huge-model would not fit even alone: its most valuable design needs 500 GPU-hours of a100 in week 0, where 100 are free
}

func ExampleCheck() {
	p := example()
	plan, err := allocator.Solve(context.Background(), p, allocator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(allocator.Check(p, plan))
	plan.Choices[0].Cohort = []allocator.Range{{From: 599, To: 999}}
	fmt.Println(allocator.Check(p, plan))
	// Output:
	// <nil>
	// allocator: plan breaks rule cohort: "new-ranker" and "early-exit" share bucket 599 of feed-us/l1
}

func ExampleInputError() {
	p := example()
	p.Candidates[1].Options[0].Compute[0].Pool = "h100"
	_, err := allocator.Solve(context.Background(), p, allocator.Options{})
	var input *allocator.InputError
	fmt.Println(errors.As(err, &input), input.Candidate, input.Field)
	fmt.Println(err)
	// Output:
	// true new-ranker options[0].compute[0].pool
	// allocator: candidate "new-ranker": options[0].compute[0].pool is "h100": must be one of the problem's pools
}
