package main

import (
	"fmt"

	"github.com/assay-planner/assay/cmd/assay/render"
)

func (a *app) answerFindings(fs []finding) error {
	if a.output == string(render.TableFormat) {
		a.printFindings(fs)
	} else if err := answer(a, fs, findingColumns, fs); err != nil {
		return err
	}
	failed := 0
	for _, f := range fs {
		if f.Verdict == fail {
			failed++
		}
	}
	if failed > 0 {
		return &fault{code: exitFailure, err: fmt.Errorf("%s failed", render.Plural(failed, "check", "checks"))}
	}
	return nil
}

func (a *app) printFindings(fs []finding) {
	s := a.styles()
	style := map[verdict]render.StyleName{pass: render.Good, warn: render.Warn, fail: render.Bad}
	for _, f := range fs {
		for i, line := range render.Wrap(f.Text, a.width()-16) {
			if i == 0 {
				fmt.Fprintf(a.out, "%s  %-8s  %s\n", s.Paint(style[f.Verdict], fmt.Sprintf("%-4s", f.Verdict)), f.Check, line)
			} else {
				fmt.Fprintf(a.out, "%16s%s\n", "", line)
			}
		}
		arrow := "→"
		for _, line := range render.Wrap(f.WayOut, a.width()-19) {
			fmt.Fprintf(a.out, "%16s%s %s\n", "", arrow, line)
			arrow = " "
		}
	}
}

var findingColumns = []render.Column[finding]{
	{Name: "verdict", Value: func(f finding) any { return string(f.Verdict) }},
	{Name: "check", Value: func(f finding) any { return f.Check }},
	{Name: "text", Value: func(f finding) any { return f.Text }},
	{Name: "way_out", Value: func(f finding) any { return f.WayOut }},
}
