package mixed

import (
	"cmp"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// wellKnown is the standard error of log κ up to which the size of the tail counts as known:
// 80% intervals that take it so then hold 79.4%.
const wellKnown = 0.1

// next is the distribution of ε of an idea that was never tested: the tail, integrated over
// how large it may be. A few effects, or many with standard errors that exceed them, may fit
// no tail at all and yet leave room for a large one. With all its variances times κ²,
//
//	p(κ | effects) ∝ Πᵢ (Σₖ wₖ N(rᵢ; 0, κ²vₖ + SEᵢ²))^(shareᵢ (n − γ)/n)
//
// which is flat in κ before any effect is seen. The squared residuals rᵢ² count the variance
// of the fitted values, as those that the tail was fitted to; n is the sum of the shares, of
// which the coefficients have left n − γ free. Where standard errors and free effects are
// equal, that is the restricted likelihood itself. Where the tail is next to nothing, the same
// is done with a normal. Variances of blocks still count as known.
//
// Source: Gelman (2006), Bayesian Analysis 1:515–534, for a prior that is flat in a scale.
func (m *model) next(squares []float64) bayes.Mixture {
	mix, rs := m.tail.mixture(), thin(binned(m.e, squares))
	t := tail{weights: mix.Weights}
	for _, c := range mix.Components {
		t.variances = append(t.variances, c.SD*c.SD)
	}
	var n, information, precision float64
	for _, r := range rs {
		slope := (t.logDensity(r, math.Sqrt2) - t.logDensity(r, math.Sqrt2/2)) / (math.Ln2 / 2) // by log κ
		n += r.share
		information += r.share * slope * slope
		precision += r.share / r.noise
	}
	free := n
	for b := range m.blocks {
		free -= m.blocks[b].Freedom
	}
	free = math.Max(free, fewestFree)
	if information*free/n > 1/(wellKnown*wellKnown) {
		return mix
	}
	if least := n / precision / 100; t.variance() < least {
		t = tail{variances: []float64{least}, weights: []float64{1}}
	}
	return t.overSizes(rs, free/n)
}

// overSizes is the mean of the tail over κ, with each residual's likelihood to a power. On
// a grid of log κ, the prior is proportional to κ.
func (t tail) overSizes(rs []residual, power float64) bayes.Mixture {
	var sizes, logs []float64 // κ², and log p(κ)
	for j := -octaves * perOctave; j <= octaves*perOctave; j++ {
		k2 := math.Exp2(float64(j) / perOctave)
		log := math.Log(k2) / 2
		for _, r := range rs {
			log += r.share * power * t.logDensity(r, k2)
		}
		sizes, logs = append(sizes, k2), append(logs, log)
	}
	top := slices.Max(logs)
	var all bayes.Mixture
	for j, log := range logs {
		if p := math.Exp(log - top); p > 1e-6 {
			for k, v := range t.variances {
				all.Weights = append(all.Weights, p*t.weights[k])
				all.Components = append(all.Components, stats.Normal{SD: math.Sqrt(v * sizes[j])})
			}
		}
	}
	return merged(all)
}

// fewestFree is how many effects tell the size of the tail at least, lest it have no bound.
const fewestFree = 2

// The sizes that are tried: κ² from 2⁻¹² to 2¹².
const octaves, perOctave = 12, 4

// thin are at most 2,048 residuals, which count for all.
func thin(rs []residual) []residual {
	const most = 2048
	if len(rs) <= most {
		return rs
	}
	out := make([]residual, most)
	for i := range out {
		out[i] = rs[i*len(rs)/most]
		out[i].share *= float64(len(rs)) / most
	}
	return out
}

// logDensity is that of a residual, but for a constant, under the tail with its variances
// times κ².
func (t tail) logDensity(r residual, k2 float64) float64 {
	sum, last := 0.0, math.Inf(-1)
	for k, v := range t.variances {
		width := v*k2 + r.noise
		log := -(r.square/width + math.Log(width)) / 2
		if log > last {
			sum, last = sum*math.Exp(last-log), log
		}
		sum += t.weights[k] * math.Exp(log-last)
	}
	return last + math.Log(sum)
}

// mixture is the tail without what has next to no weight.
func (t tail) mixture() (mix bayes.Mixture) {
	for k, v := range t.variances {
		if w := t.weights[k]; w > 1e-6 || len(t.weights) == 1 {
			mix.Weights = append(mix.Weights, w)
			mix.Components = append(mix.Components, stats.Normal{SD: math.Sqrt(v)})
		}
	}
	return mix
}

// merged makes one normal around 0, of the same variance, of all whose variances lie within
// a factor of 2, so that a forecast takes no longer for it.
func merged(all bayes.Mixture) (few bayes.Mixture) {
	order, total := make([]int, len(all.Weights)), 0.0
	for k, w := range all.Weights {
		order[k], total = k, total+w
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all.Components[a].SD, all.Components[b].SD) })
	narrowest := math.Inf(-1) // of those that are one
	for _, k := range order {
		w, c := all.Weights[k]/total, all.Components[k]
		last := len(few.Weights) - 1
		if c.SD > math.Sqrt2*narrowest {
			few.Weights, few.Components, narrowest = append(few.Weights, w), append(few.Components, c), c.SD
			continue
		}
		few.Weights[last] += w
		was := few.Components[last].SD
		few.Components[last].SD = math.Sqrt(was*was + (c.SD*c.SD-was*was)*w/few.Weights[last])
	}
	return few
}
