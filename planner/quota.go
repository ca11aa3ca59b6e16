package planner

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/allocator"
)

// Quota is the least and the greatest share of a team or of a source. What its running
// work holds counts for it, but for starts, which are those of the plan.
type Quota struct {
	Team   string `yaml:"team" json:"team,omitempty"` // this or Source
	Source Source `yaml:"source" json:"source,omitempty"`
	Of     string `yaml:"of" json:"of"` // gpu_hours, users or starts
	// Least and Most are shares of all GPU-hours, or of all buckets, in all weeks of the
	// horizon, in [0, 1]; of starts, whole numbers. Zero least: none; nil most: none.
	Least float64  `yaml:"least" json:"least,omitempty"`
	Most  *float64 `yaml:"most" json:"most,omitempty"`
}

// Group names whom the quota is for: "team ranking", "source ai".
func (q Quota) Group() string {
	if q.Team != "" {
		return teamGroup(q.Team)
	}
	return sourceGroup(q.Source)
}

func teamGroup(team string) string     { return "team " + team }
func sourceGroup(source Source) string { return "source " + string(source) }
func (q Quota) takes(h Hypothesis) bool {
	return q.Team != "" && h.Team == q.Team || q.Source != "" && h.Source == q.Source
}
func (h Hypothesis) groups() []string { return []string{teamGroup(h.Team), sourceGroup(h.Source)} }

// quotaUnits are the allocator's, by what a quota is of.
var quotaUnits = map[string]string{"gpu_hours": allocator.GPUHour, "users": allocator.BucketWeek, "starts": allocator.Start}

// checkQuotas says what is wrong with the quotas.
func (p Policy) checkQuotas() []error {
	var bad []error
	seen := map[[2]string]bool{}
	for i, q := range p.Quotas {
		need := func(ok bool, format string, args ...any) {
			if !ok {
				bad = append(bad, fmt.Errorf("quotas[%d]: %s", i, fmt.Sprintf(format, args...)))
			}
		}
		need((q.Team == "") != (q.Source == ""), "it names the team %q and the source %q; write one of them", q.Team, q.Source)
		need(q.Source == "" || q.Source == Human || q.Source == AI, "source is %q; it must be human or ai", q.Source)
		_, known := quotaUnits[q.Of]
		need(known, "of is %q; it must be gpu_hours, users or starts", q.Of)
		key := [2]string{q.Group(), q.Of}
		need(!seen[key], "%s has a quota of %s already; write one with least and most", q.Group(), q.Of)
		seen[key] = true
		limit, shape := 1.0, "a share between 0 and 1"
		if q.Of == "starts" {
			limit, shape = 1e6, "a whole number, 0 or more"
		}
		fits := func(x float64) bool { return x >= 0 && x <= limit && (q.Of != "starts" || x == math.Trunc(x)) }
		need(fits(q.Least), "%s: least is %g; it must be %s", q.Group(), q.Least, shape)
		if q.Most != nil {
			need(fits(*q.Most), "%s: most is %g; it must be %s", q.Group(), *q.Most, shape)
			need(!(*q.Most < q.Least), "%s: most is %g, less than the least, %g", q.Group(), *q.Most, q.Least)
		}
		need(q.Least > 0 || q.Most != nil, "%s has neither least nor most; write one, or leave it out", q.Group())
	}
	return bad
}

// QuotaUse is what a team or a source has of its quota in a plan.
type QuotaUse struct {
	Quota
	Unit    string  `json:"unit"`            // GPU-hour, bucket-week or start
	All     float64 `json:"all,omitempty"`   // of which the quota is a share; 0 of starts
	Held    float64 `json:"held"`            // by its running work, in the weeks of the plan
	Planned float64 `json:"planned"`         // for it, by the plan
	Short   float64 `json:"short,omitempty"` // how much more the least is than it has
	Price   float64 `json:"price"`           // currency that one unit more of the most is worth
	Cost    float64 `json:"cost"`            // currency that one unit less of the least is worth
}

// quotaUses joins the policy's quotas with what the allocator made of them.
func (s Snapshot) quotaUses(shares []allocator.Share) []QuotaUse {
	of := map[[2]string]allocator.Share{}
	for _, share := range shares {
		of[[2]string{share.Group, share.Unit}] = share
	}
	var all []QuotaUse
	for _, q := range s.Policy.Quotas {
		share := of[[2]string{q.Group(), quotaUnits[q.Of]}]
		all = append(all, QuotaUse{Quota: q, Unit: share.Unit, All: s.quotaAll(q), Held: s.quotaHeld(q),
			Planned: float64(share.Used), Short: float64(share.Short), Price: share.Price, Cost: share.Cost})
	}
	return all
}

// quotas are the limits that are left for the plan once running work has its part.
func (s Snapshot) quotas() []allocator.Quota {
	var all []allocator.Quota
	for _, q := range s.Policy.Quotas {
		scale, held := s.quotaAll(q), s.quotaHeld(q)
		if q.Of == "starts" {
			scale = 1
		}
		left := func(x float64) int64 { return int64(math.Floor(max(0, x*scale*(1+1e-12)-held))) } // 0.3 of 10 is 3
		a := allocator.Quota{Group: q.Group(), Unit: quotaUnits[q.Of], Least: left(q.Least)}
		if q.Most != nil {
			most := left(*q.Most)
			a.Most = &most
		}
		all = append(all, a)
	}
	return all
}

// quotaAll is what there is of a quota's unit in the weeks of the plan: GPU-hours of all
// pools, or buckets of all layers but for holdouts.
func (s Snapshot) quotaAll(q Quota) float64 {
	sum := 0.0
	switch q.Of {
	case "gpu_hours":
		for _, pool := range s.Policy.Pools {
			sum += math.Floor(pool.GPUHours)
		}
	case "users":
		for _, p := range s.Policy.Partitions() {
			sum += float64(p.free())
		}
	}
	return sum * float64(s.Policy.HorizonWeeks)
}

// quotaHeld is what running work of a quota's team or source holds in the weeks of the plan.
func (s Snapshot) quotaHeld(q Quota) float64 {
	theirs := map[string]bool{}
	for _, h := range s.Hypotheses {
		theirs[h.ID] = q.takes(h)
	}
	running := keep(s.running(), func(r Start) bool { return theirs[r.Hypothesis] })
	sum := int64(0)
	switch q.Of {
	case "gpu_hours":
		for _, pool := range s.Policy.Pools {
			for _, hours := range heldHours(running, pool.Name, s.calendar()) {
				sum += hours
			}
		}
	case "users":
		for _, r := range running {
			sum += int64(r.Design.Buckets) * int64(min(s.Policy.HorizonWeeks, s.calendar().until(r.Until)))
		}
	}
	return float64(sum)
}
