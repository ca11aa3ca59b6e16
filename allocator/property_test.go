package allocator_test

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
)

// anyProblem draws a tiny problem or a small night.
func anyProblem(t *rapid.T) allocator.Problem {
	seed := rapid.Uint64().Draw(t, "seed")
	switch rapid.IntRange(0, 5).Draw(t, "size") {
	case 0:
		return night(30, 20, seed)
	case 1:
		return packed(60, 15, seed)
	default:
		return tiny(rand.New(rand.NewPCG(seed, 7)))
	}
}

func solve(t rapid.TB, p allocator.Problem) allocator.Plan {
	t.Helper()
	plan, err := allocator.Solve(context.Background(), p, allocator.Options{Effort: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestCheckAcceptsEveryPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		if err := allocator.Check(p, solve(t, p)); err != nil {
			t.Fatal(err)
		}
	})
}

// TestNoCapacityExceeded counts bucket by bucket and hour by hour, without Check.
func TestNoCapacityExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan := solve(t, p)
		options := map[string]allocator.Option{}
		for _, c := range p.Candidates {
			for _, choice := range plan.Choices {
				if choice.Candidate == c.ID {
					options[c.ID] = c.Options[choice.Option]
				}
			}
		}
		for week := range p.Weeks {
			if !roomIn(p, options, week) {
				t.Fatalf("week %d is over capacity", week)
			}
			for _, l := range p.Layers {
				owner := map[int]string{}
				claim := func(who string, rs []allocator.Range) {
					for _, r := range rs {
						for b := r.From; b < r.To; b++ {
							if owner[b] != "" || b < 0 || b >= l.Buckets {
								t.Fatalf("week %d, %s/%s: bucket %d of %d goes to %s and %s", week, l.Segment, l.Name, b, l.Buckets, owner[b], who)
							}
							owner[b] = who
						}
					}
				}
				for _, h := range l.Held {
					if week < h.Until {
						claim("hold", h.Ranges)
					}
				}
				for _, c := range plan.Choices {
					if o := options[c.Candidate]; o.Buckets > 0 && o.Segment == l.Segment && o.Layer == l.Name &&
						o.Start <= week && week < o.Start+o.Weeks {
						claim(c.Candidate, c.Cohort)
					}
				}
			}
		}
	})
}

// TestPricesProveTheBound computes the Lagrangian bound from the prices alone.
func TestPricesProveTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan := solve(t, p)
		price, free := map[string][]float64{}, map[string][]int64{}
		total := 0.0
		for _, q := range plan.Prices { // ordered by week within a name
			price[q.Unit+q.Name] = append(price[q.Unit+q.Name], q.Price)
			free[q.Unit+q.Name] = append(free[q.Unit+q.Name], q.Capacity)
		}
		quotas, dearest := map[[2]string]allocator.Share{}, 0.0
		for _, q := range plan.Quotas {
			quotas[[2]string{q.Group, q.Unit}] = q
			if q.Most != nil {
				total += q.Price * float64(*q.Most)
			}
			total -= q.Cost * float64(q.Least)
			dearest = max(dearest, q.Cost*float64(q.Least))
		}
		total += dearest * shortfall(plan) // what may be missing is missing of the dearest
		of := map[string][]int64{}         // by layer and week: the greatest number whose multiples all options take
		for name, weeks := range free {
			of[name] = make([]int64, len(weeks))
		}
		for _, c := range p.Candidates {
			best := 0.0
			for _, o := range c.Options {
				need := map[string][]int64{}
				add := func(name string, week int, n int64) {
					if need[name] == nil {
						need[name] = make([]int64, p.Weeks)
					}
					if week < p.Weeks {
						need[name][week] += n
					}
				}
				for _, compute := range o.Compute {
					for k, h := range compute.GPUHours {
						add(allocator.GPUHour+compute.Pool, o.Start+k, h)
					}
				}
				for k := range o.Weeks + o.Cool {
					if n := int64(o.Buckets); n > 0 {
						if k >= o.Weeks {
							n /= 2 // the treatment's rest
						}
						add(allocator.Bucket+o.Segment+"/"+o.Layer, o.Start+k, n)
					}
				}
				profit, fits := o.Value, true
				for _, g := range slices.Compact(slices.Sorted(slices.Values(c.Groups))) {
					for _, unit := range []string{allocator.Start, allocator.GPUHour, allocator.BucketWeek} {
						alone := allocator.Problem{Weeks: p.Weeks, Candidates: []allocator.Candidate{{Groups: c.Groups, Options: []allocator.Option{o}}}}
						n := heldBy(alone, []int{1}, allocator.Quota{Group: g, Unit: unit})
						q := quotas[[2]string{g, unit}]
						profit += (q.Cost - q.Price) * float64(n)
						fits = fits && (q.Most == nil || n <= *q.Most)
					}
				}
				for name, weeks := range need {
					for k, n := range weeks {
						profit -= float64(n) * price[name][k]
						fits = fits && n <= free[name][k]
					}
				}
				if !fits || o.Value <= 0 {
					continue
				}
				best = max(best, profit)
				for name, weeks := range need {
					for k, n := range weeks {
						for d := max(n, of[name][k]); n > 0; d-- { // a slow way to the divisor
							if n%d == 0 && of[name][k]%d == 0 {
								of[name][k] = d
								break
							}
						}
					}
				}
			}
			total += best
		}
		for name, weeks := range free {
			for k, n := range weeks {
				if d := of[name][k]; d > 0 && strings.HasPrefix(name, allocator.Bucket) {
					n -= n % d // what no whole test can take is not for sale
				}
				total += price[name][k] * float64(n)
			}
		}
		// Options that no prerequisite can precede are left out of the plan's bound, not here.
		if plan.Bound > total*(1+1e-9)+1e-12 {
			t.Fatalf("bound %v, but the prices prove %v", plan.Bound, total)
		}
		requires := false
		for _, c := range p.Candidates {
			requires = requires || len(c.Requires) > 0
		}
		if !requires && plan.Bound < total*(1-1e-9) && plan.Bound > plan.Value {
			t.Fatalf("bound %v is below what the prices prove, %v", plan.Bound, total)
		}
	})
}

func TestSameInputSamePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		first := toJSON(t, solve(t, p))
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1 + runtime.GOMAXPROCS(0)%2))
		second := toJSON(t, solve(t, p))
		if first != second {
			t.Fatal(cmp.Diff(first, second))
		}
	})
}

// TestOrderDoesNotMatter shuffles all lists. Only Option, an index into one of them,
// may differ; Check and Design, Start, Weeks and Value see to it that it is the same one.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
		q := shuffled(p, rng)
		a, b := solve(t, p), solve(t, q)
		if err := allocator.Check(q, b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(toJSON(t, withoutIndexes(a)), toJSON(t, withoutIndexes(b))); d != "" {
			t.Fatal(d)
		}
	})
}

func withoutIndexes(plan allocator.Plan) allocator.Plan {
	for i := range plan.Choices {
		plan.Choices[i].Option = 0
	}
	for i := range plan.Reasons {
		plan.Reasons[i].Option = 0
	}
	return plan
}

// sameShuffled solves a problem twice, the second time with all lists shuffled and on
// another number of processors, and wants the same plan.
func sameShuffled(t rapid.TB, p allocator.Problem, o allocator.Options, seed uint64) {
	t.Helper()
	a, err := allocator.Solve(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1 + runtime.GOMAXPROCS(0)%2))
	b, err := allocator.Solve(context.Background(), shuffled(p, rand.New(rand.NewPCG(seed, 0))), o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(toJSON(t, withoutIndexes(a)), toJSON(t, withoutIndexes(b))); d != "" {
		t.Fatal(d)
	}
}

func toJSON(t rapid.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestImprovementImproves compares with the plan before improvement.
func TestImprovementImproves(t *testing.T) {
	gained := 0
	for seed := range uint64(10) {
		p := packed(80, 20, seed)
		greedy, err := allocator.Solve(context.Background(), p, allocator.Options{Effort: -1})
		if err != nil {
			t.Fatal(err)
		}
		better := solve(t, p)
		if better.Value < greedy.Value*(1-1e-12) || math.Abs(better.Bound-greedy.Bound) > 1e-9 {
			t.Errorf("seed %d: value %v after %v, bound %v after %v", seed, better.Value, greedy.Value, better.Bound, greedy.Bound)
		}
		if better.Value > greedy.Value*1.001 {
			gained++
		}
	}
	if gained < 8 {
		t.Errorf("improvement gained in %d of 10 problems", gained)
	}
}

// TestGap holds the solver to the quality that is claimed for it on typical nights.
func TestGap(t *testing.T) {
	if testing.Short() {
		t.Skip("solves a whole night")
	}
	p := night(500, 100, 1)
	plan, err := allocator.Solve(context.Background(), p, allocator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := allocator.Check(p, plan); err != nil {
		t.Error(err)
	}
	t.Logf("value %.6g, bound %.6g, gap %.3f%%, %d chosen", plan.Value, plan.Bound, 100*plan.Gap, len(plan.Choices))
	if plan.Gap > 0.006 {
		t.Errorf("gap %.3f%%, want at most 0.6%%", 100*plan.Gap)
	}
}

// What Explain says of a plan as Solve made it is what Solve said; it knows no other choices.
func TestExplainSaysWhatSolveDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan := solve(t, p)
		told, err := allocator.Explain(context.Background(), p, plan, allocator.Options{})
		if d := cmp.Diff(plan, told); err != nil || d != "" {
			t.Fatalf("%v (-solved +told):\n%s", err, d)
		}
		if len(plan.Choices) > 0 {
			plan.Choices[0].Design += "?"
			if _, err := allocator.Explain(context.Background(), p, plan, allocator.Options{}); err == nil {
				t.Fatal("a choice that is none of the problem's was explained")
			}
		}
	})
}
