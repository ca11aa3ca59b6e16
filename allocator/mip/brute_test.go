package mip_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/allocator/internal/smallmip"
	"github.com/assay-planner/assay/allocator/mip"
)

// Every answer is the one that trying all points gives.
func TestBranchAndBoundAgainstAllPoints(t *testing.T) {
	seen, problems := map[mip.Status]int{}, 20_000
	if testing.Short() {
		problems = 4000
	}
	for seed := range uint64(problems) {
		p := smallmip.Draw(rand.New(rand.NewPCG(seed, 1)))
		found, err := mip.BranchAndBound{}.Solve(context.Background(), p, mip.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
		seen[found.Status]++
		if err := smallmip.Judge(p, found); err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
	}
	if min(seen[mip.Optimal], 4*seen[mip.Infeasible]) < problems/2 {
		t.Errorf("too few of some kinds to prove anything: %v", seen)
	}
	t.Log(seen)
}
