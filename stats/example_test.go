package stats_test

import (
	"errors"
	"fmt"
	"math"

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

func ExampleMeanTest_SampleSize() {
	size, err := stats.MeanTest{Mean: 1.2, SD: 4, MDE: 0.01, Relative: true}.SampleSize()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d users per arm; relative lift ± %.4f\n", size.ControlUsers, size.RelativeSE)
	// Output: 1744196 users per arm; relative lift ± 0.0036
}

func ExampleMeanTest_PowerAt() {
	size, err := stats.MeanTest{Mean: 1.2, SD: 4, MDE: 0.01, Relative: true}.PowerAt(1_000_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", size.Power)
	// Output: 0.564
}

func ExampleMeanTest_MDEAt() {
	size, err := stats.MeanTest{Mean: 1.2, SD: 4}.MDEAt(1_000_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f\n", size.RelativeMDE)
	// Output: 0.0132
}

func ExampleProportionTest_SampleSize() {
	size, err := stats.ProportionTest{Baseline: 0.02, MDE: 0.05, Relative: true}.SampleSize()
	if err != nil {
		panic(err)
	}
	fmt.Println(size.ControlUsers, size.TreatmentUsers)
	// Output: 315206 315206
}

func ExampleProportionTest_PowerAt() {
	size, err := stats.ProportionTest{Baseline: 0.4, MDE: 0.04}.PowerAt(2000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f\n", size.Power)
	// Output: 0.7269
}

func ExampleProportionTest_MDEAt() {
	size, err := stats.ProportionTest{Baseline: 0.02, Power: 0.9}.MDEAt(100_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.5f\n", size.MDE)
	// Output: 0.00208
}

func ExampleArmFromSums() {
	arm, err := stats.ArmFromSums(4, 10, 30) // 1, 2, 3, 4
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d users, mean %.3f, variance %.3f\n", arm.N, arm.Mean, arm.Variance)
	// Output: 4 users, mean 2.500, variance 1.667
}

func ExampleRelativeLift() {
	treatment := stats.Arm{N: 50_000, Mean: 1.03, Variance: 4}
	control := stats.Arm{N: 50_000, Mean: 1.00, Variance: 4}
	lift, err := stats.RelativeLift(treatment, control)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+.3f ± %.4f\n", lift.Value, lift.SE)
	// Output: +0.030 ± 0.0128
}

func ExampleWelch() {
	w, err := stats.Welch(stats.Arm{N: 484, Mean: 0.226, Variance: 13.8}, stats.Arm{N: 6824, Mean: -0.296, Variance: 2.57})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f ± %.3f, t = %.2f on %.0f df, p = %.4f\n", w.Difference, w.SE, w.T, w.DF, w.P)
	// Output: 0.522 ± 0.170, t = 3.07 on 496 df, p = 0.0022
}

func ExampleRatioArm_Arm() {
	clicksPerView, err := stats.RatioArm{N: 1000, Numerator: 1.2, Denominator: 6,
		NumeratorVariance: 2.5, DenominatorVariance: 30, Covariance: 6}.Arm()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f ± %.4f\n", clicksPerView.Mean, math.Sqrt(clicksPerView.Variance/1000))
	// Output: 0.20 ± 0.0060
}

func ExampleSampleRatio() {
	split, err := stats.SampleRatio([]int{200574, 194300}, []float64{50, 50})
	if err != nil {
		panic(err)
	}
	fmt.Printf("chi² = %.1f, p = %.1g\n", split.ChiSquare, split.P)
	// Output: chi² = 99.7, p = 2e-23
}

func ExampleInputError() {
	_, err := stats.FitNormal([]stats.Estimate{{0.02, 0.01}, {0.03, 0}})
	var input *stats.InputError
	fmt.Println(errors.Is(err, stats.ErrInput), errors.As(err, &input), input.Field)
	// Output: true true es[1].SE
}
