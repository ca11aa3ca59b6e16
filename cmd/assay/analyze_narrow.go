package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats/analysis"
)

// narrow keeps the experiment and the segment that were asked for.
func (f analyzeFlags) narrow(file *fileTests) error {
	if f.experiment != "" {
		var names []string
		at := -1
		for i, t := range file.tests {
			names = append(names, t.Name)
			if t.Name == f.experiment {
				at = i
			}
		}
		if at < 0 {
			return usage("--experiment %q: %s has no such experiment", f.experiment, file.name).next("it has %s", some(names))
		}
		file.tests, file.lines = file.tests[at:at+1], file.lines[at:at+1]
	}
	if f.segment == "" {
		return nil
	}
	var names []string
	found := false
	for i := range file.tests {
		t := &file.tests[i]
		var rows []analysis.Row
		var lines []int
		for j, r := range t.Rows {
			if r.Segment != "" && !slices.Contains(names, r.Segment) {
				names = append(names, r.Segment)
			}
			if r.Segment == f.segment {
				r.Segment = ""
				rows, lines = append(rows, r), append(lines, file.lines[i][j])
			}
		}
		t.Rows, file.lines[i] = rows, lines
		found = found || len(rows) > 0
	}
	if !found {
		return usage("--segment %q: %s has no such segment", f.segment, file.name).next("it has %s", some(names))
	}
	empty := func(t analysis.Test) bool { return len(t.Rows) == 0 }
	file.lines = slices.DeleteFunc(file.lines, func(l []int) bool { return len(l) == 0 })
	file.tests = slices.DeleteFunc(file.tests, empty)
	return nil
}

// some lists names, not more than a person reads.
func some(names []string) string {
	const most = 10
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// describe adds what flags say of metrics.
func (f analyzeFlags) describe(t *analysis.Test) error {
	for _, text := range f.margins {
		name, margin, found := strings.Cut(text, "=")
		x, err := parseShare(margin)
		switch {
		case !found || err != nil:
			return usage("--margin %q is not a metric and a margin", text).next("write --margin latency=2%%")
		case x <= 0 || x >= 1:
			return usage("--margin %q: the margin must be above 0 and below 100%%", text).next("write the relative lift that would still be accepted, as %s=2%%", name)
		}
		m, err := metricOf(t, "--margin", name)
		if err != nil {
			return err
		}
		m.Margin = x
	}
	for _, name := range f.lower {
		m, err := metricOf(t, "--lower", name)
		if err != nil {
			return err
		}
		m.LowerIsBetter = true
	}
	return nil
}

// metricOf finds what is known of a metric of the rows. The others follow in
// their own order, as they would without flags.
func metricOf(t *analysis.Test, flag, name string) (*analysis.Metric, error) {
	if len(t.Metrics) == 0 {
		for _, r := range t.Rows {
			if !slices.ContainsFunc(t.Metrics, func(m analysis.Metric) bool { return m.Name == r.Metric }) {
				t.Metrics = append(t.Metrics, analysis.Metric{Name: r.Metric})
			}
		}
	}
	var names []string
	for i := range t.Metrics {
		if t.Metrics[i].Name == name {
			return &t.Metrics[i], nil
		}
		names = append(names, t.Metrics[i].Name)
	}
	for _, r := range t.Rows {
		if r.Metric == name {
			t.Metrics = append(t.Metrics, analysis.Metric{Name: name})
			return &t.Metrics[len(t.Metrics)-1], nil
		}
	}
	return nil, usage("%s %q: there is no such metric", flag, name).next("the metrics are %s", some(names))
}
