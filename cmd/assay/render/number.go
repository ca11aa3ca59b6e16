package render

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Lift prints a relative lift with its sign: 0.0031 is +0.31%.
func Lift(x float64) string {
	switch a := math.Abs(x); {
	case a >= 0.0995:
		return fmt.Sprintf("%+.1f%%", 100*x)
	case a < 0.00005 && a > 0.0000005:
		return fmt.Sprintf("%+.4f%%", 100*x)
	default:
		return fmt.Sprintf("%+.2f%%", 100*x)
	}
}

// Moves says that a lift is more than nothing when printed with two decimals.
func Moves(x float64) bool { return math.Abs(x) >= 0.00005 }

// Percent prints a share: 0.984 is 98.4%, 1 is 100%.
func Percent(x float64) string {
	switch a := math.Abs(x); {
	case a == 0:
		return "0%"
	case a < 0.00095:
		return fmt.Sprintf("%.2g%%", 100*x)
	default:
		return strings.TrimSuffix(strconv.FormatFloat(100*x, 'f', 1, 64), ".0") + "%"
	}
}

// Count prints a number of users or hours: 2,100,000 is 2.1 M, 9812 is 9,812.
func Count(x float64) string {
	switch a := math.Abs(x); {
	case a >= 999.5e6:
		return short(x/1e9) + " G"
	case a >= 999.5e3:
		return short(x/1e6) + " M"
	case a >= 100 || x == math.Trunc(x):
		return Thousands(x)
	default:
		return short(x)
	}
}

// Thousands prints a whole number with separators: 12,034.
func Thousands(x float64) string {
	digits := strconv.FormatFloat(math.Abs(math.Round(x)), 'f', 0, 64)
	var out strings.Builder
	if x <= -0.5 {
		out.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// digits prints at most three of them: 1.2, 48.2, 312.
func digits(a float64) string {
	if a >= 99.95 {
		return strconv.FormatFloat(a, 'f', 0, 64)
	}
	return strconv.FormatFloat(a, 'f', 1, 64)
}

// short prints a count's digits, without an empty decimal.
func short(x float64) string {
	if a := math.Abs(x); a < 0.095 {
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	return strings.TrimSuffix(digits(x), ".0")
}

// Plural is "1 hypothesis", "3 hypotheses", with separators.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(float64(n)) + " " + many
}
