package planner

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/value"
)

// decision returns the rule as the statistics know it.
func (r ShipRule) decision() stats.ShipRule {
	if r.Rule == "significant" {
		return stats.Significant{Alpha: r.Alpha}
	}
	return stats.PosteriorMean{Cut: r.Cut}
}

// valued fills in what the design is worth and costs:
//
//	Gain = E[lift gained under the ship rule] · Scale · (1 − DelayCost)^Weeks, Weeks less Late/7
//	Cost = GPU-hours · cost per hour + treated users active in a week · weeks · UserWeekCost
//
// Scale is the worth per year of a lift of 1 on the hypothesis's metric and
// surface, times the segment's share of it, times the years that a lift lasts.
// Under posterior-mean the lift gained is net of the rule's Cut, the cost of
// shipping. The expectation is over the whole distribution of the true effect, tails and
// all; see value.ShipBy.
func (p Policy) valued(d Design, h Hypothesis, s Segment, effect bayes.Mixture) (Design, error) {
	ship, err := value.ShipBy(p.ShipRule.decision(), effect, d.SE)
	d.ProbShip = ship.Prob
	d.Gain = ship.Gain * p.scale(h, s) * p.delay(d.lasts())
	d.Cost = p.cost(d, s)
	return d, err
}

// scale is the currency gained by a shipped lift of 1 over its whole life.
func (p Policy) scale(h Hypothesis, s Segment) float64 {
	return p.yearly(h, s) * p.GainYears
}

// yearly is the currency per year of a shipped lift of 1.
func (p Policy) yearly(h Hypothesis, s Segment) float64 {
	m, _ := p.metric(h.Metric)
	return m.Worth[h.Surface] * s.Share
}

// delay is the part of a gain that is left after so many weeks.
func (p Policy) delay(weeks float64) float64 { return math.Pow(1-p.DelayCost, weeks) }

func (p Policy) cost(d Design, s Segment) float64 {
	pool, _ := p.pool(d.Pool)
	hours := 0.0
	for _, h := range d.GPUHours {
		hours += h
	}
	return hours*pool.CostPerHour + s.WeeklyUsers*d.Share/2*d.fullWeeks()*p.UserWeekCost
}

// value returns what the design is worth if it starts so many weeks from tonight:
// its gain, less the delay of waiting, less its cost.
func (p Policy) value(d Design, weeks float64) float64 { return d.Gain*p.delay(weeks) - d.Cost }

// undominated drops every design that another beats in all respects: worth at
// least as much at every start week, with no more buckets, no more weeks, and
// no more GPU-hours in any week. This loses nothing: wherever the dropped one
// fits, the other fits too. Worth at every start week needs a look at the first
// and the last only, since Value is a straight line in the delay factor.
func (p Policy) undominated(designs []Design) []Design {
	var left []Design
	for i, d := range designs {
		beaten := false
		for j, e := range designs {
			beaten = beaten || i != j && p.dominates(e, d) && (j < i || !p.dominates(d, e))
		}
		if !beaten {
			left = append(left, d)
		}
	}
	return left
}

func (p Policy) dominates(a, b Design) bool {
	last := float64(p.HorizonWeeks - 1)
	if a.Buckets > b.Buckets || a.Weeks > b.Weeks || p.value(a, 0) < p.value(b, 0) || p.value(a, last) < p.value(b, last) {
		return false
	}
	for k, hours := range a.GPUHours {
		if hours > b.GPUHours[k] {
			return false
		}
	}
	return true
}
