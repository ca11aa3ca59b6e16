package bayes_test

import (
	"fmt"
	"log"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

func ExampleSingle() {
	p := bayes.Single(stats.Normal{Mean: 0, SD: 0.01})
	fmt.Printf("%.4f\n", p.Posterior(0.04, 0.02).Mean())
	// Output:
	// 0.0080
}

func ExampleMixture_Check() {
	err := bayes.Mixture{Weights: []float64{1, -1}, Components: make([]stats.Normal, 2)}.Check()
	fmt.Println(err)
	// Output:
	// stats: invalid input: Weights[1] = -1: must be 0 or above, at most 1e40
}

func ExampleMixture_Mean() {
	m := bayes.Mixture{Weights: []float64{3, 1}, Components: []stats.Normal{{}, {Mean: 0.04, SD: 0.02}}}
	fmt.Printf("%.2f\n", m.Mean())
	// Output:
	// 0.01
}

func ExampleMixture_SD() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.4f\n", m.SD())
	// Output:
	// 0.0110
}

func ExampleMixture_CDF() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.2f\n", m.CDF(0)) // the point mass is at or below 0
	// Output:
	// 0.85
}

func ExampleMixture_ProbAbove() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.2f\n", m.ProbAbove(0))
	// Output:
	// 0.15
}

func ExampleMixture_PointMass() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("P(no effect) was %.2f, is %.2f\n", m.PointMass(0), m.Posterior(0.03, 0.01).PointMass(0))
	// Output:
	// P(no effect) was 0.70, is 0.12
}

func ExampleMixture_LogDensity() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.3f\n", m.LogDensity(0.01))
	// Output:
	// 1.664
}

func ExampleMixture_LogMarginal() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.3f\n", m.LogMarginal(0.03, 0.01))
	// Output:
	// 0.911
}

func ExampleMixture_Posterior() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	post := m.Posterior(0.03, 0.01)
	fmt.Printf("mean %.4f, SD %.4f, P(δ > 0) %.3f\n", post.Mean(), post.SD(), post.ProbAbove(0))
	// Output:
	// mean 0.0210, SD 0.0115, P(δ > 0) 0.872
}

func ExampleMixture_PosteriorMean() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.4f\n", m.PosteriorMean(0.03, 0.01))
	// Output:
	// 0.0210
}

func ExampleMixture_Split() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	above, below := m.Split(0.01, 0.01)
	fmt.Printf("shipping above +1%% gains %.5f and forgoes %.5f\n", above, below)
	// Output:
	// shipping above +1% gains 0.00194 and forgoes -0.00194
}

func ExampleMixture_Quantile() {
	m := bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{}, {SD: 0.02}}}
	fmt.Printf("%.4f %.4f\n", m.Quantile(0.05), m.Quantile(0.5))
	// Output:
	// -0.0193 0.0000
}

func ExampleStudentT_Check() {
	err := bayes.StudentT{Scale: 0.01}.Check()
	fmt.Println(err)
	// Output:
	// stats: invalid input: DF = 0: must lie from 0.5 to 1e6
}

func ExampleStudentT_Mean() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Println(p.Mean(), bayes.StudentT{Scale: 0.01, DF: 1}.Mean())
	// Output:
	// -0.002 NaN
}

func ExampleStudentT_SD() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f %g\n", p.SD(), bayes.StudentT{Scale: 0.01, DF: 1.31}.SD())
	// Output:
	// 0.0173 +Inf
}

func ExampleStudentT_LogDensity() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f\n", p.LogDensity(0.02))
	// Output:
	// 1.6830
}

func ExampleStudentT_CDF() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f\n", p.CDF(0))
	// Output:
	// 0.5729
}

func ExampleStudentT_ProbAbove() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f\n", p.ProbAbove(0.05))
	// Output:
	// 0.0069
}

func ExampleStudentT_Quantile() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f\n", p.Quantile(0.99))
	// Output:
	// 0.0434
}

func ExampleStudentT_LogMarginal() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f\n", p.LogMarginal(0.02, 0.01))
	// Output:
	// 2.1696
}

func ExampleStudentT_Posterior() {
	fat := bayes.StudentT{Scale: 0.01, DF: 3}
	for _, estimate := range []float64{0.01, 0.08} { // a normal prior would halve both
		post := fat.Posterior(estimate, 0.01)
		fmt.Printf("%.2f -> %.4f ± %.4f\n", estimate, post.Mean(), post.SD())
	}
	// Output:
	// 0.01 -> 0.0054 ± 0.0075
	// 0.08 -> 0.0749 ± 0.0103
}

func ExampleStudentT_PosteriorMean() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	fmt.Printf("%.4f %.4f\n", p.PosteriorMean(0.02, 0.01), p.PosteriorMean(0.2, 0.01)) // nearly all of a large effect is believed
	// Output:
	// 0.0112 0.1980
}

func ExampleStudentT_Split() {
	p := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	above, below := p.Split(0, 0.01)
	fmt.Printf("%.5f %.5f\n", above, below)
	// Output:
	// 0.00354 -0.00554
}

func ExampleBeta_Check() {
	fmt.Println(bayes.Beta{A: 1}.Check())
	// Output:
	// stats: invalid input: B = 0: must lie from 0.01 to 1e12
}

func ExampleBeta_Posterior() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Println(b)
	// Output:
	// {31 271}
}

func ExampleBeta_Mean() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.Mean())
	// Output:
	// 0.1026
}

func ExampleBeta_SD() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.SD())
	// Output:
	// 0.0174
}

func ExampleBeta_LogDensity() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.LogDensity(0.1))
	// Output:
	// 3.1374
}

func ExampleBeta_CDF() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.CDF(0.1))
	// Output:
	// 0.4592
}

