package knapsack

import (
	"cmp"
	"math/bits"
	"slices"
)

// graph holds the conflicts: who excludes whom, in groups that do not touch.
type graph struct {
	first  []int32 // neighbours of c are near[first[c]:first[c+1]]
	near   []int32
	group  []int32 // by class: index in groups; −1: no conflict
	groups [][]int32
	barred []bool // classes that a mandatory neighbour excludes
	clash  bool   // two mandatory classes exclude each other
}

func newGraph(p *Problem) *graph {
	if len(p.Conflicts) == 0 {
		return nil
	}
	n := len(p.Classes)
	g := &graph{first: make([]int32, n+1), group: make([]int32, n), barred: make([]bool, n)}
	var arcs [][2]int32
	for _, pair := range p.Conflicts {
		arcs = append(arcs, pair, [2]int32{pair[1], pair[0]})
	}
	slices.SortFunc(arcs, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	arcs = slices.Compact(arcs)
	for _, a := range arcs {
		g.first[a[0]+1]++
		g.near = append(g.near, a[1])
		if p.Classes[a[0]].Mandatory {
			g.barred[a[1]] = true
			g.clash = g.clash || p.Classes[a[1]].Mandatory
		}
	}
	for c := range n {
		g.first[c+1] += g.first[c]
		g.group[c] = -1
	}
	for c := range int32(n) {
		if g.group[c] < 0 && g.first[c] < g.first[c+1] {
			g.flood(c)
		}
	}
	return g
}

// neighbours of a class are those that it excludes.
func (g *graph) neighbours(c int32) []int32 { return g.near[g.first[c]:g.first[c+1]] }

// flood collects the group of c.
func (g *graph) flood(c int32) {
	k, members := int32(len(g.groups)), []int32{c}
	g.group[c] = k
	for i := 0; i < len(members); i++ {
		for _, to := range g.neighbours(members[i]) {
			if g.group[to] < 0 {
				g.group[to] = k
				members = append(members, to)
			}
		}
	}
	slices.Sort(members)
	g.groups = append(g.groups, members)
}

// settle keeps, of the classes of a group that have an item, a set without conflict of
// the largest total gain, and takes the item from the others. It returns an upper
// bound on that total, which is the total itself unless the group is very large.
func (g *graph) settle(members []int32, gain []float64, best []int32) float64 {
	total := 0.0
	var open []int32 // with an item, and a neighbour that has one
	for _, c := range members {
		if best[c] == None {
			continue
		}
		if slices.ContainsFunc(g.neighbours(c), func(to int32) bool { return best[to] != None }) {
			open = append(open, c)
		} else {
			total += gain[c]
		}
	}
	slices.Sort(open)
	for len(open) > 0 {
		var part []int32
		part, open = g.connected(open)
		bound, keep := g.heaviest(part, gain)
		total += bound
		for i, c := range part {
			if !keep[i] {
				best[c] = None
			}
		}
	}
	return total
}

// reachable bounds the classes that way looks at.
const reachable = 64

// way is what the others lose if a class has some item, and if it has none: the most that
// those within its reach are worth together, less the most that those are worth that may
// then have an item. It is unknown of a class that reaches very many. At best of all
// classes, none has an item, before and after.
func (g *graph) way(c int32, gain []float64, best []int32) (item, none float64, known bool) {
	if !slices.ContainsFunc(g.neighbours(c), func(to int32) bool { return gain[to] > 0 }) {
		return gain[c], gain[c], true
	}
	reach := []int32{c}
	for i := 0; i < len(reach); i++ {
		for _, to := range g.neighbours(reach[i]) {
			if gain[to] > 0 && !slices.Contains(reach, to) {
				reach = append(reach, to)
			}
		}
		if len(reach) > reachable {
			return 0, 0, false
		}
	}
	most := func(without ...int32) float64 {
		for _, k := range reach {
			if gain[k] > 0 && !slices.Contains(without, k) {
				best[k] = k
			}
		}
		total := g.settle(reach, gain, best)
		for _, k := range reach {
			best[k] = None
		}
		return total
	}
	all := most()
	return all - most(append(slices.Clone(g.neighbours(c)), c)...), all - most(c), true
}

// connected is what the first of ascending classes reaches through the others, and the rest.
func (g *graph) connected(open []int32) (part, rest []int32) {
	reached := make([]bool, len(open))
	reached[0] = true
	part = append(part, open[0])
	for i := 0; i < len(part); i++ {
		for _, to := range g.neighbours(part[i]) {
			if j, ok := slices.BinarySearch(open, to); ok && !reached[j] {
				reached[j] = true
				part = append(part, to)
			}
		}
	}
	for j, c := range open {
		if !reached[j] {
			rest = append(rest, c)
		}
	}
	slices.Sort(part)
	return part, rest
}

// heaviest finds an independent set of the largest gain in one connected part, exactly
// up to 64 classes and within its patience, and a bound on it.
func (g *graph) heaviest(part []int32, gain []float64) (bound float64, keep []bool) {
	keep = make([]bool, len(part))
	if len(part) <= 64 {
		w := weights{near: make([]uint64, len(part)), gain: make([]float64, len(part)), patience: 20_000}
		for i, c := range part {
			w.gain[i] = gain[c]
			for _, to := range g.neighbours(c) {
				if j, ok := slices.BinarySearch(part, to); ok {
					w.near[i] |= 1 << j
				}
			}
		}
		w.branch(^uint64(0)>>(64-len(part)), 0, 0)
		for i := range keep {
			keep[i] = w.kept>>i&1 == 1
		}
		if w.patience >= 0 {
			return w.best, keep
		}
	}
	return g.cover(part, gain, keep), keep
}

// weights is one search for the heaviest independent set.
type weights struct {
	near     []uint64
	gain     []float64
	best     float64
	kept     uint64
	patience int
}

func (w *weights) branch(alive, taken uint64, sum float64) {
	if w.patience--; w.patience < 0 {
		return
	}
	rest, widest, degree := 0.0, -1, 0
	for a := alive; a != 0; a &= a - 1 {
		i := bits.TrailingZeros64(a)
		rest += w.gain[i]
		if k := bits.OnesCount64(w.near[i] & alive); k > degree {
			widest, degree = i, k
		}
	}
	if sum+rest <= w.best {
		return
	}
	if widest < 0 {
		w.best, w.kept = sum+rest, taken|alive
		return
	}
	without := alive &^ (1 << widest)
	w.branch(without&^w.near[widest], taken|1<<widest, sum+w.gain[widest])
	w.branch(without, taken, sum)
}

// cover bounds the heaviest independent set by a cover with cliques, each of which
// gives one class at most, and sets keep to a greedy one if none is known.
func (g *graph) cover(part []int32, gain []float64, keep []bool) float64 {
	order := slices.Clone(part)
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(gain[b], gain[a]), cmp.Compare(a, b)) })
	var cliques [][]int32
	bound := 0.0
	for _, c := range order {
		near := g.neighbours(c)
		all := func(clique []int32) bool {
			return !slices.ContainsFunc(clique, func(m int32) bool { _, ok := slices.BinarySearch(near, m); return !ok })
		}
		if k := slices.IndexFunc(cliques, all); k >= 0 {
			cliques[k] = append(cliques[k], c)
			continue
		}
		bound += gain[c] // the largest of its clique, since they come in order
		cliques = append(cliques, []int32{c})
	}
	if !slices.Contains(keep, true) {
		for _, c := range order {
			i, _ := slices.BinarySearch(part, c)
			keep[i] = !slices.ContainsFunc(g.neighbours(c), func(to int32) bool {
				j, ok := slices.BinarySearch(part, to)
				return ok && keep[j]
			})
		}
	}
	return bound
}
