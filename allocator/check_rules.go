package allocator

import (
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
