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

// outcome reads one metric off the sums. rpm counts impressions in thousands;
// the denominator of a mean is 1 for every user. Raw second moments are made
// from the rounded sums, so that the variance stays what it was.
func (s sums) outcome(m metric) Outcome {
	unit := 1.0
	if m.name == "rpm" {
		unit = 1000
	}
	o := Outcome{Metric: m.name, Ratio: m.d != users, Sum: cents(s.total[m.y])}
	o.SumSquares = cents(s.moment[m.y][m.y] + o.Sum*o.Sum/s.users)
	if !o.Ratio {
		o.Den, o.DenSquares, o.SumDen = s.users, s.users, o.Sum
		return o
	}
	o.Den = cents(s.total[m.d] / unit)
	o.DenSquares = cents(s.moment[m.d][m.d]/unit/unit + o.Den*o.Den/s.users)
	o.SumDen = cents(s.moment[m.y][m.d]/unit + o.Sum*o.Den/s.users)
	return o
}

// cents rounds to 0.01 or to ten digits, whichever is coarser.
func cents(x float64) float64 {
	if math.Abs(x) < 1e8 {
		return math.Round(x*100) / 100
	}
	unit := math.Pow10(int(math.Floor(math.Log10(math.Abs(x)))) - 9)
	return math.Round(x/unit) * unit
}

// significant says whether the first look of any treatment arm tempts to stop:
// a two-sided p below 0.1 that nobody corrected for looking early.
func (e Experiment) significant() bool {
	return slices.ContainsFunc(e.effects(), func(f history.Effect) bool {
		return f.Metric == e.Metric && math.Abs(f.Lift) > 1.645*f.SE
	})
}
