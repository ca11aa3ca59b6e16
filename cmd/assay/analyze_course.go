package main

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/analysis"
)

// printCourse draws the first comparison's lift by day; the others are in JSON.
func (a *app) printCourse(r analysis.Report) error {
	for _, c := range r.Comparisons {
		chart, ok := courseChart(c)
		if !ok {
			continue
		}
		fmt.Fprintln(a.out)
		return evenly(chart).Text(a.out, a.styles(), a.width())
	}
	return nil
}

func courseChart(c analysis.Comparison) (render.Chart, bool) {
	if c.Course == nil || len(c.Course.Day) < 2 {
		return render.Chart{}, false
	}
	steps := c.Course.Monitor.Steps
	last := steps[len(steps)-1].Interval
	var lift, low, high []float64
	for _, s := range steps {
		l, h := s.Interval.Low, s.Interval.High
		// The first bounds are so wide that they would hide all later ones.
		if wide := 4 * (last.High - last.Low); !s.Used || h-l > wide && !math.IsInf(wide, 0) {
			l, h = math.NaN(), math.NaN()
		}
		if math.IsInf(l, 0) {
			l = math.NaN()
		}
		if math.IsInf(h, 0) {
			h = math.NaN()
		}
		lift, low, high = append(lift, s.Value), append(low, l), append(high, h)
	}
	for i := range lift {
		if math.IsNaN(low[i]) && math.IsNaN(high[i]) {
			lift[i] = math.NaN()
		}
	}
	return render.Chart{Title: fmt.Sprintf("Lift of %s in %s so far, with bounds that hold at all days together", c.Metric, c.Treatment), XLabel: "day", YLabel: "lift",
		X: c.Course.Day, Y: render.Scale{Percent: true, Signed: true}, Lines: []render.Line{{Name: "lift", Y: lift}, {Name: "low", Y: low}, {Name: "high", Y: high}}}, true
}

// evenly puts a chart's points on equal steps, as a terminal's columns are; between
// two looks the earlier one holds.
func evenly(c render.Chart) render.Chart {
	first, last := c.X[0], c.X[len(c.X)-1]
	step := last - first
	for i := range c.X[1:] {
		step = min(step, c.X[i+1]-c.X[i])
	}
	steps := int(min(400, max(1, math.Round((last-first)/step))))
	even := c
	even.X, even.Lines = nil, make([]render.Line, len(c.Lines))
	for j, l := range c.Lines {
		even.Lines[j].Name = l.Name
	}
	at := 0
	for i := range steps + 1 {
		x := first + (last-first)*float64(i)/float64(steps)
		for at+1 < len(c.X) && c.X[at+1] <= x+1e-9 {
			at++
		}
		even.X = append(even.X, x)
		for j, l := range c.Lines {
			even.Lines[j].Y = append(even.Lines[j].Y, l.Y[at])
		}
	}
	return even
}
