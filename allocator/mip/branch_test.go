package mip_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/internal/smallmip"
	"github.com/assay-planner/assay/allocator/mip"
)

// Wherever work is cut off, the answer is honest: the optimum lies between objective and
// bound, a start is not lost, and the same work gives the same answer.
func TestBranchAndBoundWithinLimits(t *testing.T) {
	problems := uint64(20)
	if testing.Short() {
		problems = 3
	}
	for seed := range problems {
		p := smallmip.Knapsack(rand.New(rand.NewPCG(seed, 1)), 12, 4, 3)
		best := branch(t, p, mip.Options{})
		if best.Status != mip.Optimal {
			t.Fatalf("seed %d: %v", seed, best.Status)
		}
		start := branch(t, p, mip.Options{Gap: 0.2})
		if start.Status != mip.Optimal || start.Gap() > 0.2+1e-9 {
			t.Errorf("seed %d: %v with a gap of %v, asked for 0.2", seed, start.Status, start.Gap())
		}
		for effort := int64(1); effort < 2000; effort *= 3 {
			for _, o := range []mip.Options{{Effort: effort}, {Effort: effort, Start: start.Values}, {Effort: effort, Gap: 0.05}} {
				got := branch(t, p, o)
				if got.Objective > best.Objective || got.Bound < best.Objective || o.Start != nil && got.Objective < start.Objective {
					t.Errorf("seed %d, effort %d: %v of at most %v; the optimum is %v, the start %v", seed, effort, got.Objective, got.Bound, best.Objective, start.Objective)
				}
				if got.Status == mip.Optimal && got.Gap() > o.Gap+1e-9 {
					t.Errorf("seed %d, effort %d: optimal with a gap of %v", seed, effort, got.Gap())
				}
				if !reflect.DeepEqual(got, branch(t, p, o)) {
					t.Errorf("seed %d, effort %d: not the same answer again", seed, effort)
				}
			}
		}
	}
}

func branch(t *testing.T, p mip.Problem, o mip.Options) mip.Solution {
	t.Helper()
	got, err := mip.BranchAndBound{}.Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestBranchAndBoundEnds(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 2)), 200, 8, 10)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if got, err := (mip.BranchAndBound{}).Solve(ctx, p, mip.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, %v", got.Status, err)
	}
	if got := branch(t, p, mip.Options{TimeLimit: 20 * time.Millisecond}); got.Status != mip.Limit && got.Status != mip.Feasible {
		t.Errorf("with hardly any time: got %v", got.Status)
	}
}
