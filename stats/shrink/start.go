package shrink

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/assay-planner/assay/stats"
)

// Where to start: from the solution for every eighth estimate, which is found the
// same way, so that most steps are taken on few estimates.
const (
	smallest = 16384 // fewer estimates are not thinned out further
	thinning = 8
)

// ordered copies estimates by standard error, then value. Then the order that
// they came in makes no difference, not by one bit, and every eighth is a fair sample.
func ordered(es []stats.Estimate) []stats.Estimate {
	es = slices.Clone(es)
	slices.SortFunc(es, func(a, b stats.Estimate) int {
		if c := cmp.Compare(a.SE, b.SE); c != 0 {
			return c
		}
		return cmp.Compare(a.Value, b.Value)
	})
	return es
}

// scaled penalties of a sample weigh as much in it as they do in all.
func scaled(penalty []float64, by float64) []float64 {
	penalty = slices.Clone(penalty)
	floats.Scale(by, penalty)
	return penalty
}

func (p programme) start() mixing {
	if len(p.es) <= smallest {
		var null mixing // a penalised component must not be without weight
		for k, c := range p.penalty {
			if c > 0 {
				null.support, null.weights = append(null.support, k), append(null.weights, 1)
			}
		}
		return null.with(p.uncovered(null, 0.5), 1)
	}
	var few []stats.Estimate
	for i := thinning / 2; i < len(p.es); i += thinning {
		few = append(few, p.es[i])
	}
	thinned := programme{newMatrix(p.family, few), scaled(p.penalty, 1./thinning)}
	m := thinned.maximise(thinned.start(), 1e-7)
	return m.with(p.uncovered(m, 1e-6), 1/float64(len(p.es)))
}

// uncovered lists the components to add so that each estimate has a likelihood
// above the threshold under at least one: no density is 0 then.
func (p programme) uncovered(m mixing, threshold float64) (added []int) {
	cell := make([]float64, 1)
	likelihood := func(k, i int) float64 {
		p.column(k, p.rows[i:i+1], cell)
		return cell[0]
	}
	for i := range p.es {
		covered := func(k int) bool { return likelihood(k, i) >= threshold }
		if slices.ContainsFunc(m.support, covered) || slices.ContainsFunc(added, covered) {
			continue
		}
		best, highest := 0, -1.0
		for k := range p.size() {
			if l := likelihood(k, i); l > highest {
				best, highest = k, l
			}
		}
		if !slices.Contains(m.support, best) && !slices.Contains(added, best) {
			added = append(added, best)
		}
	}
	return added
}
