package health

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/gamma"
)

// Weekdays is the heterogeneity of the effect over the days of the week.
type Weekdays struct {
	Q  float64 `json:"q"` // what seven levels explain beyond the trend in ln(day + 1)
	DF int     `json:"df"`
	P  float64 `json:"p"`
	// Effects are the effects by day of the week at the test's middle of the
	// trend; element 0 is the weekday of day 0.
	Effects []stats.Estimate `json:"effects"`
}

// weekdays compares the trend with one that has a level for each weekday.
func weekdays(days []Day, rho float64) (*Weekdays, error) {
	var times [7]int
	for _, d := range days {
		times[d.Day%7]++
	}
	if slices.Min(times[:]) < 2 {
		return nil, nil
	}
	centre := middle(days, logDay)
	plain, err := regress(days, rho, func(d Day) []float64 { return []float64{1, logDay(d.Day) - centre} })
	if err != nil {
		return nil, err
	}
	levels := func(weekday int, x float64) []float64 {
		row := make([]float64, 8)
		row[weekday], row[7] = 1, x
		return row
	}
	full, err := regress(days, rho, func(d Day) []float64 { return levels(d.Day%7, logDay(d.Day)-centre) })
	if err != nil {
		return nil, err
	}
	w := &Weekdays{Q: math.Max(0, plain.q-full.q), DF: plain.df - full.df}
	w.P = gamma.ChiSquareTail(w.Q, w.DF)
	for weekday := range 7 {
		w.Effects = append(w.Effects, full.at(levels(weekday, 0)))
	}
	return w, nil
}

func wholeWeeks(days []Day) bool {
	span := days[len(days)-1].Day - days[0].Day + 1
	return len(days) == span && span%7 == 0
}
