package stats_test

import (
	"errors"
	"fmt"

	"github.com/assay-planner/assay/stats"
)

func ExampleNormal_Posterior() {
	prior := stats.Normal{Mean: 0, SD: 0.01} // lifts we have seen before
	fmt.Printf("%.4f\n", prior.Posterior(0.04, 0.02))
	// Output: {0.0080 0.0089}
}

func ExampleNormal_Quantile() {
	forecast := stats.Normal{Mean: 0.002, SD: 0.01}
	fmt.Printf("80%%: %.4f to %.4f\n", forecast.Quantile(0.1), forecast.Quantile(0.9))
	// Output: 80%: -0.0108 to 0.0148
}

func ExampleNormal_CDF() {
	fmt.Printf("%.4f\n", stats.Normal{Mean: 0.002, SD: 0.01}.CDF(0))
	// Output: 0.4207
}

func ExampleNormal_ProbAbove() {
	fmt.Printf("%.4f\n", stats.Normal{Mean: 0.002, SD: 0.01}.ProbAbove(0))
	// Output: 0.5793
}

func ExampleNormal_Check() {
	fmt.Println(stats.Normal{Mean: 0, SD: -1}.Check())
	// Output: stats: invalid input: SD = -1: must be 0 or above, at most 1e40
}

func ExampleFitNormal() {
	fit, err := stats.FitNormal([]stats.Estimate{{0.021, 0.006}, {-0.004, 0.005}, {0.002, 0.010}, {0.012, 0.004}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("lifts are N(%.4f, %.4f²), the mean ± %.4f\n", fit.Prior.Mean, fit.Prior.SD, fit.MeanSE)
	// Output: lifts are N(0.0082, 0.0079²), the mean ± 0.0049
}

func pastLifts() map[string][]stats.Estimate {
	return map[string][]stats.Estimate{
		"ads/ranking": {{0.021, 0.006}, {0.031, 0.005}, {0.012, 0.010}, {0.024, 0.004}, {0.006, 0.005}},
		"ads/layout":  {{-0.004, 0.005}, {0.002, 0.004}, {-0.011, 0.006}},
		"ads/bidding": {{0.013, 0.003}, {0.002, 0.004}, {0.008, 0.006}, {0.015, 0.008}},
	}
}

func ExampleFitGroups() {
	fit, err := stats.FitGroups(pastLifts())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d effects; group means differ by %.4f, ideas within a group by %.4f\n", fit.N, fit.Between, fit.Within)
	// Output: 12 effects; group means differ by 0.0085, ideas within a group by 0.0063
}

func ExampleGroupsFit_Predict() {
	fit, err := stats.FitGroups(pastLifts())
	if err != nil {
		panic(err)
	}
	for _, group := range []string{"ads/ranking", "ads/layout", "ads/never-tried"} {
		fmt.Printf("%-15s %.4f\n", group, fit.Predict(group))
	}
	// Output:
	// ads/ranking     {0.0179 0.0073}
	// ads/layout      {-0.0009 0.0076}
	// ads/never-tried {0.0087 0.0119}
}

func ExampleGroupsFit_Evidence() {
	fit, err := stats.FitGroups(pastLifts())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f of its own 3, %.1f for a new one\n", fit.Evidence("ads/layout"), fit.Evidence("ads/never-tried"))
	// Output: 3.6 of its own 3, 0.7 for a new one
}

func ExampleGroupsFit_Count() {
	fit, err := stats.FitGroups(pastLifts())
	if err != nil {
		panic(err)
	}
	fmt.Println(fit.Count("ads/layout"), fit.Count("ads/never-tried"))
	// Output: 3 0
}

func ExampleShipRule() {
	forecast, se := stats.Normal{Mean: -0.002, SD: 0.01}, 0.008
	for _, rule := range []stats.ShipRule{stats.PosteriorMean{}, stats.Significant{Alpha: 0.025}} {
		fmt.Printf("%+v gains %.5f, ships a true +1%% with probability %.2f\n",
			rule, rule.Gain(forecast, se), rule.ProbShip(0.01, forecast, se))
	}
	// Output:
	// {Cut:0} gains 0.00222, ships a true +1% with probability 0.86
	// {Alpha:0.025} gains 0.00103, ships a true +1% with probability 0.24
}

func ExamplePosteriorMean_Gain() {
	// Half of all ideas help; what is it worth to find out which, at se 1%?
	fmt.Printf("%.5f\n", stats.PosteriorMean{}.Gain(stats.Normal{Mean: 0, SD: 0.01}, 0.01))
	// Output: 0.00282
}

func ExamplePosteriorMean_ProbShip() {
	fmt.Printf("%.3f\n", stats.PosteriorMean{Cut: 0.001}.ProbShip(0.01, stats.Normal{Mean: 0, SD: 0.01}, 0.01))
	// Output: 0.788
}

func ExampleSignificant_Gain() {
	fmt.Printf("%.5f\n", stats.Significant{Alpha: 0.025}.Gain(stats.Normal{Mean: 0, SD: 0.01}, 0.01))
	// Output: 0.00108
}

func ExampleSignificant_ProbShip() {
	// 2.8 standard errors away, a test at one-sided 2.5% has power 80%.
	fmt.Printf("%.3f\n", stats.Significant{}.ProbShip(0.028, stats.Normal{}, 0.01))
	// Output: 0.800
}

func ExampleInputError() {
	_, err := stats.FitNormal([]stats.Estimate{{0.02, 0.01}, {0.03, 0}})
	var input *stats.InputError
	fmt.Println(errors.Is(err, stats.ErrInput), errors.As(err, &input), input.Field)
	// Output: true true es[1].SE
}

func ExampleInterval_Contains() {
	lift := stats.Interval{Low: -0.002, High: 0.011, Level: 0.95}
	fmt.Println(lift.Contains(0), lift.Contains(0.02))
	// Output: true false
}
