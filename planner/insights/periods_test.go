package insights

import (
	"fmt"
	"testing"
	"time"
)

// Wins are told by month, quarter or year, whichever makes at most twelve; those that do
// not say when they ended are in none.
func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		days, periods int
		first, last   string
	}{
		{0, 1, "2024-03", "2024-03"}, {350, 12, "2024-03", "2025-02"}, {370, 5, "2024 Q1", "2025 Q1"}, {1500, 5, "2024", "2028"},
	} {
		effects, _ := programme(2, 61)
		for i := range effects {
			effects[i].Ended = time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*c.days/60)
		}
		effects[7].Ended = time.Time{}
		l := &learner{o: Options{Alpha: 0.025, Level: 0.95, Metric: "rpm"}, z: 1.959964, half: 1.959964, trials: trialsOf(effects, "rpm", false)}
		if err := l.believe(); err != nil {
			t.Fatal(err)
		}
		w := l.wins()
		arms, won := 0, 0
		for _, p := range w.Periods {
			arms, won = arms+p.Arms, won+p.Won
			if !p.Interval.Contains(p.Rate) || p.FalseWins > float64(p.Won) || p.Rate != float64(p.Won)/float64(p.Arms) {
				t.Errorf("%+v", p)
			}
		}
		n := len(w.Periods)
		if n != c.periods || w.Periods[0].Name != c.first || w.Periods[n-1].Name != c.last || arms != w.Arms-1 || won > w.Won {
			t.Errorf("%d days: %d periods, %d of %d arms: %v", c.days, n, arms, w.Arms, fmt.Sprint(w.Periods))
		}
	}
}
