package insights

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
)

// trial is one past experiment: the usable effects of its arms on the target metric,
// over everybody, positive being better.
type trial struct {
	id       string
	decision string
	arms     []arm
}

type arm struct {
	of history.Effect
	stats.Estimate
}

// trialsOf groups the usable effects of a metric by experiment, in order of its name.
func trialsOf(effects []history.Effect, metric string, down bool) []trial {
	of := map[string]*trial{}
	for _, e := range effects {
		if !e.Usable || e.Metric != metric || e.Segment != "" {
			continue
		}
		t := of[e.Experiment]
		if t == nil {
			t = &trial{id: e.Experiment, decision: e.Decision}
			of[e.Experiment] = t
		}
		t.arms = append(t.arms, arm{e, better(e, down)})
	}
	all := make([]trial, 0, len(of))
	for _, t := range of {
		slices.SortFunc(t.arms, func(a, b arm) int { return strings.Compare(a.of.Arm, b.of.Arm) })
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b trial) int { return strings.Compare(a.id, b.id) })
	return all
}

// better turns a lift so that positive is better.
func better(e history.Effect, down bool) stats.Estimate {
	if down {
		return stats.Estimate{Value: -e.Lift, SE: e.SE}
	}
	return stats.Estimate{Value: e.Lift, SE: e.SE}
}

// estimates are those of all arms, in order.
func estimates(trials []trial) []stats.Estimate {
	var all []stats.Estimate
	for _, t := range trials {
		for _, a := range t.arms {
			all = append(all, a.Estimate)
		}
	}
	return all
}

// best is the arm with the largest estimate.
func (t trial) best() int {
	return slices.IndexFunc(t.arms, func(a arm) bool {
		return a.Value == slices.MaxFunc(t.arms, func(a, b arm) int { return cmp.Compare(a.Value, b.Value) }).Value
	})
}

// significant is the largest of the arms above z standard errors, or −1.
func (t trial) significant(z float64) int {
	ship := -1
	for i, a := range t.arms {
		if a.Value > z*a.SE && (ship < 0 || a.Value > t.arms[ship].Value) {
			ship = i
		}
	}
	return ship
}

// controlSE is the relative standard error of the control's mean, as far as the arms
// tell it, were users of all arms to vary alike: of SE² = v/nₜ + g²v/n꜀ the latter part
// over g², with g = 1 + lift.
func (t trial) controlSE() float64 {
	if len(t.arms) < 2 {
		return 0
	}
	least := math.Inf(1)
	for _, a := range t.arms {
		g := 1 + a.of.Lift
		if !(g > 0 && a.of.ControlUsers > 0 && a.of.TreatmentUsers > 0) {
			return 0
		}
		least = min(least, a.SE/math.Sqrt(a.of.ControlUsers/a.of.TreatmentUsers+g*g))
	}
	return least * (1 - 1e-6)
}

// decided reads a decision: does it say that something shipped, and which arm?
func (t trial) decided(words []string) int {
	said := strings.ToLower(strings.TrimSpace(t.decision))
	if !slices.ContainsFunc(words, func(w string) bool {
		return said == w || strings.HasPrefix(said, w+" ") || strings.HasPrefix(said, w+":")
	}) {
		return -1
	}
	for i, a := range t.arms {
		if a.of.Arm != "" && strings.HasSuffix(said, strings.ToLower(a.of.Arm)) {
			return i
		}
	}
	return t.best()
}
