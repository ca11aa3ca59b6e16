package analysis

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/quantile"
)

// Test is one test as sufficient statistics.
type Test struct {
	Name string
	Arms []Arm // two or more, one of them the control
	// Metrics come first in the report, in this order; metrics that only rows name
	// follow in the order of rows, with nothing known of them.
	Metrics []Metric
	Rows    []Row
	Days    Days // empty means NewUsers
	// Notes are what else makes the test doubtful; the report repeats them as warnings.
	Notes []string
}

// Arm is one arm of a test.
type Arm struct {
	Name    string
	Weight  float64 // planned share of users in any scale; all 0: equal shares
	Control bool
}

// Metric is what is known of a metric before anybody looks.
type Metric struct {
	Name string
	Of   string // the metric that rows name; empty means Name
	// LowerIsBetter: a fall is an improvement (latency, complaints).
	LowerIsBetter bool
	// Margin > 0 makes the metric a guardrail: the question is whether it gets worse
	// by less than this relative lift, a fraction (0.02: by less than 2%), and it
	// does not count among the comparisons that are corrected for.
	Margin float64
	// Quantile in (0, 1) compares that quantile instead of the mean, and Winsorise
	// caps the values at these two quantiles of all arms together, {0, 0.99}, before
	// the mean is taken. Both need rows with a Sketch. 0 means neither.
	Quantile  float64
	Winsorise [2]float64
}

// Days says how rows of several days add up.
type Days string

const (
	NewUsers   Days = "new-users"  // users first seen on that day: days are disjoint, sums add
	Cumulative Days = "cumulative" // everybody so far: the last day counts
)

// Kind is what a row's value per user is.
type Kind string

const (
	Mean       Kind = "mean"
	Proportion Kind = "proportion" // zeros and ones
	Ratio      Kind = "ratio"      // Σ numerator/Σ denominator
)

// Row is the sums of one metric over users of one arm.
type Row struct {
	Arm    string
	Metric string
	// Segment is the group of users that the row is about; empty means everybody. A
	// name with a "=" belongs to the dimension before it: platform=ios. Segments of
	// one dimension are disjoint and together everybody; without rows of
	// everybody, the first dimension is added up.
	Segment string
	Day     float64 // from 1, the first day, in days; 0: the row is of no day
	Kind    Kind    // empty means Mean
	// Moments are of the outcome y, for a Ratio then its denominator, then covariates
	// from before the test. For a Proportion y is 0 or 1.
	Moments effect.Moments
	// Sketch, instead of Moments, is the distribution of values: a histogram or a
	// t-digest. Clusters count where a user has several.
	Sketch   quantile.Sketch
	Clusters quantile.Clusters
}

// control is the index of the control arm.
func (t Test) control() int {
	return slices.IndexFunc(t.Arms, func(a Arm) bool { return a.Control })
}

// check reports what no report can be made of.
func (t Test) check() error {
	if err := input.Check(len(t.Arms) >= 2, "Arms", float64(len(t.Arms)), "there must be two at least"); err != nil {
		return err
	}
	names, controls, weighted := map[string]bool{}, 0, 0
	for i, a := range t.Arms {
		field := fmt.Sprintf("Arms[%d]", i)
		if err := input.First(input.NonNegative(field+".Weight", a.Weight),
			input.Check(!names[a.Name], field+".Name", float64(i), "is the name of another arm")); err != nil {
			return err
		}
		names[a.Name] = true
		if a.Control {
			controls++
		}
		if a.Weight > 0 {
			weighted++
		}
	}
	if err := input.First(input.Check(controls == 1, "Arms", float64(controls), "exactly one must be the control"),
		input.Check(weighted == 0 || weighted == len(t.Arms), "Arms", float64(weighted), "give all arms a weight, or none"),
		input.Check(t.Days == "" || t.Days == NewUsers || t.Days == Cumulative, "Days", 0, "must be new-users or cumulative"),
		input.Check(len(t.Rows) > 0, "Rows", 0, "there must be one at least"), t.checkMetrics()); err != nil {
		return err
	}
	return t.checkRows(names)
}

