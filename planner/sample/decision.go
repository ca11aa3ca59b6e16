package sample

import (
	"math"

	"github.com/assay-planner/assay/history"
)

// How likely the best arm of a test ships, by what its report shows at 5%. People
// follow the report mostly, and their conviction for the rest.
const (
	shipWin        = 0.92 // better on its target
	shipHarmful    = 0.35 // better, and worse on a guardrail
	shipHopeful    = 0.06 // above zero, not significantly
	shipSimplified = 0.40 // the same of a simplification, which saves something in any case
	shipStubborn   = 0.01 // below zero, not significantly

	foundBroken = 0.7  // of broken splits, those that their owners see
	regretted   = 0.04 // of what shipped
)

// Words of decisions. Of several arms, the one that shipped is named behind it.
const (
	shipped    = "shipped"
	notShipped = "not shipped"
	rolledBack = "rolled back" // shipped, and taken back for what no test measures
	invalid    = "invalid"     // its owners saw the broken split
	takenDown  = "aborted"     // taken down within the hour
)

// decide draws what its owners did about a test that has ended.
func (g generator) decide(e Experiment) string {
	seen, conviction, regret := g.Float64(), g.Float64(), g.Float64()
	switch best := e.best(); {
	case e.Ended.IsZero():
		return ""
	case e.Flaw == Aborted:
		return takenDown
	case e.Flaw == SplitBroken && seen < foundBroken:
		return invalid
	case conviction >= best.ships(e.ChangeType):
		return notShipped
	case regret < regretted:
		return rolledBack
	case len(e.Arms) > 2:
		return shipped + " " + best.arm
	}
	return shipped
}

// report is what a test's owners see of an arm: standard errors from zero, of its
// target, and of its worst guardrail in the direction of harm.
type report struct {
	arm          string
	target, harm float64
}

// best is the report of the arm that is best on its target.
func (e Experiment) best() report {
	of := map[string]report{}
	best := report{target: math.Inf(-1)}
	for _, f := range e.effects() {
		r := of[f.Arm]
		r.arm = f.Arm
		if z := inErrors(f); f.Metric == e.Metric {
			r.target = z
		} else if f.Metric == "hide_rate" {
			r.harm = max(r.harm, z)
		} else if f.Metric == "session_minutes" {
			r.harm = max(r.harm, -z)
		}
		of[f.Arm] = r
	}
	for _, a := range e.Arms[1:] {
		if r := of[a.Name]; r.target > best.target {
			best = r
		}
	}
	return best
}

func inErrors(f history.Effect) float64 {
	if f.SE == 0 {
		return 0
	}
	return f.Lift / f.SE
}

// ships is the probability that the arm ships.
func (r report) ships(change string) float64 {
	const z = 1.96
	switch {
	case r.target > z && r.harm > z:
		return shipHarmful
	case r.target > z:
		return shipWin
	case r.target > -z && r.harm <= z && change == "simplification":
		return shipSimplified
	case r.target > 0:
		return shipHopeful
	case r.target > -z:
		return shipStubborn
	}
	return 0
}
