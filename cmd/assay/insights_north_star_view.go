package main

import (
	"fmt"
	"slices"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats"
)

func (a *app) showNorthStar(r insights.Report) error {
	n := r.NorthStar
	if n == nil {
		return nil
	}
	a.heading("North star: which metric says what another will do")
	a.say("The north star is %s: %s.", n.Target, n.Reason)
	axis := render.Axis{Low: -1, High: 1, Columns: 15}
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[insights.Proxy]{
		{Title: "A LIFT OF", Grow: true, Text: func(p insights.Proxy) string { return p.Short }},
		{Title: "SAYS OF", Grow: true, Text: func(p insights.Proxy) string { return p.Long }},
		{Title: "EXPERIMENTS", Right: true, Text: func(p insights.Proxy) string { return render.Thousands(float64(p.Experiments)) }},
		{Title: "CORR.", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Correlation) }},
		{Title: intervalTitle(r), Text: func(p insights.Proxy) string { return between(p.CorrelationInterval) }},
		{Title: axis.Ruler(hundredth), Drawn: true, Text: func(p insights.Proxy) string {
			return axis.Interval(p.CorrelationInterval.Low, p.Correlation, p.CorrelationInterval.High)
		}},
		{Title: "NAIVE", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Naive) }},
		{Title: "USERS", Right: true, Text: func(p insights.Proxy) string { return hundredth(p.Users.Value) }},
	}, n.Pairs)
	a.say("CORR. is the correlation of true lifts (positive is better in both), one arm of each experiment; NAIVE that of estimates, which has the noise of both; USERS the correlation of users' values that was taken out, %s. Intervals are by leaving out experiments, a twentieth at a time, and hold what is not known of USERS.", usersText(n.Pairs))
	rows := proxiesOf(*n)
	if err != nil || len(rows) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	err = render.Table(a.out, a.styles(), a.width(), proxyColumns(r), rows)
	text := fmt.Sprintf("SLOPE is the lift of %s for each unit of the metric's own, taken alone; SHARE how much of the variance of the true lifts of %s it explains alone.", n.Target, n.Target)
	if x := n.Index; x != nil {
		text += fmt.Sprintf(" WEIGHT is its slope with the others fixed: the best index of %s from all of them, learned from %s experiments that measured all. It explains %.0f%% [%.0f, %.0f] of that variance; shipping by its sign agrees with shipping by that of %s in %.0f%% [%.0f, %.0f] of ideas.",
			n.Target, render.Thousands(float64(x.Experiments)), 100*x.R2, 100*x.R2Interval.Low, 100*x.R2Interval.High, n.Target, 100*x.Agreement, 100*x.AgreementInterval.Low, 100*x.AgreementInterval.High)
	}
	a.say("%s", text)
	for _, w := range n.Warnings() {
		a.say("Careful: %s.", w)
	}
	return err
}

// proxyRow is what one metric says of the north star, alone and in the index.
type proxyRow struct {
	insights.Proxy
	weight *stats.Interval // of the index; nil: there is none
	value  float64
}

func proxiesOf(n insights.NorthStar) (rows []proxyRow) {
	for _, p := range n.Pairs {
		if p.Long != n.Target {
			continue
		}
		row := proxyRow{Proxy: p}
		if x := n.Index; x != nil {
			k := slices.Index(x.Metrics, p.Short)
			row.value, row.weight = x.Weights[k], &x.WeightIntervals[k]
		}
		rows = append(rows, row)
	}
	return rows
}

func proxyColumns(r insights.Report) []render.Column[proxyRow] {
	columns := []render.Column[proxyRow]{
		{Title: "A LIFT OF", Grow: true, Text: func(p proxyRow) string { return p.Short }},
		{Title: "SLOPE", Right: true, Text: func(p proxyRow) string { return hundredth(p.Slope) }},
		{Title: intervalTitle(r), Text: func(p proxyRow) string { return between(p.SlopeInterval) }},
		{Title: "SHARE", Right: true, Text: func(p proxyRow) string { return fmt.Sprintf("%.0f%%", 100*p.R2) }},
		{Title: intervalTitle(r), Text: func(p proxyRow) string {
			return fmt.Sprintf("%.0f … %.0f%%", 100*p.R2Interval.Low, 100*p.R2Interval.High)
		}},
	}
	if r.NorthStar.Index == nil {
		return columns
	}
	return append(columns,
		render.Column[proxyRow]{Title: "WEIGHT", Right: true, Text: func(p proxyRow) string { return hundredth(p.value) }},
		render.Column[proxyRow]{Title: intervalTitle(r), Text: func(p proxyRow) string { return between(*p.weight) }})
}

func intervalTitle(r insights.Report) string {
	return fmt.Sprintf("%.3g%% INTERVAL", 100*r.Shipped.Posterior.Interval.Level)
}

// between prints an interval of correlations or weights.
func between(i stats.Interval) string { return hundredth(i.Low) + " … " + hundredth(i.High) }

func hundredth(x float64) string { return fmt.Sprintf("%+.2f", x) }

func usersText(pairs []insights.Proxy) string {
	stated := 0
	for _, p := range pairs {
		if p.Users.From == "stated" {
			stated++
		}
	}
	switch stated {
	case 0:
		return "estimated from tests of different sizes"
	case len(pairs):
		return "as stated"
	}
	return "as stated, or estimated from tests of different sizes"
}
