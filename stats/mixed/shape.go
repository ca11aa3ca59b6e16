package mixed

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/solve"
	"github.com/assay-planner/assay/stats/shrink"
)

// Shape is what the distribution of residuals ε may look like. Its scale is learned.
type Shape string

const (
	// Normal residuals: no idea is far better than its features say.
	Normal Shape = "normal"
	// Student residuals have a tail index that is learned: 13 values of the degrees of
	// freedom from 2.1 to 100 are tried, on a grid of normals whose SDs are a factor √2 apart.
	Student Shape = "t"
	// Adaptive residuals are a scale mixture of normals with weights that are learned
	// (shrink.Adaptive): any symmetric shape with one mode that is such a mixture.
	Adaptive Shape = "mixture"
)

// likeliest is the τ² ≥ 0 that maximises Σ share · log N(r; 0, τ² + SE²), by its
// derivative.
func likeliest(noise, squares, share []float64) float64 {
	slope := func(v float64) (sum float64) {
		for i, s := range squares {
			t := v + noise[i]
			sum += share[i] * (s/t - 1) / t
		}
		return sum
	}
	high := 0.0
	for _, s := range squares {
		high = math.Max(high, s)
	}
	if slope(0) <= 0 || high == 0 {
		return 0
	}
	return solve.Root(0, high, 1e-12*high, slope)
}

// fit is the likeliest tail of a shape other than Normal. It is not ok where there is no
// spread to see.
func (s Shape) fit(rs []residual) (t tail, ok bool) {
	sds := grid(rs)
	if s == Student {
		return student(rs, sds)
	}
	es := make([]stats.Estimate, len(rs))
	for i, r := range rs {
		es[i] = stats.Estimate{Value: math.Sqrt(r.square), SE: math.Sqrt(r.noise)}
	}
	fit, err := shrink.Adaptive(es, shrink.Options{SDs: sds, NullWeight: 1})
	if err != nil {
		return tail{}, false
	}
	for k, w := range fit.Weights {
		if w > 1e-6 {
			t.variances = append(t.variances, fit.Components[k].SD*fit.Components[k].SD)
			t.weights = append(t.weights, w)
		}
	}
	return t, true
}

// grid are SDs a factor √2 apart, from a tenth of the smallest standard error to twice the
// largest residual, but at most 60. Source: Stephens (2017), Biostatistics 18:275–294,
// §3.1.
func grid(rs []residual) []float64 {
	low, high := math.Inf(1), 0.0
	for _, r := range rs {
		low, high = math.Min(low, r.noise/100), math.Max(high, 4*r.square)
	}
	high = math.Max(high, 4*low)
	low = math.Max(low, high/math.Exp2(58))
	sds := []float64{}
	for v := low; v < 2*high; v *= 2 {
		sds = append(sds, math.Sqrt(v))
	}
	return sds
}

// freedoms are the degrees of freedom that student tries.
var freedoms = []float64{2.1, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20, 40, 100}

// student is the likeliest t, written as normals on the grid: bayes.FitStudentT takes
// seconds where this takes milliseconds, for it needs each likelihood of each residual
// under each normal once only. It is not ok where a scale below the grid is likelier.
func student(rs []residual, sds []float64) (best tail, ok bool) {
	const most = 2048
	step := max(1, (len(rs)+most-1)/most)
	var rows [][]float64
	for i := step / 2; i < len(rs); i += step {
		rows = append(rows, make([]float64, len(sds)))
		for k, sd := range sds {
			v := sd*sd + rs[i].noise
			rows[len(rows)-1][k] = math.Exp((1-rs[i].square/v)/2) / math.Sqrt(v)
		}
	}
	highest, low, high := math.Inf(-1), math.Log(sds[0]), math.Log(sds[len(sds)-1])
	for _, df := range freedoms {
		log := func(scale float64) float64 { return logLikelihood(rows, studentWeights(df, math.Exp(scale), sds)) }
		scale := solve.Maximum(low, high, log)
		if l := log(scale); l > highest && scale > low+0.01 {
			highest, ok = l, true
			best = tail{weights: studentWeights(df, math.Exp(scale), sds)}
		}
	}
	for _, sd := range sds {
		best.variances = append(best.variances, sd*sd)
	}
	return best, ok
}

// studentWeights are of normals with the SDs of a grid: their variance is s²/λ, where λ
// has a Gamma(ν/2, ν/2) distribution. Andrews & Mallows (1974), JRSS B 36:99–102.
func studentWeights(df, scale float64, sds []float64) []float64 {
	weights, below := make([]float64, len(sds)), 0.0
	for k, sd := range sds {
		upTo := 1.0
		if k < len(sds)-1 {
			upTo = mathext.GammaIncRegComp(df/2, df/2*scale*scale/(sd*sd*math.Sqrt2))
		}
		weights[k], below = upTo-below, upTo
	}
	return weights
}

func logLikelihood(rows [][]float64, weights []float64) (sum float64) {
	for _, row := range rows {
		p := math.SmallestNonzeroFloat64
		for k, w := range weights {
			p += w * row[k]
		}
		sum += math.Log(p)
	}
	return sum
}
