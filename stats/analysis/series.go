package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/quantile"
)

// series is all that the test knows of one metric.
type series struct {
	Metric
	kind   Kind
	rows   []Row // of this metric
	limits quantile.Limits
	days   Days
}

// instants are the days of the rows, in order; none if rows have no days.
func (s series) instants() []float64 {
	var all []float64
	for _, r := range s.rows {
		if r.Day > 0 {
			all = append(all, r.Day)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// dimension is the part of a segment's name that says of what it is a part.
func dimension(segment string) string {
	before, _, found := strings.Cut(segment, "=")
	if !found {
		return ""
	}
	return before
}

// everybody are the rows that together are all users once.
func (s series) everybody() []Row {
	of := func(want func(Row) bool) (rows []Row) {
		for _, r := range s.rows {
			if want(r) {
				rows = append(rows, r)
			}
		}
		return rows
	}
	if whole := of(func(r Row) bool { return r.Segment == "" }); len(whole) > 0 {
		return whole
	}
	first := dimension(s.rows[0].Segment)
	return of(func(r Row) bool { return dimension(r.Segment) == first })
}

// until adds rows up to a day: all of them, or the last snapshot of each arm and
// segment.
func (s series) until(rows []Row, day float64) (byArm, error) {
	type part struct{ arm, segment string }
	last, order := map[part]Row{}, []part(nil)
	cells := byArm{}
	for _, r := range rows {
		if r.Day > day {
			continue
		}
		if s.days != Cumulative {
			if err := cells.add(r.Arm, cellOf(r)); err != nil {
				return nil, s.fail(r.Arm, err)
			}
			continue
		}
		p := part{r.Arm, r.Segment}
		before, known := last[p]
		if !known {
			order = append(order, p)
		}
		if !known || r.Day > before.Day {
			last[p] = r
		}
	}
	for _, p := range order {
		if err := cells.add(p.arm, cellOf(last[p])); err != nil {
			return nil, s.fail(p.arm, err)
		}
	}
	return cells, nil
}

// on adds the rows of one day.
func (s series) on(rows []Row, day float64) (byArm, error) {
	cells := byArm{}
	for _, r := range rows {
		if r.Day == day {
			if err := cells.add(r.Arm, cellOf(r)); err != nil {
				return nil, s.fail(r.Arm, err)
			}
		}
	}
	return cells, nil
}

func (s series) total() (byArm, error) { return s.until(s.everybody(), math.Inf(1)) }

func (s series) fail(arm string, err error) error {
	return fmt.Errorf("metric %s, arm %s: %w", s.Name, arm, err)
}

// series lists the metrics of the report.
func (t Test) series() ([]series, error) {
	byName := map[string][]Row{}
	var names []string
	for _, r := range t.Rows {
		if byName[r.Metric] == nil {
			names = append(names, r.Metric)
		}
		byName[r.Metric] = append(byName[r.Metric], r)
	}
	metrics, listed := slices.Clone(t.Metrics), map[string]bool{}
	for i := range metrics {
		if metrics[i].Of == "" {
			metrics[i].Of = metrics[i].Name
		}
		listed[metrics[i].Of] = true
	}
	for _, name := range names {
		if !listed[name] {
			metrics = append(metrics, Metric{Name: name, Of: name})
		}
	}
	var all []series
	for i, m := range metrics {
		rows := byName[m.Of]
		if len(rows) == 0 {
			return nil, &stats.InputError{Field: fmt.Sprintf("Metrics[%d].Of", i), Value: float64(i), Reason: "no row has the metric " + m.Of}
		}
		s := series{Metric: m, kind: rows[0].kind(), rows: rows, days: t.Days}
		if rows[0].Sketch == nil && (m.Quantile > 0 || m.Winsorise != [2]float64{}) {
			return nil, &stats.InputError{Field: fmt.Sprintf("Metrics[%d].Of", i), Value: float64(i), Reason: "a quantile or a cap needs histograms or digests, and the rows of " + m.Of + " are sums"}
		}
		if err := s.setLimits(); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// setLimits takes a mean's caps from all arms together.
func (s *series) setLimits() error {
	s.limits = quantile.Limits{Low: math.Inf(-1), High: math.Inf(1)}
	if s.Winsorise == [2]float64{} {
		return nil
	}
	cells, err := s.total()
	if err != nil {
		return err
	}
	var arms []quantile.Sketch
	for _, c := range cells {
		arms = append(arms, c.sketch)
	}
	s.limits, err = quantile.PooledLimits(s.Winsorise[0], s.Winsorise[1], arms...)
	return err
}
