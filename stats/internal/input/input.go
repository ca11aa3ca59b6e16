// Package input checks what callers of stats pass in, and makes the one typed
// error that all of its packages return.
package input

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// ErrInput is what every error of stats wraps: the input has no answer.
var ErrInput = errors.New("stats: invalid input")

// Error names the field that has no answer, its value and what is wrong.
// Elements of slices and maps are named like Go expressions: es[3].SE,
// groups["feed"][0].Value.
type Error struct {
	Field  string
	Value  float64
	Choice string // the value, if it is a word; Value is 0 then
	Reason string
}

func (e *Error) Error() string {
	value := fmt.Sprint(e.Value)
	if e.Choice != "" {
		value = strconv.Quote(e.Choice)
	}
	return fmt.Sprintf("%v: %s = %s: %s", ErrInput, e.Field, value, e.Reason)
}

// Unwrap makes errors.Is(err, ErrInput) hold.
func (e *Error) Unwrap() error { return ErrInput }

// First returns the first error of a list of checks.
func First(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// Check is nil if ok, and otherwise the error of that field.
func Check(ok bool, field string, value float64, reason string) error {
	if ok {
		return nil
	}
	return &Error{Field: field, Value: value, Reason: reason}
}

// Within names the field of an *Error below the one that has it: prefix "Prior." turns
// Scale into Prior.Scale. Any other error, and nil, stays as it is.
func Within(prefix string, err error) error {
	var of *Error
	if !errors.As(err, &of) {
		return err
	}
	inner := *of
	inner.Field = prefix + of.Field
	return &inner
}

// OneOf is nil if choice is among those allowed, else an error that lists them.
func OneOf[T ~string](field string, choice T, allowed ...T) error {
	if slices.Contains(allowed, choice) {
		return nil
	}
	names := ""
	for i, a := range allowed {
		switch {
		case i > 0 && i == len(allowed)-1:
			names += " or "
		case i > 0:
			names += ", "
		}
		names += string(a)
	}
	return &Error{Field: field, Choice: string(choice), Reason: "must be " + names}
}

// Max is the largest magnitude taken: squares and products stay far from overflow.
const Max = 1e40

// Finite wants a number of magnitude at most Max.
func Finite(field string, x float64) error {
	return Check(math.Abs(x) <= Max, field, x, "must be a number of magnitude at most 1e40")
}

// Positive wants a number from 1/Max to Max.
func Positive(field string, x float64) error {
	return Check(x >= 1/Max && x <= Max, field, x, "must be above 0 (1e-40 to 1e40)")
}

// NonNegative wants a number from 0 to Max.
func NonNegative(field string, x float64) error {
	return Check(x >= 0 && x <= Max, field, x, "must be 0 or above, at most 1e40")
}

// Fraction wants a number strictly between 0 and 1.
func Fraction(field string, x float64) error {
	return Check(x > 0 && x < 1, field, x, "must lie strictly between 0 and 1")
}

// Estimate wants a Finite value and a Positive standard error of element i of a
// list. Names are built for an error only, which takes longer than the check.
func Estimate(list string, i int, value, se float64) error {
	if math.Abs(value) <= Max && se >= 1/Max && se <= Max {
		return nil
	}
	field := fmt.Sprintf("%s[%d]", list, i)
	return First(Finite(field+".Value", value), Positive(field+".SE", se))
}
