package returns_test

import (
	"fmt"
	"log"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/returns"
)

// history is twelve experiments of one arm or two, with about what a lift of 1 was worth.
func history() (es []returns.Experiment) {
	for _, past := range []struct{ first, second, worth float64 }{
		{0.021, 0, 1}, {-0.004, 0.012, 1}, {0.003, 0, 2}, {-0.015, 0, 1}, {0.034, 0.008, 1}, {0.009, 0, 1},
		{-0.022, 0.002, 2}, {0.014, 0, 1}, {0.006, -0.011, 1}, {0.016, 0, 2}, {-0.001, 0, 1}, {0.011, 0.017, 1},
	} {
		e := returns.Experiment{Arms: []stats.Estimate{{Value: past.first, SE: 0.01}}, Worth: past.worth}
		if past.second != 0 {
			e.Arms, e.ControlSE = append(e.Arms, stats.Estimate{Value: past.second, SE: 0.01}), 0.007
		}
		es = append(es, e)
	}
	return es
}

func ExampleOf() {
	for _, method := range []returns.Method{returns.PlugIn, returns.Thinned, returns.Extrapolated} {
		r, err := returns.Of(history(), returns.Significant(0.1), returns.Options{Method: method})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-12s %.3f ± %.3f, ships %.1f of %d on %.0f%% of the information\n",
			method, r.Total.Value, r.Total.SE, r.Shipped, r.Experiments, 100*r.Information)
	}
	// Output:
	// plug-in      0.118 ± 0.046, ships 5.0 of 12 on 100% of the information
	// thinned      0.046 ± 0.042, ships 4.3 of 12 on 80% of the information
	// extrapolated 0.049 ± 0.047, ships 4.7 of 12 on 100% of the information
}

func ExampleCompare() {
	prior := bayes.StudentT{Scale: 0.008, DF: 4}
	table, err := returns.Compare(history(), returns.Options{}, returns.Significant(0.025),
		returns.PosteriorMean("team's t", prior, 0), returns.Best(), returns.Never())
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range table.Rows {
		fmt.Printf("%-30s %6.3f, gain %6.3f (%.3f to %.3f)\n", r.Rule, r.Total.Value, r.Gain.Value, r.Gain.Interval.Low, r.Gain.Interval.High)
	}
	// Output:
	// best arm always                 0.134, gain  0.109 (0.014 to 0.205)
	// posterior mean > 0, team's t    0.104, gain  0.079 (-0.027 to 0.184)
	// significant at 2.5% one-sided   0.025, gain  0.000 (0.000 to 0.000)
	// never                           0.000, gain -0.025 (-0.102 to 0.052)
}

func ExampleSignificant() {
	rule := returns.Significant(0.025)
	fmt.Println(rule.Name, rule.Choose([]stats.Estimate{{Value: 0.03, SE: 0.01}, {Value: 0.04, SE: 0.03}}))
	// Output: significant at 2.5% one-sided 0
}

func ExamplePosteriorMean() {
	// The posterior means are 0.015 and 0.018: less sure, but promising enough.
	rule := returns.PosteriorMean("N(0, 3%²)", bayes.Single(stats.Normal{SD: 0.03}), 0.001)
	fmt.Println(rule.Name, rule.Choose([]stats.Estimate{{Value: 0.0167, SE: 0.01}, {Value: 0.036, SE: 0.03}}))
	// Output: posterior mean > 0.001, N(0, 3%²) 1
}

func ExampleRefitted() {
	// The prior that decides on an experiment is fitted to the others.
	rule := returns.Refitted("normal", func(past []stats.Estimate) (bayes.Prior, error) {
		fit, err := stats.FitNormal(past)
		return bayes.Single(fit.Prior), err
	}, 0)
	r, err := returns.Of(history(), rule, returns.Options{Refits: 12})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.3f ± %.3f\n", r.Rule, r.Total.Value, r.Total.SE)
	// Output: posterior mean > 0, normal: 0.131 ± 0.047
}

func ExampleBest() {
	fmt.Println(returns.Best().Choose([]stats.Estimate{{Value: -0.02, SE: 0.01}, {Value: -0.01, SE: 0.01}}))
	// Output: 1
}

func ExampleNever() {
	fmt.Println(returns.Never().Choose([]stats.Estimate{{Value: 0.2, SE: 0.01}}) == returns.None)
	// Output: true
}

// A rule of one's own, and one that learns from other experiments.
func ExampleRule() {
	cautious := returns.Rule{Name: "2 SE, one arm only", Choose: func(arms []stats.Estimate) int {
		if len(arms) == 1 && arms[0].Value > 2*arms[0].SE {
			return 0
		}
		return returns.None
	}}
	asUsual := returns.Rule{Name: "above the mean of others", Fit: func(others []returns.Experiment) (returns.Rule, error) {
		mean := 0.0
		for _, e := range others {
			mean += e.Arms[0].Value / float64(len(others))
		}
		return returns.Rule{Choose: func(arms []stats.Estimate) int {
			if arms[0].Value > mean {
				return 0
			}
			return returns.None
		}}, nil
	}}
	table, err := returns.Compare(history(), returns.Options{Draws: 2000}, cautious, asUsual)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %.2f\n", table.Rows[0].Rule, table.Rows[0].Total.Value)
	// Output: above the mean of others: 0.08
}
