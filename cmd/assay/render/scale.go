package render

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// Scale says how the numbers of an axis are written. The zero value writes them plainly.
type Scale struct {
	Percent bool // they are fractions
	Signed  bool // those above 0 have a +
}

// text writes numbers at about such steps, all with the same decimals: as few as keep
// each within a fiftieth of a step, so that 80.0% stands beside 75.5%.
func (s Scale) text(numbers []float64, step float64) func(float64) string {
	unit, suffix, sign := 1.0, "", ""
	if s.Percent {
		unit, suffix = 100, "%"
	}
	if s.Signed {
		sign = "+"
	}
	decimals := 0
	for decimals < 9 && !even(numbers, unit, math.Abs(step*unit)/50, decimals) {
		decimals++
	}
	return func(x float64) string {
		x *= unit
		switch a := math.Abs(x); {
		case a >= 1e15 || decimals == 9:
			return fmt.Sprintf("%"+sign+".3g", x) + suffix
		case a < 0.5*math.Pow10(-decimals):
			return strconv.FormatFloat(0, 'f', decimals, 64) + suffix
		case a >= 9999.5 && decimals == 0 && x > 0:
			return sign + Thousands(x) + suffix
		case a >= 9999.5 && decimals == 0:
			return Thousands(x) + suffix
		}
		return fmt.Sprintf("%"+sign+".*f", decimals, x) + suffix
	}
}

// even reports that so many decimals write all numbers nearly enough.
func even(numbers []float64, unit, slack float64, decimals int) bool {
	power := math.Pow10(decimals)
	for _, x := range numbers {
		if math.Abs(math.Round(x*unit*power)/power-x*unit) > slack {
			return false
		}
	}
	return true
}

// Ticks implements plot.Ticker: the default ticks, written in this way.
func (s Scale) Ticks(low, high float64) []plot.Tick {
	all := plot.DefaultTicks{}.Ticks(low, high)
	var labelled []float64
	for _, t := range all {
		if t.Label != "" {
			labelled = append(labelled, t.Value)
		}
	}
	step := high - low
	if len(labelled) > 1 {
		step = labelled[1] - labelled[0]
	}
	text := s.text(labelled, step)
	for i := range all {
		if all[i].Label != "" {
			all[i].Label = text(all[i].Value)
		}
	}
	return all
}
