package effect_test

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
)

func ExampleArmFromSums() {
	arm, err := effect.ArmFromSums(4, 10, 30) // 1, 2, 3, 4
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d users, mean %.3f, variance %.3f\n", arm.N, arm.Mean, arm.Variance)
	// Output: 4 users, mean 2.500, variance 1.667
}

func ExampleRelativeLift() {
	treatment := effect.Arm{N: 50_000, Mean: 1.03, Variance: 4}
	control := effect.Arm{N: 50_000, Mean: 1.00, Variance: 4}
	lift, err := effect.RelativeLift(treatment, control)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%+.3f ± %.4f\n", lift.Value, lift.SE)
	// Output: +0.030 ± 0.0128
}

func ExampleWelch() {
	w, err := effect.Welch(effect.Arm{N: 484, Mean: 0.226, Variance: 13.8}, effect.Arm{N: 6824, Mean: -0.296, Variance: 2.57})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f ± %.3f, t = %.2f on %.0f df, p = %.4f\n", w.Difference, w.SE, w.T, w.DF, w.P)
	// Output: 0.522 ± 0.170, t = 3.07 on 496 df, p = 0.0022
}

func ExampleRatioArm_Arm() {
	clicksPerView, err := effect.RatioArm{N: 1000, Numerator: 1.2, Denominator: 6,
		NumeratorVariance: 2.5, DenominatorVariance: 30, Covariance: 6}.Arm()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f ± %.4f\n", clicksPerView.Mean, math.Sqrt(clicksPerView.Variance/1000))
	// Output: 0.20 ± 0.0060
}

