package knapsack

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// tight draws a problem that a hidden choice solves, and little else: it uses up every
// capacity, and every team has as many classes as it may and little more of the first half
// of the capacities than it must.
func tight(rng *rand.Rand, classes int) *Problem {
	const resources, shared, teams, least = 8, 4, 10, 0.97
	p := &Problem{Rows: make([]Row, resources+2*teams)}
	for r := range p.Rows[resources+teams:] {
		p.Rows[resources+teams+r].Most = Unlimited
	}
	for c := range classes {
		team := int32(c % teams)
		hidden := -1
		if rng.IntN(6) == 0 {
			hidden = rng.IntN(6)
		}
		p.AddClass(false)
		for k := range 6 {
			uses, share := []Use{}, int32(0)
			for range 3 {
				u := Use{Row: (int32(c+7*len(uses)) + rng.Int32N(2)) % resources, Units: 20 + rng.Int32N(400)}
				if len(uses) > 0 && uses[len(uses)-1].Row == u.Row || len(uses) > 1 && uses[0].Row == u.Row {
					continue
				}
				if uses = append(uses, u); u.Row < shared {
					share += u.Units
				}
			}
			uses = append(uses, Use{Row: resources + team, Units: 1}, Use{Row: resources + teams + team, Units: share})
			p.AddItem(float64(rng.IntN(1000)), uses...)
			if k == hidden {
				for _, u := range uses {
					if row := &p.Rows[u.Row]; row.Most == Unlimited {
						row.Least += int64(u.Units)
					} else {
						row.Most += int64(u.Units)
					}
				}
			}
		}
	}
	for r := range p.Rows[resources+teams:] {
		row := &p.Rows[resources+teams+r]
		row.Least = int64(least * float64(row.Least))
	}
	return p
}

// Where capacities and minimum shares leave little between them, any choice is found.
func TestSeekTightLeasts(t *testing.T) {
	for seed := range uint64(4) {
		d := newDual(tight(rand.New(rand.NewPCG(seed, 9)), 200))
		y, bound := d.minimise(context.Background())
		d.eval(y, make([]float64, len(y)))
		c := newCore(d, y, bound, math.Inf(1), largest)
		k := newSeeker(c.baseState(), rand.New(rand.NewPCG(seed, 1)))
		if !k.run(300_000_000) {
			t.Errorf("seed %d: no choice in %d steps", seed, k.step)
		}
	}
}
