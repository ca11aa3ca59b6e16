package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
)

// The sentences, one by one.
func TestReasons(t *testing.T) {
	buckets := func(week int) allocator.Need {
		return allocator.Need{Name: "feed-us/ranking", Unit: allocator.Bucket, Week: week, Needs: 210, Free: int64(100 - week)}
	}
	hours := allocator.Need{Name: "a100", Unit: allocator.GPUHour, Week: 0, Needs: 120, Free: 7}
	design := Design{Name: "2.1% × 2 weeks", Buckets: 210, Weeks: 2, GPUHours: []float64{120, 0}, Pool: "a100", Gain: 32_000, Cost: 1000}
	weeks := newCalendar(tonight, 4, nil)
	at := func(k int) slot { return weeks.slot(weeks.begin(k), design.Weeks) }
	c := candidate{Hypothesis: idea("a"), best: &design, requires: []string{"x", "y", "z"},
		ways: []way{{&design, "feed-us", "ranking", at(0), 31_000}, {&design, "feed-us", "ranking", at(3), 29_000}, {&design, "feed-us", "ranking", at(0), 48_010}}}
	prices := prices{{allocator.Bucket, "feed-us/ranking", 0}: 100, {allocator.GPUHour, "a100", 0}: 225}
	all := map[string]verdict{"y": {}, "z": {choice: &allocator.Choice{Start: 1, Weeks: 2}}}
	for _, tc := range []struct {
		reason allocator.Reason
		want   string
	}{
		{allocator.Reason{Kind: allocator.Chosen}, "starts tonight: 2.1% × 2 weeks in feed-us/ranking, worth $31k for capacity that costs $48k at tonight's prices"},
		{allocator.Reason{Kind: allocator.Chosen, Option: 1}, "foreseen for week 3: 2.1% × 2 weeks in feed-us/ranking, worth $29k for capacity that costs $0 at tonight's prices"},
		{allocator.Reason{Kind: allocator.Outpriced, Blocking: []allocator.Need{hours, buckets(0), buckets(1)}},
			"needs 210 buckets of feed-us/ranking in week 0–1 and 120 GPU-hours of a100 in week 0: at tonight's prices $48k for a value of $31k"},
		{allocator.Reason{Kind: allocator.Outpriced, Option: 1, Blocking: []allocator.Need{buckets(3)}},
			"needs 210 buckets of feed-us/ranking in week 3: at tonight's prices $0 for a value of $29k"},
		{allocator.Reason{Kind: allocator.NoRoom, Blocking: []allocator.Need{buckets(0), buckets(1)}},
			"would be chosen at a loss, for the least of a quota ($48k for a value of $31k), but no whole place was left: it needs 210 buckets of feed-us/ranking in week 0–1 (99 free)"},
		{allocator.Reason{Kind: allocator.NoRoom, Option: 1, Blocking: []allocator.Need{buckets(3)}},
			"would pay ($0 for a value of $29k), but no whole place was left: it needs 210 buckets of feed-us/ranking in week 3 (97 free)"},
		{allocator.Reason{Kind: allocator.NoRoom, Option: 2, Blocking: []allocator.Need{buckets(0)}},
			"would just pay its price of $48k, but no whole place was left: it needs 210 buckets of feed-us/ranking in week 0 (100 free)"},
		{allocator.Reason{Kind: allocator.Infeasible, Option: -1, Blocking: []allocator.Need{hours}},
			"no design fits, even if it were alone: it needs 120 GPU-hours of a100 in week 0 (7 free)"},
		{allocator.Reason{Kind: allocator.NoValue, Option: -1}, "does not pay: its best design, 2.1% × 2 weeks, costs $1,000 for an expected gain of $32k"},
		{allocator.Reason{Kind: allocator.Conflict, Others: []string{"p", "q"}}, "must not meet p, q on the same users, which is in the plan"},
		{allocator.Reason{Kind: allocator.Prerequisite}, "waits for x, which is not in the backlog; and for y, which is not in the plan; and for z, which ends in week 3"},
	} {
		kind, got := c.reason(Snapshot{Policy: smallPolicy()}, verdict{Reason: tc.reason}, prices, all)
		if d := cmp.Diff(tc.want, got); d != "" || kind != string(tc.reason.Kind) {
			t.Errorf("%s (-want +got):\n%s", kind, d)
		}
	}
	c.promise = &promise{way: &c.ways[0]}
	lost := verdict{Reason: allocator.Reason{Kind: allocator.NoRoom, Blocking: []allocator.Need{buckets(3)}}}
	if _, got := c.reason(Snapshot{Policy: smallPolicy()}, lost, prices, all); !strings.HasPrefix(got, "would be kept at a loss, because it was announced ($48k for a value of $31k), but ") {
		t.Error(got)
	}
	c.blocked = unplannable("no_history", "nothing is known")
	if kind, got := c.reason(Snapshot{}, verdict{}, nil, nil); kind != "no_history" || got != "nothing is known" {
		t.Errorf("blocked: %s, %s", kind, got)
	}
}
