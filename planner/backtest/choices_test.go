package backtest

import (
	"testing"

	"github.com/assay-planner/assay/planner/forecast"
)

// A choice is used again for the same past and for one that grew a little, and never
// where it was made from something that is not past.
func TestChoicesStayInThePast(t *testing.T) {
	cases, _ := world{experiments: 90, ideas: 1, se: 0.1}.cases(1)
	var past []forecast.Past
	for _, c := range cases {
		past = append(past, c.Past)
	}
	spec := forecast.Spec{Tail: "t"}
	c := Learned{}.remembering().choices
	c.keep(past[:50], spec)
	for name, of := range map[string][]forecast.Past{"the same": past[:50], "longer by half": past[:75], "in another order": reversed(past[:50])} {
		if s := c.of(of); s == nil || s.Tail != "t" {
			t.Errorf("%s: %v", name, s)
		}
	}
	other := reversed(past[:50])
	other[0].Metric = "other"
	for name, of := range map[string][]forecast.Past{"shorter": past[:49], "another part": past[1:60], "much longer": past[:80], "another metric": other, "none": nil} {
		if s := c.of(of); s != nil {
			t.Errorf("%s: %v", name, s)
		}
	}
	var none *choices
	if none.keep(past, spec); none.of(past) != nil {
		t.Error("nothing is remembered where nobody asked for it")
	}
}
