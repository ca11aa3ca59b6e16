package returns

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// plugIn scores the chosen arm with the estimate that it was chosen for.
func plugIn(e Experiment, r Rule) (lift, ships float64, err error) {
	k, err := choice(r.Choose, e.Arms)
	if err != nil || k == None {
		return 0, 0, err
	}
	return e.Arms[k].Value, 1, nil
}

// crossFitted is the mean over folds of what the held-out fold says of the arm that
// the other folds choose. Those are pooled by their precisions.
func crossFitted(e Experiment, r Rule) (lift, ships float64, err error) {
	pooled := make([]stats.Estimate, len(e.Arms))
	for held := range e.Folds {
		for k := range pooled {
			pooled[k] = without(e.Folds, held, k)
		}
		k, err := choice(r.Choose, pooled)
		if err != nil {
			return 0, 0, err
		}
		if k != None {
			lift += e.Folds[held][k].Value
			ships++
		}
	}
	n := float64(len(e.Folds))
	return lift / n, ships / n, nil
}

// without pools arm k over the folds but one: Σ w L̂/Σ w, w = 1/se². Precisions are
// relative to the most exact fold's, which no square overflows.
func without(folds [][]stats.Estimate, held, k int) stats.Estimate {
	exact := math.Inf(1)
	for l, fold := range folds {
		if l != held {
			exact = math.Min(exact, fold[k].SE)
		}
	}
	total, mean := 0.0, 0.0
	for l, fold := range folds {
		if l != held {
			w := exact / fold[k].SE
			total += w * w
			mean += w * w * fold[k].Value
		}
	}
	return stats.Estimate{Value: mean / total, SE: exact / math.Sqrt(total)}
}

// choice refuses an arm that there is not.
func choice(choose func([]stats.Estimate) int, arms []stats.Estimate) (int, error) {
	k := choose(arms)
	return k, input.Check(k >= None && k < len(arms), "Choose", float64(k), "must return the index of an arm, or None")
}
