// Package assert has the comparisons that the tests of stats share.
package assert

import (
	"errors"
	"math"
	"os"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Must panics if a call fails, which ends the test, and passes its value on.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Near fails unless got is within an absolute tolerance of want.
func Near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.12g, want %.12g ± %.2g", what, got, want, tolerance)
	}
}

// Field fails unless the error is the typed one of this field.
func Field(t testing.TB, err error, field string) {
	t.Helper()
	var e *input.Error
	if !errors.As(err, &e) || !errors.Is(err, input.ErrInput) || e.Field != field {
		t.Errorf("got error %v, want an input error of %s", err, field)
	}
}

// Answered fails unless a call gave finite numbers or a typed error that names a
// field and a reason: what fuzz tests ask of every function.
func Answered[T any](t testing.TB) func(T, error) {
	return func(result T, err error) {
		t.Helper()
		var e *input.Error
		switch {
		case err == nil:
			finite(t, reflect.ValueOf(result))
		case !errors.As(err, &e) || e.Field == "" || e.Reason == "":
			t.Fatalf("error %v is no input error with a field and a reason", err)
		}
	}
}

// finite fails on any NaN or infinity in a result, wherever it stands.
func finite(t testing.TB, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			t.Fatalf("%g in a result", v.Float())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			finite(t, v.Field(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			finite(t, v.MapIndex(key))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			finite(t, v.Index(i))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			finite(t, v.Elem())
		}
	}
}

// Long skips a slow simulation unless ASSAY_LONG is set, as make test-long does.
func Long(t testing.TB) {
	t.Helper()
	if os.Getenv("ASSAY_LONG") == "" {
		t.Skip("slow: run by make test-long (ASSAY_LONG=1)")
	}
}

// Binomial fails unless a count of successes in n independent runs is one that a
// success probability p gives with probability above 1e-6: outside it, the
// probability is not p. It is the exact two-sided test, each tail at 5e-7.
func Binomial(t testing.TB, what string, successes, n int, p float64) {
	t.Helper()
	if lower, upper := tails(successes, n, p); min(lower, upper) < 5e-7 {
		t.Errorf("%s: %d of %d runs (%.5f), which a probability of %.5f gives one time in %.2g",
			what, successes, n, float64(successes)/float64(n), p, 1/min(lower, upper))
	}
}

// AtMost fails if the count is above what a probability of p or less gives with
// probability above 1e-6.
func AtMost(t testing.TB, what string, successes, n int, p float64) {
	t.Helper()
	if _, upper := tails(successes, n, p); upper < 1e-6 {
		t.Errorf("%s: %d of %d runs (%.5f), above a probability of %.5f (one time in %.2g)",
			what, successes, n, float64(successes)/float64(n), p, 1/upper)
	}
}

// AtLeast fails if the count is below what a probability of p or more gives with
// probability above 1e-6.
func AtLeast(t testing.TB, what string, successes, n int, p float64) {
	t.Helper()
	if lower, _ := tails(successes, n, p); lower < 1e-6 {
		t.Errorf("%s: %d of %d runs (%.5f), below a probability of %.5f (one time in %.2g)",
			what, successes, n, float64(successes)/float64(n), p, 1/lower)
	}
}

// tails are P(X ≤ k) and P(X ≥ k) of a binomial(n, p), by the incomplete beta function.
func tails(k, n int, p float64) (lower, upper float64) {
	lower, upper = 1, 1
	if k < n {
		lower = mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
	}
	if k > 0 {
		upper = mathext.RegIncBeta(float64(k), float64(n-k+1), p)
	}
	return lower, upper
}
