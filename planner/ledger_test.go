package planner

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator/cohort"
)

// lease is a line about a test of the layer feed/a, which has ten buckets.
func lease(event Event, experiment string, from, days int, control, treatment cohort.Range) Lease {
	start := tonight.AddDate(0, 0, from)
	return Lease{At: start, Event: event, Segment: "feed", Layer: "a", Salt: "s", Buckets: 10, Experiment: experiment, Hypothesis: experiment[:1],
		From: start, Until: start.AddDate(0, 0, days), Control: []cohort.Range{control}, Treatment: []cohort.Range{treatment}}
}

func smallBook() Ledger {
	layer := Partition{Segment: "feed", Layer: "a", Salt: "s", Buckets: 10}
	held := layer
	held.Holdout = []cohort.Range{{From: 7, To: 10}}
	rest := lease(RestBegun, "c@", 0, 14, cohort.Range{}, cohort.Range{})
	rest.Control, rest.Treatment, rest.Resting = nil, nil, []cohort.Range{{From: 3, To: 6}}
	return Ledger{
		layer.line(tonight.AddDate(0, 0, -30)),
		lease(TestStarted, "a@", -7, 21, cohort.Range{From: 6, To: 7}, cohort.Range{From: 7, To: 8}),
		held.line(tonight),
		lease(TestStarted, "b@", 0, 7, cohort.Range{From: 0, To: 1}, cohort.Range{From: 1, To: 2}),
		rest,
		lease(TestStarted, "d@", 1, 7, cohort.Range{From: 2, To: 3}, cohort.Range{From: 3, To: 4}),
	}
}

// Who holds what at each moment: a test keeps its bucket 7 where the holdout came
// later, and bucket 3 rests only while it is not given out.
func TestTenancy(t *testing.T) {
	for _, tc := range []struct {
		day  int
		want string
	}{
		{-8, "..........  free 10"},
		{-1, "......aA..  free 8"},
		{0, "bB.rrraAhh  free 1"},
		{1, "bBdDrraAhh  free 0"},
		{7, "..dDrraAhh  free 2"},
		{8, "...rrraAhh  free 3"},
		{14, ".......hhh  free 7"},
	} {
		held, err := smallBook().Tenancy("feed/a", tonight.AddDate(0, 0, tc.day))
		if err != nil {
			t.Fatal(err)
		}
		drawn := []byte("..........")
		fill := func(rs []cohort.Range, with byte) {
			for _, r := range rs {
				for b := r.From; b < r.To; b++ {
					drawn[b] = with
				}
			}
		}
		for _, test := range held.Tests {
			fill(test.Control, test.Experiment[0])
			fill(test.Treatment, test.Experiment[0]-'a'+'A')
		}
		for _, r := range held.Rests {
			fill(r.Resting, 'r')
		}
		fill(held.Holdout, 'h')
		if got := fmt.Sprintf("%s  free %d", drawn, cohort.Size(held.Free)); got != tc.want {
			t.Errorf("day %d: %s, want %s", tc.day, got, tc.want)
		}
		table, err := held.Table()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			a := table.Assign(fmt.Sprint(i))
			if state := map[byte]cohort.State{'.': cohort.Unused, 'h': cohort.Holdout, 'r': cohort.Resting}[drawn[a.Bucket]]; state != "" && a.State != state || state == "" && a.State != cohort.Exposed {
				t.Errorf("day %d: bucket %d is %s, drawn %s", tc.day, a.Bucket, a.State, drawn)
			}
		}
	}
}

// A layer that gets another salt puts its users elsewhere: what was held under the old
// one is nobody's bucket under the new.
func TestTenancyUnderAnotherSalt(t *testing.T) {
	book := append(smallBook(), Partition{Segment: "feed", Layer: "a", Salt: "new", Buckets: 10}.line(tonight.AddDate(0, 0, 1)))
	before, err := book.Tenancy("feed/a", tonight)
	if err != nil || before.Salt != "s" || len(before.Tests) != 2 {
		t.Errorf("%+v, %v", before, err)
	}
	after, err := book.Tenancy("feed/a", tonight.AddDate(0, 0, 1))
	if err != nil || after.Salt != "new" || len(after.Tests)+len(after.Rests)+len(after.Holdout) != 0 {
		t.Errorf("%+v, %v", after, err)
	}
}

