package returns

import (
	"fmt"
	"math"
	"strconv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// None is the choice of no arm: the control stays, and the return is 0.
const None = -1

// Rule is a ship rule: which arm of an experiment goes to all users? One of Choose
// and Fit must be set.
type Rule struct {
	Name string // for tables
	// Choose returns the index of the arm to ship, or None, from the arms' estimates
	// alone. It must not keep or change the slice. In a rule that is ready-made it is
	// for calling: write a Rule of your own rather than replace it.
	Choose func(arms []stats.Estimate) int
	// Fit makes the rule from other experiments (see Options.Refits), never from those
	// that it then decides on. They have all their users.
	Fit func(others []Experiment) (Rule, error)

	bar *bar  // of ready-made rules, whose returns are integrated
	err error // of what the rule was made from
}

// bar is a rule that ships, of the arms whose estimates exceed a cut, the one with
// the highest score.
type bar struct {
	cut   func(se float64) float64     // may be ±Inf
	score func(stats.Estimate) float64 // rises with the value; nil: it is the value
}

// Significant ships the largest of the arms that are significantly positive,
// L̂ᵢ > z₁₋α seᵢ, with the one-sided level alpha in (0, 1); zero means 0.025. There is
// no correction for the number of arms: take alpha/K for Bonferroni's.
func Significant(alpha float64) Rule {
	if alpha == 0 {
		alpha = 0.025
	}
	name := "significant at " + strconv.FormatFloat(100*alpha, 'g', 4, 64) + "% one-sided"
	if err := input.Fraction("alpha", alpha); err != nil {
		return Rule{Name: name, err: err}
	}
	z := -norm.Quantile(alpha)
	return barred(name, bar{cut: func(se float64) float64 { return z * se }})
}

// PosteriorMean ships the arm with the largest posterior mean, if that exceeds cut,
// the cost of shipping in lift units. Each arm's mean is from its own estimate. The
// name tells priors apart in tables.
//
// A prior fitted to the same experiments has seen their answers: see Refitted.
func PosteriorMean(name string, prior bayes.Prior, cut float64) Rule {
	name = fmt.Sprintf("posterior mean > %g, %s", cut, name)
	if prior == nil {
		return Rule{Name: name, err: &stats.InputError{Field: "prior", Reason: "there is no prior"}}
	}
	if err := input.First(input.Within("prior.", prior.Check()), input.Finite("cut", cut)); err != nil {
		return Rule{Name: name, err: err}
	}
	b := bar{
		cut:   func(se float64) float64 { return posteriorCut(prior, cut, se) },
		score: func(e stats.Estimate) float64 { return prior.PosteriorMean(e.Value, e.SE) },
	}
	return Rule{Name: name, bar: &b, Choose: func(arms []stats.Estimate) int {
		// One choice takes no search for the cuts.
		if best := b.choose(arms, nil); best != None && b.score(arms[best]) > cut {
			return best
		}
		return None
	}}
}

// Refitted is PosteriorMean with a prior that is fitted anew to the arms of other
// experiments. All their arms go to fit as one list, as if independent.
func Refitted(name string, fit func([]stats.Estimate) (bayes.Prior, error), cut float64) Rule {
	rule := Rule{Name: fmt.Sprintf("posterior mean > %g, %s", cut, name)}
	if fit == nil {
		rule.err = &stats.InputError{Field: "fit", Reason: "there is no fit"}
		return rule
	}
	rule.Fit = func(others []Experiment) (Rule, error) {
		var arms []stats.Estimate
		for _, e := range others {
			arms = append(arms, e.Arms...)
		}
		prior, err := fit(arms)
		if err != nil {
			return Rule{}, err
		}
		return PosteriorMean(name, prior, cut), nil
	}
	return rule
}

// Best ships the arm with the largest estimate, whatever it is.
func Best() Rule {
	return barred("best arm always", bar{cut: func(float64) float64 { return math.Inf(-1) }})
}

// Never ships nothing: its return is exactly 0.
func Never() Rule {
	return barred("never", bar{cut: func(float64) float64 { return math.Inf(1) }})
}

func barred(name string, b bar) Rule {
	return Rule{Name: name, bar: &b, Choose: func(arms []stats.Estimate) int { return b.choose(arms, b.cuts(arms)) }}
}

// cuts are those of each arm. A posterior's takes a search, which arms of equal
// standard error share.
func (b bar) cuts(arms []stats.Estimate) []float64 {
	cuts := make([]float64, len(arms))
	for k, arm := range arms {
		if k > 0 && arm.SE == arms[k-1].SE {
			cuts[k] = cuts[k-1]
		} else {
			cuts[k] = b.cut(arm.SE)
		}
	}
	return cuts
}

// choose takes the first of equals; without cuts all arms pass.
func (b bar) choose(arms []stats.Estimate, cuts []float64) int {
	byValue, choice := b.byValue(arms), None
	for k, arm := range arms {
		switch {
		case cuts != nil && !(arm.Value > cuts[k]):
		case choice == None,
			byValue && arm.Value > arms[choice].Value,
			!byValue && b.score(arm) > b.score(arms[choice]):
			choice = k
		}
	}
	return choice
}

// byValue says whether scores order arms as their values do: equally exact arms are.
func (b bar) byValue(arms []stats.Estimate) bool {
	if b.score == nil {
		return true
	}
	for _, arm := range arms {
		if arm.SE != arms[0].SE {
			return false
		}
	}
	return true
}
