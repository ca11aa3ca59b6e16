package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// nearest asks for what is like each of some hypotheses. Without a history, which another
// process may hold, the rest of the answer stands: it is told, and each is nil.
func (a *app) nearest(ctx context.Context, svc planner.Service, ids ...string) ([]*planner.Nearest, error) {
	found := make([]*planner.Nearest, len(ids))
	all, err := svc.Nearest(ctx, ids...)
	switch {
	case err == nil:
		for i := range all {
			found[i] = &all[i]
		}
	case ctx.Err() != nil || errors.Is(err, planner.ErrNotFound):
		return nil, err
	default:
		a.note("past experiments were not searched: %v", err)
	}
	return found, nil
}

// showNearest prints the nearest past experiments and near-duplicates.
func (a *app) showNearest(n *planner.Nearest) error {
	if n == nil {
		return nil
	}
	for _, line := range duplicateLines(n.Duplicates) {
		for _, part := range render.Wrap(line, a.width()) {
			fmt.Fprintf(a.out, "\n%s", part)
		}
	}
	if len(n.Duplicates) > 0 {
		fmt.Fprintln(a.out)
	}
	if len(n.Past) == 0 {
		return nil
	}
	fmt.Fprintf(a.out, "\nNearest past experiments, and their %s, positive being better:\n", n.Past[0].Metric)
	return render.Table(a.out, a.styles(), a.width(), precedentColumns, withArms(n.Past))
}

// withArms names the arm beside an experiment that stands there several times.
func withArms(past []planner.Precedent) []planner.Precedent {
	times := map[string]int{}
	for _, p := range past {
		times[p.Experiment]++
	}
	named := slices.Clone(past)
	for i, p := range past {
		if times[p.Experiment] > 1 {
			named[i].Experiment += " " + p.Arm
		}
	}
	return named
}

func duplicateLines(all []planner.Duplicate) []string {
	lines := make([]string, len(all))
	for i, d := range all {
		what := "the hypothesis " + d.Hypothesis
		if d.Experiment != "" {
			what = "the past experiment " + d.Experiment
		}
		lines[i] = fmt.Sprintf("says nearly the same as %s: %s (%.0f%% of the words)", what, render.Clean(d.Title), 100*d.Likeness)
	}
	return lines
}

var precedentColumns = []render.Column[planner.Precedent]{
	{Name: "experiment", Title: "EXPERIMENT", Value: func(p planner.Precedent) any { return p.Experiment }},
	{Name: "arm", Value: func(p planner.Precedent) any { return p.Arm }},
	{Name: "title", Title: "TITLE", Grow: true, Value: func(p planner.Precedent) any { return p.Title }},
	{Name: "likeness", Title: "LIKE", Right: true, Value: func(p planner.Precedent) any { return p.Likeness }, Text: func(p planner.Precedent) string { return fmt.Sprintf("%.0f%%", 100*p.Likeness) }},
	{Title: "LIFT (95%)", Right: true, Text: func(p planner.Precedent) string {
		if p.Lift == nil {
			return p.Verdict
		}
		return fmt.Sprintf("%s ± %s", render.Lift(p.Lift.Lift), render.Percent(p.Lift.High-p.Lift.Lift))
	}},
	{Title: "SHRUNK", Right: true, Text: func(p planner.Precedent) string {
		if p.Lift == nil || p.Lift.Shrunk == nil {
			return "–"
		}
		return render.Lift(*p.Lift.Shrunk)
	}},
	{Name: "verdict", Value: func(p planner.Precedent) any { return p.Verdict }},
	{Name: "decision", Title: "DECISION", Value: func(p planner.Precedent) any { return p.Decision }, Text: func(p planner.Precedent) string {
		if p.Decision == "" {
			return "–"
		}
		return p.Decision
	}},
}
