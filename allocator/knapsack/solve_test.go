package knapsack_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator/knapsack"
	"github.com/assay-planner/assay/allocator/mip"
)

// tiny draws a problem small enough to try all choices, dense with what can go wrong:
// no capacity, no value, ties, demands, mandatory classes, conflicts, empty classes.
func tiny(rng *rand.Rand) *knapsack.Problem {
	p := &knapsack.Problem{}
	for range rng.IntN(4) {
		row := knapsack.Row{Most: int64(rng.IntN(14))}
		switch rng.IntN(5) {
		case 0:
			row.Least = int64(rng.IntN(int(row.Most) + 1))
		case 1:
			row.Most, row.Least = knapsack.Unlimited, int64(rng.IntN(6))
		}
		p.Rows = append(p.Rows, row)
	}
	n := 1 + rng.IntN(6)
	whole := rng.IntN(2) == 0
	for range n {
		items := rng.IntN(4)
		p.AddClass(items > 0 && rng.IntN(3) == 0)
		for range items {
			value := float64(rng.IntN(9) - 1)
			if !whole {
				value += rng.Float64()
			}
			var uses []knapsack.Use
			for r := range p.Rows {
				if rng.IntN(3) > 0 {
					uses = append(uses, knapsack.Use{Row: int32(r), Units: int32(rng.IntN(7))})
				}
			}
			p.AddItem(value, uses...)
		}
	}
	if rng.IntN(2) == 0 {
		for i := range int32(n) {
			for j := range i {
				if rng.IntN(4) == 0 {
					p.Conflicts = append(p.Conflicts, [2]int32{i, j})
				}
			}
		}
	}
	return p
}

// brute tries every choice.
func brute(p *knapsack.Problem) (best float64, ok bool) {
	choice := make([]int, len(p.Classes))
	var try func(c int)
	try = func(c int) {
		if c == len(choice) {
			if v, err := knapsack.Check(p, choice); err == nil && (!ok || v > best) {
				best, ok = v, true
			}
			return
		}
		for k := knapsack.None; k < int(p.Classes[c].Last-p.Classes[c].First); k++ {
			choice[c] = k
			try(c + 1)
		}
	}
	try(0)
	return best, ok
}

func TestAgainstBruteForce(t *testing.T) {
	var missed, found int
	rapid.Check(t, func(t *rapid.T) {
		p := tiny(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3)))
		best, ok := brute(p)
		for _, exact := range []mip.Solver{nil, mip.BranchAndBound{}} {
			s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 300_000, Exact: exact})
			if err != nil {
				t.Fatal(err)
			}
			if ok && (s.Impossible || s.Bound < best-1e-9*math.Abs(best)) {
				t.Fatalf("bound %v (impossible: %v) is below the optimum %v", s.Bound, s.Impossible, best)
			}
			if s.Feasible {
				v, err := knapsack.Check(p, s.Choice)
				if err != nil || v != s.Value || s.Bound < s.Value {
					t.Fatalf("value %v, bound %v: %v, %v", s.Value, s.Bound, v, err)
				}
				if !ok {
					t.Fatalf("a choice for a problem that has none")
				}
			}
			if s.Optimal && s.Value < best-1e-9*math.Abs(best) {
				t.Fatalf("%v is not optimal: %v is", s.Value, best)
			}
			if exact != nil {
				switch {
				case ok && !(math.Abs(s.Value-best) <= 1e-9*max(1, math.Abs(best))):
					t.Fatalf("exactly %v, but %v is possible", s.Value, best)
				case ok && !s.Optimal && s.Gap() > 1e-8:
					t.Fatalf("%v of %v is not proved", s.Value, s.Bound)
				case !ok && !s.Impossible:
					t.Fatal("not proved impossible")
				}
			} else if found++; ok && s.Value < best-1e-9 {
				missed++
			}
		}
		s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 300_000, Exact: mip.BranchAndBound{}, Gap: 0.3})
		if err != nil || s.Feasible != ok || s.Impossible != !ok {
			t.Fatalf("to a gap of 30%%: feasible %v, impossible %v, %v; there is a choice: %v", s.Feasible, s.Impossible, err, ok)
		}
		if ok && best-s.Value > 0.3*math.Abs(s.Value)+1e-9 {
			t.Fatalf("to a gap of 30%%: %v, and %v is possible", s.Value, best)
		}
	})
	t.Logf("without an exact solver the search missed the optimum of %d of %d", missed, found)
}

// portfolio draws a problem of some size, with everything.
func portfolio(classes int, seed uint64) *knapsack.Problem {
	rng := rand.New(rand.NewPCG(seed, 5))
	p := &knapsack.Problem{}
	for r := range 6 {
		p.Rows = append(p.Rows, knapsack.Row{Name: fmt.Sprint(r), Most: int64(classes) * 3})
	}
	p.Rows = append(p.Rows, knapsack.Row{Name: "share", Least: int64(classes) / 2, Most: knapsack.Unlimited})
	for c := range classes {
		p.AddClass(c%10 == 0)
		for range 5 {
			uses := []knapsack.Use{{Row: 6, Units: int32(rng.IntN(3))}}
			for r := range int32(6) {
				uses = append(uses, knapsack.Use{Row: r, Units: int32(rng.IntN(10))})
			}
			p.AddItem(float64(10+rng.IntN(50)), uses...)
		}
	}
	for range classes / 2 {
		if a, b := rng.IntN(classes), rng.IntN(classes); a != b && a%10+b%10 > 0 && a%10*(b%10) > 0 {
			p.Conflicts = append(p.Conflicts, [2]int32{int32(a), int32(b)})
		}
	}
	return p
}

