package allocator_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
)

// users is an option that needs only buckets of layer l1 or l2 of feed.
func users(layer string, start, weeks, buckets int, value float64) allocator.Option {
	return allocator.Option{Design: "test", Start: start, Weeks: weeks, Value: value, Segment: "feed", Layer: layer, Buckets: buckets}
}

// hours is an option that needs only GPU-hours of the pool gpu.
func hours(start int, value float64, gpu ...int64) allocator.Option {
	return allocator.Option{Design: "test", Start: start, Weeks: max(1, len(gpu)), Value: value,
		Compute: []allocator.Compute{{Pool: "gpu", GPUHours: gpu}}}
}

// desk has 100 GPU-hours a week and two layers of 1,000 buckets, for 3 weeks.
func desk(cs ...allocator.Candidate) allocator.Problem {
	return allocator.Problem{Weeks: 3, Candidates: cs,
		Pools: []allocator.Pool{{Name: "gpu", GPUHours: []int64{100, 100, 100}}},
		Layers: []allocator.Layer{{Segment: "feed", Name: "l1", Buckets: 1000, Held: []allocator.Hold{
			{Owner: "running", Ranges: []allocator.Range{{From: 0, To: 400}}, Until: 1}}},
			{Segment: "feed", Name: "l2", Buckets: 1000}}}
}

