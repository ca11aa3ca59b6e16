package knapsack

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestLeastLosses: of all choices without conflict that hold an item, or None, of a class
// the best loses exactly the least loss.
func TestLeastLosses(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for range 2_000 {
		p := &Problem{Rows: []Row{{Most: 10}}}
		n := 1 + rng.IntN(6)
		for range n {
			items := rng.IntN(3)
			p.AddClass(items > 0 && rng.IntN(5) == 0)
			for range items {
				p.AddItem(float64(rng.IntN(12)-2), Use{Row: 0, Units: int32(rng.IntN(4))})
			}
		}
		for i := range int32(n) {
			for j := range i {
				if rng.IntN(3) == 0 {
					p.Conflicts = append(p.Conflicts, [2]int32{i, j})
				}
			}
		}
		d := newDual(p)
		if d.impossible() {
			continue
		}
		y, g := make([]float64, len(d.limits)), make([]float64, len(d.limits))
		for k := range y {
			y[k] = 10 * rng.Float64()
		}
		d.eval(y, g)
		loss := d.newLosses()
		best := math.Inf(-1)
		held := map[[2]int32]float64{} // class and item: the most that a choice with it is worth
		each(d, func(choice []int32) {
			total := 0.0
			for _, item := range choice {
				total += loss.profit(item)
			}
			best = max(best, total)
			for k, item := range choice {
				at := [2]int32{int32(k), item}
				if was, ok := held[at]; !ok || total > was {
					held[at] = total
				}
			}
		})
		for at, most := range held {
			if got := loss.least(at[0], at[1]); math.Abs(got-(best-most)) > 1e-9 {
				t.Fatalf("class %d, item %d: least loss %g, want %g\n%+v", at[0], at[1], got, best-most, p)
			}
		}
	}
}

// each goes through all choices of living items without conflict.
func each(d *dual, visit func(choice []int32)) {
	choice := make([]int32, len(d.p.Classes))
	var next func(k int)
	next = func(k int) {
		if k == len(choice) {
			for _, pair := range d.p.Conflicts {
				if choice[pair[0]] != None && choice[pair[1]] != None {
					return
				}
			}
			visit(choice)
			return
		}
		class := &d.p.Classes[k]
		for i := class.First; i < class.Last; i++ {
			if !d.isDead(i) {
				choice[k] = i
				next(k + 1)
			}
		}
		if !class.Mandatory {
			choice[k] = None
			next(k + 1)
		}
	}
	next(0)
}
