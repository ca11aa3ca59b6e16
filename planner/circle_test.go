package planner

import (
	"strings"
	"testing"
)

// Ideas that require each other are given their reason; the rest of the night
// is planned as if they were not there.
func TestCircles(t *testing.T) {
	s := busyNight()
	want := mustMake(t, s)
	for id, requires := range map[string][]string{
		"c-1": {"c-2"}, "c-2": {"eu", "c-1"}, // a pair
		"c-3": {"c-1"},                                                                                                   // behind it
		"c-4": {"c-5"}, "c-5": {"c-6"}, "c-6": {"c-7"}, "c-7": {"c-8"}, "c-8": {"c-9"}, "c-9": {"c-10"}, "c-10": {"c-4"}, // a long way round
	} {
		h := idea(id)
		h.Requires = requires
		s.Hypotheses = append(s.Hypotheses, h)
	}
	p := mustMake(t, s)
	reasons := map[string]string{}
	for _, e := range p.Entries {
		if strings.HasPrefix(e.Hypothesis, "c-") {
			reasons[e.Hypothesis] = e.ReasonKind + ": " + strings.TrimPrefix(e.Reason, "can never start, as its prerequisites lead in a circle: ")
		}
	}
	for id, want := range map[string]string{
		"c-1": "prerequisite: c-1 requires c-2 requires c-1",
		"c-2": "prerequisite: c-2 requires c-1 requires c-2",
		"c-3": "prerequisite: c-3 requires c-1 requires c-2 requires c-1",
		"c-4": "prerequisite: c-4 requires c-5 requires c-6 requires c-7 requires c-8 requires c-9 requires …",
	} {
		if reasons[id] != want {
			t.Errorf("%s: %q, want %q", id, reasons[id], want)
		}
	}
	if len(reasons) != 10 || p.Value != want.Value {
		t.Errorf("%d reasons; a plan worth %g, want %g", len(reasons), p.Value, want.Value)
	}
}
