package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/cmd/assay/render"
	outcomes "github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

// mappedRows are rows of sums.
type mappedRows struct {
	name string
	rows []statRow
	sums []mappedSums
	bad  mistakes
	seen map[mappedKey]int
	// Rows without a variance say nothing of an effect. An import keeps them, with
	// that verdict; here they are counted by experiment and metric.
	missing map[[2]string]int
	order   []string // metrics that lack some
}

func (m *mappedRows) lacks(experiment, metric string) {
	if m.missing == nil {
		m.missing = map[[2]string]int{}
	}
	m.missing[[2]string{experiment, metric}]++
	if !slices.Contains(m.order, metric) {
		m.order = append(m.order, metric)
	}
}

type mappedKey struct {
	experiment, arm, metric, segment string
	at                               int64
}

// Outcomes implements importer.Sink.
func (m *mappedRows) Outcomes(o *outcomes.Outcomes) error {
	if m.seen == nil {
		m.seen = map[mappedKey]int{}
	}
	for i := range o.N {
		r := statRow{experiment: o.Experiment[i], cumulative: o.Cumulative, line: int(o.Line[i])}
		r.Arm, r.Metric, r.Segment = o.Arm[i], o.Metric[i], o.Segment[i]
		if o.At[i] != 0 {
			r.when = time.Unix(o.At[i], 0).UTC()
		}
		if math.IsNaN(o.YY[i]) {
			m.lacks(r.experiment, r.Metric)
			continue
		}
		// Pairs repeat the control beside each of its treatments.
		sums := mappedSums{o.N[i], o.Y[i], o.YY[i], o.D[i], o.DD[i], o.YD[i], o.X[i], o.XX[i], o.XY[i], o.XD[i]}
		key := mappedKey{r.experiment, r.Arm, r.Metric, r.Segment, o.At[i]}
		if before, seen := m.seen[key]; seen && m.sums[before].same(sums) {
			continue
		}
		m.seen[key] = len(m.rows)
		m.rows, m.sums = append(m.rows, r), append(m.sums, sums)
	}
	return nil
}

// mappedSums are a row's sums, as in outcomes.Outcomes.
type mappedSums struct{ n, y, yy, d, dd, yd, x, xx, xy, xd float64 }

// same compares rows that say the same again; Σxd may be missing.
func (s mappedSums) same(other mappedSums) bool {
	if math.IsNaN(s.xd) && math.IsNaN(other.xd) {
		s.xd, other.xd = 0, 0
	}
	return s == other
}

// traits are what a metric is, found from the sums of all of its rows: it is counted
// if values are zeros and ones (Σy² = Σy), a ratio if some denominator is not 1, and has
// a covariate if some is not 0.
type traits struct{ more, ratio, covariate bool }

func (t traits) with(s mappedSums) traits {
	return traits{more: t.more || s.yy != s.y || s.y != math.Trunc(s.y) || s.y < 0 || s.y > s.n,
		ratio: t.ratio || s.d != s.n || s.dd != s.n || s.yd != s.y, covariate: t.covariate || s.x != 0 || s.xx != 0}
}

// finish turns the sums of all rows into moments.
func (m *mappedRows) finish() ([]statRow, mistakes) {
	of := map[[2]string]traits{}
	for i, r := range m.rows {
		name := [2]string{r.experiment, r.Metric}
		of[name] = of[name].with(m.sums[i])
	}
	for i := range m.rows {
		r := &m.rows[i]
		var err error
		if r.Kind, r.Moments, err = m.sums[i].moments(of[[2]string{r.experiment, r.Metric}]); err != nil {
			m.bad = append(m.bad, problem{File: m.name, Line: r.line, Column: r.Metric, Reason: err.Error()})
		}
	}
	return m.rows, m.bad
}

func (m *mappedRows) notes(experiment string) (notes []string) {
	for _, metric := range m.order {
		if n := m.missing[[2]string{experiment, metric}]; n > 0 {
			notes = append(notes, fmt.Sprintf("%s without variance left out: %s", render.Plural(n, "row", "rows"), metric))
		}
	}
	return notes
}

func (s mappedSums) moments(t traits) (analysis.Kind, effect.Moments, error) {
	kind, sums, products := analysis.Mean, []float64{s.y}, []float64{s.yy}
	switch {
	case t.ratio && t.covariate && math.IsNaN(s.xd):
		return kind, effect.Moments{}, errors.New("has a denominator and a pre-period, and no Σxd, which adjustment of a ratio needs: leave x out of the mapping, or d")
	case t.ratio:
		kind, sums, products = analysis.Ratio, append(sums, s.d), append(products, s.yd, s.dd)
	case !t.more:
		kind = analysis.Proportion
	}
	switch {
	case t.covariate && t.ratio:
		sums, products = append(sums, s.x), append(products, s.xy, s.xd, s.xx)
	case t.covariate:
		sums, products = append(sums, s.x), append(products, s.xy, s.xx)
	}
	m, err := effect.MomentsFromSums(int(math.Round(s.n)), sums, products)
	switch {
	case s.n < 2:
		err = errors.New("has one user, and a variance needs two")
	case err != nil:
		err = errors.New(contradicts("", ""))
	}
	return kind, m, err
}

// Assignments and Facts are of users.
func (m *mappedRows) Assignments(*outcomes.Assignments) error { return nil }
func (m *mappedRows) Facts(*outcomes.Facts) error             { return nil }
