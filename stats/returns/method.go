package returns

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Method is a way to value a rule.
type Method string

// The methods. The information is the share of the users' that the rule decides on;
// the rule is told the larger standard errors, and sets its cuts by them.
const (
	// PlugIn scores arms with the estimates that they were chosen for. It is inflated by
	// the winner's curse: with no effects at all, one arm each and the rule z > b it
	// expects Σ se φ(b) instead of 0. It is here to show by how much.
	PlugIn Method = "plug-in"
	// Thinned is Gaussian data thinning, on 1/(1 + a²) of the information: exact over the
	// added noise for ready-made rules and one arm, else the mean of some draws, which is
	// unbiased for any number of them.
	Thinned Method = "thinned"
	// CrossFit decides on all folds but one and scores on that, on (L − 1)/L of the
	// information. It needs Experiment.Folds, and no normal distribution. It is as
	// unbiased as the folds' own estimates are.
	CrossFit Method = "cross-fit"
	// Extrapolated is Thinned at a², 2a² and 3a², and the parabola through them at 0: the
	// return on all the information. What is left of the bias is of the order a⁶ where
	// the rule's cuts move smoothly with the standard error: for normal effects and a =
	// 0.5, 0 to 13% of what Thinned is off by, 30% where hardly any ship. Amount.Bias says
	// about how large it may be. The standard error is larger than Thinned's, by 5 to 40%.
	Extrapolated Method = "extrapolated"
)

// Options says how rules are valued.
type Options struct {
	Method Method // empty means Thinned
	// Noise is a of Thinned and Extrapolated, from 0.01 to 100; zero means 0.5, where the
	// rule sees 80% of the information. Towards 0 the rule sees more, and the variance of
	// its return grows as 1/a.
	Noise float64
	// Draws of the noise for each experiment, where it is not integrated; zero means 200.
	Draws int
	Seed  uint64 // of the draws; all rules see the same ones
	// Refits is in how many blocks of experiments Rule.Fit is called, each with the
	// experiments that are not in the block; experiment i is in block i mod Refits. Zero
	// means 10; the number of experiments, or more, leaves out one at a time.
	Refits int
	Level  float64 // of intervals, in (0, 1); zero means 0.95
}

func (o Options) withDefaults() Options {
	o.Method = cmp.Or(o.Method, Thinned)
	o.Noise = cmp.Or(o.Noise, 0.5)
	o.Draws = cmp.Or(o.Draws, 200)
	o.Refits = cmp.Or(o.Refits, 10)
	o.Level = cmp.Or(o.Level, 0.95)
	return o
}

func (o Options) check() error {
	return input.First(
		input.OneOf("Method", o.Method, PlugIn, Thinned, CrossFit, Extrapolated),
		input.Check(o.Noise >= 0.01 && o.Noise <= 100, "Noise", o.Noise, "must be from 0.01 to 100"),
		input.Check(o.Draws > 0 && o.Draws <= 1e6, "Draws", float64(o.Draws), "must be from 1 to 1,000,000"),
		input.Check(o.Refits >= 2, "Refits", float64(o.Refits), "must be 2 or more"),
		input.Fraction("Level", o.Level))
}

// levels are the values of a at which estimates are thinned, with their weights in
// the answer, and in what it leaves out: the difference to a line through the first
// two.
func (o Options) levels() (a, weight, left []float64) {
	if o.Method != Extrapolated {
		return []float64{o.Noise}, []float64{1}, []float64{0}
	}
	return []float64{o.Noise, o.Noise * math.Sqrt2, o.Noise * math.Sqrt(3)}, []float64{3, -3, 1}, []float64{1, -2, 1}
}

// information is the share of it that the rule decides on.
func (o Options) information(es []Experiment) float64 {
	switch o.Method {
	case Thinned:
		return 1 / (1 + o.Noise*o.Noise)
	case CrossFit:
		lost := 0.0
		for _, e := range es {
			lost += 1 / float64(len(e.Folds))
		}
		return 1 - lost/float64(len(es))
	}
	return 1
}