func TestReasons(t *testing.T) {
	type candidates = []allocator.Candidate
	type options = []allocator.Option
	for _, test := range []struct {
		name   string
		given  candidates
		kind   allocator.ReasonKind // of candidate x
		text   string
		others []string
	}{
		{"no options", candidates{{ID: "x"}}, allocator.Infeasible, "has no design to run", nil},
		{"too large alone", candidates{{ID: "x", Options: options{hours(0, 5, 100, 150), hours(0, 4, 101)}}}, allocator.Infeasible,
			"would not fit even alone: its most valuable design needs 150 GPU-hours of gpu in week 1, where 100 are free", nil},
		{"held users", candidates{{ID: "x", Options: options{users("l1", 0, 2, 700, 5)}}}, allocator.Infeasible,
			"would not fit even alone: its most valuable design needs 700 buckets of feed/l1 in week 0, where 600 are free", nil},
		{"infeasible before prerequisite", candidates{{ID: "x", Requires: []string{"gone"}, Options: options{hours(0, 5, 150)}}}, allocator.Infeasible,
			"would not fit even alone: its most valuable design needs 150 GPU-hours of gpu in week 0, where 100 are free", nil},
		{"unknown prerequisite", candidates{{ID: "x", Requires: []string{"gone"}, Options: options{hours(0, 5, 50)}}}, allocator.Prerequisite,
			"requires gone, which no plan can choose tonight", []string{"gone"}},
		{"prerequisite not chosen", candidates{{ID: "a", Options: options{hours(0, -1, 50)}}, {ID: "x", Requires: []string{"a"}, Options: options{hours(1, 5, 50)}}},
			allocator.Prerequisite, "requires a, not in the plan", []string{"a"}},
		{"prerequisite ends too late", candidates{{ID: "a", Options: options{hours(0, 2, 50, 50)}}, {ID: "x", Requires: []string{"a"}, Options: options{hours(1, 5, 50)}}},
			allocator.Prerequisite, "requires a, which ends with week 1; its own last start is week 1", []string{"a"}},
		{"prerequisite before value", candidates{{ID: "x", Requires: []string{"gone"}, Options: options{hours(0, -5, 50)}}}, allocator.Prerequisite,
			"requires gone, which no plan can choose tonight", []string{"gone"}},
		{"worthless", candidates{{ID: "x", Options: options{hours(0, -5, 50), hours(1, -0.25, 50)}}}, allocator.NoValue,
			"no option that fits is worth more than doing nothing; the best is worth -0.250 pt", nil},
		{"conflict", candidates{{ID: "a", Options: options{users("l1", 1, 2, 10, 5)}}, {ID: "x", Conflicts: []string{"a"}, Options: options{users("l2", 2, 1, 10, 3)}}},
			allocator.Conflict, "must not meet the users of a, planned in the same segment and weeks", []string{"a"}},
		{"conflict listed on the other side", candidates{{ID: "a", Conflicts: []string{"x"}, Options: options{users("l1", 1, 2, 10, 5)}}, {ID: "x", Options: options{users("l2", 2, 1, 10, 3)}}},
			allocator.Conflict, "must not meet the users of a, planned in the same segment and weeks", []string{"a"}},
		// Of a (600 for 6) and b (600 for 4) the relaxation takes all of a and two thirds of
		// b, so a bucket costs 4/600 and x pays 300·4/600 = 2 for what is worth 1.
		{"outpriced", candidates{{ID: "a", Options: options{users("l2", 0, 1, 600, 6)}}, {ID: "b", Options: options{users("l2", 0, 1, 600, 4)}},
			{ID: "x", Options: options{users("l2", 0, 1, 500, 1)}}}, allocator.Outpriced,
			"needs 500 buckets of feed/l2 in week 0; at tonight's prices that costs 3.33 pt, and its value is 1.00 pt: 2.33 pt short", nil},
		// As above, but x conflicts with c too.
		{"conflict before outpriced", candidates{{ID: "a", Options: options{users("l2", 0, 1, 600, 6)}}, {ID: "b", Options: options{users("l2", 0, 1, 600, 4)}},
			{ID: "c", Options: options{users("l1", 0, 1, 1, 1)}}, {ID: "x", Conflicts: []string{"c"}, Options: options{users("l2", 0, 1, 500, 1)}}}, allocator.Conflict,
			"must not meet the users of c, planned in the same segment and weeks", []string{"c"}},
		// Of a and b the relaxation takes a part, so an hour costs 0.1 and x pays 6 for what
		// is worth 0.5, so that y can run.
		{"chosen for another", candidates{{ID: "a", Options: options{hours(0, 4, 40)}}, {ID: "b", Options: options{hours(0, 8, 80)}},
			{ID: "x", Options: options{hours(0, 0.5, 60)}}, {ID: "y", Requires: []string{"x"}, Options: options{hours(1, 50, 1)}}}, allocator.Chosen,
			"is worth 0.500 pt, takes capacity for 6.00 pt at tonight's prices, more than it is worth, but another needs it first; required by y", []string{"y"}},
		{"breaks even", candidates{{ID: "a", Options: options{hours(0, 6, 60)}}, {ID: "x", Options: options{hours(0, 4, 60)}}},
			allocator.NoRoom, "would break even at tonight's prices, but whole units leave no room: it needs 60 GPU-hours of gpu in week 0, where 40 are free", nil},
		// The relaxation takes x and four fifths of a or b, at 0.13 an hour: x pays 7.8 for
		// 10. But a and b together are worth 13, and fill the pool.
		{"no room", candidates{{ID: "a", Options: options{hours(0, 6.5, 50)}}, {ID: "b", Options: options{hours(0, 6.5, 50)}}, {ID: "x", Options: options{hours(0, 10, 60)}}},
			allocator.NoRoom, "would earn 2.20 pt more than its capacity costs tonight, but whole units leave no room: it needs 60 GPU-hours of gpu in week 0, where none is free", nil},
		{"chosen, nothing scarce", candidates{{ID: "x", Options: options{hours(0, 5, 51), hours(1, 4, 51)}}}, allocator.Chosen,
			"is worth 5.00 pt, takes capacity for 0 pt at tonight's prices, and leads its next best option by 1.00 pt", nil},
		{"chosen, only option", candidates{{ID: "x", Options: options{hours(0, 5, 51)}}}, allocator.Chosen,
			"is worth 5.00 pt, takes capacity for 0 pt at tonight's prices, and leads doing nothing by 5.00 pt", nil},
		{"chosen and required", candidates{{ID: "x", Options: options{hours(0, 5, 51)}}, {ID: "y", Requires: []string{"x"}, Options: options{hours(1, 5, 51)}}}, allocator.Chosen,
			"is worth 5.00 pt, takes capacity for 0 pt at tonight's prices, and leads doing nothing by 5.00 pt; required by y", []string{"y"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := desk(test.given...)
			plan, err := allocator.Solve(context.Background(), p, allocator.Options{Unit: "pt"})
			if err != nil {
				t.Fatal(err)
			}
			if err := allocator.Check(p, plan); err != nil {
				t.Error(err)
			}
			for _, r := range plan.Reasons {
				if r.Candidate == "x" {
					if d := cmp.Diff([]any{test.kind, test.text, test.others}, []any{r.Kind, r.Text, r.Others}); d != "" {
						t.Errorf("(-want +got):\n%s", d)
					}
				}
			}
		})
	}
}

// TestReasonFields checks the structured part of the outpriced example above.
func TestReasonFields(t *testing.T) {
	plan := solve(t, desk(
		allocator.Candidate{ID: "a", Options: []allocator.Option{users("l2", 0, 2, 600, 6)}},
		allocator.Candidate{ID: "b", Options: []allocator.Option{users("l2", 0, 1, 600, 4)}},
		allocator.Candidate{ID: "x", Options: []allocator.Option{users("l2", 0, 1, 600, -1), users("l2", 0, 1, 500, 1)}}))
	got := plan.Reasons[2]
	want := allocator.Reason{Candidate: "x", Kind: allocator.Outpriced, Text: got.Text, Option: 1, Value: 1, Cost: 500. * 4 / 600, Margin: 1 - 500.*4/600,
		Blocking: []allocator.Need{{Name: "feed/l2", Unit: allocator.Bucket, Week: 0, Needs: 500, Free: 400, Price: 4. / 600}}}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-5 && b-a < 1e-5 })
	if d := cmp.Diff(want, got, near); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestEveryReasonSpeaks looks for texts with holes in them on a whole night.
