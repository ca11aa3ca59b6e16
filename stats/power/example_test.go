package power_test

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/power"
)

func ExampleDesign_SampleSize() {
	revenue := power.Mean{Mean: 1.2, SD: 4}
	size, err := power.Design{Metric: revenue, MDE: 0.01, Relative: true}.SampleSize()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d users per arm; relative lift ± %.4f\n", size.ControlUsers, size.RelativeSE)
	// Output: 1744196 users per arm; relative lift ± 0.0036
}

func ExampleDesign_SampleSize_arms() {
	size, err := power.Design{
		Metric: power.Proportion{Baseline: 0.02}, MDE: 0.05, Relative: true,
		Treatments: 3, Correction: power.Holm, Allocation: 0.6,
	}.SampleSize()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d and 3 × %d users; any %.3f, all %.3f\n", size.ControlUsers, size.TreatmentUsers, size.AnyPower, size.AllPower)
	// Output: 475251 and 3 × 285151 users; any 0.934, all 0.647
}

func ExampleDesign_PowerAt() {
	cuped := power.Design{Metric: power.Mean{Mean: 1.2, SD: 4}, MDE: 0.01, Relative: true, Correlation: 0.6}
	size, err := cuped.PowerAt(1_000_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", size.Power)
	// Output: 0.755
}

func ExampleDesign_MDEAt() {
	shops := power.Design{
		Metric: power.Mean{Mean: 30, SD: 12}, Reference: power.StudentT,
		Cluster: power.Cluster{Size: 80, ICC: 0.02, CV: 0.5},
	}
	size, err := shops.MDEAt(1200)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d shops per arm: %+.1f%%\n", size.ControlClusters, 100*size.RelativeMDE)
	// Output: 15 shops per arm: +8.2%
}

func ExampleDesign_MarginAt() {
	crashes := power.Design{Metric: power.Proportion{Baseline: 0.004}, LowerIsBetter: true}
	size, err := crashes.MarginAt(200_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f%% more crashes can be ruled out\n", 100*size.Margin)
	// Output: 0.0560% more crashes can be ruled out
}

func ExampleDesign_AlphaAt() {
	visits := power.Design{Metric: power.Count{Rate: 3.1, Dispersion: 2.4}, MDE: 0.01, Relative: true}
	size, err := visits.AlphaAt(100_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f\n", size.Alpha)
	// Output: 0.0904
}

func ExampleDunnettCritical() {
	c, err := power.DunnettCritical([]float64{1, 1, 1}, math.Inf(1), 0.05, stats.TwoSided)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f\n", c)
	// Output: 2.3490
}
