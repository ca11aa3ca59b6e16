package analysis

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/sequential"
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
	gap, ok := s.gap(m)
	if !ok {
		c.Warnings = append(c.Warnings, "there is no test of the margin: the control mean is 0, or nothing varies")
		c.Guardrail = &Guard{Margin: s.Margin, P: 1}
		return
	}
	z := gap.Value / gap.SE
	p, worse := norm.CDF(-z), norm.CDF(z)
	if m.DF > 0 {
		p, worse = noncentral.Tail(z, m.DF, 0), noncentral.Tail(-z, m.DF, 0)
	}
	alpha := o.alpha() / 2
	c.Guardrail = &Guard{Margin: s.Margin, P: p, Holds: p <= alpha, Broken: worse <= alpha}
	c.Established = c.Guardrail.Holds
}

// gap is how far the treatment's mean is on the good side of the margin, if that can be
// told.
func (s series) gap(m measured) (stats.Estimate, bool) {
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
	return stats.Estimate{Value: gap, SE: se}, se > 0 && m.Control.Mean != 0
}

// holdAtLooks tests the margin at the looks of a plan instead, with two one-sided
// tests, one for each side of it, that spend α/2 over them as the plan's own rule does.
// Testing a guardrail as if looked at once, whenever the target stops the test, finds
// too often that it holds.
//
// Source: Glimm, Maurer & Bretz (2010), Statistics in Medicine 29:219–228.
func (c *Comparison) holdAtLooks(gaps []sequential.Look, o Options) error {
	d := o.Plan.Design
	d.Alpha, d.Sides, d.Futility, d.Binding = o.alpha()/2, stats.OneSided, sequential.Boundary{}, false
	plan, err := d.Plan()
	if err != nil {
		return err
	}
	g := Guard{Margin: c.Guardrail.Margin, P: 1}
	c.Guardrail, c.Established, c.Sequential.Plan = &g, false, planned(plan)
	if len(gaps) == 0 {
		return nil
	}
	good, err := plan.Monitor(gaps...)
	if err != nil {
		return err
	}
	bad, err := plan.Monitor(turned(gaps)...)
	if err != nil {
		return err
	}
	g.Look, g.Looks = good.Look, good.Of
	g.Broken = bad.Direction > 0
	if g.Broken {
		g.Look = bad.Look
	}
	if good.Action.Stops() { // the looks of both sides end together, or one has decided
		inference, err := plan.Infer(gaps[:good.Look]...)
		if err != nil {
			return err
		}
		g.P, g.Holds = inference.PValue, good.Direction > 0 && !g.Broken
	}
	c.Established = g.Holds
	return nil
}

// turned looks from the other side.
func turned(looks []sequential.Look) []sequential.Look {
	other := slices.Clone(looks)
	for i := range other {
		other[i].Estimate.Value = -other[i].Estimate.Value
	}
	return other
}
