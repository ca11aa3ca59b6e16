package history

import "testing"

// Too few users, and too uneven ones, come with their number and the limit, of all effects and
// of some; without a control there are the arms of which one should be it.
func TestVerdictsHaveNumbers(t *testing.T) {
	few := []Effect{{Metric: "a", Verdict: tooFewUsers, ControlUsers: 120, TreatmentUsers: 87}, {Metric: "b", Verdict: tooFewUsers, ControlUsers: 90, TreatmentUsers: 130}}
	for want, effects := range map[string][]Effect{
		"87 in an arm, fewer than 100":                                few,
		"2 of 3 effects: too few users, 87 in an arm, fewer than 100": append(few[:2:2], Effect{Metric: "c", Verdict: Usable, Usable: true}),
		"its arms are a, b":                                           {{Verdict: noControl, Arm: "b"}, {Verdict: noControl, Arm: "a"}, {Verdict: noControl, Arm: "b"}},
		"p = 3e-12 of the planned split, below 0.001":                 {{Verdict: sampleRatio, SampleRatioP: 4e-4}, {Verdict: sampleRatio, SampleRatioP: 2.6e-12}},
	} {
		var j Judged
		if j.judge(effects, nil); j.SeenBy != want {
			t.Errorf("%q, want %q", j.SeenBy, want)
		}
	}
}
