package sample

import (
	"math"

	"github.com/assay-planner/assay/planner"
)

// score turns a t₃ draw into a nearly normal score, by asinh: what an author
// knows of an idea is its rank, not the size of a once-a-decade win.
func score(t float64) float64 { return math.Asinh(t) / 1.1 }

// hunch draws what somebody feels about an idea with the true score z, at the
// given correlation.
func (g generator) hunch(z, insight float64) float64 {
	return insight*z + math.Sqrt(1-insight*insight)*g.NormFloat64()
}

// claim draws the author's own forecast. One person in five gives none.
//
// People and the second generator say a multiple of what effects usually are,
// more when they feel sure, with an interval that is too narrow. The first
// generator gives the middle and the 80% interval of what it has produced so
// far: honest, and of little use.
func (g generator) claim(d draft, z float64) *planner.Claim {
	unit := d.metric.scale * d.scale()
	hunch := g.hunch(z, d.writer.insight)
	if d.writer.honest {
		const q90 = 1.638 // of t₃
		middle := unit * (d.writer.mean + d.writer.spread*d.writer.insight*hunch)
		return claim(middle, q90*unit*d.writer.spread)
	}
	width, silent := g.between(0.3, 0.8), g.Float64() < 0.2
	if d.writer.generator == "" && silent {
		return nil
	}
	middle := unit * d.writer.inflation * math.Exp(0.5*hunch)
	return claim(middle, width*middle)
}

// claim rounds to a thousandth of a percent.
func claim(middle, half float64) *planner.Claim {
	round := func(x float64) float64 { return math.Round(x*1e5) / 1e5 }
	return &planner.Claim{Low: round(middle - half), Mid: round(middle), High: round(middle + half)}
}

// ice draws the opinion score of a planning meeting; one idea in ten was never
// scored. Impact and confidence know next to nothing of the truth, and like
// what reads well, which the generators' ideas do. Ease is mostly compute.
func (g generator) ice(d draft, c planner.Demand, z float64) *planner.ICE {
	const insight = 0.15
	impact, confidence := g.hunch(z, insight), g.hunch(z, insight)
	ease := -0.5*math.Log((c.Train+1)/200) + 0.6*g.NormFloat64()
	if d.writer.generator != "" {
		impact += 0.4
	}
	if g.Float64() < 0.1 {
		return nil
	}
	grade := func(x float64) float64 { return max(1, min(10, math.Round(5.5+1.8*x))) }
	return &planner.ICE{Impact: grade(impact), Confidence: grade(confidence), Ease: grade(ease)}
}
