package main

import (
	"fmt"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// changesShown is how many changes of announced starts the printed plan shows.
const changesShown = 5

// bounded says whom the bound of a plan binds.
func bounded(p planner.Plan) string {
	if p.Stability != nil {
		return "no plan that keeps as much of what was announced"
	}
	return "no plan"
}

// stabilityText says what became of the starts that the plan before announced.
func stabilityText(p planner.Plan) string {
	st := p.Stability
	text := fmt.Sprintf("%d of %s of the plan before kept", st.Kept, render.Plural(st.Announced, "start", "starts"))
	if st.Cost > 0 {
		text += fmt.Sprintf("; changes gain %s and had to gain %s", planner.Money(st.Gain, p.Currency), planner.Money(st.Cost, p.Currency))
	}
	return text
}

// printChanges prints two lines for each announced start that is not made as announced.
func (a *app) printChanges(p planner.Plan) {
	if p.Stability == nil || len(p.Stability.Changes) == 0 {
		return
	}
	s, all := a.styles(), p.Stability.Changes
	shown := all[:min(changesShown, len(all))]
	heading := fmt.Sprintf("%d of %s from what was announced", len(shown), render.Plural(len(all), "change", "changes"))
	fmt.Fprintf(a.out, "\n%s\n", s.Paint(render.Bold, heading))
	for _, c := range shown {
		right := "not in the plan"
		if c.Now != nil {
			right = fmt.Sprintf("%s from %s", c.Now.Design, dayOf(c.Now.From))
		}
		left := fmt.Sprintf("     %s  ", c.Hypothesis)
		title := render.Cut(render.Clean(c.Title), a.width()-render.Len(left)-render.Len(right)-2)
		a.apart(left+s.Paint(render.Bold, title), render.Len(left)+render.Len(title), right, render.Len(right))
		a.under(fmt.Sprintf("announced: %s in %s from %s; %s: %s", c.Was.Design, planner.LayerKey(c.Was.Segment, c.Was.Layer), dayOf(c.Was.From), c.Cause, c.Reason))
	}
}
