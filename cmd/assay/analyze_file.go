package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats/analysis"
)

// fileTests is what a file says: tests in the order of their first rows.
type fileTests struct {
	name  string
	tests []analysis.Test
	lines [][]int // of the rows of each test
	notes []string
	// options that a document gives; flags come before them.
	options documentOptions
}

// mistakes are everything wrong with a file.
type mistakes []problem

func (m mistakes) Error() string {
	const most = 20
	lines := make([]string, 0, most+1)
	for i, p := range m {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(m)-most))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// assemble makes tests of rows. A name of an arm stands for itself; arms come in
// the order of rows, and the control is marked later.
func assemble(name string, rows []statRow) (fileTests, error) {
	var bad mistakes
	var tests []analysis.Test
	at := map[string]int{}
	of := make([][]statRow, 0)
	for _, r := range rows {
		i, known := at[r.experiment]
		if !known {
			i = len(tests)
			at[r.experiment] = i
			tests, of = append(tests, analysis.Test{Name: r.experiment}), append(of, nil)
		}
		of[i] = append(of[i], r)
	}
	for i := range tests {
		fillTest(name, &tests[i], of[i], func(p problem) { bad = append(bad, p) })
	}
	if len(bad) > 0 {
		slices.SortStableFunc(bad, func(a, b problem) int { return a.Line - b.Line })
		return fileTests{}, bad
	}
	out := fileTests{name: name, tests: tests}
	for i := range of {
		var lines []int
		for _, r := range of[i] {
			lines = append(lines, r.line)
		}
		out.lines = append(out.lines, lines)
	}
	return out, nil
}

// fillTest adds rows to a test, with days counted from its first one.
func fillTest(name string, t *analysis.Test, rows []statRow, report func(problem)) {
	type key struct {
		arm, metric, segment string
		day                  float64
	}
	lines := map[key]int{}
	days := calendarOf(rows)
	for _, r := range rows {
		where := func(column, value, reason string) {
			report(problem{File: name, Line: r.line, Column: column, Value: value, Reason: reason})
		}
		if r.hasDay() && r.cumulative != days.cumulative {
			where("snapshot", r.dayText(), "other rows of the test have days: give all rows a day, or all a snapshot")
		}
		if r.numbered && days.dated {
			where("day", r.dayText(), "is a number, and other rows of the test have dates")
		}
		r.Day = days.number(r)
		at := key{r.Arm, r.Metric, r.Segment, r.Day}
		if before, seen := lines[at]; seen {
			where("arm", r.Arm, fmt.Sprintf("line %d has the same arm, metric, segment and day", before))
			continue
		}
		lines[at] = r.line
		i := slices.IndexFunc(t.Arms, func(a analysis.Arm) bool { return a.Name == r.Arm })
		if i < 0 {
			i = len(t.Arms)
			t.Arms = append(t.Arms, analysis.Arm{Name: r.Arm})
		}
		if r.weight > 0 {
			if w := t.Arms[i].Weight; w > 0 && w != r.weight {
				where("weight", fmt.Sprint(r.weight), fmt.Sprintf("an earlier row gives the arm %s the weight %v", r.Arm, w))
			}
			t.Arms[i].Weight = r.weight
		}
		t.Rows = append(t.Rows, r.Row)
	}
	if t.Days = analysis.NewUsers; days.cumulative {
		t.Days = analysis.Cumulative
	}
}

// chooseControl marks the control: the arm that was asked for, or the one called control.
func chooseControl(t *analysis.Test, asked string) error {
	want := asked
	if want == "" {
		if slices.ContainsFunc(t.Arms, func(a analysis.Arm) bool { return a.Control }) {
			return nil
		}
		want = "control"
	}
	var names []string
	found := false
	for i := range t.Arms {
		is := t.Arms[i].Name == want || asked == "" && strings.EqualFold(t.Arms[i].Name, want)
		t.Arms[i].Control = is && !found
		found = found || is
		names = append(names, t.Arms[i].Name)
	}
	of := ""
	if t.Name != "" {
		of = " of " + t.Name
	}
	switch {
	case len(names) == 1:
		return badInput(fmt.Errorf("the test%s has one arm only, %s: there is nothing to compare it with", of, names[0]))
	case !found && asked != "":
		return badInput(fmt.Errorf("--control %q: no arm%s is called so", asked, of)).next("its arms are %s", strings.Join(names, ", "))
	case !found:
		return badInput(errors.New("no arm"+of+" is called control")).next("say which one is, with --control NAME; its arms are %s", strings.Join(names, ", "))
	}
	return nil
}
