package input

import (
	"errors"
	"testing"
)

func TestWithin(t *testing.T) {
	var of *Error
	if err := Within("Prior.", Positive("Scale", -1)); !errors.As(err, &of) || of.Field != "Prior.Scale" || of.Value != -1 {
		t.Errorf("%v", err)
	}
	other := errors.New("another")
	if Within("Prior.", nil) != nil || Within("Prior.", other) != other {
		t.Error("it changes what is no *Error")
	}
}
