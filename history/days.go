package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Day is what the users of one arm did on one metric, of those that were exposed on
// one day: days add up. Of pre-aggregated outcomes it is what the files call a day, or
// with Snapshot everything so far, of which the last counts.
type Day struct {
	Metric, Segment, Arm string    // segment "": everybody
	At                   time.Time // midnight UTC, or the instant of a snapshot; zero: the files do not say
	Snapshot             bool
	Ratio                bool // the metric is ΣY/ΣD; else D is not the metric's

	// Sums over users of the metric y, its denominator d and its value before exposure
	// x. YY is NaN where a file has no variance, XD where it does not say.
	N, Y, YY, D, DD, YD, X, XX, XY, XD float64
}

// Experiment is one of the past, with all of its sums.
type Experiment struct {
	ID, Title, Control string
	Excluded           string             // why it must not be learned from; "": it may
	Started, Ended     time.Time          // zero when unknown; no Ended means still running
	Weights            map[string]float64 // planned share of users, by arm
	Days               []Day              // in order of metric, segment, arm and day
}

// ErrNoExperiment says that nothing was ever imported about an experiment.
var ErrNoExperiment = errors.New("no such experiment")

// Experiment returns what is known of one experiment: the sums of which Effects
// compares the totals, by day. Where two sources speak of a metric, only the finer one
// is told.
func (h *History) Experiment(ctx context.Context, id string) (Experiment, error) {
	h.publish.RLock()
	defer h.publish.RUnlock()
	e := Experiment{Weights: map[string]float64{}}
	err := each(ctx, h.conn, "experiment", func(rows driver.Rows) error {
		var names []string
		var weights []float64
		err := rows.Scan(&e.Title, &e.Control, &e.Excluded, &e.Started, &e.Ended, &names, &weights)
		e.ID, e.Started, e.Ended = id, known(e.Started), known(e.Ended)
		for i, name := range names {
			e.Weights[name] = weights[i]
		}
		return err
	}, param("experiment", id))
	if err == nil && e.ID == "" {
		err = ErrNoExperiment
	}
	if err == nil {
		e.Days, err = h.days(ctx, id)
	}
	if err != nil {
		return Experiment{}, fmt.Errorf("experiment %s: %w", id, err)
	}
	return e, nil
}

func (h *History) days(ctx context.Context, experiment string) ([]Day, error) {
	all, err := h.freshSums(ctx, EffectQuery{Experiments: []string{experiment}, AllSegments: true, byDay: true})
	if err != nil {
		return nil, err
	}
	all = filled(all)
	ratio := map[string]bool{} // a metric is one also on days on which every user's d happens to be 1
	for _, r := range all {
		ratio[r.metric] = ratio[r.metric] || r.isRatio()
	}
	var days []Day
	for _, r := range all {
		s := &r.sums
		d := Day{Metric: r.metric, Segment: r.segment, Arm: r.arm, Snapshot: r.snapshot == 1, Ratio: ratio[r.metric],
			N: s[0], Y: s[1], YY: s[2], D: s[3], DD: s[4], YD: s[5], X: s[6], XX: s[7], XY: s[8], XD: s[9]}
		if r.day != 0 {
			d.At = time.Unix(int64(r.day), 0).UTC()
		}
		days = append(days, d)
	}
	slices.SortFunc(days, func(a, b Day) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Arm, b.Arm), a.At.Compare(b.At))
	})
	return days, nil
}
