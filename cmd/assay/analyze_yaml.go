package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"

	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/stats/analysis"
)

// documentOptions are what a document says besides the test itself, as flags
// would say it.
type documentOptions struct {
	control, prior, mde, level string
	looks, plannedUsers        string
}

// longestDocument is how many bytes a document may have.
const longestDocument = 16 << 20

// documentTests reads one YAML or JSON document: one test with all that is known of
// its arms and metrics. docs/cli.md has its keys.
func documentTests(name string, text []byte) (out fileTests, err error) {
	d := &testDocument{name: name}
	if len(text) > longestDocument {
		return out, mistakes{{File: name, Line: 1, Reason: fmt.Sprintf("is longer than %d MB: give a table (CSV) for so many rows", longestDocument>>20)}}
	}
	d.Parse(text, "a test", func(n ast.Node) {
		if _, list := n.(*ast.SequenceNode); list {
			d.Note(1, "is a list: put it below the key rows")
			return
		}
		d.read(n)
	})
	if len(d.problems()) == 0 {
		out, err = d.finish()
	}
	if bad := d.problems(); len(bad) > 0 {
		return fileTests{}, bad
	}
	return out, err
}

// problems are all that was found so far, by line.
func (d *testDocument) problems() mistakes {
	all := slices.Clone(d.bad)
	for _, m := range d.Mistakes {
		all = append(all, problem{File: d.name, Line: m.Line, Reason: m.Reason})
	}
	slices.SortStableFunc(all, func(a, b problem) int { return a.Line - b.Line })
	return all
}

// testDocument walks the tree by hand, so that a mistake has its line and one run
// finds all of them.
type testDocument struct {
	document.Reader
	name    string
	bad     mistakes // of rows, with column and value
	title   string
	days    string
	options documentOptions
	arms    []analysis.Arm
	metrics []analysis.Metric
	rows    []statRow
}

func (d *testDocument) read(n ast.Node) {
	d.Section(n, "the document", document.Keys{
		"experiment":    d.Text("experiment", &d.title),
		"control":       d.Text("control", &d.options.control),
		"days":          d.Text("days", &d.days),
		"level":         d.Text("level", &d.options.level),
		"prior":         d.Text("prior", &d.options.prior),
		"mde":           d.Text("mde", &d.options.mde),
		"looks":         d.looks,
		"planned_users": d.Text("planned_users", &d.options.plannedUsers),
		"arms":          d.List("arms", d.arm),
		"metrics":       d.List("metrics", d.metric),
		"rows":          d.List("rows", d.row),
	})
	if len(d.rows) == 0 && len(d.problems()) == 0 {
		d.Wrong(n, "rows is missing: a list of sums, one item for each arm and metric")
	}
	if d.days != "" && d.days != string(analysis.NewUsers) && d.days != string(analysis.Cumulative) {
		d.Wrong(n, "days is %q; it must be new-users (a row holds the users first seen on its day) or cumulative (everybody so far)", d.days)
	}
}

// looks are a number of them, or their fractions.
func (d *testDocument) looks(n ast.Node) {
	if list, ok := n.(*ast.SequenceNode); ok {
		var parts []string
		for _, item := range list.Values {
			text, _ := document.Scalar(item)
			parts = append(parts, text)
		}
		d.options.looks = strings.Join(parts, ",")
		return
	}
	d.Text("looks", &d.options.looks)(n)
}

func (d *testDocument) arm(n ast.Node) {
	a := analysis.Arm{}
	d.Section(n, "an arm", document.Keys{"name": d.Text("name", &a.Name), "weight": d.number("weight", &a.Weight)})
	switch {
	case a.Name == "":
		d.Wrong(n, "an arm has no name")
	case a.Weight < 0:
		d.Wrong(n, "the weight of %s is negative", a.Name)
	}
	d.arms = append(d.arms, a)
}

func (d *testDocument) metric(n ast.Node) {
	m := analysis.Metric{}
	better := "higher"
	var caps []float64
	d.Section(n, "a metric", document.Keys{"name": d.Text("name", &m.Name), "of": d.Text("of", &m.Of), "better": d.Text("better", &better),
		"margin": d.number("margin", &m.Margin), "quantile": d.number("quantile", &m.Quantile), "winsorise": d.numbers("winsorise", &caps)})
	switch {
	case m.Name == "":
		d.Wrong(n, "a metric has no name")
	case better != "higher" && better != "lower":
		d.Wrong(n, "better is %q; it must be higher or lower", better)
	case m.Margin < 0 || m.Margin >= 1:
		d.Wrong(n, "margin is %v; it is a relative lift above 0 and below 1, as 2%%", m.Margin)
	case m.Quantile < 0 || m.Quantile >= 1:
		d.Wrong(n, "quantile is %v; it lies between 0 and 1, as 0.95", m.Quantile)
	case caps != nil && (len(caps) != 2 || !(0 <= caps[0] && caps[0] < caps[1] && caps[1] <= 1)):
		d.Wrong(n, "winsorise must be two quantiles, as [0, 0.99]")
	case caps != nil && m.Quantile > 0:
		d.Wrong(n, "quantile and winsorise are both given: a quantile needs no caps")
	}
	if len(caps) == 2 {
		m.Winsorise = [2]float64(caps)
	}
	m.LowerIsBetter = better == "lower"
	d.metrics = append(d.metrics, m)
}

// finish makes the one test of the document.
func (d *testDocument) finish() (fileTests, error) {
	for i := range d.rows {
		d.rows[i].experiment = d.title
	}
	out, err := assemble(d.name, d.rows)
	if err != nil {
		return fileTests{}, err
	}
	t := &out.tests[0]
	if d.days != "" && t.Rows[0].Day == 0 {
		return fileTests{}, mistakes{{File: d.name, Line: d.rows[0].line, Reason: "days is given, and no row has a day"}}
	}
	if len(d.arms) > 0 {
		for _, a := range t.Arms {
			if !slices.ContainsFunc(d.arms, func(known analysis.Arm) bool { return known.Name == a.Name }) {
				return fileTests{}, mistakes{{File: d.name, Line: 1, Reason: fmt.Sprintf("rows have the arm %q, which is not in the list of arms", a.Name)}}
			}
		}
		t.Arms = d.arms
	}
	t.Metrics = d.metrics
	out.options = d.options
	return out, nil
}
