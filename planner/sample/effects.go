package sample

import (
	"cmp"
	"slices"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
)

// Effects returns what mining the sample's outcomes gives tonight, by
// experiment, metric and arm: the formulas and verdicts of history, in Go and
// without a database. A test holds the two against each other.
func (p Programme) Effects() []history.Effect {
	var all []history.Effect
	for _, e := range p.imported() {
		if !e.Ended.IsZero() && !e.Ended.After(p.Tonight) {
			all = append(all, e.effects()...)
		}
	}
	return all
}

func (e Experiment) effects() []history.Effect {
	var all []history.Effect
	p := e.sampleRatio()
	for _, arm := range e.Arms[1:] {
		for m := range arm.Outcomes {
			f := e.effect(arm, m)
			f.SampleRatioP = p
			f.Verdict = e.verdict(f, m)
			f.Usable = f.Verdict == history.Usable
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b history.Effect) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Arm, b.Arm))
	})
	return all
}

// effect measures an arm on the m-th metric. Lift and SE are 0 where users too
// few or all alike leave them undefined.
func (e Experiment) effect(arm Arm, m int) history.Effect {
	control := e.Arms[0]
	f := history.Effect{
		Experiment: e.ID, Title: e.Title, Arm: arm.Name, Control: control.Name, Metric: arm.Outcomes[m].Metric,
		Surface: e.Surface, Component: e.Component, ChangeType: e.ChangeType,
		Source: string(e.Source), Generator: e.Generator, Team: e.Team, Author: e.Author,
		Started: e.Started, Ended: e.Ended, Decision: e.Decision,
		ControlUsers: float64(control.Users), TreatmentUsers: float64(arm.Users),
	}
	c, errC := control.measured(m)
	t, errT := arm.measured(m)
	if errC != nil || errT != nil {
		return f
	}
	f.Baseline = c.Mean
	if lift, err := effect.RelativeLift(t, c); err == nil {
		f.Lift, f.SE = lift.Value, lift.SE
	}
	return f
}

// measured returns the m-th metric of the arm.
func (a Arm) measured(m int) (effect.Arm, error) {
	o, n := a.Outcomes[m], float64(a.Users)
	y, err := effect.ArmFromSums(int(a.Users), o.Sum, o.SumSquares)
	if err != nil || !o.Ratio {
		return y, err
	}
	d, err := effect.ArmFromSums(int(a.Users), o.Den, o.DenSquares)
	if err != nil {
		return d, err
	}
	return effect.RatioArm{
		N: int(a.Users), Numerator: y.Mean, Denominator: d.Mean, NumeratorVariance: y.Variance, DenominatorVariance: d.Variance,
		Covariance: (o.SumDen - o.Sum*o.Den/n) / (n - 1),
	}.Arm()
}

// sampleRatio is the p-value of the split; all arms were meant to be equal.
func (e Experiment) sampleRatio() float64 {
	var users []int
	var shares []float64
	for _, a := range e.Arms {
		users, shares = append(users, int(a.Users)), append(shares, 1)
	}
	r, err := health.SampleRatio(users, shares)
	if err != nil {
		panic("sample: " + err.Error()) // every experiment has two arms with users
	}
	return r.P
}

// verdict is the first that holds of an effect on the m-th metric: docs/mapping.md.
func (e Experiment) verdict(f history.Effect, m int) string {
	const kept = 0.9 // of the planned time, below which a test was stopped early
	switch {
	case f.Ended.IsZero():
		return "still running"
	case f.SampleRatioP < 0.001:
		return "sample ratio mismatch"
	case e.Repeats != "":
		return "duplicate of " + e.Repeats
	case !e.Planned.IsZero() && float64(e.Ended.Sub(e.Started)) < kept*float64(e.Planned.Sub(e.Started)):
		return "peeked and stopped early"
	case e.Overlap != "":
		return "overlapping change"
	case e.changed(m):
		return "metric changed"
	case min(f.ControlUsers, f.TreatmentUsers) < 100:
		return "too few users"
	case f.SE == 0:
		return "zero variance"
	}
	return history.Usable
}

// changed says whether arms were measured by different definitions of the m-th metric.
func (e Experiment) changed(m int) bool {
	return slices.ContainsFunc(e.Arms, func(a Arm) bool { return a.Outcomes[m].Definition != e.Arms[0].Outcomes[m].Definition })
}
