package value_test

import (
	"fmt"
	"log"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/value"
)

func ExampleProduction_Check() {
	fmt.Println(value.Production{Prior: bayes.StudentT{Scale: 1, DF: 1}, Sigma: 1}.Check())
	// Output:
	// stats: invalid input: Prior.Mean = NaN: the prior must have a mean: more than 1 degree of freedom
}

func ExampleProduction_At() {
	ideas := bayes.StudentT{Location: -0.002, Scale: 0.01, DF: 3}
	v, err := value.Production{Prior: ideas, Sigma: 3}.At(100_000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("gain %.5f; ship above %.4f, that is p < %.2f\n", v.Gain, v.Cut, v.PCut)
	// Output:
	// gain 0.00363; ship above 0.0017, that is p < 0.43
}

func ExampleProduction_Shape() {
	ideas := bayes.Single(stats.Normal{Mean: -0.01, SD: 0.01})
	s, err := value.Production{Prior: ideas, Sigma: 3}.Shape()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("efficient %.0f users, inflection %.0f\n", s.Efficient, s.Inflection)
	// Output:
	// efficient 93749 users, inflection 45000
}

func ExampleProduction_Portfolio() {
	ideas := bayes.Single(stats.Normal{Mean: -0.01, SD: 0.01})
	best, err := value.Production{Prior: ideas, Sigma: 3}.Portfolio(1_000_000, 50)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d tests of %.0f users: %.4f\n", best.Tests, best.UsersEach, best.Value)
	// Output:
	// 11 tests of 90909 users: 0.0028
}

func ExampleRollout_Check() {
	fmt.Println(value.Rollout{Population: 1}.Check())
	// Output:
	// stats: invalid input: Arms[0].SD = 0: must be above 0 (1e-40 to 1e40)
}

func ExampleRollout_Plan() {
	arm := value.RolloutArm{Prior: stats.Normal{Mean: 0.68, SD: 0.03}, SD: math.Sqrt(0.68 * 0.32)}
	r := value.Rollout{Population: 100_000, Arms: [2]value.RolloutArm{arm, arm}}
	p, err := r.Plan(18_468, 18_468) // a test at 5% with power 80%
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("profit %.0f, regret %.2f%%\n", p.Profit, 100*p.Regret)
	// Output:
	// profit 69060, regret 0.91%
}

func ExampleRollout_Optimum() {
	arm := value.RolloutArm{Prior: stats.Normal{Mean: 0.68, SD: 0.03}, SD: math.Sqrt(0.68 * 0.32)}
	r := value.Rollout{Population: 100_000, Arms: [2]value.RolloutArm{arm, arm}}
	p, err := r.Optimum(1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f in each arm: profit %.0f, regret %.2f%%, error rate %.2f\n", p.Users[0], p.Profit, 100*p.Regret, p.ErrorRate)
	// Output:
	// 2284 in each arm: profit 69536, regret 0.22%, error rate 0.10
}

func ExampleOfInformation() {
	arms := []stats.Normal{{Mean: 0, SD: 1}, {Mean: 0.1, SD: 0.7}}
	info, err := value.OfInformation(arms, []float64{2, 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("perfect %.4f, sample %.4f, one arm %.4f\n", info.Perfect, info.Sample, info.Gradient)
	// Output:
	// perfect 0.4386, sample 0.1548, one arm [0.1329 0.0507]
}

func ExampleInformation_Net() {
	info, err := value.OfInformation([]stats.Normal{{SD: 1}, {SD: 1}}, []float64{0.5, 0.5})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.0f\n", info.Net(10_000, 800, 500))
	// Output:
	// 4143
}

func ExampleFindBar() {
	people := value.Source{Volume: 1, Means: stats.Normal{SD: 0.5}}
	machine := value.Source{Volume: 4, Means: stats.Normal{Mean: -0.25, SD: 0.25}}
	bar, err := value.FindBar([]value.Source{people, machine}, 0.25)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("cut %.3f, %.3f per slot, %.1f%% of slots to the machine\n", bar.Cut, bar.PerSlot, 100*bar.Sources[1].Share)
	// Output:
	// cut 0.377, 0.645 per slot, 9.8% of slots to the machine
}

func ExamplePairAccuracy() {
	p, err := value.PairAccuracy(0.5)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", p)
	// Output:
	// 0.6667
}

func ExamplePairCorrelation() {
	r, err := value.PairCorrelation(0.644)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", r)
	// Output:
	// 0.437
}

// Of two ideas with the same mean and SD, one is of a kind with a fat tail: most of them do
// little, so that a higher estimate is asked for before it is believed.
func ExampleShipBy() {
	normal := bayes.Single(stats.Normal{Mean: -0.001, SD: 0.004})
	fat := bayes.Mixture{Weights: []float64{0.9, 0.1}, Components: []stats.Normal{{Mean: -0.001, SD: 0.002}, {Mean: -0.001, SD: 0.0111}}}
	for _, prior := range []bayes.Mixture{normal, fat} {
		s, err := value.ShipBy(stats.PosteriorMean{}, prior, 0.006)
		if err != nil {
			panic(err)
		}
		fmt.Printf("SD %.4f: ships above %+.4f, with %.0f%%, gains %.6f\n", prior.SD(), s.Threshold, 100*s.Prob, s.Gain)
	}
	// Output:
	// SD 0.0040: ships above +0.0022, with 33%, gains 0.000474
	// SD 0.0040: ships above +0.0056, with 16%, gains 0.000308
}

func ExampleShip_Given() {
	s, err := value.ShipBy(stats.PosteriorMean{}, bayes.Single(stats.Normal{SD: 0.004}), 0.002)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f %.2f\n", s.Given(0), s.Given(0.002))
	// Output: 0.50 0.84
}
