package insights

import (
	"fmt"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/returns"
	"github.com/assay-planner/assay/stats/shrink"
)

// rules values ship rules on the past experiments by thinning: each decides on part of
// the information and is scored on the rest (returns.Compare).
func (l *learner) rules() (*returns.Table, error) {
	if len(l.trials) < 2 {
		l.miss("ship rules", "two experiments are the fewest that rules can be compared on")
		return nil, nil
	}
	experiments := make([]returns.Experiment, len(l.trials))
	for i, t := range l.trials {
		experiments[i] = returns.Experiment{Arms: estimates([]trial{t}), ControlSE: t.controlSE()}
	}
	current := returns.Significant(l.o.Alpha)
	current.Name = fmt.Sprintf("p < %g", l.o.Alpha)
	loose := returns.Significant(4 * l.o.Alpha)
	loose.Name = fmt.Sprintf("p < %g", 4*l.o.Alpha)
	others := []returns.Rule{
		returns.Refitted("adaptive prior", func(es []stats.Estimate) (bayes.Prior, error) {
			fit, err := shrink.Adaptive(es, adaptive)
			return fit.Prior(), err
		}, 0),
		returns.Refitted("normal prior", func(es []stats.Estimate) (bayes.Prior, error) {
			fit, err := stats.FitNormal(es)
			return bayes.Single(fit.Prior), err
		}, 0),
		returns.Best(), returns.Never(),
	}
	if 4*l.o.Alpha < 1 {
		others = append(others, loose)
	}
	table, err := returns.Compare(experiments, returns.Options{Level: l.o.Level}, current, others...)
	return &table, err
}
