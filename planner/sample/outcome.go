package sample

import (
	"fmt"
	"math"
)

// record writes the sums down as outcomes of the experiment's arms.
func (e *Experiment) record(arms []sums) {
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
	o := Outcome{Metric: m.name, Sum: cents(s.total[m.y])}
	o.SumSquares = cents(s.moment[m.y][m.y] + o.Sum*o.Sum/s.users)
	if m.d == users {
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

// lift returns the measured relative lift of an arm on a metric and its
// standard error, by the delta method on the linearised metric y − r·d.
func lift(control, treatment sums, m metric) (lift, se float64) {
	c, vc := control.ratio(m)
	t, vt := treatment.ratio(m)
	lift = t/c - 1
	return lift, math.Sqrt(vt+vc*(1+lift)*(1+lift)) / c
}

// ratio returns Σy/Σd, or the mean, and the variance of that estimate.
func (s sums) ratio(m metric) (r, variance float64) {
	if m.d == users {
		return s.total[m.y] / s.users, s.moment[m.y][m.y] / s.users / s.users
	}
	r = s.total[m.y] / s.total[m.d]
	spread := s.moment[m.y][m.y] - 2*r*s.moment[m.y][m.d] + r*r*s.moment[m.d][m.d]
	return r, spread / s.total[m.d] / s.total[m.d]
}

// significant says whether any treatment arm's first look tempts to stop: a
// two-sided p below 0.1 that nobody corrected for looking early.
func significant(arms []sums, m metric) bool {
	for _, t := range arms[1:] {
		if l, se := lift(arms[0], t, m); math.Abs(l) > 1.645*se {
			return true
		}
	}
	return false
}
