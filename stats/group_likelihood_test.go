package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

func modelOf(groups map[string][]Estimate) *groupsModel {
	var names []string
	var all []Estimate
	for name, es := range groups {
		names = append(names, name)
		all = append(all, es...)
	}
	slices.Sort(names)
	return newGroupsModel(all, names, groups)
}

// TestGroupLikelihoodByBruteForce integrates a group's likelihood over μ_g and
// log τ_g on a dense grid, from the definition of the model.
func TestGroupLikelihoodByBruteForce(t *testing.T) {
	groups := map[string][]Estimate{
		"one":  {{0.03, 0.01}},
		"two":  {{0.01, 0.002}, {-0.015, 0.02}},
		"five": {{0, 0.01}, {0.01, 0.01}, {0.011, 0.001}, {-0.004, 0.003}, {0.02, 0.005}},
	}
	model := modelOf(groups)
	for _, h := range []hyper{{0.001, 0.01, 0.008, 0.1}, {0.002, 0.003, 0.02, 0.5}, {0, 0.02, 0.0005, 1}} {
		want := 0.0
		for _, es := range groups {
			sum := 0.0
			const steps = 400
			for i := range steps {
				z := 16 * (float64(i)/(steps-1) - 0.5)
				tau := h.within * math.Exp(h.spread*z)
				for j := range steps {
					y := 16 * (float64(j)/(steps-1) - 0.5)
					product := norm.Density(z) * norm.Density(y) * 16 * 16 / (steps - 1) / (steps - 1)
					for _, e := range es {
						s := math.Hypot(tau, e.SE)
						product *= norm.Density((e.Value-h.mean-h.between*y)/s) / s
					}
					sum += product
				}
			}
			want += math.Log(sum)
		}
		assert.Near(t, "log likelihood", model.logLikelihood(h), want, 2e-6)
	}
}

// TestSharpGroupLikelihood: 2,000 exact effects leave τ_g hardly uncertain, the
// hard case for a quadrature over the much wider prior of log τ_g.
func TestSharpGroupLikelihood(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	data, _ := simulate(rng, hyper{0, 0.01, 0.01, 0}, 1, 2000, 1e-4)
	g := newGroupGrid("g", data["g000"], 0.01)
	h := hyper{0, 0.01, 0.012, 0.4}
	fine := *g
	fine.step, fine.nodes = g.step/8, make([]pooled, 8*len(g.nodes))
	assert.Near(t, "log likelihood", g.logMarginal(h), fine.logMarginal(h), 1e-7)
}