func ExampleBeta_ProbAbove() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.ProbAbove(0.12))
	// Output:
	// 0.1593
}

func ExampleBeta_Quantile() {
	b := bayes.Beta{A: 1, B: 1}.Posterior(30, 270)
	fmt.Printf("%.4f\n", b.Quantile(0.95))
	// Output:
	// 0.1328
}

func ExampleGamma_Check() {
	fmt.Println(bayes.Gamma{Shape: 1}.Check())
	// Output:
	// stats: invalid input: Rate = 0: must be above 0 (1e-40 to 1e40)
}

func ExampleGamma_Posterior() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Println(g)
	// Output:
	// {13 40.1}
}

func ExampleGamma_Mean() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.Mean())
	// Output:
	// 0.3242
}

func ExampleGamma_SD() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.SD())
	// Output:
	// 0.0899
}

func ExampleGamma_LogDensity() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.LogDensity(0.3))
	// Output:
	// 1.5230
}

func ExampleGamma_CDF() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.CDF(0.3))
	// Output:
	// 0.4275
}

func ExampleGamma_ProbAbove() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.ProbAbove(0.3))
	// Output:
	// 0.5725
}

func ExampleGamma_Quantile() {
	g := bayes.Gamma{Shape: 1, Rate: 0.1}.Posterior(12, 40)
	fmt.Printf("%.4f\n", g.Quantile(0.5))
	// Output:
	// 0.3159
}

func ExampleSummarise() {
	post := bayes.StudentT{Scale: 0.01, DF: 3}.Posterior(0.02, 0.01)
	s, err := bayes.Summarise(post, 0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f ± %.4f, P(δ > 0) %.3f, 90%% from %.4f to %.4f\n", s.Mean, s.SD, s.ProbPositive, s.Shortest.Low, s.Shortest.High)
	// Output:
	// 0.0117 ± 0.0085, P(δ > 0) 0.929, 90% from -0.0021 to 0.0255
}

func ExampleEqualTailed() {
	in, err := bayes.EqualTailed(bayes.Beta{A: 4, B: 98}, 0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f to %.4f\n", in.Low, in.High)
	// Output:
	// 0.0136 to 0.0750
}

func ExampleHighestDensity() {
	in, err := bayes.HighestDensity(bayes.Beta{A: 4, B: 98}, 0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f to %.4f\n", in.Low, in.High)
	// Output:
	// 0.0096 to 0.0677
}

func ExampleEquivalent() {
	post := bayes.Single(stats.Normal{SD: 0.01}).Posterior(0.001, 0.002)
	e, err := bayes.Equivalent(post, -0.005, 0.005, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.3f inside\n", e.Verdict, e.Inside)
	// Output:
	// equivalent: 0.979 inside
}

func ExampleCompare() {
	prior := bayes.Beta{A: 1, B: 1}
	c, err := bayes.Compare([]bayes.Beta{prior.Posterior(480, 9520), prior.Posterior(520, 9480)}, bayes.CompareOptions{Care: 0.0005})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range c.Arms {
		fmt.Printf("P(best) %.3f, loss %.5f\n", a.ProbBest, a.ExpectedLoss)
	}
	fmt.Println("choose", c.Choice, "stop", c.Stop)
	// Output:
	// P(best) 0.097, loss 0.00414
	// P(best) 0.903, loss 0.00014
	// choose 1 stop true
}

func ExampleCompareLifts() {
	lifts := []stats.Estimate{{Value: 0.012, SE: 0.010}, {Value: 0.020, SE: 0.011}}
	c, err := bayes.CompareLifts(bayes.StudentT{Scale: 0.01, DF: 3}, lifts, 0.007, bayes.CompareOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for i, a := range c.Arms {
		fmt.Printf("arm %d: lift %.4f, P(best) %.3f, loss %.4f\n", i, a.Mean, a.ProbBest, a.ExpectedLoss)
	}
	// Output:
	// arm 0: lift 0.0000, P(best) 0.052, loss 0.0113
	// arm 1: lift 0.0045, P(best) 0.277, loss 0.0068
	// arm 2: lift 0.0094, P(best) 0.672, loss 0.0018
}

func ExampleFitStudentT() {
	var past []stats.Estimate // effects at the quantiles of a t with 2 degrees of freedom
	for i := range 400 {
		effect := bayes.StudentT{Scale: 0.01, DF: 2}.Quantile((float64(i) + 0.5) / 400)
		past = append(past, stats.Estimate{Value: effect, SE: 0.001})
	}
	fit, err := bayes.FitStudentT(past, bayes.FitOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("scale %.4f, tail index %.2f (%.2f to %.2f); a normal: p < 1e-6 is %v\n", fit.Prior.Scale, fit.Prior.DF, fit.DF.Low, fit.DF.High, fit.NormalP < 1e-6)
	// Output:
	// scale 0.0100, tail index 2.01 (1.58 to 2.62); a normal: p < 1e-6 is true
}

func ExampleFitSpike() {
	past := []stats.Estimate{{Value: 0.001, SE: 0.01}, {Value: -0.002, SE: 0.01}, {Value: 0.004, SE: 0.01}, {Value: 0.09, SE: 0.01}, {Value: -0.06, SE: 0.01}}
	fit, err := bayes.FitSpike(past)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f without effect, else ± %.3f\n", fit.Null, fit.SD)
	// Output:
	// 0.53 without effect, else ± 0.070
}

func ExampleSpikeFit_Prior() {
	prior := bayes.SpikeFit{Null: 0.7, SD: 0.02}.Prior()
	fmt.Printf("%.3f\n", prior.Posterior(0.02, 0.01).PointMass(0))
	// Output:
	// 0.513
}
