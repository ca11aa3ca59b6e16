package allocator_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/allocator"
)

// TestAgainstAllPlans tries every plan of 3,000 tiny problems. What Solve returns must
// lie between 0 and the optimum, and its bound above the optimum; of quotas it must not
// fall short of less than is possible. How often it finds
// the optimum itself is measured, not promised: 3,000 of 3,000 when this was written.
func TestAgainstAllPlans(t *testing.T) {
	const problems, least = 3000, 0.995
	optimal, interesting := 0, 0
	for seed := range uint64(problems) {
		p := tiny(rand.New(rand.NewPCG(seed, 7)))
		plan, err := allocator.Solve(context.Background(), p, allocator.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		lacks, best := bestOfAll(p)
		short := shortfall(plan)
		if even := short <= lacks+1e-12; short < lacks-1e-12 || even && (plan.Value > best+1e-9 || plan.Bound < best-1e-12) {
			t.Fatalf("seed %d: value %v, optimum %v, bound %v; %v short, not %v", seed, plan.Value, best, plan.Bound, short, lacks)
		} else if even && plan.Value >= best-1e-9 {
			optimal++
		} else {
			t.Logf("seed %d: value %v, optimum %v, bound %v; %v short, not %v", seed, plan.Value, best, plan.Bound, short, lacks)
		}
		if plan.Bound > best+1e-6 {
			interesting++ // the relaxation alone does not settle it
		}
	}
	t.Logf("optimal: %d of %d; bound above the optimum: %d", optimal, problems, interesting)
	if float64(optimal) < least*problems {
		t.Errorf("optimal in %d of %d problems, less than %g of them", optimal, problems, least)
	}
	if interesting < problems/10 {
		t.Errorf("only %d problems are not settled by their bound: too easy to prove anything", interesting)
	}
}

// shortfall adds up what a plan says it falls short of, as shares of what was asked for.
func shortfall(plan allocator.Plan) float64 {
	sum := 0.0
	for _, q := range plan.Quotas {
		if q.Short > 0 {
			sum += float64(q.Short) / float64(q.Least)
		}
	}
	return sum
}

// bestOfAll returns how little a plan can fall short of quotas, and the most that such a
// plan is worth, by trying all of them.
func bestOfAll(p allocator.Problem) (short, value float64) {
	pick := make([]int, len(p.Candidates)) // 0 is none, k is option k−1
	short, value = shortOf(p, pick), 0
	var try func(i int, sum float64)
	try = func(i int, sum float64) {
		if i == len(pick) {
			if s := shortOf(p, pick); s < short-1e-12 || s <= short+1e-12 && sum > value {
				if lawful(p, pick) {
					short, value = s, sum
				}
			}
			return
		}
		pick[i] = 0
		try(i+1, sum)
		for k, o := range p.Candidates[i].Options {
			if pick[i] = k + 1; o.Value > 0 {
				try(i+1, sum+o.Value)
			}
		}
		pick[i] = 0
	}
	try(0, 0)
	return short, value
}

func shortOf(p allocator.Problem, pick []int) float64 {
	sum := 0.0
	for _, q := range p.Quotas {
		if has := heldBy(p, pick, q); has < q.Least {
			sum += float64(q.Least-has) / float64(q.Least)
		}
	}
	return sum
}

// heldBy is what a group has of a quota.
func heldBy(p allocator.Problem, pick []int, q allocator.Quota) int64 {
	sum := int64(0)
	for i, k := range pick {
		if k == 0 || !slices.Contains(p.Candidates[i].Groups, q.Group) {
			continue
		}
		o := p.Candidates[i].Options[k-1]
		if q.Unit == allocator.Start {
			sum++
		}
		for _, c := range o.Compute {
			for week, hours := range c.GPUHours {
				if q.Unit == allocator.GPUHour && o.Start+week < p.Weeks {
					sum += hours
				}
			}
		}
		for week := o.Start; q.Unit == allocator.BucketWeek && week < p.Weeks; week++ {
			if week < o.Start+o.Weeks {
				sum += int64(o.Buckets)
			} else if week < o.Start+o.Weeks+o.Cool {
				sum += int64(o.Buckets / 2)
			}
		}
	}
	return sum
}

// lawful says whether a pick breaks no rule, in the plainest words possible.
func lawful(p allocator.Problem, pick []int) bool {
	chosen := map[string]allocator.Option{}
	for i, k := range pick {
		if k > 0 {
			chosen[p.Candidates[i].ID] = p.Candidates[i].Options[k-1]
		}
	}
	for _, c := range p.Candidates {
		o, ok := chosen[c.ID]
		if !ok {
			continue
		}
		for _, id := range c.Requires {
			if before, ok := chosen[id]; !ok || before.Start+before.Weeks > o.Start {
				return false
			}
		}
		for _, id := range c.Conflicts {
			other, ok := chosen[id]
			if ok && o.Buckets > 0 && other.Buckets > 0 && o.Segment == other.Segment && o.Layer != other.Layer &&
				o.Start < other.Start+other.Weeks && other.Start < o.Start+o.Weeks {
				return false
			}
		}
	}
	for week := range p.Weeks {
		if !roomIn(p, chosen, week) {
			return false
		}
	}
	for _, q := range p.Quotas {
		if q.Most != nil && heldBy(p, pick, q) > *q.Most {
			return false
		}
	}
	return true
}

func roomIn(p allocator.Problem, chosen map[string]allocator.Option, week int) bool {
	for _, pool := range p.Pools {
		left := pool.GPUHours[week]
		for _, o := range chosen {
			for _, c := range o.Compute {
				if k := week - o.Start; c.Pool == pool.Name && k >= 0 && k < len(c.GPUHours) {
					left -= c.GPUHours[k]
				}
			}
		}
		if left < 0 {
			return false
		}
	}
	for _, l := range p.Layers {
		left := l.Buckets
		for _, h := range l.Held {
			for _, r := range h.Ranges {
				if week < h.Until {
					left -= r.To - r.From
				}
			}
		}
		for _, o := range chosen {
			if o.Buckets > 0 && o.Segment == l.Segment && o.Layer == l.Name && o.Start <= week && week < o.Start+o.Weeks+o.Cool {
				if week < o.Start+o.Weeks {
					left -= (o.Buckets + 1) / 2
				}
				left -= o.Buckets / 2
			}
		}
		if left < 0 {
			return false
		}
	}
	return true
}
