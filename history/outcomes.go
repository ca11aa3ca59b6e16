package history

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/mapping"
)

// Outcome is what one arm measured on one metric, over everybody: sums over its
// users of the metric y and its denominator d, which is 1 for a plain mean.
type Outcome struct {
	Experiment, Metric, Arm string

	Title      string // the arm's own title, or else the experiment's
	Hypothesis string
	Attributes map[string]string

	Surface, Component, ChangeType  string
	Source, Generator, Team, Author string

	Started, Ended time.Time // zero when unknown; no Ended means still running
	Control        bool      // the arm that the others are compared with
	Excluded       string    // why the experiment must not be learned from; "": it may

	// Set is equal for the arms of an experiment that were compared with each other;
	// "" where arms are compared with a control. See arm.set in docs/mapping.md.
	Set string
	// Claims are forecasts and scores of the arm made before the test, by who made them:
	// arm.claims and arm.ice in docs/mapping.md.
	Claims   map[string]float64
	claimsOf string // the metric that they are of; "": any

	N, Y, YY, D, DD, YD float64 // YY is NaN where the file has no variance
}

// Outcomes returns the sums of every arm, in order of experiment, metric and arm;
// metric "" is every metric. They are the sums that Effects compares, of users as of
// pre-aggregated outcomes.
func (h *History) Outcomes(ctx context.Context, metric string) ([]Outcome, error) {
	h.publish.RLock()
	defer h.publish.RUnlock()
	sums, err := h.sums(ctx, EffectQuery{Metric: metric})
	if err != nil {
		return nil, fmt.Errorf("read outcomes: %w", err)
	}
	described, err := h.described(ctx)
	if err != nil {
		return nil, fmt.Errorf("read outcomes: %w", err)
	}
	var all []Outcome
	for _, r := range sums {
		arm, known := described[[2]string{r.experiment, r.arm}]
		if !known { // of an arm nothing need be known but its experiment
			if arm, known = described[[2]string{r.experiment}]; !known {
				continue
			}
			arm.Control = arm.Arm == r.arm
		}
		arm.Metric, arm.Arm = r.metric, r.arm
		arm.N, arm.Y, arm.YY, arm.D, arm.DD, arm.YD = r.sums[0], r.sums[1], r.sums[2], r.sums[3], r.sums[4], r.sums[5]
		arm.Attributes, arm.Claims = maps.Clone(arm.Attributes), maps.Clone(arm.Claims)
		if arm.claimsOf != "" && arm.claimsOf != arm.Metric {
			arm.Claims = nil
		}
		all = append(all, arm)
	}
	slices.SortFunc(all, func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(a.Experiment, b.Experiment), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Arm, b.Arm))
	})
	return all, nil
}

// described are outcomes without sums, by experiment and arm; of arm "" with the
// control's name as Arm.
func (h *History) described(ctx context.Context) (map[[2]string]Outcome, error) {
	all := map[[2]string]Outcome{}
	err := each(ctx, h.conn, "described", func(rows driver.Rows) error {
		var o Outcome
		var control, title string
		var arms, titles []string
		var attributes []map[string]string
		err := rows.Scan(&o.Experiment, &title, &o.Hypothesis, &o.Surface, &o.Component, &o.ChangeType, &o.Source, &o.Generator,
			&o.Team, &o.Author, &o.Started, &o.Ended, &control, &o.Excluded, &arms, &titles, &attributes)
		if err != nil {
			return err
		}
		o.Title, o.Started, o.Ended = title, known(o.Started), known(o.Ended)
		for i, arm := range arms {
			a := o
			a.Title, a.Attributes, a.Control = cmp.Or(titles[i], title), attributes[i], control != "" && control == arm
			if err := a.unpack(arm); err != nil {
				return err
			}
			all[[2]string{o.Experiment, arm}] = a
		}
		o.Arm = control
		all[[2]string{o.Experiment}] = o
		return nil
	})
	return all, err
}

// unpack moves what an import kept among the attributes to fields of its own.
func (o *Outcome) unpack(arm string) error {
	for name, value := range o.Attributes {
		switch who, claim := strings.CutPrefix(name, mapping.ClaimAttribute); {
		case name == mapping.SetAttribute:
			o.Set = value
		case name == mapping.ClaimsOf:
			o.claimsOf = value
		case claim:
			if o.Claims == nil {
				o.Claims = map[string]float64{}
			}
			if err := addClaim(o.Claims, o.Experiment, arm, who, value); err != nil {
				return err
			}
		default:
			continue
		}
		delete(o.Attributes, name)
	}
	return nil
}
