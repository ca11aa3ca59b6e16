package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats/returns"
)

func (a *app) showRules(r insights.Report) error {
	if r.Rules == nil {
		return nil
	}
	a.heading("What ship rules would have returned")
	a.say("The rule in use is %s: %s.", r.Rules.Current, r.Rules.Reason)
	type rule = insights.Rule
	text := returnText(r.Rules.Currency)
	name := render.Column[rule]{Title: "RULE", Grow: true, Text: func(row rule) string { return row.Rule }}
	amount := func(title string, of func(rule) returns.Amount) []render.Column[rule] {
		return []render.Column[rule]{
			{Title: title, Right: true, Text: func(row rule) string { return text(of(row).Value) }},
			{Title: intervalTitle(r), Right: true, Text: func(row rule) string { return intervalOf(of(row).Interval, text) }},
		}
	}
	returned := slices.Concat([]render.Column[rule]{name},
		amount("RETURN", func(row rule) returns.Amount { return row.Total }), amount("PLUG-IN", func(row rule) returns.Amount { return row.PlugIn }))
	if err := render.Table(a.out, a.styles(), a.width(), returned, r.Rules.Rows); err != nil {
		return err
	}
	a.say("%s", rulesText(r))
	fmt.Fprintln(a.out)
	var ends []float64
	for _, row := range r.Rules.Rows {
		ends = append(ends, row.Gain.Interval.Low, row.Gain.Interval.High)
	}
	axis := render.AxisFor(axisColumns, ends...)
	unlessInUse := func(say func(rule) string, otherwise string) func(rule) string {
		return func(row rule) string {
			if row.Rule == r.Rules.Current {
				return otherwise
			}
			return say(row)
		}
	}
	err := render.Table(a.out, a.styles(), a.width(), []render.Column[rule]{
		name,
		{Title: "SHIPS", Right: true, Text: func(row rule) string { return render.Thousands(math.Round(row.Shipped)) }},
		{Title: "GAIN", Right: true, Text: unlessInUse(func(row rule) string { return text(row.Gain.Value) }, "in use")},
		{Title: intervalTitle(r), Right: true, Text: unlessInUse(func(row rule) string { return intervalOf(row.Gain.Interval, text) }, "")},
		{Title: axis.Ruler(text), Drawn: true, Text: func(row rule) string {
			return axis.Interval(row.Gain.Interval.Low, row.Gain.Value, row.Gain.Interval.High)
		}},
	}, r.Rules.Rows)
	a.say("SHIPS is in how many of the %s experiments the rule ships an arm, on average; GAIN the return over that of the rule in use, by differences within each experiment.", render.Thousands(float64(r.Rules.Rows[0].Experiments)))
	return err
}

// returnText prints what rules return: an amount of a currency, or a sum of lifts.
func returnText(currency string) func(float64) string {
	if currency == "" {
		return render.Lift
	}
	return func(x float64) string {
		if x > 0 {
			return "+" + planner.Money(x, currency)
		}
		return planner.Money(x, currency)
	}
}

func rulesText(r insights.Report) string {
	rows := r.Rules.Rows
	of := "the sum of true lifts that the rule would have shipped"
	if c := r.Rules.Currency; c != "" {
		of = "what the true lifts that the rule would have shipped are worth, in " + c + " a year, each on its surface by the policy"
	}
	text := fmt.Sprintf("RETURN is %s, decided on %.0f%% of each experiment's information and scored on the independent rest: unbiased. PLUG-IN adds up the very estimates by which the rule chose: what it seems to have returned.", of, 100*rows[0].Information)
	for _, row := range rows {
		if row.Rule == r.Rules.Current && row.Inflation > 0 && row.PlugIn.Value > 0 {
			text += fmt.Sprintf(" For the rule in use %s of it is not there: luck, and a little that the rest of the information adds.", render.Percent(row.Inflation/row.PlugIn.Value))
		}
	}
	text += " Priors are fitted to the other experiments."
	if careful := r.Rules.Careful(); careful != "" {
		text += " Careful, " + careful + "."
	}
	return text
}
