package importer

import (
	"strings"

	"github.com/assay-planner/assay/history/mapping"
)

// users reads a batch of layout users.
func (r *reader) users() error {
	about, a := r.assigned()
	facts := make([]Facts, len(r.m.Metrics))
	for k, metric := range r.m.Metrics {
		facts[k] = r.facts(metric, Facts{Experiment: about.id, Metric: r.constant(metric.Name.Value), Unit: a.Unit, Event: r.constant(""), At: a.ExposedAt})
		if metric.Pre != "" {
			facts[k].Pre = r.numbers(metric.Pre, true)
		}
	}
	if err := r.assign(about, a); err != nil {
		return err
	}
	return r.did(facts)
}

// exposures reads a batch of layout exposures.
func (r *reader) exposures() error {
	about, a := r.assigned()
	a.Logged = true
	err := r.assign(about, a)
	r.catalog.countDays(a.ExposedAt)
	return err
}

// events reads a batch of layout events.
func (r *reader) events() error {
	unit, at, event := r.texts(r.m.Unit, true), r.instants(r.m.At, true), r.texts(r.m.Event, false)
	facts := make([]Facts, len(r.m.Metrics))
	for k, metric := range r.m.Metrics {
		facts[k] = r.facts(metric, Facts{Experiment: r.constant(""), Metric: r.texts(metric.Name, true), Unit: unit, Event: event, At: at})
	}
	return r.did(facts)
}

// assigned evaluates who is in which arm.
func (r *reader) assigned() (attributes, *Assignments) {
	about := r.attributes()
	a := &Assignments{Experiment: about.id, Unit: r.texts(r.m.Unit, true), Arm: about.arm,
		Segment: r.texts(r.m.Segment, false), ExposedAt: about.started, Line: r.table.lines}
	if r.m.ExposedAt.Given() {
		a.ExposedAt = r.instants(r.m.ExposedAt, true)
	}
	return about, a
}

// assign enters a batch's experiments, which may find more bad rows, and passes on
// who is in which arm of the good ones.
func (r *reader) assign(about attributes, a *Assignments) error {
	r.describe(about)
	a.Experiment, a.Unit, a.Arm, a.Segment = keep(a.Experiment, r.bad), keep(a.Unit, r.bad), keep(a.Arm, r.bad), keep(a.Segment, r.bad)
	a.ExposedAt, a.Line = keep(a.ExposedAt, r.bad), keep(a.Line, r.bad)
	if len(a.Line) == 0 {
		return nil
	}
	return r.sink.Assignments(a)
}

// facts adds to f what its rows say of a metric.
func (r *reader) facts(m mapping.Metric, f Facts) Facts {
	f.Definition, f.Line, f.Pre = r.texts(m.Version, false), r.table.lines, make([]float64, len(r.table.lines))
	f.Ratio = m.Denominator != "" || m.ConstantDenominator != 0
	switch {
	case m.Denominator != "":
		f.Denominator = r.numbers(m.Denominator, true)
		for i, d := range f.Denominator {
			if d < 0 {
				r.report(i, m.Denominator, r.column(m.Denominator).shown(i), "is a negative denominator")
			}
		}
	case m.ConstantDenominator != 0:
		f.Denominator = r.repeated(m.ConstantDenominator)
	default:
		f.Denominator = r.repeated(1)
	}
	if m.Value == "" {
		f.Value = r.repeated(m.Constant)
	} else {
		f.Value = r.numbers(m.Value, true)
	}
	return f
}

// did passes on what users did in the good rows of a batch: facts of the mapping's
// metrics, in their order.
func (r *reader) did(facts []Facts) error {
	all := facts[0] // whose experiment, unit, event, instant and line those of all metrics share
	experiment, unit, event := keep(all.Experiment, r.bad), keep(all.Unit, r.bad), keep(all.Event, r.bad)
	at, lines := keep(all.At, r.bad), keep(all.Line, r.bad)
	if len(lines) == 0 {
		return nil
	}
	for k, f := range facts {
		f.Experiment, f.Unit, f.Event, f.At, f.Line = experiment, unit, event, at, lines
		f.Metric, f.Definition = keep(f.Metric, r.bad), keep(f.Definition, r.bad)
		f.Value, f.Pre, f.Denominator = keep(f.Value, r.bad), keep(f.Pre, r.bad), keep(f.Denominator, r.bad)
		r.catalog.count(f.Metric, f.At)
		r.catalog.reckon(f.Metric, r.m.Metrics[k].Reckoning)
		if err := r.sink.Facts(&f); err != nil {
			return err
		}
	}
	return nil
}

// repeated returns a column of one number.
func (r *reader) repeated(x float64) []float64 {
	column := make([]float64, len(r.table.lines))
	for i := range column {
		column[i] = x
	}
	return column
}

// count notes which metrics and days a file holds.
func (c *catalog) count(metrics []string, at []int64) {
	runs(metrics, func(name string) {
		if !c.metrics[name] {
			c.metrics[strings.Clone(name)] = true
		}
	})
	c.countDays(at)
}

func (c *catalog) countDays(at []int64) {
	lastDay := int64(-1)
	for _, t := range at {
		if day := t / 86400; t != 0 && day != lastDay {
			lastDay = day
			c.days[day] = true
		}
	}
}

// reckon notes the rules of metrics that a file holds.
func (c *catalog) reckon(metrics []string, rule *mapping.Reckoning) {
	if rule == nil {
		return
	}
	runs(metrics, func(name string) {
		if _, known := c.reckonings[name]; !known {
			c.reckonings[strings.Clone(name)] = *rule
		}
	})
}

// runs hands on each name that differs from the one before it: names come in long runs.
func runs(names []string, do func(string)) {
	for i, name := range names {
		if i == 0 || name != names[i-1] {
			do(name)
		}
	}
}
