package stats

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats/internal/input"
)

// GroupsFit is a two-level prior of true effects: ideas within groups (such as
// surfaces or components), groups within a population. It survives JSON.
//
//	δᵢ in group g ~ N(μ_g, τ_g²)      μ_g ~ N(μ, ω²)      log τ_g ~ N(log τ, η²)
//
// Effects are relative lifts as fractions.
type GroupsFit struct {
	Mean         float64 `json:"mean"`          // μ̂
	MeanSE       float64 `json:"mean_se"`       // standard error of μ̂ given ω̂, τ̂ and η̂
	Between      float64 `json:"between"`       // ω̂: SD of group means
	Within       float64 `json:"within"`        // τ̂: median SD of true effects within a group
	WithinSpread float64 `json:"within_spread"` // η̂: SD of log τ_g; 0, or in [0.1, 1]
	// Population is the predictive distribution of a new idea in a group never
	// seen, moment-matched: N(μ̂, ω̂² + MeanSE² + τ̂² exp(2η̂²)).
	Population Normal `json:"population"`
	// PopulationEvidence is Evidence of a group never seen.
	PopulationEvidence float64 `json:"population_evidence"`
	LogLikelihood      float64 `json:"log_likelihood"` // at the maximum, natural logarithm
	N                  int     `json:"n"`              // estimates in all groups
	Groups             []Group `json:"groups"`         // sorted by name
}

// Group is what a GroupsFit knows about one group.
type Group struct {
	Name       string  `json:"name"`
	N          int     `json:"n"`          // its estimates
	Mean       Normal  `json:"mean"`       // posterior of μ_g, with the uncertainty of μ̂
	Within     float64 `json:"within"`     // posterior root mean square of τ_g
	Predictive Normal  `json:"predictive"` // see GroupsFit.Predict
	Evidence   float64 `json:"evidence"`   // see GroupsFit.Evidence
}

// FitGroups estimates the two-level prior by maximum marginal likelihood: for a
// group's τ_g the mean μ_g is integrated out in closed form, log τ_g by the
// trapezoid rule on a grid fine enough for the group's size (relative error
// below 1e-7), and μ, ω, τ, η maximise the product over groups.
//
//   - Zeros are exact. ω̂ = 0 says that groups do not differ, τ̂ = 0 that ideas
//     within a group do not, η̂ = 0 that all groups spread alike. η is 0 or in
//     [0.1, 1]: less cannot be told from 0, and more would let a few groups
//     decide how wide an unseen one is.
//   - Where the data cannot tell spread between groups from spread within them
//     (every group has one estimate), it is taken to be within.
//   - One group says nothing about how groups differ: the group's own fit is
//     that of FitNormal, and ω̂ is set to τ̂ for groups not seen.
//   - A group with an empty list counts as not seen.
//
// Standard errors must be known and above 0. Only the mean's own uncertainty is
// carried into predictions, not that of ω, τ and η: in simulations 80% intervals
// of new ideas hold 79 to 82% with five groups or more, and 75 to 79% with two
// or three. The order of a map does not matter, not by one bit. 5,000 estimates in
// 20 groups take about a fifth of a second.
//
// The error is an *InputError for no estimates at all, or naming the first group
// (by name) and index with an unusable estimate.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §5.4, the
// hierarchical normal model, whose one within-group spread is here a log-normal
// population of them.
func FitGroups(groups map[string][]Estimate) (GroupsFit, error) {
	names := slices.Sorted(maps.Keys(groups))
	names = slices.DeleteFunc(names, func(name string) bool { return len(groups[name]) == 0 })
	var all []Estimate
	for _, name := range names {
		if err := checkEstimates(fmt.Sprintf("groups[%q]", name), groups[name]); err != nil {
			return GroupsFit{}, err
		}
		all = append(all, groups[name]...)
	}
	if len(all) == 0 {
		return GroupsFit{}, &input.Error{Field: "groups", Value: 0, Reason: "at least one effect is needed"}
	}
	model := newGroupsModel(all, names, groups)
	return model.describe(model.fit()), nil
}

