package proxy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Index predicts a long-term effect from short-term ones, by weights:
//
//	Intercept + Σ wⱼ xⱼ
type Index struct {
	Short     []int     `json:"short"`
	Long      int       `json:"long"`
	Intercept float64   `json:"intercept"`
	Weights   []float64 `json:"weights"` // one a short-term metric, in its order
	// Correlation is that of the prediction with the true long-term effect, 0 or above;
	// R2, its square, the share of the variance of long-term effects that it explains.
	Correlation float64 `json:"correlation"`
	R2          float64 `json:"r2"`
	// FreeR2 is R² by Effects.Free, from 0 to 4: beyond 1 where estimates vary by less than their
	// errors explain, so that R² is 1 because it can be no more, and 4 where that is so of the
	// long-term metric alone. By Likelihood it is R².
	FreeR2     float64 `json:"-"`
	ResidualSD float64 `json:"residual_sd"` // √((1 − R²)Λ_YY): what it leaves open
	// Agreement is the share of tests in which the prediction and the true long-term
	// effect are both above 0, or both not: in which shipping by either is the same
	// decision.
	Agreement float64 `json:"agreement"`
}

// Index gives the weights with which short-term effects predict the long-term one
// best. With noise nil these are weights of true effects; with the covariance of a
// planned test's short-term errors (its SEs squared on the diagonal), those of its
// estimates, which are smaller, and lean to the metrics that are measured well:
//
//	w = (Λ_SS + Ω)⁻¹ Λ_SY      Intercept = μ_Y − w′μ_S      R² = w′Λ_SY/Λ_YY
//
// Where Λ_SS is singular and there is no noise, w is the shortest of the best ones, in
// units of the effects' standard deviations. What is learned counts as known.
//
// The error is an *InputError naming short[i], long or noise, or Mean or Cov.
//
// Source: Bibaut et al. (2024), as at Moments.
func (e Effects) Index(short []int, long int, noise [][]float64) (Index, error) {
	if err := input.First(e.check(), checkMetrics(short, long), e.has("long", long)); err != nil {
		return Index{}, err
	}
	s := len(short)
	for i, k := range short {
		if err := e.has(fmt.Sprintf("short[%d]", i), k); err != nil {
			return Index{}, err
		}
	}
	if noise != nil {
		if err := checkCovariance("noise", noise, s); err != nil {
			return Index{}, err
		}
	}
	order := append(append([]int(nil), short...), long)
	among := func(lambda [][]float64) []float64 {
		cov := make([]float64, (s+1)*(s+1))
		for i, a := range order {
			for j, b := range order {
				cov[i*(s+1)+j] = lambda[a][b]
				if noise != nil && i < s && j < s {
					cov[i*(s+1)+j] += noise[i][j]
				}
			}
		}
		return cov
	}
	b := bestPrediction(among(e.Cov), s)
	x := Index{
		Short: append([]int(nil), short...), Long: long, Weights: b.weights, Intercept: e.Mean[long],
		R2: b.r2(), Correlation: math.Abs(b.correlation()), ResidualSD: math.Sqrt(b.variance - b.explained),
	}
	x.FreeR2 = x.R2
	if e.Free != nil {
		x.FreeR2 = bestPrediction(among(e.Free), s).free()
	}
	for j, w := range b.weights {
		x.Intercept -= w * e.Mean[short[j]]
	}
	x.Agreement = agreement(stats.Normal{Mean: e.Mean[long], SD: math.Sqrt(b.variance)}, math.Sqrt(b.explained))
	return x, nil
}

// Predict is the distribution of the true long-term effect, given what the index was
// made for: true short-term effects, or estimates of a test with that noise.
//
// The error is an *InputError naming short or short[i].
func (x Index) Predict(short []float64) (stats.Normal, error) {
	if err := input.Check(len(short) == len(x.Weights), "short", float64(len(short)), "must be as many as the index has weights"); err != nil {
		return stats.Normal{}, err
	}
	p := stats.Normal{Mean: x.Intercept, SD: x.ResidualSD}
	for i, v := range short {
		if err := input.Finite(fmt.Sprintf("short[%d]", i), v); err != nil {
			return stats.Normal{}, err
		}
		p.Mean += x.Weights[i] * v
	}
	return p, p.Check()
}

// agreement is P(both or neither of a normal and its prediction are above 0): the
// prediction has the same mean, and its variance is the part that it explains.
func agreement(long stats.Normal, explained float64) float64 {
	if explained == 0 {
		if long.Mean > 0 {
			return long.ProbAbove(0)
		}
		return long.CDF(0)
	}
	rho := min(1, explained/long.SD)
	cov := []float64{1, rho, rho, 1}
	above := []float64{-long.Mean / long.SD, -long.Mean / explained}
	inf := []float64{math.Inf(1), math.Inf(1)}
	minus := []float64{math.Inf(-1), math.Inf(-1)}
	return min(1, box(cov, above, inf)+box(cov, minus, above))
}

// prediction is the best linear prediction of one variable by others.
type prediction struct {
	weights             []float64
	explained, variance float64 // of the variable that is predicted, 0 ≤ explained ≤ variance
	single              float64 // sign of the covariance, if there is one predictor; else 1
	uncut               float64 // explained, before it was cut to its range
}

// bestPrediction of variable s by those before it, given their covariance.
// Directions in which the predictors hardly vary, less than 1e-10 of what they do
// each, count for nothing.
func bestPrediction(cov []float64, s int) prediction {
	k := s + 1
	sd := make([]float64, s)
	a, c := make([]float64, s*s), make([]float64, s)
	for i := range s {
		sd[i] = math.Sqrt(max(0, cov[i*k+i]))
	}
	for i := range s {
		if sd[i] == 0 {
			continue
		}
		c[i] = cov[i*k+s] / sd[i]
		for j := range s {
			if sd[j] > 0 {
				a[i*s+j] = cov[i*k+j] / sd[i] / sd[j]
			}
		}
	}
	values, v := eigen(a, s)
	inverse := rebuilt(values, v, func(x float64) float64 {
		if x < 1e-10 {
			return 0
		}
		return 1 / x
	})
	w := times(inverse, c)
	p := prediction{weights: w, variance: cov[k*k-1], single: 1}
	p.uncut = floats.Dot(w, c)
	p.explained = max(0, min(p.variance, p.uncut))
	for i := range s {
		if sd[i] > 0 {
			w[i] /= sd[i]
		}
	}
	if s == 1 && c[0] < 0 {
		p.single = -1
	}
	return p
}

func (p prediction) r2() float64 {
	if p.variance == 0 {
		return 0
	}
	return p.explained / p.variance
}

// free is R² without 1 for a bound.
func (p prediction) free() float64 {
	const most = 4
	if r := max(0, p.uncut) / p.variance; p.variance > 0 && r < most {
		return r
	}
	return most
}

func (p prediction) correlation() float64 { return p.single * math.Sqrt(p.r2()) }

func (e Effects) has(field string, k int) error {
	return input.Check(k < len(e.Mean), field, float64(k), "no such metric was learned")
}

// check wants means and a covariance that could have been learned.
func (e Effects) check() error { return checkJoint(e.Mean, e.Cov) }
