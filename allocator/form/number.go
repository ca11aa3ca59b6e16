package form

import (
	"fmt"
	"math"
	"strconv"
)

// number is a decimal as it is written: digits·10^−places. Weights of some old
// instances have decimals, and a sum of them must be compared exactly.
type number struct {
	digits int64
	places int
}

const (
	maxDigits = 1e17
	maxPlaces = 9
	maxValue  = 1e100
)

func parseNumber(word []byte) (n number, ok bool) {
	negative, point, any := false, false, false
	for i, b := range word {
		switch {
		case i == 0 && (b == '-' || b == '+'):
			negative = b == '-'
		case b == '.' && !point:
			point = true
		case b >= '0' && b <= '9':
			any = true
			if n.digits >= maxDigits || point && n.places >= maxPlaces && b != '0' {
				return number{}, false
			}
			if point && n.places >= maxPlaces {
				continue
			}
			n.digits = 10*n.digits + int64(b-'0')
			if point {
				n.places++
			}
		default:
			return number{}, false
		}
	}
	for n.places > 0 && n.digits%10 == 0 { // 3.50 is 3.5, and 4.0 is 4
		n.digits /= 10
		n.places--
	}
	if negative {
		n.digits = -n.digits
	}
	return n, any
}

func (n number) float() float64 {
	return float64(n.digits) / math.Pow10(n.places)
}

// scaled is n·10^places as a whole number, if it is one of at most limit.
func (n number) scaled(places int, limit int64) (int64, bool) {
	v := n.digits
	for range places - n.places {
		if v > limit/10 {
			return 0, false
		}
		v *= 10
	}
	return v, n.places <= places && v >= 0 && v <= limit
}

// String is the number exactly, unless it is negative: beyond 2^53 a float would be another.
func (n number) String() string {
	text := fmt.Sprintf("%0*d", n.places+1, n.digits)
	if n.places == 0 {
		return text
	}
	point := len(text) - n.places
	return text[:point] + "." + text[point:]
}

// value reads what an item is worth: any finite number, as values are added up as floats.
func (l *lexer) value(field string, args ...any) (float64, error) {
	word := l.next()
	if n, ok := parseNumber(word); ok {
		return n.float(), nil
	}
	v, err := strconv.ParseFloat(string(word), 64)
	if err != nil || !(math.Abs(v) <= maxValue) {
		return 0, l.fault(word, fmt.Sprintf("must be a number of magnitude at most %g", maxValue), field, args...)
	}
	return v, nil
}

// amount reads a decimal that is not negative, exactly.
func (l *lexer) amount(field string, args ...any) (number, error) {
	word := l.next()
	n, ok := parseNumber(word)
	switch {
	case !ok:
		return number{}, l.fault(word, fmt.Sprintf("must be a number of at most 17 digits, %d of them after the point", maxPlaces), field, args...)
	case n.digits < 0:
		return number{}, l.fault(word, "must not be negative", field, args...)
	}
	return n, nil
}

// weight reads what an item takes. It must be small enough to be counted in its own
// decimals; those of others in its row may ask for less.
func (l *lexer) weight(field string, args ...any) (number, error) {
	n, err := l.amount(field, args...)
	if err == nil && n.digits > math.MaxInt32 {
		err = l.fault(l.buf, tooLarge(n.places), field, args...)
	}
	return n, err
}

func tooLarge(places int) string {
	return fmt.Sprintf("must be at most %s with %d decimals", number{math.MaxInt32, places}, places)
}

// count reads a whole number between two limits.
func (l *lexer) count(low, high int, field string, args ...any) (int, error) {
	word := l.next()
	n, ok := parseNumber(word)
	if !ok || n.places > 0 || n.digits < int64(low) || n.digits > int64(high) {
		return 0, l.fault(word, fmt.Sprintf("must be a whole number from %d to %d", low, high), field, args...)
	}
	return int(n.digits), nil
}
