package highs_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/internal/smallmip"
	"github.com/assay-planner/assay/allocator/mip"
	"github.com/assay-planner/assay/allocator/mip/highs"
)

func solver(t testing.TB) *highs.Solver {
	t.Helper()
	s, err := highs.Shared()
	if errors.Is(err, highs.ErrMissing) {
		t.Skip("this build is without HiGHS: run `make setup`")
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func solve(t *testing.T, p mip.Problem, o mip.Options) mip.Solution {
	t.Helper()
	found, err := solver(t).Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Every answer is the one that trying all points gives.
func TestAgainstAllPoints(t *testing.T) {
	problems := uint64(500)
	if testing.Short() {
		problems = 30
	}
	s := solver(t)
	for seed := range problems {
		p := smallmip.Draw(rand.New(rand.NewPCG(seed, 2)))
		found, err := s.Solve(context.Background(), p, mip.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
		if err := smallmip.Judge(p, found); err != nil {
			t.Fatalf("seed %d: %v\n%+v", seed, err, p)
		}
	}
}

// Problems too large to try all points of: both solvers agree.
func TestAgreesWithBranchAndBound(t *testing.T) {
	if testing.Short() {
		t.Skip("solves five problems")
	}
	for seed := range uint64(5) {
		p := smallmip.Knapsack(rand.New(rand.NewPCG(seed, 3)), 10, 4, 3)
		got := solve(t, p, mip.Options{})
		want, err := mip.BranchAndBound{}.Solve(context.Background(), p, mip.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != want.Status || got.Objective != want.Objective {
			t.Errorf("seed %d: %v %v, but by branch and bound %v %v", seed, got.Status, got.Objective, want.Status, want.Objective)
		}
	}
}

// The same problem gives the same answer, one at a time or many at once, and wherever
// work is cut off that is not measured by time.
func TestSameAnswerEachTime(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 4)), 10, 4, 3)
	s := solver(t)
	for _, o := range []mip.Options{{}, {Effort: 300}} {
		want := solve(t, p, o)
		var each sync.WaitGroup
		for range 3 {
			each.Go(func() {
				got, err := s.Solve(context.Background(), p, o)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, %v; the first time %+v", got, err, want)
				}
			})
		}
		each.Wait()
	}
}

func TestUnbounded(t *testing.T) {
	for _, whole := range []bool{false, true} {
		p := mip.Problem{Maximize: true}
		x := p.AddColumn(1, 0, math.Inf(1), whole)
		p.AddRow(1, math.Inf(1), []int32{x}, []float64{1})
		if found := solve(t, p, mip.Options{}); found.Status != mip.Unbounded || !math.IsInf(found.Bound, 1) {
			t.Errorf("whole %v: %+v", whole, found)
		}
	}
}

// A start is never lost, and a point from it when there is no time for another.
func TestStart(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 5)), 10, 4, 3)
	best := solve(t, p, mip.Options{})
	for _, o := range []mip.Options{
		{Start: best.Values},
		{Start: best.Values, Effort: 1},
		{Start: best.Values, TimeLimit: time.Nanosecond},
	} {
		got := solve(t, p, o)
		if got.Objective != best.Objective || got.Status != mip.Optimal && got.Status != mip.Feasible {
			t.Errorf("%+v: got %v %v, want %v", o, got.Status, got.Objective, best.Objective)
		}
	}
	if got := solve(t, p, mip.Options{Effort: 1}); got.Status != mip.Limit || got.Values != nil || got.Bound < best.Objective {
		t.Errorf("no work and no start: %+v", got)
	}
}

// A gap is kept: the optimum lies between objective and bound, and they are that near.
func TestGap(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 6)), 10, 4, 3)
	best := solve(t, p, mip.Options{})
	for _, gap := range []float64{0.5, 0.05, 0.01} {
		got := solve(t, p, mip.Options{Gap: gap})
		if got.Status != mip.Optimal || got.Gap() > gap+1e-9 || got.Objective > best.Objective || got.Bound < best.Objective {
			t.Errorf("gap %v: %v, %v of at most %v, the optimum is %v", gap, got.Status, got.Objective, got.Bound, best.Objective)
		}
	}
}

// Costs far from 1 change nothing but the objective.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("solves four problems")
	}
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 7)), 10, 4, 3)
	want := solve(t, p, mip.Options{})
	for _, unit := range []float64{1e-7, 1e-3, 1e5} {
		q := p
		q.Cost = nil
		for _, c := range p.Cost {
			q.Cost = append(q.Cost, c*unit)
		}
		got := solve(t, q, mip.Options{})
		if got.Status != mip.Optimal || math.Abs(p.Objective(got.Values)-want.Objective) > 1e-6 {
			t.Errorf("costs times %v: %v, worth %v, want %v", unit, got.Status, p.Objective(got.Values), want.Objective)
		}
	}
}

func TestCancel(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 8)), 400, 8, 12)
	ctx, cancel := context.WithCancel(context.Background())
	if err := solver(t).Prepare(ctx); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel) // or before it begins, on a slow machine: the same
	if got, err := solver(t).Solve(ctx, p, mip.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", got.Status, err)
	}
}

func TestInput(t *testing.T) {
	p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 9)), 3, 2, 2)
	p.Cost[1] = math.NaN()
	var input *mip.InputError
	if _, err := solver(t).Solve(context.Background(), p, mip.Options{}); !errors.As(err, &input) || input.Field != "cost[1]" {
		t.Errorf("got %v", err)
	}
}
