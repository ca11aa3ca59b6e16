package allocator_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/mip"
)

// ending is a context that ends when it has been asked so often: an interruption that
// comes at the same point every time.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

// covers says whether the bound of a plan is one on another: that falls short of all
// Leasts by no more in sum.
func covers(plan, other allocator.Plan) bool { return shortfall(other) <= shortfall(plan)+1e-12 }

// TestCutShort interrupts the work at every point that a draw comes upon.
func TestCutShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		o := allocator.Options{Effort: 20_000}
		if rapid.Bool().Draw(t, "exact") {
			o.Exact, o.Open = mip.BranchAndBound{}, 300
		}
		whole, err := allocator.Solve(t.Context(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		looks := rapid.OneOf(rapid.IntRange(0, 60), rapid.IntRange(0, 3_000)).Draw(t, "looks")
		plan, err := allocator.Solve(&ending{t.Context(), looks}, p, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Fatal(err)
		}
		if covers(plan, whole) && plan.Bound < whole.Value*(1-1e-12) {
			t.Fatalf("cut after %d looks the bound is %v, but there is a plan worth %v", looks, plan.Bound, whole.Value)
		}
		if d := cmp.Diff(toJSON(t, whole), toJSON(t, plan)); !plan.Cut && d != "" {
			t.Fatalf("not cut, but another plan:\n%s", d)
		}
	})
}

func TestGapEndsTheWork(t *testing.T) {
	p := packed(60, 15, 3)
	plan := func(gap float64) allocator.Plan {
		plan, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 200_000, Gap: gap})
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
	whole := plan(0)
	if enough := plan(2 * whole.Gap); enough.Gap > 2*whole.Gap || enough.Gap <= whole.Gap {
		t.Errorf("asked for a gap of %g, got %g; with all effort it is %g", 2*whole.Gap, enough.Gap, whole.Gap)
	}
	for _, gap := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err := allocator.Solve(t.Context(), p, allocator.Options{Gap: gap})
		if input := (*allocator.InputError)(nil); !errors.As(err, &input) || input.Field != "options.gap" {
			t.Errorf("gap %g: %v", gap, err)
		}
	}
	_, err := allocator.Solve(t.Context(), p, allocator.Options{Work: -1})
	if input := (*allocator.InputError)(nil); !errors.As(err, &input) || input.Field != "options.work" {
		t.Errorf("work of -1: %v", err)
	}
}

// TestFormerPlan starts from the plan of a problem that differs in one capacity. The
// bound is as good as from a cold start; of the same problem, so is the plan at least.
func TestFormerPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := tiny(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7)))
		if rapid.IntRange(0, 9).Draw(t, "size") == 0 {
			p = packed(40, 10, 1)
		}
		former := solve(t, p)
		if i := rapid.IntRange(-1, len(p.Pools)-1).Draw(t, "pool"); i >= 0 {
			hours := rapid.SliceOfN(rapid.Int64Range(0, 30), p.Weeks, p.Weeks).Draw(t, "hours")
			p.Pools[i].GPUHours = hours
		}
		plan, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 20_000, Former: &former})
		if err != nil {
			t.Fatal(err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Fatal(err)
		}
		cold := solve(t, p)
		if covers(plan, cold) && cold.Value > plan.Bound*(1+1e-12) || covers(cold, plan) && plan.Value > cold.Bound*(1+1e-12) {
			t.Fatalf("warm %v of %v, cold %v of %v", plan.Value, plan.Bound, cold.Value, cold.Bound)
		}
		if covers(plan, cold) && covers(cold, plan) && plan.Bound > cold.Bound*(1+1e-6) && plan.Gap > 0 {
			t.Fatalf("the bound is %v, from a cold start %v", plan.Bound, cold.Bound)
		}
		again, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: -1, Former: &plan})
		less := shortfall(again) < shortfall(plan)-1e-12 // better, whatever it is worth
		if err != nil || shortfall(again) > shortfall(plan)+1e-12 || again.Value < plan.Value*(1-1e-12) && !less {
			t.Fatalf("its own plan is worth %v, now %v; %v short, now %v (%v)", plan.Value, again.Value, shortfall(plan), shortfall(again), err)
		}
	})
}
