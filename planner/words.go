package planner

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

// Money prints an amount as people say it: $31k, −€1.2M, 870 SEK.
func Money(amount float64, currency string) string {
	sign := ""
	if amount < 0 {
		sign, amount = "−", -amount
	}
	number := short(amount)
	if number == "0" {
		sign = ""
	}
	if s, ok := symbols[currency]; ok {
		return sign + s + number
	}
	return sign + number + " " + currency
}

// short prints a non-negative number to two or three digits and a unit.
func short(x float64) string {
	units := []string{"", "k", "M", "B", "T"}
	i := 0
	for math.Round(x) >= 1000 && i < len(units)-1 {
		x, i = x/1000, i+1
	}
	if x < 9.95 && (i > 0 || x < 1) {
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) + units[i]
	}
	return strconv.FormatFloat(x, 'f', 0, 64) + units[i]
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
