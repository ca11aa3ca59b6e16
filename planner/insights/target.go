package insights

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
)

// MetricError says that Options name a metric of which there is no usable effect. It
// wraps ErrNothing.
type MetricError struct {
	Field  string   // Metric, NorthStar or Correlations
	Metric string   // "": there is no usable effect at all
	Known  []string // those that have usable effects
}

func (e *MetricError) Error() string {
	if e.Metric == "" {
		return ErrNothing.Error()
	}
	return fmt.Sprintf("%s of %q", ErrNothing, e.Metric)
}

// Unwrap makes it an ErrNothing.
func (e *MetricError) Unwrap() error { return ErrNothing }

// target is a metric, and why it is that one.
type target struct{ metric, reason string }

// measured counts the usable effects over everybody by metric.
func measured(effects []history.Effect) map[string]int {
	count := map[string]int{}
	for _, e := range effects {
		if e.Usable && e.Segment == "" {
			count[e.Metric]++
		}
	}
	return count
}

// targets chooses what the report is about and its north star: what was asked for, else
// what the business values most, else what was measured most.
func (o Options) targets(count map[string]int) (about, star target, err error) {
	known := sortedKeys(count)
	for _, asked := range []struct{ field, metric string }{{"NorthStar", o.NorthStar}, {"Metric", o.Metric}} {
		if asked.metric != "" && count[asked.metric] == 0 || len(known) == 0 {
			return about, star, &MetricError{asked.field, asked.metric, known}
		}
	}
	for _, c := range o.Correlations {
		for _, m := range []string{c.A, c.B} {
			if count[m] == 0 {
				return about, star, &MetricError{"Correlations", m, known}
			}
		}
	}
	about = o.worthMost(known)
	if star = about; about.metric == "" {
		unknown := "the policy gives no measured metric a worth"
		if o.Worth == nil {
			unknown = "no policy says what a lift is worth"
		}
		about = most(count)
		about.reason += "; " + unknown
		if star = about; o.Metric != "" {
			star = target{o.Metric, "it is what the report is about; " + unknown}
		}
	}
	if o.Metric != "" {
		about = target{o.Metric, "asked for"}
	}
	if o.NorthStar != "" {
		star = target{o.NorthStar, "asked for"}
	}
	return about, star, nil
}

// worthMost is the metric whose lift the business values most, of those that were
// measured; none if it values none of them.
func (o Options) worthMost(known []string) (t target) {
	worth := map[string]float64{}
	for m, by := range o.Worth {
		for _, surface := range sortedKeys(by) {
			worth[m] += by[surface]
		}
	}
	valued := slices.DeleteFunc(sortedKeys(worth), func(m string) bool { return !(worth[m] > 0) })
	slices.SortStableFunc(valued, func(a, b string) int { return cmp.Compare(worth[b], worth[a]) })
	measured := slices.DeleteFunc(slices.Clone(valued), func(m string) bool { return !slices.Contains(known, m) })
	if len(measured) == 0 {
		return t
	}
	t = target{measured[0], "the only metric that the policy gives a worth"}
	if len(valued) > 1 {
		var than []string
		for _, m := range valued {
			if m != t.metric && worth[m] <= worth[t.metric] {
				than = append(than, fmt.Sprintf("%.2g times that of %s", worth[t.metric]/worth[m], m))
			}
		}
		t.reason = "by the policy an equal lift of it is worth most"
		if len(than) > 0 {
			t.reason += ", " + strings.Join(than, " and ")
		}
	}
	if unmeasured := slices.Index(valued, t.metric); unmeasured > 0 {
		t.reason += "; " + strings.Join(valued[:unmeasured], " and ") + ", worth more, has no usable effect"
	}
	return t
}

// most is the metric with most effects, the first by name of equals.
func most(count map[string]int) (t target) {
	for _, m := range sortedKeys(count) {
		switch {
		case count[m] > count[t.metric]:
			t = target{m, "most effects are of it"}
		case count[m] == count[t.metric]:
			t.reason = "no metric has more effects, and it is the first of them by name"
		}
	}
	return t
}
