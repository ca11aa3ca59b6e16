package knapsack

import "math"

// ceiling is the largest value that a choice can have under a bound: values that all have
// so few decimals add up to as few, and others are subject to rounding.
func (d *dual) ceiling(bound float64) float64 {
	above := bound + 1e-9*math.Abs(bound)
	if d.per == 0 {
		return above
	}
	return math.Floor(d.per*above+1e-6) / d.per
}

// rounding is by how much a value may lie below its ceiling and still reach it. Whole
// numbers add up exactly.
func (d *dual) rounding(ceiling float64) float64 {
	if d.per == 1 {
		return 0
	}
	return 3e-9 * math.Abs(ceiling)
}

const mostParts = 10_000

// parts is the least power of ten of which all values are whole parts, as 10 for 8.5 and
// 3; 0 if there is none that is small enough for sums of them to be exact.
func (p *Problem) parts() float64 {
	per, total := 1.0, 0.0
	for i := range p.Items {
		v := p.Items[i].Value
		for ; math.Abs(v*per-math.Round(v*per)) > 1e-12*math.Abs(v*per); per *= 10 {
			if per == mostParts {
				return 0
			}
		}
		if total += math.Abs(v); total*per >= 1<<50 {
			return 0
		}
	}
	return per
}
