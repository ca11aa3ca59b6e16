package meta

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// Method is an estimator of τ², the variance of true effects between studies.
type Method string

// The estimators. All are 0 where the estimates differ by no more than their
// standard errors explain. For few studies or τ² near 0 all are imprecise; REML has
// little bias and is the usual choice, DL and HS are low for large τ².
const (
	EE   Method = "EE"   // equal (common) effects: τ² = 0 is assumed
	DL   Method = "DL"   // DerSimonian & Laird (1986): moments, weights 1/vᵢ
	HE   Method = "HE"   // Hedges (1983): moments, equal weights
	HS   Method = "HS"   // Hunter & Schmidt: moments, weights 1/vᵢ, no correction for μ
	SJ   Method = "SJ"   // Sidik & Jonkman (2005): moments, weights 1/(vᵢ + variance of y); never 0
	PM   Method = "PM"   // Paule & Mandel (1982): the τ² with Σ wᵢ(yᵢ − μ)² = k − 1
	EB   Method = "EB"   // empirical Bayes, Morris (1983): the same root as PM
	ML   Method = "ML"   // maximum likelihood: low by about the share 1/k
	REML Method = "REML" // restricted maximum likelihood
)

// estimators return τ² and its standard error for standardised studies. One study
// has τ² = 0, and a standard error for ML only.
//
// Source: Viechtbauer (2005), J. Educational and Behavioral Statistics 30:261–293,
// for the estimators; (2007), Statistics in Medicine 26:37–52, for standard errors.
var estimators = map[Method]func(studies) (tau2, se float64){
	EE:   func(studies) (float64, float64) { return 0, 0 },
	DL:   several(dersimonianLaird),
	HE:   several(hedges),
	HS:   several(hunterSchmidt),
	SJ:   several(sidikJonkman),
	PM:   several(pauleMandel),
	EB:   several(pauleMandel),
	REML: several(restricted),
	ML:   likelihood,
}

func several(estimate func(studies) (float64, float64)) func(studies) (float64, float64) {
	return func(s studies) (float64, float64) {
		if len(s.y) == 1 {
			return 0, 0
		}
		return estimate(s)
	}
}

// moments solves E[y′Py] = y′Py for τ², with weights a, where the expectation is
// offset + τ²·scale, and takes the standard error from the variance of y′Py, which
// is 2 Σ Pᵢⱼ²(vᵢ + τ²)(vⱼ + τ²).
func (s studies) moments(c contrasts, offset, scale float64) (tau2, se float64) {
	mean, square := 0.0, 0.0
	for i, a := range c.a {
		mean += a * s.y[i] / c.total
	}
	for i, a := range c.a {
		square += a * (s.y[i] - mean) * (s.y[i] - mean)
	}
	tau2 = max(0, (square-offset)/scale)
	variance := make([]float64, len(s.v))
	for i, v := range s.v {
		variance[i] = v + tau2
	}
	return tau2, math.Sqrt(2*c.squares(variance)) / scale
}

func dersimonianLaird(s studies) (tau2, se float64) {
	c := s.contrasts(s.inverse(0))
	return s.moments(c, float64(len(s.y)-1), c.trace)
}

func hunterSchmidt(s studies) (tau2, se float64) {
	c := s.contrasts(s.inverse(0))
	return s.moments(c, float64(len(s.y)), c.total)
}

func hedges(s studies) (tau2, se float64) {
	k, sampling := float64(len(s.y)), 0.0
	equal := make([]float64, len(s.y))
	for i, v := range s.v {
		equal[i] = 1
		sampling += v * (k - 1) / k
	}
	return s.moments(s.contrasts(equal), sampling, k-1)
}

// sidikJonkman starts from τ₀² = Σ (yᵢ − ȳ)²/k. Equal estimates have τ₀² = 0, and so τ² = 0.
func sidikJonkman(s studies) (tau2, se float64) {
	k, mean, start := float64(len(s.y)), 0.0, 0.0
	for _, y := range s.y {
		mean += y / k
	}
	for _, y := range s.y {
		start += (y - mean) * (y - mean) / k
	}
	if start == 0 {
		return 0, 0
	}
	return s.moments(s.contrasts(s.inverse(start)), 0, (k-1)/start)
}

// pauleMandel finds the one root of a falling function.
func pauleMandel(s studies) (tau2, se float64) {
	k := float64(len(s.y))
	excess := func(tau2 float64) float64 { return s.at(tau2).q - (k - 1) }
	if excess(0) > 0 {
		top := s.ceiling(excess)
		tau2 = solve.Root(0, top, 0, excess)
	}
	return tau2, math.Sqrt(2*k*k/(k-1)) / s.at(tau2).weight
}

func likelihood(s studies) (tau2, se float64) {
	score := func(tau2 float64) float64 {
		p := s.at(tau2)
		return p.q2 - p.weight
	}
	logs := func(tau2 float64) float64 {
		return s.logs(tau2) - s.at(tau2).q/2
	}
	tau2 = s.highest(logs, score)
	return tau2, math.Sqrt(2 / s.at(tau2).squares)
}

func restricted(s studies) (tau2, se float64) {
	score := func(tau2 float64) float64 { return s.at(tau2).q2 - s.contrasts(s.inverse(tau2)).trace }
	logs := func(tau2 float64) float64 {
		p := s.at(tau2)
		return s.logs(tau2) - (p.q+math.Log(p.weight))/2
	}
	tau2 = s.highest(logs, score)
	ones := make([]float64, len(s.v))
	for i := range ones {
		ones[i] = 1
	}
	return tau2, math.Sqrt(2 / s.contrasts(s.inverse(tau2)).squares(ones))
}

// logs is −½ Σ log(vᵢ + τ²).
func (s studies) logs(tau2 float64) (sum float64) {
	for _, v := range s.v {
		sum -= math.Log(v+tau2) / 2
	}
	return sum
}

// highest returns the τ² ≥ 0 of the highest likelihood. There can be several maxima
// (where iterations from one start stop at the nearest), so a grid of doubling
// variances finds the right one, and the root of the score there is refined to the
// last bits.
func (s studies) highest(likelihood, score func(tau2 float64) float64) float64 {
	grid := s.grid(s.ceiling(score))
	best, most := 0, math.Inf(-1)
	for i, tau2 := range grid {
		if l := likelihood(tau2); l > most {
			best, most = i, l
		}
	}
	lo, hi := grid[max(0, best-1)], grid[min(len(grid)-1, best+1)]
	if score(lo) <= 0 {
		return lo
	}
	if score(hi) >= 0 {
		return hi
	}
	return solve.Root(lo, hi, 0, score)
}

// ceiling is a variance at which the score has turned negative: the squared range
// of the estimates, or what doubling it takes.
func (s studies) ceiling(score func(tau2 float64) float64) float64 {
	low, high := s.y[0], s.y[0]
	for _, y := range s.y {
		low, high = min(low, y), max(high, y)
	}
	top := (high - low) * (high - low)
	for top > 0 && score(top) > 0 {
		top *= 2
	}
	return top
}

// grid lists 0 and doubling variances up to the top, from a ten-thousandth of the
// smallest sampling variance or, where that is out of all proportion, from 1e-24
// of the top.
func (s studies) grid(top float64) []float64 {
	least := s.v[0]
	for _, v := range s.v {
		least = min(least, v)
	}
	grid := []float64{0}
	for tau2 := max(least*1e-4, top*1e-24); tau2 < top; tau2 *= 2 {
		grid = append(grid, tau2)
	}
	return append(grid, top)
}
