package multiple_test

import (
	"encoding/json"
	"fmt"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/multiple"
)

var p = []float64{0.001, 0.012, 0.02, 0.03, 0.4, 0.97}

func ExampleAdjust() {
	for _, c := range []multiple.Correction{multiple.Bonferroni, multiple.Holm, multiple.Hommel, multiple.BH} {
		adjusted, err := multiple.Adjust(p, c)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-10s %.3f\n", c, adjusted)
	}
	// Output:
	// bonferroni [0.006 0.072 0.120 0.180 1.000 1.000]
	// holm       [0.006 0.060 0.080 0.090 0.800 0.970]
	// hommel     [0.006 0.050 0.060 0.090 0.800 0.970]
	// BH         [0.006 0.036 0.040 0.045 0.480 0.970]
}

func ExampleQValues() {
	r, err := multiple.QValues(p, multiple.Storey{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("π₀ = %.2f, q = %.3f\n", r.Pi0, r.Q)
	// Output:
	// π₀ = 0.35, q = [0.002 0.013 0.014 0.016 0.168 0.340]
}

// A stream of tests, as they are planned, run and analysed one by one.
func ExampleNewOnline() {
	stream, err := multiple.NewOnline(multiple.Options{Method: multiple.SAFFRON, Alpha: 0.1})
	if err != nil {
		panic(err)
	}
	for _, p := range []float64{0.0002, 0.4, 0.008, 0.7} {
		d, err := stream.Next(p)
		if err != nil {
			panic(err)
		}
		fmt.Printf("p = %.4f at level %.4f: reject %t\n", p, d.Level, d.Reject)
	}
	// Output:
	// p = 0.0002 at level 0.0109: reject true
	// p = 0.4000 at level 0.0219: reject false
	// p = 0.0080 at level 0.0219: reject true
	// p = 0.7000 at level 0.0437: reject false
}

func ExampleOnline_Options() {
	stream, err := multiple.NewOnline(multiple.Options{Method: multiple.ADDIS})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+v\n", stream.Options())
	// Output:
	// {Method:ADDIS Alpha:0.05 Wealth:0.025 Lambda:0.25 Tau:0.5}
}

// The level is known before the test starts, so that its design can use it.
func ExampleOnline_Level() {
	stream, err := multiple.NewOnline(multiple.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("first %.6f\n", stream.Level())
	if _, err := stream.Next(1e-6); err != nil {
		panic(err)
	}
	fmt.Printf("after a discovery %.6f\n", stream.Level())
	// Output:
	// first 0.000268
	// after a discovery 0.002466
}

// A nightly service stores the stream and resumes it.
func ExampleOnline_Next() {
	stream, err := multiple.NewOnline(multiple.Options{})
	if err != nil {
		panic(err)
	}
	if _, err := stream.Next(1e-6); err != nil {
		panic(err)
	}
	stored, err := json.Marshal(stream)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(stored))
	var resumed multiple.Online
	if err := json.Unmarshal(stored, &resumed); err != nil {
		panic(err)
	}
	d, err := resumed.Next(0.002)
	if err != nil {
		panic(err)
	}
	fmt.Printf("level %.6f, reject %t\n", d.Level, d.Reject)
	// Output:
	// {"options":{"method":"LORD++","alpha":0.05,"wealth":0.005},"state":{"started":1,"rejected":1,"costly":1,"rejections":[{"known":1,"costly":1,"count":1}]}}
	// level 0.002466, reject true
}

// Two tests overlap: the second starts before the first one's result is known.
func ExampleOnline_Start() {
	stream, err := multiple.NewOnline(multiple.Options{Method: multiple.SAFFRON})
	if err != nil {
		panic(err)
	}
	first, err := stream.Start()
	if err != nil {
		panic(err)
	}
	second, err := stream.Start()
	if err != nil {
		panic(err)
	}
	fmt.Printf("levels %.5f and %.5f, then %.5f\n", first.Level, second.Level, stream.Level())
	// Output:
	// levels 0.00547 and 0.00180, then 0.00094
}

func ExampleOnline_Finish() {
	stream, err := multiple.NewOnline(multiple.Options{Method: multiple.SAFFRON})
	if err != nil {
		panic(err)
	}
	test, err := stream.Start()
	if err != nil {
		panic(err)
	}
	d, err := stream.Finish(test.Number, 0.001)
	if err != nil {
		panic(err)
	}
	fmt.Printf("reject %t, next level %.5f\n", d.Reject, stream.Level())
	// Output:
	// reject true, next level 0.01094
}

func ExampleOnline_Running() {
	stream, err := multiple.NewOnline(multiple.Options{})
	if err != nil {
		panic(err)
	}
	if _, err := stream.Start(); err != nil {
		panic(err)
	}
	for _, test := range stream.Running() {
		fmt.Printf("test %d at level %.6f\n", test.Number, test.Level)
	}
	// Output:
	// test 1 at level 0.000268
}

// What three ideas whose true lifts are known to be 0, 1% and 2% would be overstated by.
func ExampleTotalBias() {
	truth := []stats.Estimate{{Value: 0, SE: 0.01}, {Value: 0.01, SE: 0.01}, {Value: 0.02, SE: 0.01}}
	bias, err := multiple.TotalBias(truth, 0.05)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f\n", bias)
	// Output:
	// 0.0080
}

func ExampleWinnersCurse() {
	tests := []stats.Estimate{{Value: 0.031, SE: 0.01}, {Value: 0.022, SE: 0.01}, {Value: -0.004, SE: 0.01}, {Value: 0.009, SE: 0.01}}
	c, err := multiple.WinnersCurse(tests, stats.Normal{Mean: 0.005, SD: 0.01}, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d launched, together %+.3f as measured, %+.3f corrected\n", c.Launched, c.Measured, c.Corrected)
	fmt.Printf("naive correction %.4f, which is off by %+.4f\n", c.Naive, c.NaiveBias)
	// Output:
	// 2 launched, together +0.053 as measured, +0.044 corrected
	// naive correction 0.0085, which is off by -0.0011
}

func ExampleProgramme_FalsePositiveRisk() {
	for _, success := range []float64{0.08, 0.33} {
		risk, err := multiple.Programme{Success: success}.FalsePositiveRisk()
		if err != nil {
			panic(err)
		}
		fmt.Printf("%.0f%% of ideas work: %.0f%% of wins are false\n", 100*success, 100*risk)
	}
	// Output:
	// 8% of ideas work: 26% of wins are false
	// 33% of ideas work: 6% of wins are false
}

func ExampleImpliedPower() {
	power, err := multiple.ImpliedPower(0.3, 0.05, 0.25)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", power)
	// Output:
	// 0.35
}

var arms = []stats.Estimate{{Value: 0.03, SE: 0.01}, {Value: 0.035, SE: 0.01}, {Value: 0.001, SE: 0.01}}

func ExampleIntervals() {
	intervals, err := multiple.Intervals(arms, multiple.Sidak, 0.95)
	if err != nil {
		panic(err)
	}
	for _, x := range intervals {
		fmt.Printf("[%+.4f, %+.4f]\n", x.Low, x.High)
	}
	// Output:
	// [+0.0061, +0.0539]
	// [+0.0111, +0.0589]
	// [-0.0229, +0.0249]
}

func ExampleSelectedIntervals() {
	selected, err := multiple.SelectedIntervals(arms, 0.05)
	if err != nil {
		panic(err)
	}
	for _, s := range selected {
		fmt.Printf("arm %d: [%+.4f, %+.4f] at %.3f\n", s.Index, s.Interval.Low, s.Interval.High, s.Interval.Level)
	}
	// Output:
	// arm 0: [+0.0087, +0.0513] at 0.967
	// arm 1: [+0.0137, +0.0563] at 0.967
}
