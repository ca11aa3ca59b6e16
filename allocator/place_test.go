package allocator

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestBestFit(t *testing.T) {
	free := []Range{{0, 100}, {200, 230}, {300, 350}, {400, 450}}
	for _, test := range []struct {
		n    int
		want []Range
	}{
		{30, []Range{{200, 230}}},            // the smallest that holds it, exactly
		{40, []Range{{300, 340}}},            // the first of equals
		{100, []Range{{0, 100}}},             // whole
		{120, []Range{{0, 100}, {200, 220}}}, // the largest, and the smallest for the rest
		{140, []Range{{0, 100}, {300, 340}}}, // the rest in one piece
		{230, []Range{{0, 100}, {200, 230}, {300, 350}, {400, 450}}},
	} {
		if d := cmp.Diff(test.want, bestFit(free, test.n)); d != "" {
			t.Errorf("%d buckets (-want +got):\n%s", test.n, d)
		}
	}
}

// TestPlacementExists draws tenants that fit week by week and nothing more, and
// checks that all get what they need: the claim that placeCohorts proves.
func TestPlacementExists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const weeks = 6
		l := Layer{Segment: "s", Name: "l", Buckets: rapid.IntRange(1, 60).Draw(t, "buckets"), Held: []Hold{{Until: 2, Ranges: []Range{{0, 1}}}}}
		used := [weeks]int{}
		for k := range used {
			used[k] = l.heldIn(k)
		}
		var tenants []tenant
		var choices []Choice
		for range rapid.IntRange(1, 25).Draw(t, "tenants") {
			start := rapid.IntRange(0, weeks-1).Draw(t, "start")
			end := rapid.IntRange(start+1, weeks).Draw(t, "end")
			room := l.Buckets
			for k := start; k < end; k++ {
				room = min(room, l.Buckets-used[k])
			}
			if room == 0 {
				continue
			}
			n := rapid.IntRange(1, room).Draw(t, "n")
			for k := start; k < end; k++ {
				used[k] += n
			}
			tenants = append(tenants, tenant{len(choices), start, end, n})
			choices = append(choices, Choice{})
		}
		placeCohorts(l, tenants, choices)
		for i, a := range tenants {
			if got := size(choices[a.choice].Cohort); got != a.buckets {
				t.Fatalf("%d of %d buckets", got, a.buckets)
			}
			for _, b := range tenants[:i] {
				if bucket, shared := meet(choices[a.choice].Cohort, choices[b.choice].Cohort); shared && a.start < b.end && b.start < a.end {
					t.Fatalf("bucket %d is shared", bucket)
				}
			}
			if _, shared := meet(choices[a.choice].Cohort, l.Held[0].Ranges); shared && a.start < 2 {
				t.Fatal("a held bucket is given away")
			}
		}
	})
}
