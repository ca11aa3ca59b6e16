package main

import (
	"math"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/power"
)

// chart is the power by week, or what can be detected where no effect was stated;
// by users where there are no weeks.
func (ans designAnswer) chart() render.Chart {
	name, percents, y := ans.curve()
	c := render.Chart{XLabel: "week", Title: capital(name) + " by week", YLabel: name, Y: render.Scale{Percent: percents}}
	x := func(r designRow) float64 { return float64(r.Week.Week) }
	rows := ans.rows()
	if ans.question.traffic == "" {
		unit := 1.0
		c.XLabel, c.Title = "users in control", capital(name)+" by users"
		if most := rows[len(rows)-1].Control; most >= 1e7 {
			c.XLabel, unit = "users in control, millions", 1e6
		} else if most >= 1e4 {
			c.XLabel, unit = "users in control, thousands", 1e3
		}
		x = func(r designRow) float64 { return r.Control / unit }
	}
	line, aim := render.Line{Name: name}, render.Line{Name: "power asked for", Aim: true}
	for _, r := range rows {
		v := y(r)
		if v == 0 {
			v = math.NaN()
		}
		c.X, line.Y, aim.Y = append(c.X, x(r)), append(line.Y, v), append(aim.Y, ans.solved.Power)
	}
	// The last line is drawn over the others.
	if ans.powered() {
		c.Lines = append(c.Lines, aim)
	}
	c.Lines = append(c.Lines, line)
	return c
}

// curve is what the chart shows of each row, whether in percent, and its name.
func (ans designAnswer) curve() (name string, percents bool, y func(designRow) float64) {
	if ans.powered() {
		return "power", true, func(r designRow) float64 { return r.Power }
	}
	name = "MDE"
	if ans.question.guards() {
		name = "margin"
	}
	if ans.relative() {
		return name, true, func(r designRow) float64 { return r.RelativeMDE + r.RelativeMargin }
	}
	return name, false, func(r designRow) float64 { return r.MDE + r.Margin }
}

// poster is the chart for a file, where nothing else says what it is of.
func (ans designAnswer) poster() render.Chart {
	c, d, s := ans.chart(), ans.solved, ans.Sizing
	c.Title += ": " + subject(d, s, ans.powered(), ans.question.guards())
	return c
}

func subject(d power.Design, s power.Sizing, powered, guards bool) string {
	switch {
	case !powered:
		return baselineWords(d.Metric)
	case guards:
		return "a margin of " + marginWords(d, s) + " of " + baselineWords(d.Metric)
	}
	return changeWords(d, s) + " of " + baselineWords(d.Metric)
}
