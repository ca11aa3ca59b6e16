package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// fewestUsers per arm of a usable effect: below, the normal approximation of
// the lift's distribution is no longer one.
const fewestUsers = 100

// Effects mines what treatment arms did, in order of experiment, metric,
// segment and arm.
//
// An experiment counts by its users where there are raw assignments, by its
// last snapshot where there are cumulative outcomes, and else by the sum of its
// days. Where both arms have sums of the metric before exposure, the lift is
// adjusted for them by CUPED. The verdict is the first that holds: excluded by the mapping, still
// running, no control arm, sample ratio mismatch (p < 0.001), duplicate of
// another, peeked and stopped early, overlapping change, metric changed
// (screens.sql says when), too few users, missing variance, zero variance,
// baseline not positive, usable.
//
// Everybody's effects are mined once for each state of the history; AsOf selects
// among them.
func (h *History) Effects(ctx context.Context, q EffectQuery) ([]Effect, error) {
	h.publish.RLock()
	defer h.publish.RUnlock()
	if q.MinUsers == 0 {
		q.MinUsers = fewestUsers
	}
	effects, err := h.remembered(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("mine effects: %w", err)
	}
	return effects, nil
}

// mine asks for so many experiments at once as a server takes in one parameter.
// They are asked for in order, and so the effects of all are in order too.
func (h *History) mine(ctx context.Context, q EffectQuery) ([]Effect, error) {
	if len(q.Experiments) == 0 {
		return h.mineSome(ctx, q)
	}
	names := slices.Compact(slices.Sorted(slices.Values(q.Experiments)))
	var effects []Effect
	for len(names) > 0 {
		some, bytes := 0, 0
		for some < len(names) && (some == 0 || bytes+len(names[some]) < namesAtOnce) {
			bytes += len(names[some]) + len("'',")
			some++
		}
		q.Experiments, names = names[:some], names[some:]
		found, err := h.mineSome(ctx, q)
		if err != nil {
			return nil, err
		}
		effects = append(effects, found...)
	}
	return effects, nil
}

// namesAtOnce bounds the bytes of one list of experiments: by default a server
// takes 128 KB, in which each character may be escaped.
const namesAtOnce = 16 << 10

func (h *History) mineSome(ctx context.Context, q EffectQuery) ([]Effect, error) {
	var effects []Effect
	var hypothesis string // of the row before: a text is kept once for all effects of its experiment
	err := eachOf(ctx, h.conn, "effects", cmp.Or(h.mining, MiningQuery()), func(rows driver.Rows) error {
		var e Effect
		var adjusted uint8
		err := rows.Scan(&e.Experiment, &e.Title, &e.Arm, &e.Control, &e.Metric, &e.Segment,
			&e.Surface, &e.Component, &e.ChangeType, &e.Source, &e.Generator, &e.Team, &e.Author, &e.Started, &e.Ended,
			&e.ControlUsers, &e.TreatmentUsers, &e.Baseline, &e.Lift, &e.SE, &adjusted, &e.UnadjustedLift, &e.UnadjustedSE, &e.SampleRatioP,
			&e.Hypothesis, &e.Decision, &e.Verdict)
		if e.Hypothesis == hypothesis {
			e.Hypothesis = hypothesis
		}
		hypothesis = e.Hypothesis
		e.Started, e.Ended = known(e.Started), known(e.Ended)
		e.Adjusted, e.Usable = adjusted == 1, e.Verdict == Usable
		effects = append(effects, e)
		return err
	}, miningParams(q)...)
	return effects, err
}

// miningParams are the parameters of effects.sql.
func miningParams(q EffectQuery) []any {
	var asOf int64
	if !q.AsOf.IsZero() {
		asOf = q.AsOf.Unix()
	}
	return []any{param("as_of", asOf), param("metric", q.Metric), param("segment", q.Segment),
		param("every_segment", flag(q.AllSegments)), param("min_users", q.MinUsers),
		param("experiments", append([]string{}, q.Experiments...))}
}

// known turns ClickHouse's zero instant into Go's, and others into UTC.
func known(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t.UTC()
}