func ExampleCompare() {
	treatment := effect.Arm{N: 50_000, Mean: 1.03, Variance: 4}
	control := effect.Arm{N: 50_000, Mean: 1.00, Variance: 4}
	r, err := effect.Compare(treatment, control, effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("difference %+.3f [%+.4f, %+.4f]\n", r.Difference.Value, r.Difference.Interval.Low, r.Difference.Interval.High)
	fmt.Printf("lift %+.1f%% [%+.2f%%, %+.2f%%], p = %.3f\n", 100*r.Lift.Value, 100*r.Lift.Interval.Low, 100*r.Lift.Interval.High, r.P)
	// Output:
	// difference +0.030 [+0.0052, +0.0548]
	// lift +3.0% [+0.48%, +5.52%], p = 0.018
}

func ExampleResult_PValue() {
	r, err := effect.Compare(effect.Arm{N: 50_000, Mean: 1.03, Variance: 4}, effect.Arm{N: 50_000, Mean: 1, Variance: 4}, effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.4f %.4f %.4f\n", r.PValue(stats.TwoSided), r.PValue(stats.Greater), r.PValue(stats.Less))
	// Output: 0.0177 0.0089 0.9911
}

// The control mean is one standard error from 0: no bounded interval is right.
func ExampleCompare_fieller() {
	r, err := effect.Compare(effect.Arm{N: 10_000, Mean: 10, Variance: 1e4}, effect.Arm{N: 10_000, Mean: 1, Variance: 1e4},
		effect.Options{Lift: effect.Fieller})
	if err != nil {
		panic(err)
	}
	i := r.Lift.Interval
	fmt.Printf("%s: lift below %.1f or above %.1f\n", i.Form, i.Low, i.High)
	fmt.Println(r.Warnings[0])
	// Output:
	// outside: lift below -11.3 or above 2.3
	// the control mean is only 1.0 standard errors from 0: no bounded interval of the lift holds its level
}

func ExampleCompareProportions() {
	r, err := effect.CompareProportions(effect.Proportion{Successes: 56, N: 70}, effect.Proportion{Successes: 48, N: 80}, effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("z = %.2f, difference %.3f [%.4f, %.4f]\n", r.Statistic, r.Difference.Value, r.Difference.Interval.Low, r.Difference.Interval.High)
	fmt.Printf("lift %.3f [%.3f, %.3f]\n", r.Lift.Value, r.Lift.Interval.Low, r.Lift.Interval.High)
	// Output:
	// z = 2.65, difference 0.200 [0.0528, 0.3382]
	// lift 0.333 [0.079, 0.672]
}

func ExampleProportion_Rate() {
	fmt.Println(effect.Proportion{Successes: 3, N: 10}.Rate())
	// Output: 0.3
}

func ExampleProportion_Arm() {
	arm, err := effect.Proportion{Successes: 3, N: 10}.Arm()
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean %.2f, variance %.4f\n", arm.Mean, arm.Variance)
	// Output: mean 0.30, variance 0.2333
}

func ExampleProportion_Interval() {
	for _, m := range []effect.Method{effect.Wilson, effect.ClopperPearson, effect.AgrestiCoull} {
		i, err := effect.Proportion{Successes: 0, N: 100}.Interval(effect.Options{Difference: m})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-15s [%.4f, %.4f]\n", m, i.Low, i.High)
	}
	// Output:
	// wilson          [0.0000, 0.0370]
	// clopper-pearson [0.0000, 0.0362]
	// agresti-coull   [0.0000, 0.0444]
}

func ExampleProportion_RatioOver() {
	i, err := effect.Proportion{Successes: 3, N: 480}.RatioOver(effect.Proportion{Successes: 0, N: 500}, effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %.3f\n", i.Form, i.Low)
	// Output: above 0.815
}

func ExampleInterval_Contains() {
	i := effect.Interval{Interval: stats.Interval{Low: -1, High: 2, Level: 0.95}, Form: effect.Outside}
	fmt.Println(i.Contains(-3), i.Contains(0), i.Contains(2))
	// Output: true false true
}

func ExampleInterval_MarshalJSON() {
	text, err := json.Marshal(effect.Interval{Interval: stats.Interval{Low: 0.5, High: math.Inf(1), Level: 0.95}, Form: effect.Above})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output: {"low":0.5,"high":null,"level":0.95,"form":"above"}
}

func ExampleInterval_UnmarshalJSON() {
	var i effect.Interval
	if err := json.Unmarshal([]byte(`{"low":0.5,"high":null,"level":0.95,"form":"above"}`), &i); err != nil {
		panic(err)
	}
	fmt.Println(i.Low, i.High, i.Form)
	// Output: 0.5 +Inf above
}

// Two days' users, as SQL would sum them: n, Σy, Σx and Σyy, Σxy, Σxx.
func ExampleMomentsFromSums() {
	first, err := effect.MomentsFromSums(4, []float64{10, 8}, []float64{30, 23, 18})
	if err != nil {
		panic(err)
	}
	fmt.Println(first.Means, first.Products)
	// Output: [2.5 2] [5 3 2]
}

func ExampleMoments_Add() {
	var m effect.Moments
	for _, user := range [][2]float64{{1, 1}, {2, 2}, {3, 2}, {4, 3}} {
		if err := m.Add(user[0], user[1]); err != nil {
			panic(err)
		}
	}
	fmt.Println(m.N, m.Means, m.Products)
	// Output: 4 [2.5 2] [5 3 2]
}

func ExampleMoments_Merge() {
	monday := effect.Moments{N: 2, Means: []float64{1.5}, Products: []float64{0.5}}  // 1, 2
	tuesday := effect.Moments{N: 2, Means: []float64{3.5}, Products: []float64{0.5}} // 3, 4
	both, err := monday.Merge(tuesday)
	if err != nil {
		panic(err)
	}
	fmt.Println(both.N, both.Means, both.Products)
	// Output: 4 [2.5] [5]
}

func ExampleMoments_Arm() {
	arm, err := effect.Moments{N: 4, Means: []float64{2.5}, Products: []float64{5}}.Arm()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", arm.Variance)
	// Output: 1.667
}

// Clicks, views and past clicks per user become clicks per view and past clicks.
func ExampleMoments_Ratio() {
	m := effect.Moments{N: 1001, Means: []float64{1.2, 6, 1}, Products: []float64{2500, 6000, 30000, 1000, 2000, 2000}}
	perView, err := m.Ratio()
	if err != nil {
		panic(err)
	}
	arm, err := perView.Arm()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f, variance %.4f\n", arm.Mean, arm.Variance)
	// Output: 0.20, variance 0.0361
}

func ExampleAdjust() {
	treatment := effect.Moments{N: 1001, Means: []float64{10.3, 5.1}, Products: []float64{4000, 1600, 1000}}
	control := effect.Moments{N: 1001, Means: []float64{10, 5}, Products: []float64{4000, 1600, 1000}}
	a, err := effect.Adjust(treatment, control, effect.CUPED)
	if err != nil {
		panic(err)
	}
	fmt.Printf("slope %.2f, correlation %.2f, variance left %.2f\n", a.ControlSlopes[0], a.Correlation, a.VarianceRatio)
	// Output: slope 1.60, correlation 0.80, variance left 0.36
}

func ExampleAdjusted_Compare() {
	treatment := effect.Moments{N: 1001, Means: []float64{10.3, 5.1}, Products: []float64{4000, 1600, 1000}}
	control := effect.Moments{N: 1001, Means: []float64{10, 5}, Products: []float64{4000, 1600, 1000}}
	a, err := effect.Adjust(treatment, control, effect.Lin)
	if err != nil {
		panic(err)
	}
	r, err := a.Compare(effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f ± %.3f, lift %.2f%%\n", r.Difference.Value, r.Difference.SE, 100*r.Lift.Value)
	// Output: 0.140 ± 0.054, lift 1.39%
}

// Robust standard errors: a second pass over the same users.
func ExampleAdjusted_SecondPass() {
	users := []struct {
		treated bool
		y, x    float64
	}{{true, 3, 1}, {true, 5, 2}, {true, 6, 3}, {true, 9, 4}, {false, 2, 1}, {false, 3, 2}, {false, 5, 3}, {false, 5, 4}}
	var treatment, control effect.Moments
	for _, u := range users {
		m := &control
		if u.treated {
			m = &treatment
		}
		if err := m.Add(u.y, u.x); err != nil {
			panic(err)
		}
	}
	a, err := effect.Adjust(treatment, control, effect.Lin)
	if err != nil {
		panic(err)
	}
	pass, err := a.SecondPass()
	if err != nil {
		panic(err)
	}
	for _, u := range users {
		if err := pass.Add(u.treated, u.y, u.x); err != nil {
			panic(err)
		}
	}
	robust, err := pass.Adjusted(effect.HC2)
	if err != nil {
		panic(err)
	}
	r, err := robust.Compare(effect.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f ± %.3f\n", r.Difference.Value, r.Difference.SE)
	// Output: 2.00 ± 0.407
}

// A pass over parts of the users, added up.
func ExampleSecondPass_Merge() {
	a, err := effect.Adjust(effect.Moments{N: 4, Means: []float64{5.75, 2.5}, Products: []float64{18.75, 9.5, 5}},
		effect.Moments{N: 4, Means: []float64{3.75, 2.5}, Products: []float64{6.75, 5.5, 5}}, effect.OLS)
	if err != nil {
		panic(err)
	}
	left, err := a.SecondPass()
	if err != nil {
		panic(err)
	}
	right, err := a.SecondPass()
	if err != nil {
		panic(err)
	}
	for i, y := range []float64{3, 5, 6, 9} {
		if err := left.Add(true, y, float64(i+1)); err != nil {
			panic(err)
		}
	}
	for i, y := range []float64{2, 3, 5, 5} {
		if err := right.Add(false, y, float64(i+1)); err != nil {
			panic(err)
		}
	}
	if err := left.Merge(right); err != nil {
		panic(err)
	}
	robust, err := left.Adjusted(effect.HC1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f\n", robust.Treatment.Mean-robust.Control.Mean)
	// Output: 2.00
}

func ExampleSecondPass_Add() {
	a, err := effect.Adjust(effect.Moments{N: 4, Means: []float64{5.75, 2.5}, Products: []float64{18.75, 9.5, 5}},
		effect.Moments{N: 4, Means: []float64{3.75, 2.5}, Products: []float64{6.75, 5.5, 5}}, effect.Lin)
	if err != nil {
		panic(err)
	}
	pass, err := a.SecondPass()
	if err != nil {
		panic(err)
	}
	fmt.Println(pass.Add(true, 3, 1, 7))
	// Output: stats: invalid input: x = 2: needs 1 covariates
}

func ExampleSecondPass_Adjusted() {
	a, err := effect.Adjust(effect.Moments{N: 4, Means: []float64{5.75, 2.5}, Products: []float64{18.75, 9.5, 5}},
		effect.Moments{N: 4, Means: []float64{3.75, 2.5}, Products: []float64{6.75, 5.5, 5}}, effect.Lin)
	if err != nil {
		panic(err)
	}
	pass, err := a.SecondPass()
	if err != nil {
		panic(err)
	}
	_, err = pass.Adjusted(effect.HC2) // no user was added
	fmt.Println(err)
	// Output: stats: invalid input: Treatment.N = 4: the second pass saw 0 users
}

func ExampleCompareSegments() {
	s, err := effect.CompareSegments([]effect.Segment{
		{Name: "new", Treatment: effect.Arm{N: 1000, Mean: 1.3, Variance: 4}, Control: effect.Arm{N: 1000, Mean: 1, Variance: 4}},
		{Name: "old", Treatment: effect.Arm{N: 3000, Mean: 5.1, Variance: 9}, Control: effect.Arm{N: 3000, Mean: 5, Variance: 9}},
	}, effect.Options{})
	if err != nil {
		panic(err)
	}
	for _, r := range s.Segments {
		fmt.Printf("%s %+.2f ± %.3f\n", r.Name, r.Difference.Value, r.Difference.SE)
	}
	fmt.Printf("all %+.2f ± %.3f, not stratified ± %.3f\n", s.PostStratified.Difference.Value, s.PostStratified.Difference.SE, s.Together.Difference.SE)
	fmt.Printf("Q = %.2f on %d, p = %.2f, I² = %.2f\n", s.Difference.Q, s.Difference.DF, s.Difference.P, s.Difference.I2)
	// Output:
	// new +0.30 ± 0.089
	// old +0.10 ± 0.077
	// all +0.15 ± 0.062, not stratified ± 0.073
	// Q = 2.86 on 1, p = 0.09, I² = 0.65
}