func TestSameInputSameChoice(t *testing.T) {
	p := portfolio(60, 1)
	for name, exact := range map[string]mip.Solver{"search": nil, "search and solver": mip.BranchAndBound{}} {
		o := knapsack.Options{Effort: 20_000_000, Seed: 7, Exact: exact}
		want, err := knapsack.Solve(context.Background(), p, o)
		if err != nil || !want.Feasible {
			t.Fatal(want.Feasible, err)
		}
		for _, processors := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(processors)
			got, err := knapsack.Solve(context.Background(), p, o)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s with %d processors: %s", name, processors, d)
			}
		}
	}
}

// deaf is a solver that does not hear that its time is over.
type deaf struct{ asked, end chan struct{} }

func (d deaf) Solve(context.Context, mip.Problem, mip.Options) (mip.Solution, error) {
	close(d.asked)
	<-d.end
	return mip.Solution{}, nil
}

func TestSolverThatDoesNotEnd(t *testing.T) {
	d := deaf{make(chan struct{}), make(chan struct{})}
	defer close(d.end)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-d.asked
		cancel()
	}()
	s, err := knapsack.Solve(ctx, portfolio(60, 2), knapsack.Options{Effort: 100_000_000, Exact: d})
	if err != nil || !s.Cut || !s.Feasible {
		t.Errorf("%v, cut %v, feasible %v", err, s.Cut, s.Feasible)
	}
}

func TestStoppedEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := portfolio(60, 2)
	s, err := knapsack.Solve(ctx, p, knapsack.Options{})
	if err != nil || !s.Cut || s.Optimal || s.Bound <= 0 {
		t.Errorf("%+v, %v", s, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	s, err = knapsack.Solve(ctx, p, knapsack.Options{Progress: func(value, _ float64) {
		if value > 0 {
			cancel()
		}
	}})
	if err != nil || !s.Cut || !s.Feasible {
		t.Errorf("%v, cut %v, feasible %v", err, s.Cut, s.Feasible)
	}
}

func TestLargerProblemIsNear(t *testing.T) {
	p := portfolio(200, 3)
	s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 200_000_000})
	if err != nil || !s.Feasible {
		t.Fatal(s.Feasible, err)
	}
	if s.Gap() > 0.02 {
		t.Errorf("gap %g", s.Gap())
	}
}

// Here a choice is good if it leaves almost no room in any row, as items are worth little
// more than what they use. From wherever chance leads to, a search lands 0.41% off.
func TestValuesThatFollowUses(t *testing.T) {
	const rows = 10
	rng := rand.New(rand.NewPCG(1, rows))
	p := &knapsack.Problem{}
	price := make([]float64, rows)
	for r := range price {
		p.Rows = append(p.Rows, knapsack.Row{Most: 500})
		price[r] = float64(1 + rng.IntN(10))
	}
	for range 100 {
		p.AddClass(true)
		for range 10 {
			uses := make([]knapsack.Use, rows)
			value := float64(rng.IntN(20))
			for r := range uses {
				uses[r] = knapsack.Use{Row: int32(r), Units: int32(rng.IntN(11))}
				value += price[r] * float64(uses[r].Units)
			}
			p.AddItem(value, uses...)
		}
	}
	s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 200_000_000})
	if err != nil || !s.Feasible {
		t.Fatal(s.Feasible, err)
	}
	if s.Gap() > 0.003 {
		t.Errorf("gap %g", s.Gap())
	}
}

// Values with a few decimals are proved as whole ones are; with any number of them, up to
// rounding.
func TestDecimalsAreProved(t *testing.T) {
	for name, values := range map[string][3]float64{
		"tenths":  {600.1, 310.5, 18.6},
		"any":     {math.Pi, math.E, math.Sqrt2},
		"small":   {1.25e-3, 2e-3, 7e-4},
		"natural": {3, 4, 5},
	} {
		p := &knapsack.Problem{Rows: []knapsack.Row{{Most: 5}, {Most: 6}}}
		for i, v := range values {
			p.AddClass(false)
			p.AddItem(v, knapsack.Use{Row: 0, Units: int32(2 + i)}, knapsack.Use{Row: 1, Units: int32(4 - i)})
		}
		s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 1e7, Exact: mip.BranchAndBound{}})
		want, _ := brute(p)
		if err != nil || !s.Optimal || s.Value != want {
			t.Errorf("%s: %+v, %v, want %g", name, s, err, want)
		}
	}
}

// All classes exclude each other, and few of them alone meet the demand.
func TestAllInConflict(t *testing.T) {
	const classes = 200
	p := &knapsack.Problem{Rows: []knapsack.Row{{Most: 50}, {Least: 9, Most: knapsack.Unlimited}}}
	for c := range int32(classes) {
		p.AddClass(false)
		p.AddItem(float64(100+c%7), knapsack.Use{Row: 0, Units: 1 + c%5}, knapsack.Use{Row: 1, Units: c % 8})
		p.AddItem(float64(50+c%11), knapsack.Use{Row: 0, Units: 2 + c%5}, knapsack.Use{Row: 1, Units: c % 10})
		for other := range c {
			p.Conflicts = append(p.Conflicts, [2]int32{c, other})
		}
	}
	s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Effort: 1e7, Exact: mip.BranchAndBound{}})
	if err != nil || !s.Optimal || s.Value != 60 {
		t.Errorf("%v of %v, optimal %v, %v; 60 is possible", s.Value, s.Bound, s.Optimal, err)
	}
}
