package stats

import (
	"errors"
	"fmt"
	"math"
)

// ErrInput is what every error of this package wraps: the input has no answer.
var ErrInput = errors.New("stats: invalid input")

// InputError names the field that has no answer, its value and what is wrong.
// Elements of slices and maps are named like Go expressions: es[3].SE,
// groups["feed"][0].Value.
type InputError struct {
	Field  string
	Value  float64
	Reason string
}

func (e *InputError) Error() string {
	return fmt.Sprintf("%v: %s = %v: %s", ErrInput, e.Field, e.Value, e.Reason)
}

// Unwrap makes errors.Is(err, ErrInput) hold.
func (e *InputError) Unwrap() error { return ErrInput }

// first returns the first error of a list of checks.
func first(checks ...error) error {
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

func check(ok bool, field string, value float64, reason string) error {
	if ok {
		return nil
	}
	return &InputError{Field: field, Value: value, Reason: reason}
}

// maxMagnitude keeps squares and products of inputs far from overflow.
const maxMagnitude = 1e40

func checkFinite(field string, x float64) error {
	return check(math.Abs(x) <= maxMagnitude, field, x, "must be a number of magnitude at most 1e40")
}

func checkPositive(field string, x float64) error {
	return check(x >= 1/maxMagnitude && x <= maxMagnitude, field, x, "must be above 0 (1e-40 to 1e40)")
}

func checkNonNegative(field string, x float64) error {
	return check(x >= 0 && x <= maxMagnitude, field, x, "must be 0 or above, at most 1e40")
}

func checkFraction(field string, x float64) error {
	return check(x > 0 && x < 1, field, x, "must lie strictly between 0 and 1")
}
