package knapsack

import "math"

// ceiling is the largest value that a choice can have under a bound: values of whole
// items add up to whole numbers, and others are subject to rounding.
func (d *dual) ceiling(bound float64) float64 {
	if !d.whole {
		return bound + 1e-9*math.Abs(bound)
	}
	return math.Floor(bound + 1e-9*math.Abs(bound) + 1e-6)
}

// allWhole says whether all values are whole numbers that add up exactly.
func (p *Problem) allWhole() bool {
	total := 0.0
	for i := range p.Items {
		v := p.Items[i].Value
		if v != math.Trunc(v) {
			return false
		}
		total += math.Abs(v)
	}
	return total < 1<<50
}
