package bayes

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// CompareOptions are choices of [Compare] and [CompareLifts].
type CompareOptions struct {
	// Care is the expected loss below which choosing an arm is good enough, in the
	// unit of the arms; 0 means that a test never ends by itself.
	Care float64
	// LowerIsBetter is for arms of errors, latencies or costs: the best arm is then
	// the lowest, and the loss of arm i is E[θᵢ − minⱼ θⱼ].
	LowerIsBetter bool
}

// Comparison is what posteriors say of which arm to choose.
type Comparison struct {
	Arms []ArmOdds `json:"arms"`
	// Choice is the index of the arm with the least expected loss, which is that
	// with the best mean; the first of equals.
	Choice int `json:"choice"`
	// Stop is whether the expected loss of the choice is below Care. Stopping there
	// bounds the loss on average over the prior, not the error rate of a test.
	Stop bool `json:"stop"`
}

// ArmOdds is one arm of a comparison.
type ArmOdds struct {
	Mean     float64 `json:"mean"`
	ProbBest float64 `json:"prob_best"` // P(no other arm is better); ties are drawn by lot
	// ExpectedLoss is E[maxⱼ θⱼ − θᵢ], what choosing this arm is expected to cost
	// against knowing the best, in the unit of θ.
	ExpectedLoss float64 `json:"expected_loss"`
}

// Compare returns, for independent posteriors of two or more arms, each arm's
// probability of being best and its expected loss, where larger is better (see
// CompareOptions):
//
//	P(best i) = ∫ fᵢ(x) Πⱼ≠ᵢ Fⱼ(x) dx      loss i = ∫ Fᵢ(x) (1 − Πⱼ≠ᵢ Fⱼ(x)) dx
//
// with densities f and distribution functions F, by adaptive Gauss–Kronrod
// quadrature. Both are to 1e-9, the loss of the largest SD among the arms, where no
// SD is below 1e-7 of the means: less is lost in their rounding. Arms may have point
// masses. The error is an *InputError that names the first invalid arm.
//
// Source: Stucchio (2015), Bayesian A/B Testing at VWO, §3, for the decision; the
// integrals are those of a maximum of independent variables, David & Nagaraja
// (2003), Order Statistics, 3rd ed., §5.2.
func Compare[D Mixture | Beta | Gamma](arms []D, o CompareOptions) (Comparison, error) {
	if err := input.First(input.Check(len(arms) >= 2, "arms", float64(len(arms)), "there must be two at least"), input.NonNegative("Care", o.Care)); err != nil {
		return Comparison{}, err
	}
	field := armField{scale: func(float64) float64 { return 1 }}
	for i, d := range arms {
		if err := input.Within(fmt.Sprintf("arms[%d].", i), any(d).(Distribution).Check()); err != nil {
			return Comparison{}, err
		}
		switch d := any(d).(type) {
		case Mixture:
			field.arms = append(field.arms, d.arm())
		case Beta:
			field.arms = append(field.arms, d.arm())
			field.scale = func(v float64) float64 { return logistic(v) * logistic(-v) }
		case Gamma:
			field.arms = append(field.arms, d.arm())
			field.scale = math.Exp
		}
	}
	return field.facing(o).odds(o).decide(o), nil
}

// decide fills in the choice. Losses differ as the means do, but for rounding, which
// would tell equal arms apart.
func (c Comparison) decide(o CompareOptions) Comparison {
	for i, a := range c.Arms {
		best := c.Arms[c.Choice].Mean
		if a.Mean > best && !o.LowerIsBetter || a.Mean < best && o.LowerIsBetter {
			c.Choice = i
		}
	}
	c.Stop = c.Arms[c.Choice].ExpectedLoss < o.Care
	return c
}