// Predict returns the distribution of the true effect of a new idea in the
// group, by the first two moments of the mixture over what τ_g may be:
//
//	mean = E[m_g]      SD² = E[s_g² + τ_g²] + Var(m_g)
//
// where μ_g given τ_g and the data is N(m_g, s_g²), shrunk from the group's
// weighted mean towards μ̂ by its precision. A group never seen gets Population,
// which is wider by what group means differ.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §5.4.
func (f GroupsFit) Predict(group string) Normal {
	if i, ok := f.find(group); ok {
		return f.Groups[i].Predictive
	}
	return f.Population
}

// Evidence returns how many past effects, measured as precisely as is usual in
// the group, would pin the group's mean as well as all of the data do:
//
//	V_g / Var(μ_g | data)      V_g = n_g / Σ 1/(τ_g² + seᵢ²)
//
// It is the group's own number of effects plus what the other groups lend: n_g
// if groups have nothing in common, about N if they do not differ. For a group
// never seen it is what the population lends, with V over all effects: small if
// groups differ much.
func (f GroupsFit) Evidence(group string) float64 {
	if i, ok := f.find(group); ok {
		return f.Groups[i].Evidence
	}
	return f.PopulationEvidence
}

// Count returns how many estimates the group had in the fit; 0 for one never seen.
func (f GroupsFit) Count(group string) int {
	if i, ok := f.find(group); ok {
		return f.Groups[i].N
	}
	return 0
}

func (f GroupsFit) find(group string) (int, bool) {
	return slices.BinarySearchFunc(f.Groups, group, func(g Group, name string) int { return strings.Compare(g.Name, name) })
}

// describe turns fitted hyperparameters into what callers ask for.
func (m *groupsModel) describe(h hyper) GroupsFit {
	precision := 0.0
	for _, g := range m.groups {
		for w, p := range g.posterior(h) {
			precision += w / (h.between*h.between + p.variance)
		}
	}
	fit := GroupsFit{
		Mean: h.mean, MeanSE: 1 / math.Sqrt(precision), Between: h.between, Within: h.within, WithinSpread: h.spread,
		LogLikelihood: m.logLikelihood(h), N: m.n,
	}
	if len(m.groups) == 1 {
		fit.Between, h.between = h.within, h.within
		fit.MeanSE = math.Hypot(fit.MeanSE, h.between)
	}
	weights := 0.0
	for _, g := range m.groups {
		group, weight := g.describe(h, fit.MeanSE)
		fit.Groups = append(fit.Groups, group)
		weights += weight
	}
	meanVariance := h.between*h.between + fit.MeanSE*fit.MeanSE
	// E[τ_g²] of a log-normal τ_g is τ² exp(2η²).
	fit.Population = Normal{h.mean, math.Hypot(math.Sqrt(meanVariance), h.within*math.Exp(h.spread*h.spread))}
	fit.PopulationEvidence = float64(m.n) / weights / meanVariance
	return fit
}

// describe also returns the group's Σ 1/(τ_g² + seᵢ²), averaged over τ_g.
func (g *groupGrid) describe(h hyper, meanSE float64) (Group, float64) {
	var offset, variance, tau2, weights float64
	for w, p := range g.posterior(h) {
		offset += w * (1 - h.shrink(p)) * (p.mean - h.mean)
	}
	for w, p := range g.posterior(h) {
		shrink := h.shrink(p)
		off := (1-shrink)*(p.mean-h.mean) - offset
		variance += w * (off*off + (1-shrink)*p.variance + shrink*shrink*meanSE*meanSE)
		tau2 += w * p.trueVariance
		weights += w / p.variance
	}
	return Group{
		Name: g.name, N: len(g.estimates), Mean: Normal{h.mean + offset, math.Sqrt(variance)},
		Within: math.Sqrt(tau2), Predictive: Normal{h.mean + offset, math.Sqrt(variance + tau2)},
		Evidence: float64(len(g.estimates)) / weights / variance,
	}, weights
}
