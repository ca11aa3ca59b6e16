package stats

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
	"gonum.org/v1/gonum/optimize"
)

// groupsModel is the likelihood of GroupsFit with what its search needs.
type groupsModel struct {
	groups []*groupGrid
	all    []Estimate
	n      int
	scale  float64 // size of a typical deviation, the unit of the search
}

// maxWithin bounds τ, in units of scale.
const maxWithin = 100

// tie is the difference of log likelihoods below which the fit with fewer
// parameters wins.
const tie = 1e-6

func newGroupsModel(all []Estimate, names []string, groups map[string][]Estimate) *groupsModel {
	pooledFit := poolAt(all, fitVariance(all))
	m := &groupsModel{all: all, n: len(all), scale: math.Sqrt(pooledFit.variance * float64(len(all)))}
	for _, name := range names {
		m.groups = append(m.groups, newGroupGrid(name, groups[name], m.scale))
	}
	return m
}

func (m *groupsModel) logLikelihood(h hyper) float64 {
	sum := 0.0
	for _, g := range m.groups {
		sum += g.logMarginal(h)
	}
	return sum
}

// fit returns the hyperparameters of highest likelihood: the best with η = 0, or
// the best with η ≥ minSpread if that is better.
func (m *groupsModel) fit() hyper {
	best := m.fitEqualSpread()
	if len(m.groups) == 1 || best.within == 0 && best.between == 0 {
		return best
	}
	value := m.logLikelihood(best)
	unequal := m.climb(hyper{best.mean, best.between, best.within, 0.2}, 1e-3)
	if h := m.climb(hyper{best.mean, best.between, best.within, 0.6}, 1e-3); m.logLikelihood(h) > m.logLikelihood(unequal) {
		unequal = h
	}
	unequal = m.climb(unequal, 1e-8)
	if h := (hyper{unequal.mean, 0, unequal.within, unequal.spread}); m.logLikelihood(h) > m.logLikelihood(unequal)-tie {
		unequal = h
	}
	if m.logLikelihood(unequal) > value+tie {
		return unequal
	}
	return best
}

// fitEqualSpread maximises with η = 0. For each τ² the groups' weighted means
// are estimates of one normal distribution, whose mean and variance (μ and ω²)
// FitNormal's search finds; that leaves a search over τ² alone, on a grid and
// then by golden section. No difference between groups (ω = 0) wins ties.
func (m *groupsModel) fitEqualSpread() hyper {
	none := fitVariance(m.all)
	pooledFit := poolAt(m.all, none)
	best := hyper{mean: pooledFit.mean, within: math.Sqrt(none)}
	if len(m.groups) == 1 {
		return best
	}
	grid, at, value := varianceGrid(m.all), -1, pooledFit.profile()+tie
	for i, v := range grid {
		if h, l := m.givenWithin(v); l > value {
			best, at, value = h, i, l
		}
	}
	if at < 0 {
		return best
	}
	within := solve.Maximum(grid[max(0, at-1)], grid[min(len(grid)-1, at+1)], func(v float64) float64 {
		_, l := m.givenWithin(v)
		return l
	})
	if h, l := m.givenWithin(within); l > value {
		return h
	}
	return best
}

// givenWithin returns the best fit with η = 0 and the given τ², and its log
// likelihood.
func (m *groupsModel) givenWithin(within float64) (hyper, float64) {
	means := make([]Estimate, len(m.groups))
	l := 0.0
	for i, g := range m.groups {
		p := poolAt(g.estimates, within)
		means[i] = Estimate{p.mean, math.Sqrt(p.variance)}
		l += p.logScale
	}
	between := fitVariance(means)
	p := poolAt(means, between)
	return hyper{mean: p.mean, between: math.Sqrt(between), within: math.Sqrt(within)}, l + p.profile()
}

// climb improves all four hyperparameters by the simplex method of Nelder and
// Mead, from a start with η > 0, until 40 steps gain less than the tolerance.
func (m *groupsModel) climb(start hyper, tolerance float64) hyper {
	meanUnit := math.Sqrt(start.between*start.between/float64(len(m.groups)) + m.scale*m.scale/float64(m.n))
	// |x| for ω makes 0 an inner point; the logistic keeps η in its bounds.
	decode := func(x []float64) hyper {
		return hyper{
			mean:    start.mean + meanUnit*x[0],
			between: m.scale * math.Abs(x[1]),
			within:  m.scale * math.Exp(x[2]),
			spread:  minSpread + (maxSpread-minSpread)/(1+math.Exp(-x[3])),
		}
	}
	share := (start.spread - minSpread) / (maxSpread - minSpread)
	share = min(max(share, 0.02), 0.98)
	x := []float64{0, start.between / m.scale, math.Log(max(start.within/m.scale, 1e-3)), math.Log(share / (1 - share))}
	problem := optimize.Problem{Func: func(x []float64) float64 {
		if h := decode(x); h.within <= maxWithin*m.scale {
			return -m.logLikelihood(h)
		}
		return math.Inf(1)
	}}
	settings := &optimize.Settings{
		Converger:       &optimize.FunctionConverge{Absolute: tolerance, Iterations: 40},
		FuncEvaluations: 2000,
	}
	result, err := optimize.Minimize(problem, x, settings, &optimize.NelderMead{SimplexSize: 0.3})
	if result == nil || err != nil && math.IsInf(result.F, 1) {
		return start
	}
	return decode(result.X)
}
