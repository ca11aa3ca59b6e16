package importer

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/history/mapping"
)

// outcomes reads a batch of layout outcomes or pairs.
func (r *reader) outcomes() error {
	about := r.attributes()
	segment := r.constant("")
	if r.m.Segment.Given() {
		segment = r.texts(r.m.Segment, false)
	}
	at := r.moments(about.started)
	var parts []Outcomes
	for _, metric := range r.m.Metrics {
		name, definition := r.texts(metric.Name, true), r.texts(metric.Version, false)
		part := func(arm []string, stat *mapping.Statistic) {
			s := r.statistic(stat)
			parts = append(parts, Outcomes{Experiment: about.id, Metric: name, Segment: segment, Arm: arm, Definition: definition, At: at,
				Cumulative: r.m.Snapshot.Given(), N: s.n, Y: s.y, YY: s.yy, D: s.d, DD: s.dd, YD: s.yd, X: s.x, XX: s.xx, XY: s.xy, XD: s.xd,
				Line: r.table.lines})
		}
		if r.m.Layout == mapping.Outcomes {
			part(about.arm, metric.Stat)
			continue
		}
		control := r.constant(r.m.ControlName())
		for i, arm := range about.arm {
			if arm == control[i] {
				r.report(i, r.m.Arm.ID.Column, arm, "is the name of the control arm: control.name gives it another")
			}
		}
		part(about.arm, metric.Treatment)
		part(control, metric.Control)
	}
	r.describe(about)
	for i := range parts {
		p := r.keep(&parts[i])
		r.catalog.count(p.Metric, p.At)
		if len(p.Line) == 0 {
			continue
		}
		if err := r.sink.Outcomes(p); err != nil {
			return err
		}
	}
	return nil
}

// moments returns the day or the snapshot of every row.
func (r *reader) moments(started []int64) []int64 {
	switch s := r.m.Snapshot; {
	case r.m.Day.Given():
		days := r.times(r.m.Day, true, true) // the day that its own clock showed
		for i, t := range days {
			days[i] = t - t%86400
		}
		return days
	case s.Unit != 0:
		at := make([]int64, len(started))
		for i, units := range r.numbers(s.Column, true) {
			if started[i] != 0 && units-units == 0 {
				var reason string
				if at[i], reason = inRange(started[i] + int64(math.Round(units*s.Unit.Seconds()))); reason != "" {
					r.report(i, s.Column, r.column(s.Column).shown(i), reason)
				}
			} else if started[i] == 0 {
				r.report(i, r.m.Experiment.Started.Column, "", "is empty, so the time after the start means nothing")
			}
		}
		return at
	case s.Given():
		return r.instants(s.Field, true)
	}
	return make([]int64, len(started))
}

// keep leaves out the bad rows; without any, the columns go on as they are.
func (r *reader) keep(o *Outcomes) *Outcomes {
	if !slices.Contains(r.bad, true) {
		return o
	}
	for _, texts := range []*[]string{&o.Experiment, &o.Metric, &o.Segment, &o.Arm, &o.Definition} {
		*texts = keep(*texts, r.bad)
	}
	for _, numbers := range []*[]float64{&o.N, &o.Y, &o.YY, &o.D, &o.DD, &o.YD, &o.X, &o.XX, &o.XY, &o.XD} {
		*numbers = keep(*numbers, r.bad)
	}
	o.At, o.Line = keep(o.At, r.bad), keep(o.Line, r.bad)
	return o
}
