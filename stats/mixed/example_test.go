package mixed_test

import (
	"encoding/json"
	"fmt"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/mixed"
)

// Four surfaces, of which the first does well: how much is that worth to the next idea?
func past() *mixed.Effects {
	e, err := mixed.NewEffects(mixed.Block{Name: "mean", Columns: 1, Fixed: true}, mixed.Block{Name: "surface", Columns: 5})
	if err != nil {
		panic(err)
	}
	for surface, lifts := range [][]float64{{0.021, 0.015, 0.026}, {-0.004, 0.002, 0.001}, {0.003, -0.006, 0}, {0.004, 0.009, -0.001}} {
		for _, lift := range lifts {
			err := e.Add(stats.Estimate{Value: lift, SE: 0.004}, mixed.NoGroup, mixed.Feature{Block: 0, Column: 0, Value: 1}, mixed.Feature{Block: 1, Column: surface, Value: 1})
			if err != nil {
				panic(err)
			}
		}
	}
	return e
}

func ExampleLearn() {
	fit, _ := mixed.Learn(past(), mixed.Options{})
	fmt.Printf("surfaces differ by %.4f, ideas of one by %.4f\n", fit.Blocks[1].SD, fit.Tail.SD())
	// Output: surfaces differ by 0.0098, ideas of one by 0.0024
}

func ExampleFit_Predict() {
	fit, _ := mixed.Learn(past(), mixed.Options{})
	for surface := range 5 { // no idea of the fifth was ever tested
		f, _ := fit.Predict(mixed.Feature{Block: 0, Column: 0, Value: 1}, mixed.Feature{Block: 1, Column: surface, Value: 1})
		fmt.Printf("%+.4f ± %.4f, P(lift > 0) %.2f\n", f.Mean, f.SE, f.Effect.ProbAbove(0))
	}
	// Output:
	// +0.0196 ± 0.0026, P(lift > 0) 1.00
	// +0.0001 ± 0.0026, P(lift > 0) 0.51
	// -0.0005 ± 0.0026, P(lift > 0) 0.45
	// +0.0041 ± 0.0026, P(lift > 0) 0.84
	// +0.0058 ± 0.0110, P(lift > 0) 0.69
}

func ExampleFit_Coefficient() {
	fit, _ := mixed.Learn(past(), mixed.Options{})
	mean, sd, _ := fit.Coefficient(1, 0)
	fmt.Printf("the first surface adds %+.4f ± %.4f\n", mean, sd)
	// Output: the first surface adds +0.0138 ± 0.0054
}

func ExampleNewEffects() {
	_, err := mixed.NewEffects(mixed.Block{Name: "words", Columns: 0})
	fmt.Println(err)
	// Output: stats: invalid input: blocks[0].Columns = 0: must lie in 1 to 2²⁴
}

func ExampleEffects_Add() {
	e, _ := mixed.NewEffects(mixed.Block{Name: "words", Columns: 1024})
	err := e.Add(stats.Estimate{Value: 0.01, SE: 0}, mixed.NoGroup)
	fmt.Println(err)
	// Output: stats: invalid input: effect.SE = 0: must lie in 1e-9 to 1e9
}

func ExampleEffects_Len() {
	fmt.Println(past().Len())
	// Output: 12
}

// A recent test, and an old one that counts for a quarter.
func ExampleEffects_AddShare() {
	e, _ := mixed.NewEffects(mixed.Block{Name: "mean", Columns: 1, Fixed: true})
	mean := mixed.Feature{Block: 0, Column: 0, Value: 1}
	_ = e.AddShare(stats.Estimate{Value: 0.01, SE: 0.004}, 1, mixed.NoGroup, mean)
	_ = e.AddShare(stats.Estimate{Value: 0.02, SE: 0.004}, 0.25, mixed.NoGroup, mean)
	fit, _ := mixed.Learn(e, mixed.Options{})
	f, _ := fit.Predict(mean)
	fmt.Printf("%.3f\n", f.Mean)
	// Output: 0.012
}

func ExampleFit_MarshalJSON() {
	fit, _ := mixed.Learn(past(), mixed.Options{})
	text, _ := json.Marshal(fit)
	var again mixed.Fit
	fmt.Println(json.Unmarshal(text, &again))
	f, _ := again.Predict(mixed.Feature{Block: 0, Column: 0, Value: 1})
	fmt.Printf("%+.4f ± %.4f\n", f.Mean, f.SE)
	// Output:
	// <nil>
	// +0.0058 ± 0.0051
}

func ExampleFit_UnmarshalJSON() {
	var fit mixed.Fit
	fmt.Println(json.Unmarshal([]byte(`{"order":[0],"columns":[]}`), &fit))
	// Output: mixed: no stored fit
}
