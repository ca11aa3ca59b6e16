package allocator_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/mip"
)

// TestPartsHelp compares with the search alone on nights of 15 segments, of which each is
// small: the bound is lower, and what lies between it and the plan is less.
func TestPartsHelp(t *testing.T) {
	if testing.Short() {
		t.Skip("solves three nights twice")
	}
	for seed := range uint64(3) {
		p := night(100, 20, seed)
		plain, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 400_000})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 400_000, Exact: mip.BranchAndBound{}, Open: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Error(err)
		}
		t.Logf("seed %d: gap %.3f%%, without parts %.3f%%", seed, 100*plan.Gap, 100*plain.Gap)
		if plan.Gap >= plain.Gap || plan.Bound >= plain.Bound || plan.Bound < plain.Value {
			t.Errorf("seed %d: %v of %v, without parts %v of %v", seed, plan.Value, plan.Bound, plain.Value, plain.Bound)
		}
	}
}

// apart leaves all but nothing to the exact solver, so that nights are taken apart.
var apart = allocator.Options{Effort: 4_000, Exact: mip.BranchAndBound{}, Open: 1}

// TestPartsAgainstAllPlans tries every plan of tiny problems with all rules and quotas: what
// the parts prove must be true.
func TestPartsAgainstAllPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			p := tiny(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7)))
			plan, err := allocator.Solve(context.Background(), p, apart)
			if err != nil {
				t.Fatal(err)
			}
			if err := allocator.Check(p, plan); err != nil {
				t.Fatal(err)
			}
			short, value := bestOfAll(p)
			missed := shortfall(plan) > short+1e-9
			if plan.Bound < value*(1-1e-12) || plan.Optimal && (missed || math.Abs(plan.Value-value) > 1e-8) {
				t.Fatalf("optimal %v, worth %v of %v, %v short; the best is worth %v, %v short", plan.Optimal, plan.Value, plan.Bound, shortfall(plan), value, short)
			}
		}
	})
}

// TestPartsOrderDoesNotMatter shuffles all lists, and uses another number of processors.
func TestPartsOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(3) {
		p := packed(30, 6, seed)
		o := apart
		o.Effort = 20_000
		sameShuffled(t, p, o, seed)
	}
}

// A prerequisite in another segment counts for the bound: of x, and of a with b, which needs
// it first, only one has room.
func TestPartsJoinedByPrerequisites(t *testing.T) {
	in := func(segment string, start int, value float64) []allocator.Option {
		return []allocator.Option{{Design: "d", Start: start, Weeks: 1, Value: value, Segment: segment, Layer: "l", Buckets: 10}}
	}
	p := allocator.Problem{Weeks: 2, Pools: []allocator.Pool{}, Candidates: []allocator.Candidate{
		{ID: "a", Options: in("s0", 0, 1)}, {ID: "b", Requires: []string{"a"}, Options: in("s1", 1, 3)},
		{ID: "c", Options: in("s2", 0, 1)}, {ID: "x", Options: in("s0", 0, 5)}}}
	for _, s := range []string{"s0", "s1", "s2"} {
		p.Layers = append(p.Layers, allocator.Layer{Segment: s, Name: "l", Buckets: 10})
	}
	plan, err := allocator.Solve(t.Context(), p, apart)
	if err != nil || plan.Value != 6 || plan.Bound > 6+1e-6 {
		t.Errorf("worth %v of %v, %v", plan.Value, plan.Bound, err)
	}
}

// What no test can take is not sold: of 980 free buckets tests of 250 take 750.
func TestBoundKnowsWholeTests(t *testing.T) {
	var cs []allocator.Candidate
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		cs = append(cs, allocator.Candidate{ID: id, Options: []allocator.Option{users("l2", 0, 1, 250, 1), users("l2", 0, 1, 500, 1.5)}})
	}
	p := desk(cs...)
	p.Layers[1].Held = []allocator.Hold{{Owner: "holdout", Ranges: []allocator.Range{{From: 980, To: 1000}}, Until: 3}}
	plan := solve(t, p)
	if plan.Value != 3 || plan.Bound > 3+1e-6 {
		t.Errorf("worth %v of %v", plan.Value, plan.Bound)
	}
	for _, price := range plan.Prices {
		if price.Name == "feed/l2" && price.Week == 0 && (price.Capacity != 980 || price.Used != 750 || price.Price <= 0) {
			t.Errorf("%+v", price)
		}
	}
}
