// Package words writes numbers for people, in the sentences of warnings, reasons
// and verdicts: 23,600,000 users, a lift of +7.1%.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Count writes a number of users or events: whole, with separators, and below 10
// with two digits that count.
func Count(x float64) string {
	if a := math.Abs(x); a < 9.95 && x != math.Trunc(x) || math.IsInf(x, 0) || math.IsNaN(x) {
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	s := strconv.FormatFloat(math.Abs(math.Round(x)), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x < 0 {
		return "-" + s
	}
	return s
}

// About is Count of x to three digits that count, of what is not known to more.
func About(x float64) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64)
	return Count(rounded)
}

// Lift writes a relative lift in percent with its sign, to two digits that count or
// to tenths: +1.5%.
func Lift(x float64) string { return percent(x, "%+") }

// Share writes a part of a whole in percent, to two digits that count or to tenths,
// without zeros at the end: 7.1%, 0.5%.
func Share(x float64) string {
	digits := strings.TrimSuffix(percent(x, "%"), "%")
	if strings.Contains(digits, ".") && !strings.Contains(digits, "e") {
		digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
	}
	return digits + "%"
}

func percent(x float64, verb string) string {
	switch a := math.Abs(100 * x); {
	case a >= 1e5:
		return fmt.Sprintf(verb+".2g%%", 100*x)
	case a >= 1000:
		return fmt.Sprintf(verb+".0f%%", 100*x)
	case a >= 1:
		return fmt.Sprintf(verb+".1f%%", 100*x)
	case a >= 0.1:
		return fmt.Sprintf(verb+".2f%%", 100*x)
	case a < 1e-10: // the rounding of sums
		return "0%"
	default:
		return fmt.Sprintf(verb+".2g%%", 100*x)
	}
}