func TestLayerNamed(t *testing.T) {
	book := Ledger{}
	for _, key := range [][2]string{{"us", "a"}, {"us", "b"}, {"eu", "b"}} {
		book = append(book, Partition{Segment: key[0], Layer: key[1], Buckets: 10}.line(time.Time{}))
	}
	for name, want := range map[string]string{
		"us/b": "us/b", "a": "us/a",
		"b":    `layer "b": several segments have it: write one of us/b, eu/b`,
		"eu/a": `layer "eu/a": not found; the layers are us/a, us/b, eu/b`,
		"":     `layer "": not found; the layers are us/a, us/b, eu/b`,
	} {
		got, err := book.LayerNamed(name)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// The last line of a lease counts, and a plan adds a line only for what has changed.
func TestPlannedAddsWhatChanged(t *testing.T) {
	s := Start{Hypothesis: "a", Experiment: "a@", From: tonight, Until: tonight.Add(week), Segment: "feed", Layer: "a", Salt: "s", Of: 10,
		Control: []cohort.Range{{From: 0, To: 1}}, Treatment: []cohort.Range{{From: 1, To: 2}}}
	p := Plan{At: tonight, Layers: []Partition{{Segment: "feed", Layer: "a", Salt: "s", Buckets: 10}}, Entries: []Entry{{Start: &s}}}
	events := func(lines []Lease) string {
		text := ""
		for _, l := range lines {
			text += fmt.Sprintf("%s %s %s; ", l.Event, l.Experiment, l.Until.Format("2 Jan"))
		}
		return text
	}
	var book Ledger
	step := func(want string) {
		t.Helper()
		lines := book.Planned(p)
		if d := cmp.Diff(want, events(lines)); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		book = append(book, lines...)
	}
	step("layer  1 Jan; started a@ 30 Nov; ")
	step("")
	other := s
	other.Control = []cohort.Range{{From: 4, To: 5}}
	p.Entries[0].Start = &other
	step("started a@ 30 Nov; ")
	p.Entries = nil
	step("replanned a@ 23 Nov; ")
	p.Entries = []Entry{{Start: &other}}
	step("started a@ 30 Nov; ")
	p.Entries, p.At = nil, tonight.Add(week)
	p.Resting = []Rest{{Experiment: "a@", Hypothesis: "a", Segment: "feed", Layer: "a", Ranges: s.Treatment, From: s.Until, Until: s.Until.Add(week)}}
	step("ended a@ 30 Nov; rests a@ 7 Dec; ")
	p.At = tonight.Add(week + time.Hour)
	step("")
	p.At = tonight.Add(2 * week)
	p.Resting = nil
	step("rested a@ 7 Dec; ")
	step("")
}

// What later weeks of a plan may start lies in buckets that are free, and stays out of
// those that are not.
func TestForesee(t *testing.T) {
	p := Plan{At: tonight}
	for _, l := range []Lease{
		lease(TestForeseen, "x@", 7, 7, cohort.Range{From: 0, To: 1}, cohort.Range{From: 1, To: 4}), // 3 rests
		lease(TestForeseen, "y@", 14, 7, cohort.Range{From: 0, To: 1}, cohort.Range{From: 1, To: 2}),
	} {
		p.Entries = append(p.Entries, Entry{Start: &Start{Hypothesis: l.Hypothesis, Experiment: l.Experiment, Week: 1, From: l.From, Until: l.Until,
			Segment: l.Segment, Layer: l.Layer, Salt: l.Salt, Of: l.Buckets, Control: l.Control, Treatment: l.Treatment}})
	}
	for day, want := range map[int]string{0: "[] [{2 3}]", 7: "[x@[{0 1}] [{1 2}]] []", 14: "[y@[{0 1}] [{1 2}]] [{2 7}]"} {
		held, err := smallBook().Tenancy("feed/a", tonight.AddDate(0, 0, day))
		if err != nil {
			t.Fatal(err)
		}
		held.Foresee(p)
		var seen []string
		for _, l := range held.Foreseen {
			if l.Event != TestForeseen {
				t.Errorf("%+v", l)
			}
			seen = append(seen, fmt.Sprint(l.Experiment, l.Control, l.Treatment))
		}
		if got := fmt.Sprint(seen, " ", held.Unclaimed()); got != want {
			t.Errorf("day %d: %s, want %s", day, got, want)
		}
	}
}

// To bring back an idea whose test had ended leaves its treatment resting.
func TestResumedRests(t *testing.T) {
	if lines, err := smallBook().Resumed(Hypothesis{ID: "c"}, tonight.AddDate(0, 0, 1)); err != nil || len(lines) > 0 {
		t.Errorf("%+v, %v", lines, err)
	}
}
