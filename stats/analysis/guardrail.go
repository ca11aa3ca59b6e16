package analysis

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// addGuardrail tests that the metric is worse by less than the margin m:
//
//	z = (ȳₜ − (1 − m)ȳ_c)/√(vₜ + (1 − m)²v_c − 2(1 − m)cov)
//
// or, where lower is better, the same with 1 + m and the other sign; v are squared
// standard errors of the (adjusted) means, and t has the result's degrees of
// freedom. It is the test whose inversion is Fieller's interval of the lift.
func (c *Comparison) addGuardrail(s series, m measured, o Options) {
	if s.Margin == 0 {
		return
	}
	sign := 1.0
	if s.LowerIsBetter {
		sign = -1
	}
	if m.Control.Mean < 0 {
		sign = -sign // a lift of a mean below 0 goes the other way
	}
	factor := 1 - s.Margin
	if s.LowerIsBetter {
		factor = 1 + s.Margin
	}
	vt, vc, cov := m.Treatment.Variance/float64(m.Treatment.N), m.Control.Variance/float64(m.Control.N), 0.0
	if m.adjusted != nil {
		cov = m.adjusted.Covariance
	}
	se := math.Sqrt(max(0, vt+factor*factor*vc-2*factor*cov))
	gap := sign * (m.Treatment.Mean - factor*m.Control.Mean)
	if !(se > 0) || m.Control.Mean == 0 {
		c.Warnings = append(c.Warnings, "there is no test of the margin: the control mean is 0, or nothing varies")
		c.Guardrail = &Guard{Margin: s.Margin, P: 1}
		return
	}
	p, worse := norm.CDF(-gap/se), norm.CDF(gap/se)
	if m.DF > 0 {
		p, worse = noncentral.Tail(gap/se, m.DF, 0), noncentral.Tail(-gap/se, m.DF, 0)
	}
	alpha := o.alpha() / 2
	c.Guardrail = &Guard{Margin: s.Margin, P: p, Holds: p <= alpha, Broken: worse <= alpha}
	c.Established = c.Guardrail.Holds
}
