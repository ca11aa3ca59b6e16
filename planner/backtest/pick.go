package backtest

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/assay-planner/assay/history"
)

// shares of the ideas that picks are made of.
var shares = []float64{0.1, 0.2, 0.3, 0.5}

// pick is an idea of those with the highest score of its block and metric. Ideas in sets
// are ranked together, by what their score has over the mean of their set. A share is
// rounded to whole places, at least one; ideas that tie for the last ones share them.
type pick struct {
	i      int
	weight float64 // in (0, 1]
}

// chosen never takes an idea without a score (NaN).
func (a *arena) chosen(share float64, score func(int) float64) (all []pick) {
	type ranked struct {
		i     int
		score float64
	}
	over := a.overMean(score)
	together := map[[2]string][]ranked{}
	var keys [][2]string
	for _, g := range a.groups {
		k := [2]string{a.folds[g.fold].Name, g.metric}
		if together[k] == nil {
			keys = append(keys, k)
		}
		for _, i := range g.members {
			if x := over[i]; x == x {
				together[k] = append(together[k], ranked{i, x})
			}
		}
	}
	for _, k := range keys {
		of := together[k]
		slices.SortFunc(of, func(x, y ranked) int { return cmp.Or(-cmp.Compare(x.score, y.score), cmp.Compare(x.i, y.i)) })
		places := max(1, int(math.Round(share*float64(len(of)))))
		for from := 0; from < min(places, len(of)); {
			end := from
			for end < len(of) && of[end].score == of[from].score {
				end++
			}
			weight := math.Min(1, float64(places-from)/float64(end-from))
			for _, r := range of[from:end] {
				all = append(all, pick{r.i, weight})
			}
			from = end
		}
	}
	return all
}

// overMean is the score of each idea, within a set less the mean of those of the set
// that have one.
func (a *arena) overMean(score func(int) float64) []float64 {
	out := make([]float64, len(a.tested))
	for _, g := range a.groups {
		first, mean, n := math.NaN(), 0.0, 0.0
		for _, i := range g.members {
			if x := score(i); x == x {
				if first != first {
					first = x
				}
				mean, n = mean+x-first, n+1
			}
		}
		for _, i := range g.members {
			if out[i] = score(i); g.set {
				out[i] = (out[i] - first) - mean/math.Max(1, n)
			}
		}
	}
	return out
}

// top is the mean outcome of the chosen less that of all; within sets, both count less
// the mean of their set.
func (a *arena) top(share float64, score func(int) float64) statistic {
	picked, all, returns := a.sums(), a.sums(), a.overMean(a.outcome)
	for _, p := range a.chosen(share, score) {
		picked.add(a.tested[p.i].cluster, p.weight*returns[p.i], p.weight)
	}
	for i, t := range a.tested {
		all.add(t.cluster, returns[i], 1)
	}
	of, whole := picked.ratio(), all.ratio()
	return func(w []float64) float64 { return of(w) - whole(w) }
}

// places is how many ideas are chosen.
func (a *arena) places(share float64, score func(int) float64) int {
	n := 0.0
	for _, p := range a.chosen(share, score) {
		n += p.weight
	}
	return int(math.Round(n))
}

// picks holds the models' orders against chance, the claims that were made of ideas, ICE
// among them, and the oracle that saw the outcome. The oracle picks noise as well: what it returns
// is out of reach for anybody.
func (a *arena) picks(b bootstrap, models []tried) []Pick {
	type order struct {
		by    string
		score func(int) float64
	}
	var orders []order
	for _, m := range models {
		orders = append(orders, order{m.name, m.forecast})
	}
	who := map[string]bool{}
	for _, t := range a.tested {
		for name := range t.Claims {
			who[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(who)) {
		by := "claim of " + name
		if name == history.ICEClaim {
			by = "ICE"
		}
		orders = append(orders, order{by, func(i int) float64 {
			if x, made := a.tested[i].Claims[name]; made {
				return x
			}
			return math.NaN()
		}})
	}
	orders = append(orders, order{"oracle that saw the outcome", a.outcome})
	var all []Pick
	for _, share := range shares {
		all = append(all, Pick{By: "chance", Share: share, Ideas: a.places(share, a.outcome), Lift: &Measure{Level: level}})
		for _, o := range orders {
			all = append(all, Pick{By: o.by, Share: share, Ideas: a.places(share, o.score), Lift: measure(b.of(a.top(share, o.score)))})
		}
	}
	return all
}
