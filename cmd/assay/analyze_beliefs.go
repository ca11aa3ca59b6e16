package main

import (
	"fmt"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/analysis"
)

// printBeliefs prints what the prior makes of the lifts.
func (a *app) printBeliefs(r analysis.Report) error {
	type belief struct {
		c    analysis.Comparison
		best string
	}
	var rows []belief
	for _, c := range r.Comparisons {
		if c.Posterior == nil {
			continue
		}
		b := belief{c, "–"}
		for _, best := range r.Best {
			for _, arm := range best.Arms {
				if best.Metric == c.Metric && arm.Arm == c.Treatment {
					b.best = chance(arm.ProbBest)
				}
			}
		}
		rows = append(rows, b)
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "With the prior"))
	better, taken, best := "P(BETTER)", "LOSS IF TAKEN", "P(BEST)"
	if a.width() < 90 {
		better, taken, best = "BETTER", "LOSS", "BEST"
	}
	columns := []render.Column[belief]{
		{Title: "METRIC", Grow: true, Text: func(b belief) string { return b.c.Metric }},
		{Title: "ARM", Grow: true, Text: func(b belief) string { return b.c.Treatment }},
		{Title: "MEAN", Right: true, Text: func(b belief) string { return shortLift(b.c.Posterior.Mean) }},
		{Title: render.Percent(r.Level) + " CREDIBLE", Right: true, Text: func(b belief) string {
			return shortLift(b.c.Posterior.Interval.Low) + " … " + shortLift(b.c.Posterior.Interval.High)
		}},
		{Title: better, Right: true, Text: func(b belief) string { return chance(b.c.Posterior.ProbBetter) }},
		{Title: taken, Right: true, Text: func(b belief) string { return loss(b.c.Posterior.Loss) }},
		{Title: "IF NOT", Right: true, Text: func(b belief) string { return loss(b.c.Posterior.LossControl) }},
	}
	if len(r.Best) > 0 {
		columns = append(columns, render.Column[belief]{Title: best, Right: true, Text: func(b belief) string { return b.best }})
	}
	return render.Table(a.out, a.styles(), a.width(), columns, rows)
}

// chance prints a probability of a posterior, which is never certain.
func chance(p float64) string {
	switch {
	case p > 0.999:
		return ">99.9%"
	case p < 0.001:
		return "<0.1%"
	}
	return render.Percent(p)
}

func loss(x float64) string {
	if x < 1e-5 {
		return "<0.001%"
	}
	return render.Percent(x)
}
