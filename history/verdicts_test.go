package history

import "testing"

// Too few users come with their number and the limit, of all effects and of some.
func TestTooFewUsersAreCounted(t *testing.T) {
	few := []Effect{{Metric: "a", Verdict: tooFewUsers, ControlUsers: 120, TreatmentUsers: 87}, {Metric: "b", Verdict: tooFewUsers, ControlUsers: 90, TreatmentUsers: 130}}
	for want, effects := range map[string][]Effect{
		"87 in an arm, fewer than 100":                                few,
		"2 of 3 effects: too few users, 87 in an arm, fewer than 100": append(few[:2:2], Effect{Metric: "c", Verdict: Usable, Usable: true}),
	} {
		var j Judged
		if j.judge(effects, nil); j.SeenBy != want {
			t.Errorf("%q, want %q", j.SeenBy, want)
		}
	}
}
