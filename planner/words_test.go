package planner

import "testing"

func TestMoney(t *testing.T) {
	for _, tc := range []struct {
		amount   float64
		currency string
		want     string
	}{
		{0, "USD", "$0"}, {-0.001, "USD", "$0"}, {0.42, "USD", "$0.4"}, {48_200, "USD", "$48k"}, {1249, "EUR", "€1.2k"},
		{999.7, "USD", "$1k"}, {999_700, "USD", "$1M"}, {-1.25e6, "USD", "−$1.3M"}, {870, "SEK", "870 SEK"},
		{9_960, "USD", "$10k"}, {-3.1e9, "CHF", "−3.1B CHF"}, {7e15, "USD", "$7000T"}, {5.4, "USD", "$5"},
	} {
		if got := Money(tc.amount, tc.currency); got != tc.want {
			t.Errorf("Money(%g, %s) = %q, want %q", tc.amount, tc.currency, got, tc.want)
		}
	}
}
