package history

import (
	"context"
	"fmt"
	"strconv"
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
	// Claims are forecasts of the arm's lift made before the test, by who made them.
	Claims map[string]float64

	N, Y, YY, D, DD, YD float64 // YY is NaN where the file has no variance
}

// Outcomes returns the sums of every arm, in order of experiment, metric and arm;
// metric "" is every metric. It reads pre-aggregated outcomes: what raw users did is
// told by Effects alone.
func (h *History) Outcomes(ctx context.Context, metric string) ([]Outcome, error) {
	h.publish.RLock()
	defer h.publish.RUnlock()
	var all []Outcome
	err := each(ctx, h.conn, "outcomes", func(rows driver.Rows) error {
		var o Outcome
		var title string
		var control uint8
		err := rows.Scan(&o.Experiment, &o.Metric, &o.Arm, &o.Title, &o.Attributes, &title, &o.Hypothesis,
			&o.Surface, &o.Component, &o.ChangeType, &o.Source, &o.Generator, &o.Team, &o.Author,
			&o.Started, &o.Ended, &control, &o.Excluded, &o.N, &o.Y, &o.YY, &o.D, &o.DD, &o.YD)
		if err != nil {
			return err
		}
		if o.Title == "" {
			o.Title = title
		}
		o.Started, o.Ended, o.Control = known(o.Started), known(o.Ended), control == 1
		all = append(all, o)
		return all[len(all)-1].unpack()
	}, param("metric", metric))
	if err != nil {
		return nil, fmt.Errorf("read outcomes: %w", err)
	}
	return all, nil
}

// unpack moves what an import kept among the attributes to fields of its own.
func (o *Outcome) unpack() error {
	for name, value := range o.Attributes {
		switch who, claim := strings.CutPrefix(name, mapping.ClaimAttribute); {
		case name == mapping.SetAttribute:
			o.Set = value
		case claim:
			lift, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return fmt.Errorf("arm %s of experiment %s: the claim of %s: %w", o.Arm, o.Experiment, who, err)
			}
			if o.Claims == nil {
				o.Claims = map[string]float64{}
			}
			o.Claims[who] = lift
		default:
			continue
		}
		delete(o.Attributes, name)
	}
	return nil
}
