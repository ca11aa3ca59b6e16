package power

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// alpha is the type I error that has the power asked for.
func (p plan) alpha() (float64, bool) {
	if p.Correction == Holm && p.Treatments > 1 {
		excess := func(log float64) float64 {
			q := p
			q.Alpha = math.Exp(log)
			return q.power() - p.Power
		}
		least := math.Log(1e-100)
		if excess(least) >= 0 {
			return 1e-100, true
		}
		x := solve.Root(least, math.Log(1-1e-12), 1e-14, excess)
		return math.Exp(x), !math.IsNaN(x)
	}
	if p.closed() && !p.Strict {
		c := (p.shift() - norm.Quantile(p.Power)) / p.nullRatio()
		return p.level(c), p.Sides == stats.OneSided || c > 0
	}
	excess := func(c float64) float64 { return p.goal([]float64{c}) - p.Power }
	lo, hi := 0.0, 1.0
	for excess(hi) >= 0 && hi < 1e150 {
		lo, hi = hi, 2*hi
	}
	for lo <= 0 && excess(lo) < 0 {
		if p.Sides == stats.TwoSided || lo < -1e150 {
			return 0, false
		}
		lo, hi = 2*lo-1, lo
	}
	c := solve.Root(lo, hi, 1e-14, excess)
	return p.level(c), !math.IsNaN(c)
}
