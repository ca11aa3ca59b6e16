package main

import (
	"testing"

	"github.com/assay-planner/assay/planner/backtest"
)

// TestEqualForecasts: only a measure of order whose interval is a point says that there
// is no order.
func TestEqualForecasts(t *testing.T) {
	point := func(x float64) *backtest.Measure { return &backtest.Measure{Value: x, Low: x, High: x} }
	for _, c := range []struct {
		name string
		m    *backtest.Measure
		want bool
	}{
		{"pair_accuracy", point(0.5), true}, {"pooled_spearman", point(0), true},
		{"pair_accuracy", &backtest.Measure{Value: 0.5, Low: 0.4, High: 0.6}, false}, {"pair_accuracy", point(0), false},
		{"pair_accuracy", nil, false}, {"crps", point(0), false},
	} {
		if got := equalForecasts(c.name, c.m); got != c.want {
			t.Errorf("%s %+v: %v", c.name, c.m, got)
		}
	}
}