func (t Test) checkMetrics() error {
	names := map[string]bool{}
	for i, m := range t.Metrics {
		field := fmt.Sprintf("Metrics[%d]", i)
		w := m.Winsorise
		if err := input.First(input.Check(!names[m.Name], field+".Name", float64(i), "is the name of another metric"),
			input.NonNegative(field+".Margin", m.Margin),
			input.Check(m.Quantile >= 0 && m.Quantile < 1, field+".Quantile", m.Quantile, "must lie in (0, 1)"),
			input.Check(w == [2]float64{} || 0 <= w[0] && w[0] < w[1] && w[1] <= 1, field+".Winsorise", w[1], "must be two quantiles, 0 ≤ low < high ≤ 1"),
			input.Check(w == [2]float64{} || m.Quantile == 0, field+".Winsorise", w[1], "a quantile needs no caps: give one of the two")); err != nil {
			return err
		}
		names[m.Name] = true
	}
	return nil
}

// checkRows wants known arms, each row once, per metric one kind of rows, and of
// what adds up (everybody, or one dimension of segments) the same covariates.
func (t Test) checkRows(arms map[string]bool) error {
	type key struct {
		arm, metric, segment string
		day                  float64
	}
	type part struct{ metric, of string }
	seen, first, values := map[key]bool{}, map[string]Row{}, map[part]int{}
	for i, r := range t.Rows {
		at := key{r.Arm, r.Metric, r.Segment, r.Day}
		before, known := first[r.Metric]
		if !known {
			first[r.Metric], before = r, r
		}
		sum := part{metric: r.Metric}
		if r.Segment != "" {
			sum.of = "by " + dimension(r.Segment)
		}
		if _, known := values[sum]; !known {
			values[sum] = len(r.Moments.Means)
		}
		wrong := func(ok bool, field string, value float64, reason string) error {
			if ok {
				return nil
			}
			return &stats.InputError{Field: fmt.Sprintf("Rows[%d].%s", i, field), Value: value, Reason: reason}
		}
		if err := input.First(
			wrong(arms[r.Arm], "Arm", float64(i), "is none of the test's arms"),
			wrong(!seen[at], "Arm", float64(i), "an earlier row has the same arm, metric, segment and day"),
			wrong(r.Day >= 0 && r.Day <= 1e6, "Day", r.Day, "must be a number of days from 1, or 0 for none"),
			wrong((r.Day == 0) == (before.Day == 0), "Day", r.Day, "give all rows of a metric a day, or none"),
			wrong(r.kind() == before.kind(), "Kind", float64(i), "differs from that of earlier rows of the metric: give it another name"),
			wrong(reflect.TypeOf(r.Sketch) == reflect.TypeOf(before.Sketch), "Sketch", float64(i), "differs in kind from earlier rows of the metric: give all of them sums, or histograms, or digests"),
			wrong(len(r.Moments.Means) == values[sum], "Moments.Means", float64(len(r.Moments.Means)), "are not as many as those of earlier rows of the metric, with which they add up: give all of them the same covariates"),
			r.check(wrong)); err != nil {
			return err
		}
		seen[at] = true
	}
	return nil
}

func (r Row) check(wrong func(bool, string, float64, string) error) error {
	m := r.Moments
	if r.Sketch != nil {
		_, err := cellOf(r).plus(cellOf(r)) // checks it
		if e, bad := errors.AsType[*stats.InputError](err); bad {
			return wrong(false, "Sketch."+strings.TrimPrefix(e.Field, "other."), e.Value, e.Reason)
		}
		return wrong(m.N == 0, "Sketch", float64(m.N), "stands beside moments: a row has one of them")
	}
	if _, err := (effect.Moments{}).Merge(m); err != nil {
		e, _ := errors.AsType[*stats.InputError](err)
		return wrong(false, "Moments."+strings.TrimPrefix(e.Field, "other."), e.Value, e.Reason)
	}
	least := 1
	if r.Kind == Ratio {
		least = 2
	}
	return input.First(wrong(m.N > 0, "Moments.N", float64(m.N), "there must be one user at least"),
		wrong(len(m.Means) >= least, "Moments.Means", float64(len(m.Means)), "must hold the outcome, and for a ratio its denominator"),
		wrong(r.kind() == Mean || r.kind() == Ratio || r.kind() == Proportion, "Kind", 0, "must be mean, proportion or ratio"),
		wrong(r.Kind != Proportion || len(m.Means) > 0 && m.Means[0] >= 0 && m.Means[0] <= 1, "Moments.Means", float64(len(m.Means)), "the mean of zeros and ones lies between them"))
}

func (r Row) kind() Kind {
	if r.Kind == "" {
		return Mean
	}
	return r.Kind
}
