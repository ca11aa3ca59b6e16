package proxy_test

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// Correlations of users' clicks, purchases and 60-day revenue.
var users = [][]float64{{1, -0.3, -0.2}, {-0.3, 1, 0.5}, {-0.2, 0.5, 1}}

// must keeps the examples short.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// past are 60 tests: lifts of clicks, purchases and 60-day revenue.
func past() (tests []proxy.Test) {
	for i := range 60 {
		x := float64(i)
		shared, own := math.Sin(x), math.Cos(2.3*x)
		lifts := []stats.Estimate{
			{Value: 0.01*shared + 0.004*math.Sin(7.1*x), SE: 0.003},
			{Value: 0.01*own + 0.004*math.Sin(5.3*x), SE: 0.004},
			{Value: 0.004*shared + 0.008*own + 0.004*math.Cos(3.7*x), SE: 0.004},
		}
		tests = append(tests, must(proxy.NewTest(lifts, users)))
	}
	return tests
}

func ExampleAssess() {
	q := must(proxy.Assess(past(), []int{0}, 2, proxy.Options{}))
	fmt.Printf("clicks: R² %.2f [%.2f, %.2f]\n", q.R2, q.R2Interval.Low, q.R2Interval.High)
	fmt.Printf("revenue for a click: %.2f [%.2f, %.2f], naively %.2f\n",
		q.Weights[0], q.WeightIntervals[0].Low, q.WeightIntervals[0].High, q.Naive.Weights[0])
	q = must(proxy.Assess(past(), []int{0, 1}, 2, proxy.Options{}))
	fmt.Printf("clicks and purchases: R² %.2f [%.2f, %.2f]\n", q.R2, q.R2Interval.Low, q.R2Interval.High)
	// Output:
	// clicks: R² 0.31 [0.06, 0.64]
	// revenue for a click: 0.47 [0.20, 0.74], naively 0.34
	// clicks and purchases: R² 1.00 [0.88, 1.00]
}

func ExampleFit() {
	e := must(proxy.Fit(past(), proxy.Options{}))
	fmt.Printf("spread of true lifts: clicks %.4f, revenue %.4f\n", math.Sqrt(e.Cov[0][0]), math.Sqrt(e.Cov[2][2]))
	fmt.Printf("correlation of their true lifts: %.2f\n", e.Correlation[0][2])
	// Output:
	// spread of true lifts: clicks 0.0067, revenue 0.0057
	// correlation of their true lifts: 0.52
}

func ExampleEffects_Index() {
	e := must(proxy.Fit(past(), proxy.Options{}))
	exact := must(e.Index([]int{0, 1}, 2, nil))
	noise := must(proxy.Covariance([]float64{0.002, 0.008}, [][]float64{{1, -0.3}, {-0.3, 1}}))
	measured := must(e.Index([]int{0, 1}, 2, noise))
	fmt.Printf("true effects:  weights %.2f, R² %.2f, agreement %.2f\n", exact.Weights, exact.R2, exact.Agreement)
	fmt.Printf("a small test's: weights %.2f, R² %.2f, agreement %.2f\n", measured.Weights, measured.R2, measured.Agreement)
	// Output:
	// true effects:  weights [0.67 0.78], R² 1.00, agreement 1.00
	// a small test's: weights [0.52 0.32], R² 0.56, agreement 0.77
}

func ExampleIndex_Predict() {
	e := must(proxy.Fit(past(), proxy.Options{}))
	noise := must(proxy.Covariance([]float64{0.003, 0.004}, [][]float64{{1, -0.3}, {-0.3, 1}}))
	index := must(e.Index([]int{0, 1}, 2, noise))
	revenue := must(index.Predict([]float64{0.010, 0.006}))
	fmt.Printf("60-day revenue %+.4f ± %.4f, up with probability %.2f\n", revenue.Mean, revenue.SD, revenue.ProbAbove(0))
	// Output:
	// 60-day revenue +0.0089 ± 0.0027, up with probability 1.00
}

