package knapsack_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator/knapsack"
	"github.com/assay-planner/assay/allocator/mip"
)

// shuffled is p with its classes, the items of each, and its conflicts in another order;
// class and item say, by place in it, where they were in p.
func shuffled(p *knapsack.Problem, rng *rand.Rand) (q *knapsack.Problem, class []int, item [][]int) {
	q = &knapsack.Problem{Rows: p.Rows}
	class = rng.Perm(len(p.Classes))
	place := make([]int32, len(class))
	for at, k := range class {
		place[k] = int32(at)
		from := p.Classes[k].First
		items := rng.Perm(int(p.Classes[k].Last - from))
		q.AddClass(p.Classes[k].Mandatory)
		for _, i := range items {
			it := p.Items[int(from)+i]
			q.AddItem(it.Value, p.Uses[it.First:it.Last]...)
		}
		item = append(item, items)
	}
	for _, c := range p.Conflicts {
		a, b := place[c[0]], place[c[1]]
		if rng.IntN(2) == 0 {
			a, b = b, a
		}
		q.Conflicts = append(q.Conflicts, [2]int32{a, b})
	}
	rng.Shuffle(len(q.Conflicts), func(i, j int) { q.Conflicts[i], q.Conflicts[j] = q.Conflicts[j], q.Conflicts[i] })
	return q, class, item
}

func TestOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(6) {
		p := portfolio(60, seed)
		for name, exact := range map[string]mip.Solver{"search": nil, "search and solver": mip.BranchAndBound{}} {
			o := knapsack.Options{Effort: 10_000_000, Seed: seed, Exact: exact}
			want, err := knapsack.Solve(context.Background(), p, o)
			if err != nil || !want.Feasible {
				t.Fatal(want.Feasible, err)
			}
			q, class, item := shuffled(p, rand.New(rand.NewPCG(seed, 9)))
			got, err := knapsack.Solve(context.Background(), q, o)
			if err != nil {
				t.Fatal(err)
			}
			choice := make([]int, len(got.Choice))
			for at, i := range got.Choice {
				choice[class[at]] = i
				if i != knapsack.None {
					choice[class[at]] = item[at][i]
				}
			}
			got.Choice = choice
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s, seed %d: %s", name, seed, d)
			}
		}
	}
}
