package main

import (
	"fmt"
	"slices"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) answerExplanation(e planner.Explanation, near *planner.Nearest, currency string) error {
	columns := designColumns(currency)
	if a.output != string(render.TableFormat) {
		full := struct {
			planner.Explanation
			*planner.Nearest
		}{e, near}
		return answer(a, full, columns, e.Designs)
	}
	a.card(e.Entry.Title, slices.Concat([]field{
		{"id", e.Entry.Hypothesis},
		{"status", standing(e)},
		{"because", e.Entry.Reason},
	}, a.forecastFields(&e.Entry.Forecast), []field{
		{"place", placeText(e.Entry.Start)},
		{"ramp", rampOf(e.Entry)},
		{"to beat", rivalText(e.Rival, currency)},
	}))
	if len(e.Designs) > 0 {
		fmt.Fprintf(a.out, "\nEach way to test it, at tonight's prices:\n")
		if err := render.Table(a.out, a.styles(), a.width(), columns, e.Designs); err != nil {
			return err
		}
	}
	if len(e.Capacity) > 0 {
		needs := "What its best design needs"
		if e.Entry.Start != nil {
			needs = "What it takes"
		}
		fmt.Fprintf(a.out, "\n%s:\n", needs)
		if err := render.Table(a.out, a.styles(), a.width(), needColumns(currency), e.Capacity); err != nil {
			return err
		}
	}
	return a.showNearest(near)
}

func standing(e planner.Explanation) string {
	if e.Entry.Rank == 0 {
		return fmt.Sprintf("%s, not ranked in the plan %s", e.Entry.Status, e.Plan)
	}
	return fmt.Sprintf("%s, rank %d in the plan %s", e.Entry.Status, e.Entry.Rank, e.Plan)
}

// rivalText names the chosen one that returns least for the same capacity.
func rivalText(r *planner.Entry, currency string) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s), which is worth %s for capacity that costs %s", r.Hypothesis, render.Clean(r.Title),
		planner.Money(r.Start.Value, currency), planner.Money(r.Price, currency))
}

// rampOf is how its best design is ramped, where there is no place that says it.
func rampOf(e planner.Entry) string {
	if e.Start != nil || e.Best == nil || len(e.Best.Ramp) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s", e.Best.Name, e.Best.RampText())
}

func placeText(s *planner.Start) string {
	if s == nil {
		return ""
	}
	return s.Design.Name + rampText(s.Design) + " in " + cohortText(s) + ", as experiment " + s.Experiment
}

func designColumns(currency string) []render.Column[planner.DesignAtPrices] {
	money := func(name, title string, f func(planner.DesignAtPrices) float64) render.Column[planner.DesignAtPrices] {
		return render.Column[planner.DesignAtPrices]{Name: name, Title: title, Right: true,
			Value: func(d planner.DesignAtPrices) any { return f(d) },
			Text:  func(d planner.DesignAtPrices) string { return planner.Money(f(d), currency) }}
	}
	return []render.Column[planner.DesignAtPrices]{
		{Name: "design", Title: "DESIGN", Value: func(d planner.DesignAtPrices) any { return d.Name }},
		{Name: "layer", Title: "LAYER", Grow: true, Value: func(d planner.DesignAtPrices) any { return d.Layer }},
		{Name: "week", Title: "WEEK", Right: true, Value: func(d planner.DesignAtPrices) any { return d.Week }},
		{Name: "users_per_arm", Title: "USERS/ARM", Right: true, Value: func(d planner.DesignAtPrices) any { return d.UsersPer }, Text: func(d planner.DesignAtPrices) string { return render.Count(d.UsersPer) }},
		{Name: "mde", Title: "FINDS", Right: true, Value: func(d planner.DesignAtPrices) any { return d.MDE }, Text: func(d planner.DesignAtPrices) string { return render.Lift(d.MDE) }},
		{Name: "prob_ship", Title: "SHIPS", Right: true, Value: func(d planner.DesignAtPrices) any { return d.ProbShip }, Text: func(d planner.DesignAtPrices) string { return fmt.Sprintf("%.0f%%", 100*d.ProbShip) }},
		money("value", "VALUE", func(d planner.DesignAtPrices) float64 { return d.Value }),
		money("price", "PRICE", func(d planner.DesignAtPrices) float64 { return d.Price }),
		money("surplus", "LEFT", func(d planner.DesignAtPrices) float64 { return d.Surplus }),
	}
}

// needColumns are those of a capacity, with its week: an explanation spans several.
func needColumns(currency string) []render.Column[planner.Use] {
	columns := useColumns(currency)
	for i := range columns {
		switch columns[i].Name {
		case "name":
			columns[i].Title = "CAPACITY"
		case "week":
			columns[i].Title, columns[i].Right = "WEEK", true
		}
	}
	return columns
}
