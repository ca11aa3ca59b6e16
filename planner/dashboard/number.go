package dashboard

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const minus = "−"

// lift prints a relative lift with its sign: 0.0031 is +0.31%.
func lift(x float64) string {
	digits := 2
	if math.Abs(x) >= 0.0995 {
		digits = 1
	}
	text := strconv.FormatFloat(math.Abs(100*x), 'f', digits, 64) + "%"
	switch {
	case strings.Trim(text, "0.%") == "":
		return text
	case x < 0:
		return minus + text
	}
	return "+" + text
}

// percent prints a share: 0.984 is 98%, 0.0071 is 0.71%.
func percent(x float64) string {
	p := 100 * x
	switch a := math.Abs(p); {
	case a == 0:
		return "0%"
	case a < 0.01:
		return "<0.01%"
	case a < 0.995:
		return trimmed(p, 2) + "%"
	case a < 9.95:
		return trimmed(p, 1) + "%"
	case a < 100 && a >= 99.5: // nearly full is not full
		return trimmed(math.Floor(p*10)/10, 1) + "%"
	default:
		return trimmed(p, 0) + "%"
	}
}

var scales = []struct {
	from float64
	unit string
}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}}

// scaled prints a non-negative number to three digits or so, with a unit.
func scaled(x float64, gap string, from float64) string {
	for _, s := range scales {
		if x >= from && x >= s.from*0.9995 {
			return digits(x/s.from) + gap + s.unit
		}
	}
	if x < 1000 {
		return digits(x)
	}
	return thousands(x)
}

// digits prints three digits: 1.23, 12.3, 123.
func digits(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 0.0995:
		return strconv.FormatFloat(x, 'g', 2, 64)
	case x < 9.995:
		return trimmed(x, 2)
	case x < 99.95:
		return trimmed(x, 1)
	default:
		return trimmed(x, 0)
	}
}

func trimmed(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func thousands(x float64) string {
	text := strconv.FormatFloat(math.Round(x), 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// count prints a number of people or hours: 2.1 M, 12,034.
func count(x float64) string {
	if x < 0 {
		return minus + count(-x)
	}
	if x >= 100 && x < 1e6 {
		return thousands(x)
	}
	return scaled(x, " ", 1e6) // a narrow no-break space
}

// counted prints a whole number or a fractional one for a template.
func counted(n any) string {
	if whole, ok := n.(int); ok {
		return count(float64(whole))
	}
	return count(n.(float64))
}

// people prints a number of users to three digits: more would be pretence.
func people(x float64) string {
	if x >= 1000 && x < 1e6 {
		x = 1000 * math.Round(x/1000)
	}
	return count(x)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(float64(n)) + " " + many
}

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

func moment(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") }
