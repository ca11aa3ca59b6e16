package cohort

import (
	"errors"
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
		got, left := bestFit(free, test.n)
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%d buckets (-want +got):\n%s", test.n, d)
		}
		if d := cmp.Diff(Join(free), Join(append(got, left...))); d != "" {
			t.Errorf("%d buckets: taken and left together (-want +got):\n%s", test.n, d)
		}
	}
}

// week is a layer with holds and asks that fit week by week and no more.
type week struct {
	buckets int
	held    []Hold
	asked   []Ask
}

const weeks = 6

func drawWeek(t *rapid.T) week {
	w := week{buckets: rapid.IntRange(1, 60).Draw(t, "buckets")}
	var used [2 * weeks]int
	at := 0
	for range rapid.IntRange(0, 4).Draw(t, "holds") {
		from := at + rapid.IntRange(0, 5).Draw(t, "gap")
		to := from + rapid.IntRange(1, 8).Draw(t, "size")
		if to > w.buckets {
			break
		}
		h := Hold{Owner: "before", Ranges: []Range{{from, to}}, Until: rapid.IntRange(0, weeks).Draw(t, "until")}
		w.held, at = append(w.held, h), to
		for k := range h.Until {
			used[k] += to - from
		}
	}
	for range rapid.IntRange(0, 20).Draw(t, "asks") {
		a := Ask{Start: rapid.IntRange(0, weeks-1).Draw(t, "start"), Weeks: rapid.IntRange(1, 3).Draw(t, "weeks"), Cool: rapid.IntRange(0, 3).Draw(t, "cool")}
		room := w.buckets
		for k := a.Start; k < a.Start+a.Weeks; k++ {
			room = min(room, w.buckets-used[k])
		}
		for k := range a.Cool { // the treatment has the smaller half
			room = min(room, 2*(w.buckets-used[a.Start+a.Weeks+k])+1)
		}
		if room == 0 {
			continue
		}
		a.Buckets = rapid.IntRange(0, room).Draw(t, "n")
		for k := a.Start; k < a.Start+a.Weeks; k++ {
			used[k] += a.Buckets
		}
		for k := range a.Cool {
			used[a.Start+a.Weeks+k] += a.Buckets / 2
		}
		w.asked = append(w.asked, a)
	}
	return w
}

// Whatever fits week by week is placed: inside the layer, in ascending ranges of the
// size asked for; no two share a bucket at one time, a treatment's rest included; what
// is held stays untouched; and the same input gives the same ranges.
func TestPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWeek(t)
		placed, err := Place(w.buckets, w.held, w.asked)
		if err != nil {
			t.Fatal(err)
		}
		var owner [2 * weeks][]string // of each bucket, by week
		for k := range owner {
			owner[k] = make([]string, w.buckets)
		}
		take := func(who string, rs []Range, from, until int) {
			for k := from; k < until; k++ {
				for _, r := range rs {
					for b := r.From; b < r.To; b++ {
						if owner[k][b] != "" {
							t.Fatalf("week %d, bucket %d: %s and %s", k, b, owner[k][b], who)
						}
						owner[k][b] = who
					}
				}
			}
		}
		for _, h := range w.held {
			take("held", h.Ranges, 0, h.Until)
		}
		for i, a := range w.asked {
			if Size(placed[i]) != a.Buckets {
				t.Fatalf("ask %d has %v, not %d buckets", i, placed[i], a.Buckets)
			}
			for j, r := range placed[i] {
				if r.From < 0 || r.To > w.buckets || r.From >= r.To || j > 0 && r.From <= placed[i][j-1].To {
					t.Fatalf("ask %d: %v", i, placed[i])
				}
			}
			control, treatment := Split(placed[i])
			take("control", control, a.Start, a.Start+a.Weeks)
			take("treatment", treatment, a.Start, a.Start+a.Weeks+a.Cool)
		}
		again, err := Place(w.buckets, w.held, w.asked)
		if d := cmp.Diff(placed, again); d != "" || err != nil {
			t.Fatalf("again, %v:\n%s", err, d)
		}
	})
}

// One bucket too many is refused, and the error says when and how many.
func TestPlaceRefuses(t *testing.T) {
	held := []Hold{{"before", []Range{{0, 4}}, 2}}
	for _, tc := range []struct {
		asked []Ask
		want  *RoomError
	}{
		{[]Ask{{Start: 0, Weeks: 1, Buckets: 6}}, nil},
		{[]Ask{{Start: 0, Weeks: 1, Buckets: 7}}, &RoomError{0, 7, 6}},
		{[]Ask{{Start: 2, Weeks: 1, Buckets: 10}}, nil},
		{[]Ask{{Start: 0, Weeks: 2, Buckets: 6}, {Start: 2, Weeks: 1, Buckets: 10}}, nil},
		{[]Ask{{Start: 0, Weeks: 2, Buckets: 6, Cool: 1}, {Start: 2, Weeks: 1, Buckets: 8}}, &RoomError{2, 8, 7}},
		{[]Ask{{Start: 0, Weeks: 2, Buckets: 6, Cool: 1}, {Start: 3, Weeks: 1, Buckets: 10}}, nil},
	} {
		_, err := Place(10, held, tc.asked)
		got, _ := errors.AsType[*RoomError](err)
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", tc.asked, d)
		}
	}
}

func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var taken []Range
		at := 0
		for range rapid.IntRange(0, 5).Draw(t, "ranges") {
			at += rapid.IntRange(0, 4).Draw(t, "gap")
			to := at + rapid.IntRange(1, 6).Draw(t, "size")
			taken = append(taken, Range{at, to})
			at = to
		}
		buckets := at + rapid.IntRange(0, 3).Draw(t, "rest")
		free := Free(buckets, taken)
		if _, shared := Meet(free, taken); shared || Size(free)+Size(taken) != buckets {
			t.Fatalf("%v are free beside %v of %d", free, taken, buckets)
		}
		joined := Join(taken)
		control, treatment := Split(joined)
		if c, tr := Size(control), Size(treatment); c-tr != Size(taken)%2 {
			t.Fatalf("%d of control, %d of treatment", c, tr)
		}
		if d := cmp.Diff(joined, Join(append(treatment, control...))); d != "" {
			t.Fatalf("(-cohort +halves):\n%s", d)
		}
	})
}