func ExampleEffects_Posterior() {
	e := must(proxy.Fit(past(), proxy.Options{}))
	early := must(proxy.NewTest([]stats.Estimate{{Value: 0.010, SE: 0.003}, {Value: -0.004, SE: 0.004}}, [][]float64{{1, -0.3}, {-0.3, 1}}))
	after := must(e.Posterior(early)) // of clicks and purchases; revenue is not known yet
	for metric, name := range []string{"clicks", "purchases", "revenue"} {
		n := after.Of(metric)
		fmt.Printf("%-9s %+.4f ± %.4f\n", name, n.Mean, n.SD)
	}
	// Output:
	// clicks    +0.0084 ± 0.0027
	// purchases -0.0031 ± 0.0034
	// revenue   +0.0032 ± 0.0027
}

func ExamplePosterior_Of() {
	p := proxy.Posterior{Mean: []float64{0.01}, Cov: [][]float64{{4e-6}}}
	fmt.Printf("%.3f\n", p.Of(0))
	// Output:
	// {0.010 0.002}
}

func ExamplePosterior_Given() {
	p := proxy.Posterior{Mean: []float64{0.01, 0}, Cov: [][]float64{{1e-4, -0.5e-4}, {-0.5e-4, 1e-4}}}
	guardrail := must(p.Given(0, 0.03)).Of(1)
	fmt.Printf("at a lift of 3%% the guardrail moves by %.3f ± %.4f\n", guardrail.Mean, guardrail.SD)
	// Output:
	// at a lift of 3% the guardrail moves by -0.010 ± 0.0087
}

func ExamplePosterior_Probability() {
	const target, guardrail, margin = 0, 1, 0.01
	p := proxy.Posterior{Mean: []float64{0.01, 0}, Cov: [][]float64{{1e-4, -0.6e-4}, {-0.6e-4, 1e-4}}}
	win := must(p.Probability(proxy.Above(target, 0)))
	breach := must(p.Probability(proxy.Below(guardrail, -margin)))
	both := must(p.Probability(proxy.Above(target, 0), proxy.Below(guardrail, -margin)))
	fmt.Printf("win %.3f, breach %.3f, both %.3f; breach given a win %.3f\n", win, breach, both, both/win)
	// Output:
	// win 0.841, breach 0.159, both 0.157; breach given a win 0.187
}

func ExampleAbove() {
	fmt.Println(proxy.Above(0, 0.01))
	// Output:
	// {0 0.01 +Inf}
}

func ExampleBelow() {
	fmt.Println(proxy.Below(2, -0.005))
	// Output:
	// {2 -Inf -0.005}
}

func ExampleNewTest() {
	t := must(proxy.NewTest([]stats.Estimate{{Value: 0.02, SE: 0.01}, {Value: -0.03, SE: 0.02}}, [][]float64{{1, -0.6}, {-0.6, 1}}))
	t.Metrics = []int{0, 2} // metric 1 was not measured
	fmt.Printf("%.6f\n", t.Cov)
	// Output:
	// [[0.000100 -0.000120] [-0.000120 0.000400]]
}

func ExampleCovariance() {
	fmt.Printf("%.6f\n", must(proxy.Covariance([]float64{0.01, 0.02}, [][]float64{{1, -0.6}, {-0.6, 1}})))
	// Output:
	// [[0.000100 -0.000120] [-0.000120 0.000400]]
}

func ExampleErrorCorrelation() {
	var clicks, revenue []stats.Estimate
	for i := range 400 { // every other test is small, and what its users do by chance moves both metrics
		x, se := float64(i), []float64{0.002, 0.02}[i%2]
		chance := math.Sqrt2 * math.Sin(7.1*x)
		clicks = append(clicks, stats.Estimate{Value: 0.007*math.Sin(x) + se*chance, SE: se})
		revenue = append(revenue, stats.Estimate{Value: 0.007*math.Cos(2.3*x) + se*(0.6*chance+0.8*math.Sqrt2*math.Cos(3.7*x)), SE: se})
	}
	rho := must(proxy.ErrorCorrelation(clicks, revenue))
	fmt.Printf("%.2f ± %.2f\n", rho.Value, rho.SE)
	// Output:
	// 0.61 ± 0.04
}
