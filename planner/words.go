package planner

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}

// CurrencySymbol is what stands before an amount; "" if the code follows it.
func CurrencySymbol(currency string) string { return symbols[currency] }

// Money prints an amount, as reasons, commands and pages do: $1.23M, −€840,
// 31.2k SEK, $7.47, $0.093.
func Money(amount float64, currency string) string {
	sign, number := "", amountOf(math.Abs(amount))
	if amount < 0 && number != "0" {
		sign = "−"
	}
	if s := CurrencySymbol(currency); s != "" {
		return sign + s + number
	}
	return sign + number + " " + currency
}

// amountOf prints a non-negative amount: two digits below one, cents below a
// hundred, and from ten thousand on three digits and a unit.
func amountOf(x float64) string {
	switch {
	case x < 0.0005:
		return "0"
	case x < 0.995:
		return strconv.FormatFloat(x, 'f', 1-int(math.Floor(math.Log10(x))), 64)
	case x < 99.995:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 2, 64), ".00")
	case x < 999.5:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x < 9_999.5:
		text := strconv.FormatFloat(x, 'f', 0, 64)
		return text[:1] + "," + text[1:]
	}
	units := "kMBT"
	for x /= 1000; x >= 999.5 && len(units) > 1; x /= 1000 {
		units = units[1:]
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(x*1.0005))))
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + units[:1]
}

// count prints a number of things: 1 week, 2 weeks.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func day(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// night names a plan by its time, to the second if need be.
func night(at time.Time) string {
	if at.Second() == 0 {
		return at.UTC().Format("2006-01-02T15:04Z")
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}
