package sample

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/history"
)

// record writes the sums down as outcomes of the experiment's arms.
func (e *Experiment) record(arms []sums) {
	e.Arms = nil
	for a, s := range arms {
		name := "control"
		if a > 0 {
			name = fmt.Sprintf("treatment-%c", 'a'+a-1)
		}
		arm := Arm{Name: name, Control: a == 0, Users: int64(s.users)}
		for _, m := range metrics {
			arm.Outcomes = append(arm.Outcomes, s.outcome(m))
		}
		e.Arms = append(e.Arms, arm)
	}
}

// outcome reads one metric off the sums, as a warehouse would have added it up:
// whole counts, money in cents. rpm counts impressions in thousands; the
// denominator of a mean is 1 for every user.
func (s sums) outcome(m metric) Outcome {
	o := Outcome{Metric: m.name, Ratio: m.d != users}
	o.Sum, o.SumSquares = s.recorded(m.y)
	if !o.Ratio {
		o.Den, o.DenSquares, o.SumDen = s.users, s.users, o.Sum
		return o
	}
	o.Den, o.DenSquares = s.recorded(m.d)
	// The correlation survives the rounding of the sums, even of very few users.
	correlation := s.moment[m.y][m.d] / math.Sqrt(s.moment[m.y][m.y]*s.moment[m.d][m.d])
	spread := max(0, o.SumSquares-o.Sum*o.Sum/s.users) * max(0, o.DenSquares-o.Den*o.Den/s.users)
	o.SumDen = ten(o.Sum*o.Den/s.users + correlation*math.Sqrt(spread))
	if m.name == "rpm" {
		o.Den, o.DenSquares, o.SumDen = o.Den/1e3, o.DenSquares/1e6, o.SumDen/1e3
	}
	return o
}

// recorded rounds the sum and the raw second moment of a quantity. The square
// of a count is at least the count.
func (s sums) recorded(quantity int) (sum, squares float64) {
	if quantity == revenue || quantity == minutes {
		sum = math.Round(s.total[quantity]*100) / 100
		return sum, ten(s.moment[quantity][quantity] + sum*sum/s.users)
	}
	sum = math.Round(s.total[quantity])
	if sum == 0 {
		return 0, 0
	}
	return sum, max(sum, ten(math.Ceil(s.moment[quantity][quantity]+sum*sum/s.users)))
}

// ten rounds to ten significant digits: see digits.
func ten(x float64) float64 { return significantly(x, 10) }

// significant says whether the first look of any treatment arm tempts to stop:
// a two-sided p below 0.1 that nobody corrected for looking early.
func (e Experiment) significant() bool {
	return slices.ContainsFunc(e.effects(), func(f history.Effect) bool {
		return f.Metric == e.Metric && math.Abs(f.Lift) > 1.645*f.SE
	})
}
