package health_test

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/health"
)

func ExampleSampleRatio() {
	split, err := health.SampleRatio([]int{200574, 194300}, []float64{50, 50})
	if err != nil {
		panic(err)
	}
	fmt.Printf("chi² = %.1f, p = %.1g\n", split.ChiSquare, split.P)
	// Output: chi² = 99.7, p = 2e-23
}

func ExampleSequentialSampleRatio() {
	// Cumulative users of three arms, designed 2:1:1, at three looks.
	split, err := health.SequentialSampleRatio([][]int{{2010, 998, 975}, {10_050, 4990, 4803}, {50_110, 24_960, 24_080}}, []float64{2, 1, 1}, 0)
	if err != nil {
		panic(err)
	}
	for _, l := range split.Looks {
		fmt.Printf("%d users: p = %.2g\n", l.Users, l.P)
	}
	fmt.Println("alarm at look", split.AlarmAt)
	// Output:
	// 3983 users: p = 1
	// 19843 users: p = 0.3
	// 99150 users: p = 4.4e-05
	// alarm at look 3
}

func ExampleAA() {
	// p-values of 500 A/A tests whose standard errors are 20% too small.
	var p []float64
	for i := range 500 {
		z := 1.25 * (stats.Normal{SD: 1}).Quantile((float64(i)+0.5)/500)
		p = append(p, math.Erfc(math.Abs(z)/math.Sqrt2))
	}
	r, err := health.AA(p, health.AAOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f%% false positives; variance %.2f times the reported (%.2f to %.2f)\n",
		100*r.Share, r.VarianceFactor, r.VarianceInterval.Low, r.VarianceInterval.High)
	// Output: 11.6% false positives; variance 1.56 times the reported (1.38 to 1.77)
}

// fading is a daily effect that wears off, with a standard error of 0.004.
func fading(days int) (effects []health.Day) {
	for d := range days {
		effects = append(effects, health.Day{Day: d, Estimate: stats.Estimate{Value: 0.01 + 0.02/float64(d+1), SE: 0.004}})
	}
	return effects
}

func ExampleNovelty() {
	r, err := health.Novelty(fading(14), health.NoveltyOptions{LongRun: 50})
	if err != nil {
		panic(err)
	}
	t := r.ByLogDay
	fmt.Printf("%s (p = %.1g): %.3f on the first day, %.3f on the last, %.3f ± %.3f on day 50\n",
		r.Course, t.P, t.First.Value, t.Last.Value, r.LongRun.Value, 1.96*r.LongRun.SE)
	// Output: novelty (p = 3e-05): 0.025 on the first day, 0.010 on the last, 0.009 ± 0.008 on day 50
}

func ExampleOutliers() {
	// The top user, the rest of the top 1%, and all others, in each arm.
	treatment := []health.Bin{{Users: 1, Sum: 9000, Squares: 8.1e7}, {Users: 99, Sum: 9900, Squares: 1.2e6}, {Users: 9900, Sum: 9900, Squares: 30_000}}
	control := []health.Bin{{Users: 1, Sum: 800, Squares: 640_000}, {Users: 99, Sum: 9900, Squares: 1.2e6}, {Users: 9900, Sum: 10_000, Squares: 30_000}}
	r, err := health.Outliers(treatment, control)
	if err != nil {
		panic(err)
	}
	top := r.Tails[0]
	fmt.Printf("%d users carry %.0f%% of the variance; the effect is %.2f, without them %.2f\n",
		top.Users, 100*top.VarianceShare, r.Effect.Value, top.Without.Value)
	// Output: 2 users carry 97% of the variance; the effect is 0.81, without them -0.01
}

func ExampleCheck() {
	r, err := health.Check(health.Experiment{
		Counts: [][]int{{200_574, 194_300}}, Weights: []float64{50, 50},
		Days: fading(14),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Status)
	for _, f := range r.Findings {
		fmt.Printf("%-4s %s: %s\n", f.Status, f.Name, f.Message)
	}
	// Output:
	// fail
	// fail sample-ratio: users are not split as designed: χ² = 99.69 (df 1), p = 1.8e-23
	// warn novelty: the effect shrinks (novelty): 0.0255 on the first day, 0.00958 on the last, 0.00789 ± 0.01 in the long run (p = 2.6e-05)
	// ok   weekdays: heterogeneity over weekdays Q = 0.825 (df 6), p = 0.99
}
