package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/quantile"
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

// nesting is how deep brackets, and items that begin in one line, go.
func nesting(text []byte) int {
	open, dashes, most := 0, 0, 0
	for i, b := range text {
		switch {
		case b == '[' || b == '{':
			open++
		case b == ']' || b == '}':
			open = max(0, open-1)
		case b == '\n':
			dashes = 0
		case (b == '-' || b == '?') && i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t'):
			dashes++
		}
		most = max(most, open, dashes)
	}
	return most
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

type documentKeys map[string]func(ast.Node)

// section hands each value of a mapping to its key's function.
func (d *document) section(n ast.Node, what string, known documentKeys) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.wrong(n, "%s must be keys with values", what)
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		set, ok := known[key]
		switch names := slices.Sorted(maps.Keys(known)); {
		case seen[key]:
			d.wrong(pair.Key, "%q is given twice in %s", key, what)
		case !ok:
			hint := "known are " + strings.Join(names, ", ")
			if near := mapping.Nearest(key, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			d.wrong(pair.Key, "unknown key %q in %s: %s", key, what, hint)
		default:
			set(pair.Value)
		}
		seen[key] = true
	}
}

func (d *document) list(what string, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.wrong(n, "%s must be a list, each item after a dash", what)
			return
		}
		for _, item := range list.Values {
			read(item)
		}
	}
}

func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (d *document) text(what string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		text, ok := scalar(n)
		if !ok || text == "" {
			d.wrong(n, "%s must be a plain, non-empty value", what)
		}
		*to = text
	}
}

// number reads a number; percent allows 2% too.
func (d *document) number(what string, to *float64) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := scalar(n)
		x, err := parseShare(text)
		if err != nil {
			d.wrong(n, "%s %q is not a number", what, text)
		}
		*to = x
	}
}

func (d *document) numbers(what string, to *[]float64) func(ast.Node) {
	return d.list(what, func(n ast.Node) {
		x := 0.0
		d.number(what, &x)(n)
		*to = append(*to, x)
	})
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

// row reads a row as one of a table, or one with a sketch.
func (d *document) row(n ast.Node) {
	line := firstLine(n)
	c := statCells{cells: map[string]string{}, columns: map[string]string{}, line: line,
		report: func(line int, column, value, reason string) {
			d.bad = append(d.bad, problem{File: d.name, Line: line, Column: column, Value: value, Reason: reason})
		}}
	var sketch quantile.Sketch
	var clusters quantile.Clusters
	known := documentKeys{
		"histogram": func(n ast.Node) { sketch = d.histogram(n) },
		"digest":    func(n ast.Node) { sketch = d.digest(n) },
		"clusters":  func(n ast.Node) { clusters = d.clusters(n) },
	}
	for _, pair := range pairsOf(n) {
		key := pair.Key.GetToken().Value
		if name := statName(key); name != "" && name != "experiment" {
			known[key] = func(n ast.Node) {
				text, ok := scalar(n)
				if !ok {
					d.wrong(n, "%s must be a plain value", key)
				}
				if _, twice := c.columns[name]; twice {
					d.wrong(n, "%s means the same as %s", key, c.columns[name])
				}
				c.cells[name], c.columns[name] = strings.TrimSpace(text), key
			}
		}
	}
	for name := range statNames {
		if known[name] == nil && name != "experiment" {
			known[name] = func(ast.Node) {}
		}
	}
	before := len(d.bad)
	d.section(n, "a row", known)
	if len(d.bad) > before {
		return
	}
	r, ok := c.row()
	if sketch != nil {
		r.Sketch, r.Clusters = sketch, clusters
		for _, name := range []string{"n", "y", "mean", "successes"} {
			if c.has(name) {
				c.wrong(name, "stands beside a histogram or a digest, which says it already: a row has one of them")
				ok = false
			}
		}
	} else {
		ok = c.statistics(&r) && ok
	}
	r.cumulative = r.cumulative || d.days == string(analysis.Cumulative)
	if ok {
		d.rows = append(d.rows, r)
	}
}

func pairsOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func (d *document) histogram(n ast.Node) quantile.Sketch {
	h := quantile.Histogram{}
	d.section(n, "a histogram", documentKeys{"edges": d.numbers("edges", &h.Edges), "counts": d.numbers("counts", &h.Counts),
		"under": d.number("under", &h.Under), "over": d.number("over", &h.Over),
		"sums": d.numbers("sums", &h.Sums), "squares": d.numbers("squares", &h.Squares)})
	if len(h.Edges) != len(h.Counts)+1 {
		d.wrong(n, "a histogram of %d counts has %d edges; it must be one more than counts", len(h.Counts), len(h.Edges))
	}
	return h
}

func (d *document) digest(n ast.Node) quantile.Sketch {
	g := quantile.Digest{}
	d.section(n, "a digest", documentKeys{"min": d.number("min", &g.Min), "max": d.number("max", &g.Max),
		"centroids": d.list("centroids", func(n ast.Node) {
			var parts []float64
			d.numbers("a centroid", &parts)(n)
			if len(parts) != 2 && len(parts) != 3 {
				d.wrong(n, "a centroid is [mean, weight], or [mean, weight, sum of squares]")
				return
			}
			c := quantile.Centroid{Mean: parts[0], Weight: parts[1]}
			if len(parts) == 3 {
				c.Squares = parts[2]
			}
			g.Centroids = append(g.Centroids, c)
		})})
	return g
}

func (d *document) clusters(n ast.Node) quantile.Clusters {
	c, users := quantile.Clusters{}, 0.0
	d.section(n, "clusters", documentKeys{"users": d.number("users", &users), "events": d.number("events", &c.Events),
		"below": d.number("below", &c.Below), "event_squares": d.number("event_squares", &c.EventSquares),
		"below_squares": d.number("below_squares", &c.BelowSquares), "product": d.number("product", &c.Product)})
	if users != math.Trunc(users) || users < 0 || users > 1<<53 {
		d.wrong(n, "clusters have %v users; it must be a whole number", users)
		users = 0
	}
	c.Users = int(users)
	return c
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

// parseShare reads a number, or a percentage with its sign: 0.02, 2%.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := parseNumber(strings.TrimSpace(number))
	if err != nil {
		return 0, fmt.Errorf("%q %w", text, err)
	}
	if percent {
		x /= 100
	}
	return x, nil
}
