package mapping

import (
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones mean the same on every machine, also on one that has none

	"github.com/assay-planner/assay/history/mapping/document"
	"github.com/goccy/go-yaml/ast"
)

// mapping reads the whole file.
func (d *decoder) mapping(n ast.Node, m *Mapping) {
	d.lines = map[string]int{}
	at := func(name string, read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) {
			d.lines[name] = document.Line(n)
			read(n)
		}
	}
	d.Section(n, "the mapping", document.Keys{
		"layout":     at("layout", d.layout(&m.Layout)),
		"null":       d.texts("null", &m.Null),
		"experiment": at("experiment", d.experiment(&m.Experiment)),
		"arm":        at("arm", d.arm(&m.Arm)),
		"control":    at("control", d.control(&m.Control)),
		"segment":    at("segment", d.field("segment", &m.Segment)),
		"day":        at("day", d.field("day", &m.Day)),
		"snapshot":   at("snapshot", d.snapshot(&m.Snapshot)),
		"unit":       at("unit", d.field("unit", &m.Unit)),
		"exposed_at": at("exposed_at", d.field("exposed_at", &m.ExposedAt)),
		"at":         at("at", d.field("at", &m.At)),
		"event":      at("event", d.field("event", &m.Event)),
		"metrics":    at("metrics", d.List("metrics", func(n ast.Node) { m.Metrics = append(m.Metrics, d.metric(n)) })),
		"exclude": at("exclude", func(n ast.Node) {
			m.Exclude = []Rule{} // an empty list says that none is
			d.List("exclude", func(n ast.Node) { m.Exclude = append(m.Exclude, d.rule("exclude", n, true)) })(n)
		}),
		"skip": d.List("skip", func(n ast.Node) { m.Skip = append(m.Skip, d.rule("skip", n, true)) }),
	})
}

func (d *decoder) layout(to *Layout) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := document.Scalar(n)
		if !slices.Contains(layouts, Layout(text)) {
			d.Wrong(n, "layout must be %s, not %q", listed(), text)
		}
		*to = Layout(text)
	}
}

func listed() string {
	names := make([]string, len(layouts))
	for i, l := range layouts {
		names[i] = string(l)
	}
	return strings.Join(names, ", ")
}

func (d *decoder) experiment(e *Experiment) func(ast.Node) {
	return func(n ast.Node) {
		known := document.Keys{}
		for name, to := range map[string]*Field{
			"id": &e.ID, "title": &e.Title, "hypothesis": &e.Hypothesis, "surface": &e.Surface, "component": &e.Component,
			"change_type": &e.ChangeType, "source": &e.Source, "generator": &e.Generator, "team": &e.Team,
			"author": &e.Author, "started": &e.Started, "ended": &e.Ended, "decision": &e.Decision,
			"planned_end": &e.PlannedEnd, "planned_users": &e.PlannedUsers, "analysis": &e.Analysis,
			"layer": &e.Layer, "overlap": &e.Overlap,
		} {
			known[name] = d.field("experiment."+name, to)
		}
		d.Section(n, "experiment", known)
	}
}

func (d *decoder) arm(a *Arm) func(ast.Node) {
	return func(n ast.Node) {
		d.Section(n, "arm", document.Keys{
			"id": d.field("arm.id", &a.ID), "title": d.field("arm.title", &a.Title), "weight": d.field("arm.weight", &a.Weight),
			"attributes": func(n ast.Node) { a.Attributes = d.fields("arm.attributes", n) },
			"set": func(n ast.Node) {
				d.lines["arm.set"], a.Sets.Given = document.Line(n), true
				d.texts("arm.set", &a.Sets.By)(n)
			},
			"claims": func(n ast.Node) { a.Claims = d.fields("arm.claims", n) },
			"ice":    d.ice(&a.ICE), "claims_of": d.field("arm.claims_of", &a.ClaimsOf),
		})
		if a.ClaimsOf.Given() && len(a.Claims) == 0 && len(a.ICE.Factors()) == 0 {
			d.Wrong(n, "arm.claims_of is the metric of arm.claims and arm.ice, and there is neither")
		}
		if _, twice := a.Claims[ICEClaim]; twice && len(a.ICE.Factors()) > 0 {
			d.Wrong(n, "arm.claims.ice and arm.ice both say what the ICE score is")
		}
	}
}

func (d *decoder) ice(s *ICE) func(ast.Node) {
	return func(n ast.Node) {
		d.Section(n, "arm.ice", document.Keys{
			"score": d.field("arm.ice.score", &s.Score), "impact": d.field("arm.ice.impact", &s.Impact),
			"confidence": d.field("arm.ice.confidence", &s.Confidence), "ease": d.field("arm.ice.ease", &s.Ease),
		})
		three := s.Impact.Given() && s.Confidence.Given() && s.Ease.Given()
		if any := s.Impact.Given() || s.Confidence.Given() || s.Ease.Given(); any != three || s.Score.Given() == three {
			d.Wrong(n, "arm.ice must say score, or all of impact, confidence and ease")
		}
	}
}

