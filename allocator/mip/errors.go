package mip

import (
	"errors"
	"fmt"
)

// ErrSolver is wrapped by every error that is the solver's own fault: it broke down,
// or gave an answer that does not bear checking. Nothing is known of the problem then.
var ErrSolver = errors.New("mip: the solver failed")

// InputError says what is wrong with a [Problem] or with [Options], and where.
type InputError struct {
	Field string // for example "cost[3]"
	Value string // as given; the length of a list that is too long or too short
	Want  string // what it should have been
}

func (e *InputError) Error() string {
	return fmt.Sprintf("mip: %s is %s: want %s", e.Field, e.Value, e.Want)
}

func wrong(field string, value any, want string, args ...any) error {
	return &InputError{Field: field, Value: fmt.Sprint(value), Want: fmt.Sprintf(want, args...)}
}

func wrongAt(field string, i int, value any, want string, args ...any) error {
	return wrong(fmt.Sprintf("%s[%d]", field, i), value, want, args...)
}
