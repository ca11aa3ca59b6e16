package analysis_test

import (
	"fmt"

	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

func ExampleRun() {
	rate := func(arm string, users, successes float64) analysis.Row {
		m, err := effect.MomentsFromSums(int(users), []float64{successes}, []float64{successes})
		if err != nil {
			panic(err)
		}
		return analysis.Row{Arm: arm, Metric: "conversion", Kind: analysis.Proportion, Moments: m}
	}
	r, err := analysis.Run(analysis.Test{
		Name: "checkout-button",
		Arms: []analysis.Arm{{Name: "control", Control: true}, {Name: "green"}, {Name: "blue"}},
		Rows: []analysis.Row{rate("control", 20000, 1000), rate("green", 20000, 1110), rate("blue", 20000, 1040)},
	}, analysis.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Findings[0].Status, r.Findings[0].Message)
	for _, c := range r.Comparisons {
		fmt.Println(c.Treatment, c.Verdict)
	}
	// Output:
	// ok users are split as designed: χ² = 0 (df 2), p = 1
	// green +11.0% (95%: +2.1% to +20.6%), p = 0.014, 0.028 after Holm over 2 comparisons: established, better
	// blue +4.0% (95%: -4.4% to +13.2%), p = 0.36, 0.36 after Holm over 2 comparisons: not established
}
