package main

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/effect"
)

// plain prints a metric's value with four digits that count.
func plain(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1e7 || a < 1e-4 && a > 0:
		return fmt.Sprintf("%.3g", x)
	case a >= 1000:
		return render.Thousands(x)
	case a >= 100:
		return fmt.Sprintf("%.1f", x)
	case a >= 1:
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.4g", x)
}

func signed(x float64) string {
	if x == 0 {
		return "0"
	}
	return fmt.Sprintf("%+.3g", x)
}

// shortLift prints a lift in few columns: +0.012%, +0.31%, +1.5%, +230%.
func shortLift(x float64) string {
	switch a := math.Abs(100 * x); {
	case math.IsInf(x, 0):
		return "∞"
	case a >= 99995:
		return fmt.Sprintf("%+.2g%%", 100*x)
	case a >= 99.95:
		return fmt.Sprintf("%+.0f%%", 100*x)
	case a >= 0.995:
		return fmt.Sprintf("%+.1f%%", 100*x)
	case a < 1e-10: // the rounding of sums
		return "0%"
	case a < 0.01:
		return fmt.Sprintf("%+.1g%%", 100*x)
	}
	return fmt.Sprintf("%+.2f%%", 100*x)
}

// liftText prints lifts as shortLift does, or with two digits of four standard errors
// where those are so few that its own digits would not tell the ends apart.
func liftText(se float64) func(float64) string {
	width := 400 * se
	if !(width > 0 && width < 1) {
		return shortLift
	}
	digits := int(min(6, 1-math.Floor(math.Log10(width))))
	return func(x float64) string {
		if digits > 2 || math.Abs(x) >= 0.00995 {
			return fmt.Sprintf("%+.*f%%", digits, 100*x)
		}
		return shortLift(x)
	}
}

func intervalText(i effect.Interval, text func(float64) string) string {
	switch {
	case i.Form == effect.All:
		return "excludes nothing"
	case i.Form == effect.Outside:
		return "not " + text(i.Low) + " … " + text(i.High)
	case math.IsInf(i.Low, -1):
		return "≤ " + text(i.High)
	case math.IsInf(i.High, 1):
		return "≥ " + text(i.Low)
	}
	return text(i.Low) + " … " + text(i.High)
}

func probability(p float64) string {
	switch {
	case p < 1e-99:
		return "<1e-99"
	case p < 1e-4:
		return fmt.Sprintf("%.0e", p)
	case p < 0.00995:
		return fmt.Sprintf("%.4f", p)
	case p < 0.0995:
		return fmt.Sprintf("%.3f", p)
	}
	return fmt.Sprintf("%.2f", p)
}
