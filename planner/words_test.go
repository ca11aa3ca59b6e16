package planner

import "testing"

func TestMoney(t *testing.T) {
	for _, tc := range []struct {
		amount   float64
		currency string
		want     string
	}{
		{0, "USD", "$0"}, {-0.0001, "USD", "$0"}, {0.42, "USD", "$0.42"}, {0.3, "USD", "$0.30"}, {0.0123, "USD", "$0.012"}, {0.093, "EUR", "€0.093"},
		{1, "USD", "$1"}, {3.1, "USD", "$3.10"}, {7.474, "USD", "$7.47"}, {12, "USD", "$12"}, {99.999, "USD", "$100"},
		{312, "USD", "$312"}, {-840, "EUR", "−€840"}, {870, "SEK", "870 SEK"}, {999.7, "USD", "$1,000"}, {1249, "EUR", "€1,249"}, {9_999, "USD", "$9,999"},
		{9_999.7, "USD", "$10k"}, {31_240, "SEK", "31.2k SEK"}, {45_000, "CHF", "45k CHF"}, {48_200, "USD", "$48.2k"}, {99_960, "USD", "$100k"},
		{999_700, "USD", "$1M"}, {1_234_567, "USD", "$1.23M"}, {-1.25e6, "USD", "−$1.25M"}, {-3.1e9, "CHF", "−3.1B CHF"}, {3e12, "USD", "$3T"}, {7e15, "USD", "$7000T"},
		{5.4, "INR", "₹5.40"},
	} {
		if got := Money(tc.amount, tc.currency); got != tc.want {
			t.Errorf("Money(%g, %s) = %q, want %q", tc.amount, tc.currency, got, tc.want)
		}
	}
}
