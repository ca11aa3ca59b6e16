package insights

import (
	"fmt"
	"time"

	"github.com/assay-planner/assay/stats"
	rates "github.com/assay-planner/assay/stats/effect"
)

// Period is how often arms won of experiments that ended in it.
type Period struct {
	Name     string         `json:"name"` // 2026, 2026 Q3 or 2026-07
	Arms     int            `json:"arms"`
	Won      int            `json:"won"`
	Rate     float64        `json:"rate"`
	Interval stats.Interval `json:"interval"` // of Rate (Wilson's), as if arms were independent
	// FalseWins is as that of Wins.
	FalseWins float64 `json:"false_wins"`
}

// mostPeriods are as many as can be told apart at a glance.
const mostPeriods = 12

// calendars are the lengths of a period, the shortest first: its number, counted on
// without a gap, and its name.
var calendars = []struct {
	number func(time.Time) int
	name   func(int) string
}{
	{func(t time.Time) int { return 12*t.Year() + int(t.Month()) - 1 }, func(n int) string { return fmt.Sprintf("%d-%02d", n/12, n%12+1) }},
	{func(t time.Time) int { return 4*t.Year() + (int(t.Month())-1)/3 }, func(n int) string { return fmt.Sprintf("%d Q%d", n/4, n%4+1) }},
	{func(t time.Time) int { return t.Year() }, func(n int) string { return fmt.Sprint(n) }},
}

func (l *learner) periods() []Period {
	var first, last time.Time
	for _, t := range l.trials {
		for _, a := range t.arms {
			switch at := a.of.Ended.UTC(); {
			case a.of.Ended.IsZero():
			case first.IsZero():
				first, last = at, at
			case at.Before(first):
				first = at
			case at.After(last):
				last = at
			}
		}
	}
	all := []Period{}
	if first.IsZero() {
		return all
	}
	by := calendars[0]
	for _, by = range calendars {
		if by.number(last)-by.number(first) < mostPeriods {
			break
		}
	}
	of := map[int]*Period{}
	for i, t := range l.trials {
		for k, a := range t.arms {
			if a.of.Ended.IsZero() {
				continue
			}
			n := by.number(a.of.Ended.UTC())
			if of[n] == nil {
				of[n] = &Period{Name: by.name(n)}
			}
			if of[n].Arms++; a.Value > l.z*a.SE {
				of[n].Won++
				of[n].FalseWins += l.after[i][k].CDF(0)
			}
		}
	}
	for n := by.number(first); n <= by.number(last); n++ {
		if p := of[n]; p != nil {
			p.Rate = float64(p.Won) / float64(p.Arms)
			// The counts are whole and the level was checked: there is always an interval.
			p.Interval, _ = rates.Proportion{Successes: p.Won, N: p.Arms}.Interval(rates.Options{Level: l.o.Level})
			all = append(all, *p)
		}
	}
	return all
}
