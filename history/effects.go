package history

import (
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
// adjusted for them by CUPED. The verdict is the first that holds: excluded by the
// mapping, still running, no control arm, sample ratio mismatch (p < 0.001), duplicate of
// another, peeked and stopped early, overlapping change, metric changed
// (screens.sql says when), too few users, missing variance, zero variance,
// baseline not positive, usable.
//
// Sums are kept from one mining to the next, in the same database: only experiments
// about which an import has said anything since are read again (kept.go).
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

func (h *History) mine(ctx context.Context, q EffectQuery) ([]Effect, error) {
	all, err := h.sums(ctx, q)
	if err != nil {
		return nil, err
	}
	effects, err := h.compareArms(ctx, all, q)
	if err != nil {
		return nil, err
	}
	return effects, h.claim(ctx, effects)
}

// sums are those that count: of those that are kept, once they are up to date. On a
// cluster none are kept. Which source counts for a metric is a matter of all segments,
// also where one is asked for.
func (h *History) sums(ctx context.Context, q EffectQuery) ([]sumRow, error) {
	if h.onShards == nil {
		all, err := h.keptSums(ctx, q)
		return filled(all), err
	}
	one := q.Segment
	every := q.AllSegments
	q.AllSegments = true
	all, err := h.freshSums(ctx, q)
	return slices.DeleteFunc(filled(all), func(r sumRow) bool { return !every && r.segment != one }), err
}

// freshSums reads every row about the experiments of q.
func (h *History) freshSums(ctx context.Context, q EffectQuery) (all []sumRow, err error) {
	names := slices.Compact(slices.Sorted(slices.Values(q.Experiments)))
	if len(names) == 0 {
		if names, err = h.names(ctx); err != nil {
			return nil, err
		}
	}
	has, err := h.kinds(ctx)
	if err != nil {
		return nil, err
	}
	pieces, err := h.pieces(ctx, has, names)
	done := 0
	for _, q.Experiments = range pieces {
		rows, err := h.sumUp(ctx, has, q)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		if done += len(q.Experiments); q.Progress != nil {
			q.Progress(done, len(names))
		}
	}
	return all, err
}

// names are the ids of all experiments, in order.
func (h *History) names(ctx context.Context) (names []string, err error) {
	err = each(ctx, h.conn, "names", func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// known turns ClickHouse's zero instant into Go's, and others into UTC.
func known(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t.UTC()
}
