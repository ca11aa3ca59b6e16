package allocator_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/mip"
)

// exactly leaves nearly all to the exact solver.
var exactly = allocator.Options{Effort: 100, Exact: mip.BranchAndBound{}}

// TestOptimalIsOptimal tries every plan of tiny problems with all rules and quotas: each
// must be proved, and be the best.
func TestOptimalIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			p := tiny(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7)))
			provedBest(t, p)
		}
	})
}

func provedBest(t rapid.TB, p allocator.Problem) {
	t.Helper()
	plan, err := allocator.Solve(context.Background(), p, exactly)
	if err != nil {
		t.Fatal(err)
	}
	if err := allocator.Check(p, plan); err != nil {
		t.Fatal(err)
	}
	short, value := bestOfAll(p)
	if !plan.Optimal || plan.Gap != 0 || math.Abs(plan.Value-value) > 1e-8 || math.Abs(shortfall(plan)-short) > 1e-9 {
		t.Fatalf("optimal %v, worth %v of %v, %v short; the best is worth %v, %v short", plan.Optimal, plan.Value, plan.Bound, shortfall(plan), value, short)
	}
}

// TestExactOrderDoesNotMatter shuffles all lists, and uses another number of processors.
func TestExactOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		p := tiny(rand.New(rand.NewPCG(seed, 7)))
		if seed%8 == 0 {
			p = packed(15, 5, seed)
		}
		sameShuffled(t, p, exactly, seed)
	})
}

// TestDegenerate has what tiny problems draw seldom.
func TestDegenerate(t *testing.T) {
	one := []allocator.Option{users("l1", 0, 1, 400, 2), users("l2", 1, 1, 400, 2)}
	group := func(n int, change func(i int, c *allocator.Candidate)) allocator.Problem {
		var cs []allocator.Candidate
		for i := range n {
			c := allocator.Candidate{ID: fmt.Sprint("c", i), Options: one}
			change(i, &c)
			cs = append(cs, c)
		}
		return desk(cs...)
	}
	nothing := desk(allocator.Candidate{ID: "a", Options: []allocator.Option{hours(0, 3, 1), users("l1", 0, 1, 1, 2)}})
	nothing.Pools[0].GPUHours, nothing.Layers[0].Buckets, nothing.Layers[0].Held = []int64{0, 0, 0}, 0, nil
	asked := group(3, func(i int, c *allocator.Candidate) { c.Groups = []string{"all"} })
	asked.Quotas = []allocator.Quota{{Group: "all", Unit: allocator.Start, Least: 9}, {Group: "nobody", Unit: allocator.Start, Least: 1},
		{Group: "all", Unit: allocator.BucketWeek, Most: new(int64(0))}}
	for name, p := range map[string]allocator.Problem{
		"no candidates":  desk(),
		"zero capacity":  nothing,
		"one hypothesis": group(1, func(int, *allocator.Candidate) {}),
		"ties":           group(6, func(int, *allocator.Candidate) {}),
		"zero value": group(3, func(i int, c *allocator.Candidate) {
			c.Options = []allocator.Option{users("l1", 0, 1, 1, 0), users("l2", 0, 1, 1, -1)}
		}),
		"all in conflict": group(5, func(i int, c *allocator.Candidate) {
			for k := range 5 {
				if k != i {
					c.Conflicts = append(c.Conflicts, fmt.Sprint("c", k))
				}
			}
		}),
		"a chain": group(4, func(i int, c *allocator.Candidate) {
			if i > 0 {
				c.Requires = []string{fmt.Sprint("c", i-1)}
			}
		}),
		"a least of what is forbidden": asked,
	} {
		t.Run(name, func(t *testing.T) { provedBest(t, p) })
	}
}

// TestExactHelps compares with the search alone, on nights that are small: the bound is
// no worse, and lower where conflicts, prerequisites and whole options matter.
func TestExactHelps(t *testing.T) {
	lower := 0
	for seed := range uint64(4) {
		p := packed(20, 6, seed)
		plain, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 20_000})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 20_000, Exact: mip.BranchAndBound{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Error(err)
		}
		if plan.Bound > plain.Bound || plan.Bound < plain.Value || plan.Value > plain.Bound {
			t.Errorf("seed %d: %v of %v, without it %v of %v", seed, plan.Value, plan.Bound, plain.Value, plain.Bound)
		}
		if plan.Bound < plain.Bound {
			lower++
		}
	}
	if lower == 0 {
		t.Error("the exact solver lowered no bound")
	}
}

// counted notes what it is asked.
type counted struct {
	columns []int
	effort  []int64
}

func (c *counted) Solve(ctx context.Context, p mip.Problem, o mip.Options) (mip.Solution, error) {
	c.columns, c.effort = append(c.columns, len(p.Cost)), append(c.effort, o.Effort)
	return mip.BranchAndBound{}.Solve(ctx, p, mip.Options{Start: o.Start, Effort: 1})
}

// What an exact solver may do without a deadline is what its caller says, and less where
// there is much to do.
func TestExactWork(t *testing.T) {
	for _, test := range []struct {
		n          int
		work, want int64
	}{{20, 0, 20_000}, {20, 70_000, 70_000}, {200, 70_000, 70_000}} {
		c := &counted{}
		if _, err := allocator.Solve(t.Context(), packed(test.n, 6, 1), allocator.Options{Effort: 1_000, Exact: c, Open: 4_000, Work: test.work}); err != nil {
			t.Fatal(err)
		}
		last := len(c.columns) - 1
		if n := int64(c.columns[last]); c.effort[last] != test.want*1000/max(n, 1000) || test.n == 200 && n <= 1000 {
			t.Errorf("%d candidates: work %d for %d columns", test.n, c.effort[last], n)
		}
	}
}

// lost is a solver that fails.
type lost struct{ err error }

func (l lost) Solve(context.Context, mip.Problem, mip.Options) (mip.Solution, error) {
	return mip.Solution{}, l.err
}

// TestWithoutTheExactSolver: rounding trouble of the solver costs the proof, not the plan;
// what else goes wrong in it is told.
func TestWithoutTheExactSolver(t *testing.T) {
	p := packed(20, 6, 1)
	plan, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 20_000, Exact: lost{fmt.Errorf("%w: lost", mip.ErrSolver)}})
	if err != nil || plan.Value == 0 {
		t.Errorf("worth %v, %v", plan.Value, err)
	}
	broken := errors.New("broken")
	if _, err := allocator.Solve(t.Context(), p, allocator.Options{Effort: 20_000, Exact: lost{broken}}); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
