package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/health"
)

func (a *app) answerAnalysis(reports []analysis.Report, f analyzeFlags) error {
	if f.plot != "" {
		if len(reports) != 1 {
			return usage("--plot draws one test, and the file has %d", len(reports)).next("choose one with --experiment NAME")
		}
		if err := a.plotted(f.plot, savePlot(reports[0], f.plot)); err != nil {
			return err
		}
	}
	switch render.Format(a.output) {
	case render.JSONFormat:
		return render.JSON(a.out, reports)
	case render.CSVFormat:
		var rows []effectRow
		for _, r := range reports {
			rows = append(rows, effectRows(r)...)
		}
		return render.CSV(a.out, effectColumns(), rows)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := a.printAnalysis(r); err != nil {
			return err
		}
	}
	return nil
}

// printAnalysis prints a report for a person: is the test sound, what changed, for
// whom, since when, and what of it is established.
func (a *app) printAnalysis(r analysis.Report) error {
	a.printArms(r)
	fmt.Fprintln(a.out)
	lines := effectLines(r)
	if err := a.printEffects(r, "METRIC, ARM", correctionTitle(r), lines); err != nil {
		return err
	}
	if err := a.printSegments(r); err != nil {
		return err
	}
	if err := a.printBeliefs(r); err != nil {
		return err
	}
	if err := a.printCourse(r); err != nil {
		return err
	}
	a.printVerdicts(r)
	a.printDoubts(r)
	return nil
}

func (a *app) printArms(r analysis.Report) {
	var fields []field
	for _, arm := range r.Arms {
		name := "treatment"
		if arm.Control {
			name = "control"
		}
		text := fmt.Sprintf("%s: %s (%s", arm.Name, render.Plural(arm.Users, "user", "users"), render.Percent(arm.Share))
		if math.Abs(arm.Share-arm.Planned) > 0.0005 {
			text += ", planned " + render.Percent(arm.Planned)
		}
		fields = append(fields, field{name, text + ")"})
	}
	for _, f := range r.Findings {
		if f.Name == "sample-ratio" {
			text := string(f.Status) + ": " + f.Message
			if f.WayOut != "" {
				text += "; " + f.WayOut
			}
			fields = append(fields, field{"split", text})
		}
	}
	if r.Days != "" {
		how := "a row holds the users first seen on its day, and days add up"
		if r.Days == analysis.Cumulative {
			how = "a row holds everybody so far, and the last day counts"
		}
		fields = append(fields, field{"days", how})
	}
	title := r.Test
	if title == "" {
		title = "Test"
	}
	a.card(title, fields)
}

// printVerdicts prints a sentence for each comparison.
func (a *app) printVerdicts(r analysis.Report) {
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "Verdict"))
	for _, c := range r.Comparisons {
		name := metricName(c)
		if treatments(r) > 1 {
			name += ", " + c.Treatment
		}
		text := name + ": " + c.Verdict + "."
		if k := c.Covariates; k != nil {
			text += fmt.Sprintf(" %s saves %s of the variance.", strings.ToUpper(string(k.Adjustment)), render.Percent(max(0, k.VarianceSaved)))
		}
		_, style := marker(c)
		for i, line := range render.Wrap(text, a.width()-4) {
			indent := "    "
			if i == 0 {
				indent = "  "
			}
			fmt.Fprintln(a.out, indent+a.styles().Paint(style, line))
		}
	}
}

// printDoubts prints all that makes the numbers doubtful.
func (a *app) printDoubts(r analysis.Report) {
	var lines []string
	for _, f := range r.Findings {
		if f.Name == "sample-ratio" || f.Status == health.OK {
			continue
		}
		text := string(f.Status) + ": "
		if f.Metric != "" {
			text += fmt.Sprintf("%s of %s: ", f.Metric, f.Treatment)
		}
		text += f.Message
		if f.WayOut != "" {
			text += "; " + f.WayOut
		}
		lines = append(lines, text)
	}
	lines = append(lines, r.Warnings...)
	lines = append(lines, warnings(r)...)
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(a.out, "\n%s\n", a.styles().Paint(render.Bold, "To mind"))
	for _, l := range lines {
		a.paragraph(l)
	}
}

// warnings are those of comparisons; what several have in common is said once.
func warnings(r analysis.Report) (lines []string) {
	of := map[string][]string{}
	var order []string
	for _, c := range r.Comparisons {
		for _, w := range c.Warnings {
			if of[w] == nil {
				order = append(order, w)
			}
			of[w] = append(of[w], metricName(c)+" of "+c.Treatment)
		}
	}
	for _, w := range order {
		who := some(of[w])
		if len(of[w]) == len(r.Comparisons) && len(of[w]) > 1 {
			who = "all comparisons"
		}
		lines = append(lines, who+": "+w)
	}
	return lines
}

func (a *app) paragraph(text string) {
	for i, line := range render.Wrap(text, a.width()-4) {
		indent := "    "
		if i == 0 {
			indent = "  "
		}
		fmt.Fprintln(a.out, indent+line)
	}
}
