package main

import (
	"fmt"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/analysis"
)

// printSegments prints a table for each dimension: the segments of every comparison,
// with the p-value of their having the same lift.
func (a *app) printSegments(r analysis.Report) error {
	var dimensions []string
	lines, adjusted := map[string][]effectLine{}, map[string][]string{}
	for _, c := range r.Comparisons {
		for _, split := range c.Segments {
			if lines[split.Dimension] == nil {
				dimensions = append(dimensions, split.Dimension)
			}
			head := effectLine{name: metricName(c), style: render.Bold}
			if treatments(r) > 1 {
				head.name += ", " + c.Treatment
			}
			if h := split.Lift; h != nil {
				head.adjusted = probability(h.P)
			}
			lines[split.Dimension] = append(lines[split.Dimension], head)
			if text := adjustedSegments(split); text != "" {
				adjusted[split.Dimension] = append(adjusted[split.Dimension], head.name+text)
			}
			for _, s := range split.Segments.Segments {
				lines[split.Dimension] = append(lines[split.Dimension], lineOf("└ "+strings.TrimPrefix(s.Name, split.Dimension+"="), s.Result, r.Sides))
			}
		}
	}
	for _, d := range dimensions {
		fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, render.Clean("By "+d)))
		if err := a.printEffects(r, "METRIC, "+strings.ToUpper(d), "SAME?", lines[d]); err != nil {
			return err
		}
		if len(adjusted[d]) > 0 {
			a.paragraph("Adjusted for x within each segment: " + strings.Join(adjusted[d], "; ") + ".")
		}
	}
	if len(dimensions) > 0 {
		a.paragraph("SAME? is the p-value of all segments having the same lift; a segment's own P is not corrected for their number.")
	}
	return nil
}

// adjustedSegments says how a split is adjusted, and of which segments if not of all.
func adjustedSegments(s analysis.Split) string {
	switch len(s.Adjusted) {
	case 0:
		return ""
	case len(s.Segments.Segments):
		return " (" + strings.ToUpper(string(s.Adjustment)) + ")"
	}
	var names []string
	for _, name := range s.Adjusted {
		names = append(names, strings.TrimPrefix(name, s.Dimension+"="))
	}
	return fmt.Sprintf(" (%s; only %s)", strings.ToUpper(string(s.Adjustment)), some(names))
}

func treatments(r analysis.Report) int { return len(r.Arms) - 1 }
