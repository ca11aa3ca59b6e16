package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// What runs is not ranked and takes what it has; what waits has a rank and
// needs what its best design does.
func TestExplanation(t *testing.T) {
	use := []planner.Use{{Name: "a100", Unit: allocator.GPUHour, Capacity: 50, Held: 50}, {Name: "feed/all", Unit: allocator.Bucket, Capacity: 50, Planned: 50, Price: 2}}
	for _, tc := range []struct {
		entry planner.Entry
		want  []string
	}{
		{planner.Entry{Status: planner.Running, Start: &planner.Start{}}, []string{"running, not ranked in the plan tonight", "What it takes:", "all held", "$2"}},
		{planner.Entry{Status: planner.Queued, Rank: 7}, []string{"queued, rank 7 in the plan tonight", "What its best design needs:"}},
	} {
		var out bytes.Buffer
		a := &app{out: &out, output: "table"}
		if err := a.answerExplanation(planner.Explanation{Plan: "tonight", Entry: tc.entry, Capacity: use}, nil, "USD"); err != nil {
			t.Fatal(err)
		}
		for _, w := range tc.want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: no %q in\n%s", tc.entry.Status, w, &out)
			}
		}
	}
}
