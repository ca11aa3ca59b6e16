package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/assay-planner/assay/stats/analysis"
)

// documentOptions are what a document says besides the test itself, as flags
// would say it.
type documentOptions struct {
	control, prior, mde, level string
	looks, plannedUsers        string
}

// A document needs far less; beyond, the YAML library takes time that grows with
// the square of the nesting.
const (
	longestDocument = 16 << 20
	deepestDocument = 30
)

// documentTests reads one YAML or JSON document: one test with all that is known of
// its arms and metrics. docs/cli.md has its keys.
func documentTests(name string, text []byte) (out fileTests, err error) {
	d := &document{name: name}
	defer func() { // the YAML library indexes past its tokens on some malformed input
		if r := recover(); r != nil {
			err = mistakes{{File: name, Line: 1, Reason: "is not YAML"}}
		}
	}()
	switch {
	case len(text) > longestDocument:
		return out, mistakes{{File: name, Line: 1, Reason: fmt.Sprintf("is longer than %d MB: give a table (CSV) for so many rows", longestDocument>>20)}}
	case nesting(text) > deepestDocument:
		return out, mistakes{{File: name, Line: 1, Reason: fmt.Sprintf("nests deeper than %d levels", deepestDocument)}}
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		p := problem{File: name, Line: 1, Reason: "is not YAML: " + err.Error()}
		if e, ok := err.(yaml.Error); ok {
			p.Reason = "is not YAML: " + e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				p.Line = t.Position.Line
			}
		}
		return out, mistakes{p}
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc != nil && doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) != 1 {
		return out, mistakes{{File: name, Line: 1, Reason: fmt.Sprintf("holds %d documents; a file is one test", len(bodies))}}
	}
	if _, list := bodies[0].(*ast.SequenceNode); list {
		return out, mistakes{{File: name, Line: 1, Reason: "is a list: put it below the key rows"}}
	}
	d.read(bodies[0])
	if len(d.bad) == 0 {
		out, err = d.finish()
	}
	if len(d.bad) > 0 {
		slices.SortStableFunc(d.bad, func(a, b problem) int { return a.Line - b.Line })
		return fileTests{}, d.bad
	}
	return out, err
}

// document walks the tree by hand, so that a mistake has its line and one run
// finds all of them.
type document struct {
	name    string
	bad     mistakes
	title   string
	days    string
	options documentOptions
	arms    []analysis.Arm
	metrics []analysis.Metric
	rows    []statRow
}

func (d *document) wrong(n ast.Node, format string, args ...any) {
	d.bad = append(d.bad, problem{File: d.name, Line: firstLine(n), Reason: fmt.Sprintf(format, args...)})
}

func (d *document) read(n ast.Node) {
	d.section(n, "the document", documentKeys{
		"experiment":    d.text("experiment", &d.title),
		"control":       d.text("control", &d.options.control),
		"days":          d.text("days", &d.days),
		"level":         d.text("level", &d.options.level),
		"prior":         d.text("prior", &d.options.prior),
		"mde":           d.text("mde", &d.options.mde),
		"looks":         d.looks,
		"planned_users": d.text("planned_users", &d.options.plannedUsers),
		"arms":          d.list("arms", d.arm),
		"metrics":       d.list("metrics", d.metric),
		"rows":          d.list("rows", d.row),
	})
	if len(d.rows) == 0 && len(d.bad) == 0 {
		d.wrong(n, "rows is missing: a list of sums, one item for each arm and metric")
	}
	if d.days != "" && d.days != string(analysis.NewUsers) && d.days != string(analysis.Cumulative) {
		d.wrong(n, "days is %q; it must be new-users (a row holds the users first seen on its day) or cumulative (everybody so far)", d.days)
	}
}

// looks are a number of them, or their fractions.
func (d *document) looks(n ast.Node) {
	if list, ok := n.(*ast.SequenceNode); ok {
		var parts []string
		for _, item := range list.Values {
			text, _ := scalar(item)
			parts = append(parts, text)
		}
		d.options.looks = strings.Join(parts, ",")
		return
	}
	d.text("looks", &d.options.looks)(n)
}

func (d *document) arm(n ast.Node) {
	a := analysis.Arm{}
	d.section(n, "an arm", documentKeys{"name": d.text("name", &a.Name), "weight": d.number("weight", &a.Weight)})
	switch {
	case a.Name == "":
		d.wrong(n, "an arm has no name")
	case a.Weight < 0:
		d.wrong(n, "the weight of %s is negative", a.Name)
	}
	d.arms = append(d.arms, a)
}

func (d *document) metric(n ast.Node) {
	m := analysis.Metric{}
	better := "higher"
	var caps []float64
	d.section(n, "a metric", documentKeys{"name": d.text("name", &m.Name), "of": d.text("of", &m.Of), "better": d.text("better", &better),
		"margin": d.number("margin", &m.Margin), "quantile": d.number("quantile", &m.Quantile), "winsorise": d.numbers("winsorise", &caps)})
	switch {
	case m.Name == "":
		d.wrong(n, "a metric has no name")
	case better != "higher" && better != "lower":
		d.wrong(n, "better is %q; it must be higher or lower", better)
	case m.Margin < 0 || m.Margin >= 1:
		d.wrong(n, "margin is %v; it is a relative lift above 0 and below 1, as 2%%", m.Margin)
	case m.Quantile < 0 || m.Quantile >= 1:
		d.wrong(n, "quantile is %v; it lies between 0 and 1, as 0.95", m.Quantile)
	case caps != nil && (len(caps) != 2 || !(0 <= caps[0] && caps[0] < caps[1] && caps[1] <= 1)):
		d.wrong(n, "winsorise must be two quantiles, as [0, 0.99]")
	case caps != nil && m.Quantile > 0:
		d.wrong(n, "quantile and winsorise are both given: a quantile needs no caps")
	}
	if len(caps) == 2 {
		m.Winsorise = [2]float64(caps)
	}
	m.LowerIsBetter = better == "lower"
	d.metrics = append(d.metrics, m)
}

// finish makes the one test of the document.
func (d *document) finish() (fileTests, error) {
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
