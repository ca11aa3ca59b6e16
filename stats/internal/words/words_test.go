package words

import (
	"math"
	"testing"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		write func(float64) string
		x     float64
		want  string
	}{
		{Count, 23_612_345, "23,612,345"}, {Count, 1e12, "1,000,000,000,000"}, {Count, 999.6, "1,000"}, {Count, 100, "100"},
		{Count, 9.96, "10"}, {Count, 7, "7"}, {Count, 0.42, "0.42"}, {Count, 0, "0"}, {Count, -1234, "-1,234"}, {Count, math.Inf(1), "+Inf"},
		{About, 23_570_353, "23,600,000"}, {About, 12.34, "12"}, {About, 0.4211, "0.42"}, {About, math.Inf(1), "+Inf"},
		{Lift, 0.071, "+7.1%"}, {Lift, -0.0012, "-0.12%"}, {Lift, 0.00012, "+0.012%"}, {Lift, 15.8, "+1580%"}, {Lift, 1e-14, "0%"}, {Lift, 1234, "+1.2e+05%"},
		{Share, 0.071, "7.1%"}, {Share, 1, "100%"}, {Share, 0.5, "50%"}, {Share, 0.005, "0.5%"}, {Share, 3000, "3e+05%"}, {Share, 0.0012, "0.12%"}, {Share, 0.000012, "0.0012%"}, {Share, 0, "0%"},
	} {
		if got := c.write(c.x); got != c.want {
			t.Errorf("%v is written %q, want %q", c.x, got, c.want)
		}
	}
}
