package main

import (
	"fmt"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// bestShown is how many hypotheses the printed plan shows.
const bestShown = 10

// printBest tells of each of the best what it is and may bring, where it is
// tested, and what that place costs.
func (a *app) printBest(p planner.Plan, starting []planner.Entry) {
	s := a.styles()
	shown := starting[:min(bestShown, len(starting))]
	if why := p.WhyNone(); why != "" {
		fmt.Fprintln(a.out)
		for _, line := range render.Wrap(render.Clean(why), a.width()) {
			fmt.Fprintln(a.out, line)
		}
		return
	}
	if len(shown) == 0 {
		fmt.Fprintln(a.out, "\nNothing starts tonight. assay hypothesis list shows what waits, and assay plan show --explain ID why.")
		return
	}
	heading := render.Plural(len(starting), "test starts tonight", "tests start tonight")
	if len(shown) < len(starting) {
		heading = fmt.Sprintf("The best %d of %d tests that start tonight", len(shown), len(starting))
	}
	fmt.Fprintln(a.out)
	a.apart(s.Paint(render.Bold, heading), render.Len(heading), s.Paint(render.Dim, "LIFT, 80% INTERVAL    WORTH"), 27)
	for _, e := range shown {
		f := e.Forecast
		right := fmt.Sprintf("%s [%s, %s]  %7s", render.Lift(f.Mean), render.Lift(f.Low), render.Lift(f.High), planner.Money(e.Start.Value, p.Currency))
		left := fmt.Sprintf("%3d  %s  ", e.Rank, e.Hypothesis)
		title := render.Cut(render.Clean(e.Title), a.width()-render.Len(left)-render.Len(right)-2)
		a.apart(left+s.Paint(render.Bold, title), render.Len(left)+render.Len(title), right, render.Len(right))
		a.under(e.Start.Design.Name + rampText(e.Start.Design) + " in " + cohortText(e.Start) + "; " + costText(e, p.Currency))
	}
	fmt.Fprintf(a.out, "\nTreatment and control are ranges of %s of users of a layer.\nMore: assay plan show --explain %s   assay hypothesis list   assay plan show -o json\n", bucketsText(shown), shown[0].Hypothesis)
}

// bucketsText says how many buckets the layers have, if they have equally many.
func bucketsText(shown []planner.Entry) string {
	of := shown[0].Start.Partition().Buckets
	for _, e := range shown {
		if e.Start.Partition().Buckets != of {
			return "the buckets"
		}
	}
	return fmt.Sprintf("the %s buckets", render.Thousands(float64(of)))
}

// apart prints two texts at the two ends of a line. Their widths are given,
// because a painted text is longer than it looks.
func (a *app) apart(left string, leftWidth int, right string, rightWidth int) {
	fmt.Fprintf(a.out, "%s%s%s\n", left, strings.Repeat(" ", max(2, a.width()-leftWidth-rightWidth)), right)
}

// under prints a text below a hypothesis, indented and dim.
func (a *app) under(text string) {
	for _, line := range render.Wrap(text, a.width()-5) {
		fmt.Fprintf(a.out, "     %s\n", a.styles().Paint(render.Dim, line))
	}
}

// costText says what the capacity of a chosen test would earn for others.
func costText(e planner.Entry, currency string) string {
	if e.Price == 0 {
		return "nobody else would pay for its capacity"
	}
	return fmt.Sprintf("its capacity costs %s at tonight's prices", planner.Money(e.Price, currency))
}
