package returns

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Experiment is one past experiment on one metric: what its treatment arms measured
// against their one control. Lifts are relative, as fractions.
type Experiment struct {
	Arms []stats.Estimate `json:"arms"` // lift of each treatment, from all users
	// ControlSE is the relative standard error of the control's mean, se(ȳ₀)/ȳ₀. All
	// arms share it, so that their errors are correlated,
	//
	//	cov(L̂ᵢ, L̂ⱼ) = gᵢ gⱼ ControlSE²      gᵢ = 1 + L̂ᵢ
	//
	// (delta method, as in bayes.CompareLifts). 0 means independent errors; it does not
	// matter where there is one arm. An arm's SE must be above its part, gᵢ ControlSE.
	ControlSE float64 `json:"control_se,omitempty"`
	// Folds, of CrossFit only: Folds[l][k] is the lift of arm k from the users of fold l
	// alone, treatment and control.
	Folds [][]stats.Estimate `json:"folds,omitempty"`
	// Worth is what a lift of 1 is worth here, such as the surface's yearly revenue; zero
	// means 1.
	Worth float64 `json:"worth,omitempty"`
}

func (e Experiment) worth() float64 {
	if e.Worth == 0 {
		return 1
	}
	return e.Worth
}

// check names fields below the experiment's own name, such as experiments[3].
func (e Experiment) check(name string, needsFolds bool) error {
	if err := input.First(
		input.Check(len(e.Arms) > 0, name+".Arms", 0, "there must be one at least"),
		input.NonNegative(name+".ControlSE", e.ControlSE),
		input.NonNegative(name+".Worth", e.Worth)); err != nil {
		return err
	}
	for k, arm := range e.Arms {
		if err := input.Estimate(name+".Arms", k, arm.Value, arm.SE); err != nil {
			return err
		}
		if shared := math.Abs(1+arm.Value) * e.ControlSE; len(e.Arms) > 1 && shared >= arm.SE {
			return &stats.InputError{Field: fmt.Sprintf("%s.Arms[%d].SE", name, k), Value: arm.SE,
				Reason: "must be above its part from the control, |1 + lift|·ControlSE"}
		}
	}
	if !needsFolds {
		return nil
	}
	if err := input.Check(len(e.Folds) >= 2, name+".Folds", float64(len(e.Folds)), "cross-fitting needs two folds at least"); err != nil {
		return err
	}
	for l, fold := range e.Folds {
		list := fmt.Sprintf("%s.Folds[%d]", name, l)
		if err := input.Check(len(fold) == len(e.Arms), list, float64(len(fold)), "must have as many estimates as there are arms"); err != nil {
			return err
		}
		for k, arm := range fold {
			if err := input.Estimate(list, k, arm.Value, arm.SE); err != nil {
				return err
			}
		}
	}
	return nil
}

// noise is the errors of arms: own[k] times a standard normal of arm k's, and
// control[k] times one that all arms share.
type noise struct{ own, control []float64 }

func (e Experiment) noise() noise {
	n := noise{make([]float64, len(e.Arms)), make([]float64, len(e.Arms))}
	for k, arm := range e.Arms {
		if len(e.Arms) > 1 {
			n.control[k] = (1 + arm.Value) * e.ControlSE
		}
		share := n.control[k] / arm.SE
		n.own[k] = arm.SE * math.Sqrt((1-share)*(1+share))
	}
	return n
}
