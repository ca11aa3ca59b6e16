package main

import (
	"fmt"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// answerComparison prints what each way of choosing really ships. Numbers are
// means where a policy draws at random.
func (a *app) answerComparison(results []planner.PolicyResult, currency string) error {
	if err := answer(a, results, comparisonColumns(results, currency), results); err != nil {
		return err
	}
	if a.output == string(render.TableFormat) {
		fmt.Fprintf(a.out, "\n%s\n", `TRUE LIFT is the total of the true lifts that ship, as a share of everything that lifts can move:
one on a large surface counts for more than one on a small. A YEAR is what it is worth; NET is
that over the policy's gain years, with delays, less costs. All choose from the same backlog at
the same capacity and ship by the same rule. The oracle knows the truth.`)
	}
	return nil
}

func comparisonColumns(results []planner.PolicyResult, currency string) []render.Column[planner.PolicyResult] {
	oracle := results[len(results)-1].Worth
	money := func(f func(planner.PolicyResult) float64) func(planner.PolicyResult) string {
		return func(r planner.PolicyResult) string { return planner.Money(f(r), currency) }
	}
	worth := func(r planner.PolicyResult) float64 { return r.Worth }
	net := func(r planner.PolicyResult) float64 { return r.Net }
	return []render.Column[planner.PolicyResult]{
		{Name: "name", Title: "POLICY", Grow: true, Value: func(r planner.PolicyResult) any { return r.Name }},
		{Name: "design", Title: "SIZE OF TESTS", Value: func(r planner.PolicyResult) any { return r.Design }},
		{Name: "tests", Title: "TESTS", Right: true, Value: func(r planner.PolicyResult) any { return r.Tests }, Text: func(r planner.PolicyResult) string { return fmt.Sprintf("%.0f", r.Tests) }},
		{Name: "share", Title: "TRUE LIFT", Right: true, Value: func(r planner.PolicyResult) any { return r.Share }, Text: func(r planner.PolicyResult) string { return render.Lift(r.Share) }},
		{Name: "lift_unweighted", Value: func(r planner.PolicyResult) any { return r.Lift }},
		{Name: "worth", Title: "A YEAR", Right: true, Value: func(r planner.PolicyResult) any { return r.Worth }, Text: money(worth)},
		{Name: "worth_low", Value: func(r planner.PolicyResult) any { return r.WorthLow }},
		{Name: "worth_high", Value: func(r planner.PolicyResult) any { return r.WorthHigh }},
		{Name: "net", Title: "NET", Right: true, Value: func(r planner.PolicyResult) any { return r.Net }, Text: money(net)},
		{Name: "runs", Value: func(r planner.PolicyResult) any { return r.Runs }},
		{Title: "OF ORACLE", Right: true, Text: func(r planner.PolicyResult) string {
			if oracle == 0 {
				return "–"
			}
			return fmt.Sprintf("%.0f%%", 100*r.Worth/oracle)
		}},
	}
}
