package meta_test

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/meta"
)

// Four tests of one idea on four surfaces: relative lifts and standard errors.
var surfaces = []stats.Estimate{
	{Value: 0.021, SE: 0.004}, {Value: 0.008, SE: 0.003}, {Value: 0.015, SE: 0.006}, {Value: -0.002, SE: 0.005},
}

func ExampleFit() {
	r, err := meta.Fit(surfaces, meta.Options{KnappHartung: true})
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean lift %.4f [%.4f, %.4f], p = %.2f\n", r.Mean, r.Interval.Low, r.Interval.High, r.P)
	fmt.Printf("between surfaces: sd² %.2g, I² %.0f%%, Q p = %.3f\n", r.Tau2, 100*r.I2, r.QP)
	fmt.Printf("next surface: [%.4f, %.4f]\n", r.Prediction.Low, r.Prediction.High)
	// Output:
	// mean lift 0.0105 [-0.0051, 0.0262], p = 0.12
	// between surfaces: sd² 7.5e-05, I² 81%, Q p = 0.002
	// next surface: [-0.0212, 0.0423]
}

func ExampleResult_Shrink() {
	r, err := meta.Fit(surfaces, meta.Options{})
	if err != nil {
		panic(err)
	}
	own, err := r.Shrink(surfaces)
	if err != nil {
		panic(err)
	}
	for i, x := range own {
		fmt.Printf("measured %+.4f, shrunken %+.4f ± %.4f\n", surfaces[i].Value, x.Estimate.Value, x.Estimate.SE)
	}
	// Output:
	// measured +0.0210, shrunken +0.0192 ± 0.0037
	// measured +0.0080, shrunken +0.0083 ± 0.0029
	// measured +0.0150, shrunken +0.0136 ± 0.0052
	// measured -0.0020, shrunken +0.0011 ± 0.0045
}

func ExampleQProfile() {
	h, err := meta.QProfile(surfaces, 0.95)
	if err != nil {
		panic(err)
	}
	fmt.Printf("lifts differ between surfaces by a standard deviation of %.4f to %.4f\n", math.Sqrt(h.Tau2.Low), math.Sqrt(h.Tau2.High))
	fmt.Printf("I² from %.0f%% to %.0f%%\n", 100*h.I2.Low, 100*h.I2.High)
	// Output:
	// lifts differ between surfaces by a standard deviation of 0.0032 to 0.0365
	// I² from 36% to 99%
}
