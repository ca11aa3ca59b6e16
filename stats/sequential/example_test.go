package sequential_test

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/sequential"
)

func ExampleDesign_Plan() {
	plan, _ := sequential.Design{Looks: 5, Power: 0.9, Efficacy: sequential.OBrienFleming()}.Plan()
	for _, s := range plan.Stages {
		fmt.Printf("%3.0f%%  z %.3f  p %.5f  spent %.5f  power %.2f\n", 100*s.Information, s.Efficacy, s.NominalP, s.Spent, s.Power)
	}
	fmt.Printf("users: %.3f of the fixed test's at most, %.3f expected if there is an effect\n", plan.Inflation, plan.ExpectedH1)
	// Output:
	// 20%  z 4.562  p 0.00000  spent 0.00001  power 0.00
	//  40%  z 3.226  p 0.00063  spent 0.00126  power 0.13
	//  60%  z 2.634  p 0.00422  spent 0.00890  power 0.47
	//  80%  z 2.281  p 0.01128  spent 0.02558  power 0.75
	// 100%  z 2.040  p 0.02067  spent 0.05000  power 0.90
	// users: 1.026 of the fixed test's at most, 0.750 expected if there is an effect
}

func ExamplePlan_Monitor() {
	plan, _ := sequential.Design{Looks: 5, Sides: stats.OneSided, Alpha: 0.025, Power: 0.9, Futility: sequential.PocockSpending()}.Plan()
	looks := []sequential.Look{{Information: 0.2, Z: 1.1}, {Information: 0.45, Z: 2.2}}
	v, _ := plan.Monitor(looks...)
	fmt.Println(v.Reason)
	fmt.Printf("chance to reject: %.2f by the trend, %.2f predicted\n", v.Outlook.Trend, v.Outlook.Predictive)

	v, _ = plan.Monitor(append(looks, sequential.Look{Information: 0.6, Z: 2.91})...)
	fmt.Println(v.Action.Stops(), v.Reason)
	// Output:
	// continue: z = 2.2 lies between the futility boundary 0.7017 and the efficacy boundary 3.144 at look 2 of 5 (45% of information); the next boundary is 2.693 at 60% of information
	// chance to reject: 0.95 by the trend, 0.88 predicted
	// true stop: z = 2.91 crossed the efficacy boundary 2.693 at look 3 of 5 (60% of information)
}

func ExamplePlan_Infer() {
	plan, _ := sequential.Design{Looks: 4, Efficacy: sequential.PocockSpending()}.Plan()
	f, _ := plan.Infer(
		sequential.Look{Information: 0.25, Estimate: stats.Estimate{Value: 0.019, SE: 0.012}},
		sequential.Look{Information: 0.5, Estimate: stats.Estimate{Value: 0.022, SE: 0.0085}})
	fmt.Printf("naive    %.4f [%.4f, %.4f]  p = %.5f\n", f.Naive.Value, f.NaiveInterval.Low, f.NaiveInterval.High, f.NaivePValue)
	fmt.Printf("adjusted %.4f [%.4f, %.4f]  p = %.5f\n", f.MedianUnbiased, f.Interval.Low, f.Interval.High, f.PValue)
	fmt.Printf("repeated        [%.4f, %.4f]\n", f.Repeated.Low, f.Repeated.High)
	fmt.Printf("naive estimates err by %+.4f on average\n", f.Bias)
	// Output:
	// naive    0.0220 [0.0053, 0.0387]  p = 0.00965
	// adjusted 0.0210 [0.0029, 0.0381]  p = 0.02431
	// repeated        [0.0019, 0.0421]
	// naive estimates err by +0.0036 on average
}

func ExamplePlan_At() {
	plan, _ := sequential.Design{Looks: 4, Power: 0.8}.Plan()
	for _, effect := range []float64{0, 0.5, 1} {
		at, _ := plan.At(effect * plan.Drift)
		fmt.Printf("%.1f of the effect: power %.3f, users %.3f of the fixed test's\n", effect, at.Power, at.Expected)
	}
	// Output:
	// 0.0 of the effect: power 0.025, users 1.014 of the fixed test's
	// 0.5 of the effect: power 0.287, users 0.980 of the fixed test's
	// 1.0 of the effect: power 0.800, users 0.839 of the fixed test's
}

func ExamplePlan_Differences() {
	plan, _ := sequential.Design{Looks: 3}.Plan()
	ds, _ := plan.Differences(0.01) // the relative lift will have a standard error of 1%
	for _, d := range ds {
		fmt.Printf("%.2f: reject from ±%.1f%%\n", d.Information, 100*d.Efficacy)
	}
	// Output:
	// 0.33: reject from ±6.4%
	// 0.67: reject from ±3.1%
	// 1.00: reject from ±2.0%
}

func ExampleAction_Stops() {
	fmt.Println(sequential.Continue.Stops(), sequential.EndReached.Stops())
	// Output: false true
}

func ExamplePeeking() {
	for _, looks := range []int{1, 5, 20} {
		p, _ := sequential.Peeking(looks, 0.05)
		fmt.Printf("%d looks: %.3f\n", looks, p)
	}
	// Output:
	// 1 looks: 0.050
	// 5 looks: 0.142
	// 20 looks: 0.248
}

// last is the last critical value of a two-sided design of five looks.
func last(b sequential.Boundary) float64 {
	plan, err := sequential.Design{Efficacy: b}.Plan()
	if err != nil {
		return math.NaN()
	}
	return plan.Stages[4].Efficacy
}

func ExampleOBrienFleming() {
	fmt.Printf("%.3f\n", last(sequential.OBrienFleming()))
	// Output: 2.040
}

func ExamplePocock() {
	fmt.Printf("%.3f\n", last(sequential.Pocock()))
	// Output: 2.413
}

func ExampleWangTsiatis() {
	fmt.Printf("%.3f\n", last(sequential.WangTsiatis(0.25)))
	// Output:
	// 2.136
}

func ExampleOBFSpending() {
	fmt.Printf("%.3f\n", last(sequential.OBFSpending()))
	// Output: 2.031
}

func ExamplePocockSpending() {
	fmt.Printf("%.3f\n", last(sequential.PocockSpending()))
	// Output: 2.386
}

func ExampleKimDeMets() {
	fmt.Printf("%.3f\n", last(sequential.KimDeMets(2)))
	// Output: 2.114
}

func ExampleHwangShihDeCani() {
	fmt.Printf("%.3f\n", last(sequential.HwangShihDeCani(-4)))
	// Output: 2.025
}

func ExampleSpend() {
	square := sequential.Spend(func(t, alpha float64) float64 { return alpha * t * t })
	fmt.Printf("%.3f\n", last(square))
	// Output: 2.114
}

func ExampleSpendFractions() {
	fmt.Printf("%.3f\n", last(sequential.SpendFractions(0, 0.1, 0.3, 0.6, 1)))
	// Output:
	// 2.085
}

func ExampleStage() {
	plan, _ := sequential.Design{Efficacy: sequential.SpendFractions(0, 1)}.Plan()
	text, _ := json.Marshal(plan.Stages[0])
	fmt.Println(string(text))
	// Output: {"information":0.5,"nominal_p":0,"spent":0,"beta_spent":0,"power":0,"efficacy":null,"futility":null}
}
