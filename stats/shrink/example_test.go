package shrink_test

import (
	"fmt"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/shrink"
)

// pastLifts are 24 tests: mostly noise, and a few large wins and losses.
func pastLifts() []stats.Estimate {
	lifts := []float64{
		0.001, -0.003, 0.004, -0.006, 0.002, 0.000, 0.005, -0.002, 0.003, -0.004, 0.001, -0.001,
		0.007, -0.005, 0.002, 0.006, -0.003, 0.000, 0.004, -0.007, 0.061, -0.038, 0.044, 0.024,
	}
	es := make([]stats.Estimate, len(lifts))
	for i, l := range lifts {
		es[i] = stats.Estimate{Value: l, SE: 0.004}
	}
	return es
}

func ExampleAdaptive() {
	fit, err := shrink.Adaptive(pastLifts(), shrink.Options{})
	if err != nil {
		panic(err)
	}
	for k, c := range fit.Components {
		if w := fit.Weights[k]; w > 0 {
			fmt.Printf("%.2f of N(%g, %.3f²)\n", w, c.Mean, c.SD)
		}
	}
	fmt.Println("certified to 1e-8:", fit.Gap < 1e-8)
	// Output:
	// 0.86 of N(0, 0.000²)
	// 0.14 of N(0, 0.043²)
	// certified to 1e-8: true
}

func ExampleFit_Posteriors() {
	es := pastLifts()
	fit, err := shrink.Adaptive(es, shrink.Options{})
	if err != nil {
		panic(err)
	}
	rows, err := fit.Posteriors(es)
	if err != nil {
		panic(err)
	}
	for _, i := range []int{12, 20, 23} {
		fmt.Printf("%+.3f → %+.4f ± %.4f, no effect %.2g, wrong sign %.2g, s-value %.2g\n",
			es[i].Value, rows[i].Mean, rows[i].SD, rows[i].LFDR, rows[i].LFSR, rows[i].SValue)
	}
	// Output:
	// +0.007 → +0.0004 ± 0.0020, no effect 0.94, wrong sign 0.94, s-value 0.31
	// +0.061 → +0.0605 ± 0.0040, no effect 5.8e-49, wrong sign 5.8e-49, s-value 5.8e-49
	// +0.024 → +0.0238 ± 0.0040, no effect 1.2e-06, wrong sign 1.2e-06, s-value 3e-07
}

func ExampleFit_Prior() {
	fit, err := shrink.Adaptive(pastLifts(), shrink.Options{})
	if err != nil {
		panic(err)
	}
	idea := fit.Prior()
	fmt.Printf("a new idea: %.4f ± %.4f, above 2%% with probability %.3f\n", idea.Mean(), idea.SD(), idea.ProbAbove(0.02))
	fmt.Printf("after +1.2%% was measured: %.3f\n", idea.Posterior(0.012, 0.005).ProbAbove(0))
	fmt.Printf("log predictive density of +3%%: %.2f\n", idea.LogMarginal(0.03, 0.005))
	// Output:
	// a new idea: 0.0000 ± 0.0159, above 2% with probability 0.044
	// after +1.2% was measured: 0.237
	// log predictive density of +3%: -0.01
}

func ExampleFit_Credible() {
	fit, err := shrink.Adaptive(pastLifts(), shrink.Options{NoPointMass: true})
	if err != nil {
		panic(err)
	}
	interval, err := fit.Credible(stats.Estimate{Value: 0.024, SE: 0.004}, 0.9)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f%%: [%.4f, %.4f]\n", 100*interval.Level, interval.Low, interval.High)
	// Output:
	// 90%: [0.0172, 0.0303]
}

func ExampleNonparametric() {
	fit, err := shrink.Nonparametric(pastLifts(), shrink.Points{})
	if err != nil {
		panic(err)
	}
	for k, c := range fit.Components {
		if w := fit.Weights[k]; w > 0.001 {
			fmt.Printf("%.3f at %+.4f\n", w, c.Mean)
		}
	}
	// Output:
	// 0.042 at -0.0380
	// 0.527 at +0.0001
	// 0.306 at +0.0004
	// 0.042 at +0.0239
	// 0.042 at +0.0441
	// 0.042 at +0.0610
}
