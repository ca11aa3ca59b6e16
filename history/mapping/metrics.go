package mapping

import (
	"slices"

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
	known["value"] = d.Text("metric.value", &m.Value)
	known["denominator"] = d.Text("metric.denominator", &m.Denominator)
	known["pre"] = d.Text("metric.pre", &m.Pre)
	known["version"] = d.field("metric.version", &m.Version)
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
	names, required := kind.Parts()
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

// check finds what is wrong with a mapping as a whole.
func (d *decoder) check(m *Mapping) {
	wrong := func(section, format string, args ...any) {
		d.Note(max(1, d.lines[section]), format, args...)
	}
	need := func(section, name string, given bool) {
		if !given {
			wrong(section, "layout %s needs %s", m.Layout, name)
		}
	}
	if m.Layout == "" {
		wrong("layout", "layout is missing: outcomes, pairs or users")
		return
	}
	need("experiment", "experiment.id", m.Experiment.ID.Given())
	need("arm", "arm.id", m.Arm.ID.Given())
	need("metrics", "metrics", len(m.Metrics) > 0)
	need("unit", "unit", m.Layout != Users || m.Unit.Given())
	for section, given := range map[string]bool{"unit": m.Unit.Given(), "exposed_at": m.ExposedAt.Given()} {
		if given && m.Layout != Users {
			wrong(section, "%s is for layout users, not %s", section, m.Layout)
		}
	}
	for section, given := range map[string]bool{"day": m.Day.Given(), "snapshot": m.Snapshot.Given()} {
		if given && m.Layout == Users {
			wrong(section, "%s is not for layout users: its users are added up when they are mined", section)
		}
	}
	if m.Day.Given() && m.Snapshot.Given() {
		wrong("snapshot", "day says that rows add up, snapshot that the last one counts: give one of them")
	}
	if m.Snapshot.Unit != 0 && !m.Experiment.Started.Given() {
		wrong("snapshot", "snapshot.after_start needs experiment.started")
	}
	if m.Layout == Pairs && m.Control != (Control{Name: m.Control.Name}) {
		wrong("control", "layout pairs names its control arm by control.name")
	}
	d.checkSets(m, wrong)
	named := map[string]bool{}
	for _, metric := range m.Metrics {
		d.checkMetric(m.Layout, metric, wrong)
		if name := metric.Name.Value; name != "" && named[name] {
			wrong("metrics", "metric %s is given twice: two columns cannot both be its value", name)
		}
		named[metric.Name.Value] = true
	}
}

func (d *decoder) checkSets(m *Mapping, wrong func(section, format string, args ...any)) {
	if m.Arm.Sets.Given && m.Layout == Pairs {
		wrong("arm.set", "arm.set is for arms that are compared with each other; layout pairs compares with a control")
	}
	for _, name := range m.Arm.Sets.By {
		if _, known := m.Arm.Attributes[name]; !known {
			wrong("arm.set", "arm.set names %s, which is none of arm.attributes", name)
		}
	}
}

func (d *decoder) checkMetric(layout Layout, m Metric, wrong func(section, format string, args ...any)) {
	name := m.Name.Value + m.Name.Column
	stat, sides, value := m.Stat != nil, m.Control != nil && m.Treatment != nil, m.Value != ""
	switch {
	case layout == Outcomes && !stat:
		wrong("metrics", "metric %s needs one of proportion, mean or sums", name)
	case layout == Pairs && !sides:
		wrong("metrics", "metric %s needs control and treatment, each with proportion, mean or sums", name)
	case layout == Users && !value:
		wrong("metrics", "metric %s needs value: the column of the user's own value", name)
	case layout == Users && m.Name.Column != "":
		wrong("metrics", "metric %s needs a constant name: each metric of a user has its own column", name)
	case layout != Outcomes && stat, layout != Pairs && (m.Control != nil || m.Treatment != nil),
		layout != Users && (value || m.Denominator != "" || m.Pre != ""):
		wrong("metrics", "metric %s has keys that are not for layout %s", name, layout)
	}
}
