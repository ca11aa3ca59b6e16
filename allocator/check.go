package allocator

import (
	"math"
	"slices"
)

// Check verifies a plan against its problem without anything of the solver: that
// every choice is one of the problem's options as it stands there, at most one for
// each candidate; that no capacity is exceeded in any week; that cohorts lie inside
// their layers and meet neither each other nor what running work holds; conflicts and
// prerequisites; that no group exceeds a quota, and that what it has of it and falls
// short of is as the plan says; that the prices are those capacities with their true use; that values
// add up and the bound is no less; and that every candidate has one reason. It fails
// with a *PlanError, or with an *InputError if the problem itself is at fault.
//
// It does not prove that the bound holds; for that, see the prices, which do.
func Check(p Problem, plan Plan) error {
	if err := validate(p); err != nil {
		return err
	}
	c := checker{p: p, plan: plan, candidates: map[string]Candidate{}, options: map[string]Option{}}
	for _, candidate := range p.Candidates {
		c.candidates[candidate.ID] = candidate
	}
	for _, rule := range []func() error{
		c.choices, c.capacity, c.cohorts, c.conflicts, c.prerequisites, c.quotas, c.sums, c.reasons,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// checker holds the plan beside the problem; options are the chosen ones by candidate.
type checker struct {
	p          Problem
	plan       Plan
	candidates map[string]Candidate
	options    map[string]Option
}

// choices checks that each choice repeats an option of the problem.
func (c checker) choices() error {
	for i, choice := range c.plan.Choices {
		candidate, ok := c.candidates[choice.Candidate]
		switch {
		case !ok:
			return breach("choice", "%q is not a candidate", choice.Candidate)
		case i > 0 && c.plan.Choices[i-1].Candidate >= choice.Candidate:
			return breach("choice", "%q is chosen twice or out of order", choice.Candidate)
		case choice.Option < 0 || choice.Option >= len(candidate.Options):
			return breach("choice", "%q has no option %d", choice.Candidate, choice.Option)
		}
		o := candidate.Options[choice.Option]
		same := choice.Design == o.Design && choice.Start == o.Start && choice.Weeks == o.Weeks && choice.Value == o.Value
		if o.Buckets > 0 {
			same = same && choice.Segment == o.Segment && choice.Layer == o.Layer
		}
		if !same {
			return breach("choice", "%q does not repeat its option %d", choice.Candidate, choice.Option)
		}
		if o.Value <= 0 {
			return breach("choice", "%q is worth %g, no more than doing nothing", choice.Candidate, o.Value)
		}
		c.options[choice.Candidate] = o
	}
	return nil
}

// capacityKey names a capacity in one week.
type capacityKey struct {
	name, unit string
	week       int
}

// capacity adds up what is free and what is used, and compares both with the prices.
func (c checker) capacity() error {
	free, used := c.free(), map[capacityKey]int64{}
	for _, choice := range c.plan.Choices {
		o := c.options[choice.Candidate]
		for _, compute := range o.Compute {
			for k, hours := range compute.GPUHours {
				used[capacityKey{compute.Pool, GPUHour, o.Start + k}] += hours
			}
		}
		for k := range o.Weeks + o.Cool {
			buckets := o.Buckets
			if k >= o.Weeks {
				buckets /= 2
			}
			if buckets > 0 {
				used[capacityKey{o.Segment + "/" + o.Layer, Bucket, o.Start + k}] += int64(buckets)
			}
		}
	}
	if len(c.plan.Prices) != len(free) {
		return breach("prices", "there are %d, not one for each of %d capacities and weeks", len(c.plan.Prices), len(free))
	}
	seen := map[capacityKey]bool{}
	for _, price := range c.plan.Prices {
		key := capacityKey{price.Name, price.Unit, price.Week}
		left, ok := free[key]
		switch {
		case !ok || seen[key]:
			return breach("prices", "%s of %s in week %d is unknown or there twice", key.unit, key.name, key.week)
		case price.Capacity != left || price.Used != used[key]:
			return breach("prices", "%s in week %d: %d of %d used, not %d of %d",
				key.name, key.week, used[key], left, price.Used, price.Capacity)
		case !(price.Price >= 0) || math.IsInf(price.Price, 1):
			return breach("prices", "%s in week %d costs %g", key.name, key.week, price.Price)
		case used[key] > left:
			return breach("capacity", "%s in week %d: %d of %d used", key.name, key.week, used[key], left)
		}
		seen[key] = true
	}
	return nil
}

// free is every capacity in every week of the horizon.
func (c checker) free() map[capacityKey]int64 {
	free := map[capacityKey]int64{}
	for _, pool := range c.p.Pools {
		for k, hours := range pool.GPUHours {
			free[capacityKey{pool.Name, GPUHour, k}] = hours
		}
	}
	for _, l := range c.p.Layers {
		for k := range c.p.Weeks {
			held := 0
			for _, h := range l.Held {
				if h.Until > k {
					held += size(h.Ranges)
				}
			}
			free[capacityKey{l.name(), Bucket, k}] = int64(l.Buckets - held)
		}
	}
	return free
}

func size(rs []Range) int {
	n := 0
	for _, r := range rs {
		n += r.To - r.From
	}
	return n
}

// sums checks value, bound and gap. Value must be the sum in the order of choices, to
// the last bit of rounding that another order could change.
func (c checker) sums() error {
	value := 0.0
	for _, choice := range c.plan.Choices {
		value += choice.Value
	}
	switch {
	case !(math.Abs(value-c.plan.Value) <= 1e-12*value):
		return breach("value", "choices add up to %g, not %g", value, c.plan.Value)
	case !(c.plan.Bound >= c.plan.Value):
		return breach("bound", "%g is less than the value %g", c.plan.Bound, c.plan.Value)
	case c.plan.Optimal && c.plan.Gap != 0:
		return breach("gap", "is %g, and the plan is said to be optimal", c.plan.Gap)
	case !(math.Abs(c.plan.Gap-gap(c.plan.Value, c.plan.Bound)) <= 1e-12*c.plan.Gap):
		return breach("gap", "is %g, not %g", c.plan.Gap, gap(c.plan.Value, c.plan.Bound))
	}
	return nil
}

// kinds are all that a reason can be of.
var kinds = []ReasonKind{Chosen, Infeasible, Prerequisite, NoValue, Conflict, Outpriced, OverQuota, NoRoom}

// reasons checks that there is one for every candidate, of a kind that there is, and that
// it says chosen for the chosen ones only.
func (c checker) reasons() error {
	ids := make([]string, 0, len(c.candidates))
	for _, candidate := range c.p.Candidates {
		ids = append(ids, candidate.ID)
	}
	slices.Sort(ids)
	if len(c.plan.Reasons) != len(ids) {
		return breach("reasons", "there are %d for %d candidates", len(c.plan.Reasons), len(ids))
	}
	for i, r := range c.plan.Reasons {
		if r.Candidate != ids[i] {
			return breach("reasons", "number %d is about %q, not %q", i, r.Candidate, ids[i])
		}
		if _, chosen := c.options[r.Candidate]; chosen != (r.Kind == Chosen) || !slices.Contains(kinds, r.Kind) {
			return breach("reasons", "%q is said to be %s", r.Candidate, r.Kind)
		}
	}
	return nil
}