func TestEveryReasonSpeaks(t *testing.T) {
	kinds := map[allocator.ReasonKind]int{}
	for seed := range uint64(5) {
		for _, r := range solve(t, packed(200, 20, seed)).Reasons {
			kinds[r.Kind]++
			if r.Text == "" || strings.HasSuffix(r.Text, " ") || strings.Contains(r.Text, "%!") || strings.Contains(r.Text, "  ") {
				t.Errorf("%s: %q", r.Kind, r.Text)
			}
			if (r.Kind == allocator.Outpriced || r.Kind == allocator.NoRoom) && len(r.Blocking) == 0 {
				t.Errorf("%s names no capacity: %q", r.Kind, r.Text)
			}
		}
	}
	for _, kind := range []allocator.ReasonKind{allocator.Chosen, allocator.Infeasible, allocator.Prerequisite, allocator.Outpriced, allocator.NoRoom} {
		if kinds[kind] == 0 {
			t.Errorf("no reason is of kind %s", kind)
		}
	}
	t.Log(kinds)
}

// TestReasonPrecedence has x with two reasons to be left out: the one that comes first in the
// order of the kinds is told.
func TestReasonPrecedence(t *testing.T) {
	// A bucket of feed/l2 costs in week 0, where a and b have 1,200 of 1,000; in weeks 1 and 2
	// the quota of g has room for d alone, and c meets whoever must not meet it.
	others := []allocator.Candidate{{ID: "a", Options: []allocator.Option{users("l2", 0, 1, 600, 6)}}, {ID: "b", Options: []allocator.Option{users("l2", 0, 1, 600, 4)}},
		{ID: "c", Options: []allocator.Option{users("l1", 0, 3, 1, 5)}}, {ID: "d", Groups: []string{"g"}, Options: []allocator.Option{users("l1", 1, 1, 10, 8)}}}
	infeasible, worthless, dear, cheap := users("l2", 0, 1, 1500, 9), users("l2", 1, 1, 10, -1), users("l2", 0, 1, 500, 1), users("l2", 1, 1, 10, 1)
	for name, test := range map[string]struct {
		option             allocator.Option
		requires, conflict string
		group              string
		kind               allocator.ReasonKind
	}{
		"infeasible, prerequisite": {infeasible, "gone", "", "", allocator.Infeasible},
		"infeasible, worthless":    {users("l2", 0, 1, 1500, -9), "", "", "", allocator.Infeasible},
		"infeasible, conflict":     {infeasible, "", "c", "", allocator.Infeasible},
		"infeasible, quota":        {infeasible, "", "", "g", allocator.Infeasible},
		"prerequisite, worthless":  {worthless, "gone", "", "", allocator.Prerequisite},
		"prerequisite, conflict":   {cheap, "gone", "c", "", allocator.Prerequisite},
		"prerequisite, outpriced":  {dear, "gone", "", "", allocator.Prerequisite},
		"prerequisite, quota":      {cheap, "gone", "", "g", allocator.Prerequisite},
		"worthless, conflict":      {worthless, "", "c", "", allocator.NoValue},
		"worthless, outpriced":     {users("l2", 0, 1, 500, -1), "", "", "", allocator.NoValue},
		"worthless, quota":         {worthless, "", "", "g", allocator.NoValue},
		"conflict, outpriced":      {dear, "", "c", "", allocator.Conflict},
		"conflict, quota":          {cheap, "", "c", "g", allocator.Conflict},
		"conflict":                 {cheap, "", "c", "", allocator.Conflict},
		"outpriced, quota":         {dear, "", "", "g", allocator.Outpriced},
		"outpriced":                {dear, "", "", "", allocator.Outpriced},
		"quota":                    {cheap, "", "", "g", allocator.OverQuota},
		"none":                     {cheap, "", "", "", allocator.Chosen},
	} {
		x := allocator.Candidate{ID: "x", Options: []allocator.Option{test.option}}
		for field, value := range map[*[]string]string{&x.Requires: test.requires, &x.Conflicts: test.conflict, &x.Groups: test.group} {
			if value != "" {
				*field = []string{value}
			}
		}
		p := desk(append(slices.Clone(others), x)...)
		p.Quotas = []allocator.Quota{{Group: "g", Unit: allocator.Start, Most: new(int64(1))}}
		if r := solve(t, p).Reasons[4]; r.Candidate != "x" || r.Kind != test.kind {
			t.Errorf("%s: %s is %s: %s", name, r.Candidate, r.Kind, r.Text)
		}
	}
}
