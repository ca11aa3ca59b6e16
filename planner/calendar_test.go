package planner

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Without announcements the weeks of a plan are counted from its night; with them, from
// the day of the week for which they are.
func TestCalendar(t *testing.T) {
	whole := newCalendar(tonight, 4, []Start{{From: tonight.Add(2 * week)}})
	cut := newCalendar(tonight, 4, []Start{{From: tonight.Add(week + 2*aDay)}, {From: tonight.Add(2*week + 2*aDay)}, {From: tonight.Add(-aDay)}})
	if !whole.next.Equal(tonight.Add(week)) || !cut.next.Equal(tonight.Add(2*aDay)) || !cut.begin(2).Equal(tonight.Add(week+2*aDay)) {
		t.Errorf("week 1 begins at %s and %s", whole.next, cut.next)
	}
	part := newCalendar(tonight, 4, []Start{{From: tonight.Add(2*aDay + time.Hour)}})
	if late := []int{whole.late(), cut.late(), part.late()}; !slices.Equal(late, []int{0, 5, 5}) {
		t.Errorf("the first weeks are %v days late", late)
	}
	if s := cut.span(tonight, cut.begin(2)); s.week != 0 || s.rows != 2 || !slices.Equal(s.spread([]float64{3, 5}, true), []float64{3, 5}) || !slices.Equal(s.spread([]float64{5, 3}, true), []float64{5, 5}) {
		t.Errorf("a late test lies in %+v", s)
	}
	for _, tc := range []struct {
		c                      calendar
		days, weeks            int
		first, rows            int
		hours, wantHours       []float64
		wait                   float64
		whatUntil, wantedUntil int
	}{
		{whole, 0, 2, 0, 2, []float64{5, 3}, []float64{5, 3}, 0, 7, 1},
		{whole, 14, 1, 2, 1, []float64{5}, []float64{5}, 2, 8, 2},
		{whole, 3, 1, 0, 2, []float64{5}, []float64{5, 5}, 3. / 7, 0, 0},
		{cut, 0, 2, 0, 3, []float64{5, 3}, []float64{5, 5, 3}, 0, 2, 1},
		{cut, 0, 2, 0, 3, []float64{3, 5}, []float64{3, 5, 5}, 0, 3, 2},
		{cut, 2, 2, 1, 2, []float64{3, 5}, []float64{3, 5}, 2. / 7, 9, 2},
		{cut, 9, 1, 2, 1, nil, nil, 9. / 7, -1, 0},
		{cut, 10, 1, 2, 2, nil, []float64{0}, 10. / 7, 16, 3},
	} {
		from := tonight.AddDate(0, 0, tc.days)
		s := tc.c.slot(from, tc.weeks)
		if d := cmp.Diff([]any{tc.first, tc.rows, tc.wait, tc.wantedUntil, tc.wantHours},
			[]any{s.week, s.rows, s.wait, tc.c.until(tonight.AddDate(0, 0, tc.whatUntil)), s.spread(tc.hours, tc.rows > tc.weeks)}); d != "" {
			t.Errorf("day %d for %d weeks (-want +got):\n%s", tc.days, tc.weeks, d)
		}
	}
}