// fields may have any name, so they cannot be misspelt; those of Reserved are ours.
func (d *decoder) fields(section string, n ast.Node) map[string]Field {
	pairs, ok := n.(*ast.MappingNode)
	if !ok {
		d.Wrong(n, "%s must be names with their columns", section)
		return nil
	}
	fields := map[string]Field{}
	for _, pair := range pairs.Values {
		name, f := pair.Key.GetToken().Value, Field{}
		if strings.HasPrefix(name, Reserved) {
			d.Wrong(pair.Key, "%s.%s: names that start with %s are kept for Assay's own", section, name, Reserved)
		}
		d.field(section+"."+name, &f)(pair.Value)
		fields[name] = f
	}
	return fields
}

func (d *decoder) control(c *Control) func(ast.Node) {
	return func(n ast.Node) {
		d.Section(n, "control", document.Keys{
			"name": d.Text("control.name", &c.Name), "lowest": d.Text("control.lowest", &c.Lowest),
			"first": d.flag("control.first", &c.First),
			"equals": func(n ast.Node) {
				rule := d.rule("control.equals", n, false)
				c.Equals = &rule
			},
		})
		given := 0
		for _, is := range []bool{c.Name != "", c.Equals != nil, c.Lowest != "", c.First} {
			if is {
				given++
			}
		}
		if given != 1 {
			d.Wrong(n, "control must say one of name, equals, lowest or first")
		}
	}
}

func (d *decoder) snapshot(s *Snapshot) func(ast.Node) {
	return func(n ast.Node) {
		if text, ok := document.Scalar(n); ok {
			s.Column = text
			return
		}
		d.Section(n, "snapshot", document.Keys{
			"column": d.Text("snapshot.column", &s.Column), "format": d.Text("snapshot.format", &s.Format), "zone": d.zone("snapshot.zone", &s.Zone),
			"after_start": func(n ast.Node) {
				text, _ := document.Scalar(n)
				units := map[string]time.Duration{"days": 24 * time.Hour, "hours": time.Hour, "seconds": time.Second}
				if s.Unit = units[text]; s.Unit == 0 {
					d.Wrong(n, "snapshot.after_start must be one of %s, not %q", strings.Join(slices.Sorted(maps.Keys(units)), ", "), text)
				}
			},
		})
		if s.Column == "" {
			d.Wrong(n, "snapshot needs a column")
		}
	}
}

// rule reads a condition on one column; it must say why when it drops something.
func (d *decoder) rule(name string, n ast.Node, why bool) Rule {
	var r Rule
	known := document.Keys{
		"column": d.Text(name+".column", &r.Column), "equals": d.texts(name+".equals", &r.Equals),
		"empty": d.flag(name+".empty", &r.Empty),
	}
	if why {
		known["reason"] = d.Text(name+".reason", &r.Reason)
	}
	d.Section(n, name, known)
	switch {
	case r.Column == "":
		d.Wrong(n, "%s needs a column", name)
	case len(r.Equals) == 0 && !r.Empty:
		d.Wrong(n, "%s needs equals: VALUE, or empty: true", name)
	case why && r.Reason == "":
		d.Wrong(n, "%s needs a reason, which is shown with what it leaves out", name)
	}
	return r
}

// field reads the name of a column, or a mapping with more to say.
func (d *decoder) field(name string, f *Field) func(ast.Node) {
	return func(n ast.Node) {
		if text, ok := document.Scalar(n); ok && text != "" {
			f.Column = text
			return
		}
		d.Section(n, name, document.Keys{
			"column": d.Text(name+".column", &f.Column), "value": d.Text(name+".value", &f.Value),
			"default": d.Text(name+".default", &f.Default), "format": d.Text(name+".format", &f.Format),
			"zone": d.zone(name+".zone", &f.Zone), "plus": d.Span(name+".plus", &f.Plus), "rename": func(n ast.Node) { f.Rename = d.renames(name, n) },
		})
		switch {
		case (f.Column == "") == (f.Value == ""):
			d.Wrong(n, "%s must say either column or value", name)
		case f.Value != "" && (f.Rename != nil || f.Default != ""):
			d.Wrong(n, "%s: rename and default are for columns, not for a constant value", name)
		}
	}
}

// zone reads the name of a time zone, which this program must know.
func (d *decoder) zone(name string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		before := len(d.Mistakes)
		d.Text(name, to)(n)
		if _, err := time.LoadLocation(*to); len(d.Mistakes) == before && (err != nil || *to == "Local") {
			d.Wrong(n, "%s must be the name of a time zone such as America/New_York, not %q", name, *to)
		}
	}
}

func (d *decoder) renames(name string, n ast.Node) map[string]string {
	pairs, ok := n.(*ast.MappingNode)
	if !ok {
		d.Wrong(n, "%s.rename must be the file's values with ours", name)
		return nil
	}
	renames := map[string]string{}
	for _, pair := range pairs.Values {
		var to string
		d.Text(name+".rename", &to)(pair.Value)
		renames[pair.Key.GetToken().Value] = to
	}
	return renames
}
