package planner_test

import (
	"fmt"
	"time"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
)

func ExampleMake() {
	tonight := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	var past []history.Effect
	for i, lift := range []float64{-0.004, -0.001, 0.002, 0.006} {
		past = append(past, history.Effect{Experiment: fmt.Sprint("E-", i), Metric: "rpm", Surface: "feed", Source: "human",
			Lift: lift, SE: 0.001, Ended: tonight.AddDate(0, 0, -30), Usable: true, Verdict: history.Usable})
	}
	plan, err := planner.Make(planner.Snapshot{
		At:         tonight,
		Policy:     policy(),
		Effects:    past,
		Noise:      []history.Noise{{Surface: "feed", Metric: "rpm", RelativeSD: 2, Effects: 4}},
		Hypotheses: []planner.Hypothesis{idea("deeper-ranker")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range plan.Entries {
		fmt.Println(e.Rank, e.Hypothesis, e.Status, e.Best.Name, planner.Money(e.Value, plan.Currency))
	}
	// Output: 1 deeper-ranker starting 100% × 2 weeks €1.61M
}
