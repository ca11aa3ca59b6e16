package effect

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// rates gives the two probabilities under the null hypothesis that their
// difference, or ratio, is null.
type rates func(t, c Proportion, null float64) (pt, pc float64)

// scoreUpper is the largest difference δ that the score test does not reject.
func scoreUpper(t, c Proportion, z float64, null rates) float64 {
	d, n := t.Rate()-c.Rate(), float64(t.N)+float64(c.N)
	if d == 1 {
		return 1
	}
	excess := func(delta float64) float64 {
		pt, pc := null(t, c, delta)
		return delta - d - z*math.Sqrt(math.Max(0, variance(pt, pc, 1, t, c)*n/(n-1)))
	}
	return boundary(d, 1, excess)
}

// scoreRatio is the score interval of pₜ/p_c; its lower end is the inverse of the
// upper end of the inverse ratio.
func scoreRatio(t, c Proportion, z float64) (low, high float64) {
	return 1 / scoreRatioUpper(c, t, z), scoreRatioUpper(t, c, z)
}

func scoreRatioUpper(t, c Proportion, z float64) float64 {
	if c.Successes == 0 {
		return math.Inf(1)
	}
	n := float64(t.N) + float64(c.N)
	excess := func(ratio float64) float64 {
		pt, pc := nullRatio(t, c, ratio)
		return ratio*c.Rate() - t.Rate() - z*math.Sqrt(variance(pt, pc, ratio, t, c)*n/(n-1))
	}
	ratio := t.Rate() / c.Rate()
	high := 2 * (float64(t.Successes) + 1) / float64(t.N) / c.Rate()
	for excess(high) < 0 {
		high *= 2
	}
	return boundary(ratio, high, excess)
}

// boundary is where excess turns positive between low, where it is 0 or below,
// and high, where it is positive. It can be exactly 0 at low and negative right
// above: where the variance of the observed rates is 0.
func boundary(low, high float64, excess func(float64) float64) float64 {
	near := low + 1e-9*(high-low)
	if excess(near) < 0 {
		return solve.Root(near, high, 0, excess)
	}
	return solve.Bisect(low, near, func(x float64) bool { return excess(x) < 0 })
}

// variance is that of p̂ₜ − φp̂_c.
func variance(pt, pc, ratio float64, t, c Proportion) float64 {
	return pt*(1-pt)/float64(t.N) + ratio*ratio*pc*(1-pc)/float64(c.N)
}

// nullRates are the maximum-likelihood rates under pₜ − p_c = δ. The derivative
// of the log-likelihood along that line,
//
//	xₜ/pₜ − (nₜ − xₜ)/(1 − pₜ) + x_c/p_c − (n_c − x_c)/(1 − p_c)
//
// falls throughout, so halving finds its zero, or the end of the line where a cell
// without users puts the maximum there. Miettinen and Nurminen's closed form, a root of a cubic by an
// arc cosine, loses half of the digits where two roots meet.
func nullRates(t, c Proportion, delta float64) (pt, pc float64) {
	xt, yt := float64(t.Successes), float64(t.N-t.Successes)
	xc, yc := float64(c.Successes), float64(c.N-c.Successes)
	pc = solve.Bisect(math.Max(0, -delta), math.Min(1, 1-delta), func(p float64) bool {
		return share(xt, p+delta)-share(yt, 1-p-delta)+share(xc, p)-share(yc, 1-p) > 0
	})
	return math.Min(1, math.Max(0, pc+delta)), pc
}

// share is x/p, and 0 where there is nobody to share.
func share(x, p float64) float64 {
	if x == 0 {
		return 0
	}
	return x / math.Max(p, 0)
}

// nullRatio are the maximum-likelihood rates under pₜ = φp_c: p_c is the smaller
// root of ap² − bp + x = 0 with a = Nφ, b = φ(nₜ + x_c) + n_c + xₜ and x = xₜ + x_c.
// The discriminant is written as a sum of two squares, which do not cancel.
func nullRatio(t, c Proportion, ratio float64) (pt, pc float64) {
	nt, xt, nc, xc := float64(t.N), float64(t.Successes), float64(c.N), float64(c.Successes)
	up, down := ratio*(nt+xc), nc+xt
	root := math.Hypot(up-down, 2*math.Sqrt(ratio*(nt-xt)*(nc-xc)))
	pc = math.Min(1, 2*(xt+xc)/(up+down+root))
	return math.Min(1, ratio*pc), pc
}
