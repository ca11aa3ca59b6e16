package mapping

import (
	"math"
	"slices"
	"strconv"

	"github.com/assay-planner/assay/history/mapping/document"
	"github.com/goccy/go-yaml/ast"
)

// metric reads one item of metrics.
func (d *decoder) metric(n ast.Node) Metric {
	var m Metric
	known := d.statistics("metric", &m.Stat)
	known["name"] = d.metricName(&m.Name)
	known["control"] = d.side("control", &m.Control)
	known["treatment"] = d.side("treatment", &m.Treatment)
	known["value"] = d.valueOf("metric.value", &m.Value, &m.Constant)
	known["denominator"] = d.valueOf("metric.denominator", &m.Denominator, &m.ConstantDenominator)
	known["pre"] = d.Text("metric.pre", &m.Pre)
	known["version"] = d.field("metric.version", &m.Version)
	d.reckoning(known, &m.Reckoning)
	d.Section(n, "metric", known)
	if !m.Name.Given() {
		d.Wrong(n, "metric needs a name")
	}
	return m
}

// metricName reads a name, which is a constant unless it says column: the only
// field where a plain text is not a column.
func (d *decoder) metricName(f *Field) func(ast.Node) {
	return func(n ast.Node) {
		if text, ok := document.Scalar(n); ok && text != "" {
			f.Value = text
			return
		}
		d.field("metric.name", f)(n)
	}
}

// valueOf reads a column, or {value: 1}: what every row counts for.
func (d *decoder) valueOf(name string, column *string, constant *float64) func(ast.Node) {
	return func(n ast.Node) {
		if text, ok := document.Scalar(n); ok && text != "" {
			*column = text
			return
		}
		var text string
		d.Section(n, name, document.Keys{"column": d.Text(name+".column", column), "value": d.Text(name+".value", &text)})
		if (*column == "") == (text == "") {
			d.Wrong(n, "%s must say either column or value", name)
			return
		}
		if text == "" {
			return
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
			d.Wrong(n, "%s.value must be a number other than zero, such as 1 to count rows, not %q", name, text)
			return
		}
		*constant = x
	}
}

// side reads the control or treatment half of a pair.
func (d *decoder) side(name string, to **Statistic) func(ast.Node) {
	return func(n ast.Node) { d.Section(n, name, d.statistics(name, to)) }
}

// statistics are the keys of which a metric, or a side of a pair, has one.
func (d *decoder) statistics(where string, to **Statistic) document.Keys {
	known := document.Keys{}
	for _, kind := range []Kind{Proportion, Mean, Sums} {
		known[string(kind)] = func(n ast.Node) {
			if *to != nil {
				d.Wrong(n, "%s gives both %s and %s", where, (*to).Kind, kind)
			}
			*to = d.statistic(kind, n)
		}
	}
	return known
}

func (d *decoder) statistic(kind Kind, n ast.Node) *Statistic {
	s := &Statistic{Kind: kind, Columns: map[string]string{}}
	names, required := kind.parts()
	known := document.Keys{}
	for _, name := range names {
		known[name] = func(n ast.Node) {
			var column string
			d.Text(string(kind)+"."+name, &column)(n)
			s.Columns[name] = column
		}
	}
	d.Section(n, string(kind), known)
	has := func(name string) bool { return s.Columns[name] != "" }
	for _, name := range names[:required] {
		if !has(name) {
			d.Wrong(n, "%s needs %s", kind, name)
		}
	}
	spreads := slices.DeleteFunc([]string{"variance", "sd", "se"}, func(name string) bool { return !has(name) })
	switch {
	case kind == Mean && len(spreads) != 1:
		d.Wrong(n, "mean needs one of variance, sd or se")
	case kind == Sums && (has("dd") || has("yd") || has("d")) && !(has("d") && has("dd") && has("yd")):
		d.Wrong(n, "sums of a ratio need all of d, dd and yd")
	case kind == Sums && (has("xx") || has("xy") || has("x")) && !(has("x") && has("xx") && has("xy")):
		d.Wrong(n, "sums of the pre-period need all of x, xx and xy")
	case kind == Sums && has("xd") && !(has("d") && has("x")):
		d.Wrong(n, "xd is for a ratio with a pre-period: it needs d and x")
	}
	return s
}
