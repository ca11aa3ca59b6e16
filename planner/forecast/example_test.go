package forecast_test

import (
	"context"
	"fmt"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
)

func Example() {
	var past []forecast.Past
	for i, lift := range []float64{0.012, 0.009, 0.015, 0.011, -0.002, 0.001, 0.003, -0.001} {
		surface := []string{"feed", "search"}[i/4]
		past = append(past, forecast.Past{
			Idea:   forecast.Idea{ID: fmt.Sprint(i), Traits: map[string]string{"surface": surface}},
			Metric: "rpm", Effect: stats.Estimate{Value: lift, SE: 0.002},
		})
	}
	model, err := forecast.Learn(context.Background(), past, forecast.Options{})
	if err != nil {
		panic(err)
	}
	f, err := model.Forecast(forecast.Idea{Traits: map[string]string{"surface": "feed"}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+.4f, P(lift > 0.5%%) %.2f\n", f.Mean(), f.ProbAbove(0.005))
	for _, d := range f.Drivers {
		fmt.Printf("%s %s: %+.4f, of %d\n", d.Block, d.Feature, d.Effect, d.Past)
	}
	// Output:
	// +0.0116, P(lift > 0.5%) 0.99
	// mean all past effects: +0.0060, of 8
	// surface feed: +0.0056, of 4
}
