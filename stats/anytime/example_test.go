package anytime_test

import (
	"fmt"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
)

func ExampleDesign_Monitor() {
	// Daily looks at a relative lift; 1% would matter.
	design := anytime.Design{MDE: 0.01, Margin: 0.01}
	var looks []anytime.Look
	for day, lift := range []float64{0.021, 0.014, 0.018, 0.017} {
		n := 400_000 * (day + 1)
		looks = append(looks, anytime.Look{Users: n, Estimate: stats.Estimate{Value: lift, SE: []float64{0.008, 0.0057, 0.0046, 0.004}[day]}})
	}
	r, err := design.Monitor(looks)
	if err != nil {
		panic(err)
	}
	for _, s := range r.Steps {
		fmt.Printf("p = %.3f, between %.4f and %.4f\n", s.P, s.Running.Low, s.Running.High)
	}
	fmt.Println(r.Reason)
	// Output:
	// p = 0.285, between -0.0096 and 0.0516
	// p = 0.250, between -0.0051 and 0.0331
	// p = 0.008, between 0.0033 and 0.0327
	// p = 0.002, between 0.0045 and 0.0295
	// stop, a difference is established: at look 3 (1,200,000 users) the always-valid p-value reached 0.0079, at most α = 0.05; the effect is above 0, between 0.003348 and 0.03265 with 95% confidence over all looks
}

func ExampleDesign_Price() {
	p, err := anytime.Design{MDE: 0.01}.Price(0.8, 14)
	if err != nil {
		panic(err)
	}
	fmt.Printf("at most %.2f times the users of a fixed test, %.2f times on average if the effect is there\n", p.MaxUsers, p.MeanUsers)
	// Output: at most 1.76 times the users of a fixed test, 1.17 times on average if the effect is there
}

func ExampleDesign_PowerAt() {
	power, err := anytime.Design{MDE: 0.01}.PowerAt(0.003, 14)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", power)
	// Output: 0.673
}

func ExampleDesign_WidthRatio() {
	ratio, err := anytime.Design{PlannedSE: 0.01}.WidthRatio(0.01)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", ratio)
	// Output: 1.549
}

func ExampleMixture_Bound() {
	// 700 of 1000 users clicked: is the rate above 0.65, whenever one looked?
	rate := 0.65
	m := anytime.Mixture{Kind: anytime.BetaBinomial, VOpt: 1000 * rate * (1 - rate), OneSided: true, Below: rate, Above: 1 - rate}
	bound, err := m.Bound(1000 * rate * (1 - rate))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d clicks above the expected %g; the bound is %.1f\n", 700-650, 650.0, bound)
	// Output: 50 clicks above the expected 650; the bound is 41.3
}

func ExampleMixture_LogE() {
	lnE, err := anytime.Mixture{VOpt: 100}.LogE(35, 100)
	if err != nil {
		panic(err)
	}
	fmt.Printf("ln E = %.2f, against ln(1/0.05) = 3.00\n", lnE)
	// Output: ln E = 4.34, against ln(1/0.05) = 3.00
}

func ExampleStitched_Bound() {
	bound, err := anytime.Stitched{VMin: 10, Scale: 3}.Bound(100)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", bound)
	// Output: 64.49
}
