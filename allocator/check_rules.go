package allocator

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/assay-planner/assay/allocator/cohort"
)

// cohorts checks, for every pair of occupants of a layer that overlap in time,
// that they share no bucket. Holds occupy their layer from week 0.
func (c checker) cohorts() error {
	type occupant struct {
		name       string
		start, end int
		ranges     []Range
	}
	layers := map[string]Layer{}
	occupants := map[string][]occupant{}
	for _, l := range c.p.Layers {
		layers[l.name()] = l
		for _, h := range l.Held {
			occupants[l.name()] = append(occupants[l.name()], occupant{"held by " + h.Owner, 0, h.Until, h.Ranges})
		}
	}
	for _, choice := range c.plan.Choices {
		o := c.options[choice.Candidate]
		if o.Buckets == 0 && len(choice.Cohort) == 0 {
			continue
		}
		l := layers[Layer{Segment: o.Segment, Name: o.Layer}.name()]
		if size(choice.Cohort) != o.Buckets {
			return breach("cohort", "%q has %d buckets, not %d", choice.Candidate, size(choice.Cohort), o.Buckets)
		}
		for i, r := range choice.Cohort {
			if r.From < 0 || r.From >= r.To || r.To > l.Buckets || i > 0 && r.From < choice.Cohort[i-1].To {
				return breach("cohort", "%q: range %v is outside the layer, or out of order", choice.Candidate, r)
			}
		}
		control, treatment := cohort.Split(choice.Cohort)
		mine := []occupant{
			{strconv.Quote(choice.Candidate), o.Start, o.end(), control},
			{strconv.Quote(choice.Candidate), o.Start, o.end() + o.Cool, treatment},
		}
		for _, other := range occupants[l.name()] {
			for _, half := range mine {
				if half.start < other.end && other.start < half.end {
					if r, shared := meet(half.ranges, other.ranges); shared {
						return breach("cohort", "%q and %s share bucket %d of %s", choice.Candidate, other.name, r, l.name())
					}
				}
			}
		}
		occupants[l.name()] = append(occupants[l.name()], mine...)
	}
	return nil
}

// meet returns a bucket that is in both lists, if there is one.
func meet(as, bs []Range) (int, bool) {
	for _, a := range as {
		for _, b := range bs {
			if from := max(a.From, b.From); from < min(a.To, b.To) {
				return from, true
			}
		}
	}
	return 0, false
}

// conflicts checks that candidates in conflict never meet on the same users.
func (c checker) conflicts() error {
	for _, choice := range c.plan.Choices {
		a := c.options[choice.Candidate]
		for _, id := range c.candidates[choice.Candidate].Conflicts {
			b, chosen := c.options[id]
			if chosen && a.Buckets > 0 && b.Buckets > 0 && a.Segment == b.Segment && a.Layer != b.Layer &&
				a.Start < b.end() && b.Start < a.end() {
				return breach("conflict", "%q and %q meet in segment %q", choice.Candidate, id, a.Segment)
			}
		}
	}
	return nil
}

// quotas adds up what each group has of its quotas and compares it with the limits and
// with what the plan says.
func (c checker) quotas() error {
	quotas := slices.SortedFunc(slices.Values(c.p.Quotas), func(a, b Quota) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Unit, b.Unit))
	})
	if len(c.plan.Quotas) != len(quotas) {
		return breach("quotas", "there are %d shares for %d quotas", len(c.plan.Quotas), len(quotas))
	}
	for i, q := range quotas {
		share, used := c.plan.Quotas[i], c.usedOf(q)
		limit := int64(maxQuota)
		if q.Most != nil {
			limit = *q.Most
		}
		same := share.Group == q.Group && share.Unit == q.Unit && share.Least == q.Least && (share.Most == nil) == (q.Most == nil)
		switch {
		case !same || q.Most != nil && *share.Most != *q.Most:
			return breach("quotas", "number %d does not repeat the quota of %q in %ss", i, q.Group, q.Unit)
		case q.Most != nil && used > limit:
			return breach("quota", "%q has %d %ss, and at most %d are for it", q.Group, used, q.Unit, limit)
		case share.Used != used || share.Short != max(0, q.Least-used):
			return breach("quotas", "%q has %d %ss and is %d short, not %d and %d",
				q.Group, used, q.Unit, max(0, q.Least-used), share.Used, share.Short)
		case !(share.Price >= 0 && share.Cost >= 0) || math.IsInf(share.Price+share.Cost, 1):
			return breach("quotas", "%q: a price of %g, a cost of %g", q.Group, share.Price, share.Cost)
		}
	}
	return nil
}

// usedOf is what the chosen candidates of a group take together in the unit of a quota.
func (c checker) usedOf(q Quota) int64 {
	total := int64(0)
	for _, choice := range c.plan.Choices {
		if !slices.Contains(c.candidates[choice.Candidate].Groups, q.Group) {
			continue
		}
		o, mine := c.options[choice.Candidate], int64(0)
		add := func(units int64) { mine = min(mine+units, 2*maxQuota) }
		switch q.Unit {
		case Start:
			add(1)
		case GPUHour:
			for _, compute := range o.Compute {
				for k, hours := range compute.GPUHours {
					if o.Start+k < c.p.Weeks {
						add(hours)
					}
				}
			}
		case BucketWeek:
			for k := range min(o.Weeks+o.Cool, c.p.Weeks-o.Start) {
				buckets := o.Buckets
				if k >= o.Weeks {
					buckets /= 2
				}
				add(int64(buckets))
			}
		}
		total += mine
	}
	return total
}

// prerequisites checks that all that a choice requires is chosen and has ended.
func (c checker) prerequisites() error {
	for _, choice := range c.plan.Choices {
		for _, id := range c.candidates[choice.Candidate].Requires {
			before, chosen := c.options[id]
			if !chosen {
				return breach("prerequisite", "%q requires %q, which is not chosen", choice.Candidate, id)
			}
			if before.end() > choice.Start {
				return breach("prerequisite", "%q starts in week %d, before the end of %q", choice.Candidate, choice.Start, id)
			}
		}
	}
	return nil
}
