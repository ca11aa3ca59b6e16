package sample

import (
	"slices"
	"strings"
	"time"
)

// What a history's records tell of its tests besides their numbers: only by it can
// some tests be found that must not be learned from. The numbers stay as drawn.

// plansKept is the day from which on it is written down for how long a test is planned.
// Who stopped a test earlier than planned can be seen since.
var plansKept = day(2026, 5, 1)

// incident is another change that reached the users of all tests of a surface.
type incident struct {
	surface  string
	from, to time.Time
	what     string
}

// newPlayer came to all of video within two days.
var newPlayer = incident{"video", day(2025, 11, 17), day(2025, 11, 19), "the new player"}

// reached says whether a test ran while it happened.
func (c incident) reached(e Experiment) bool {
	return e.Surface == c.surface && !e.Ended.IsZero() && e.Started.Before(c.to) && e.Ended.After(c.from)
}

// redefinition is a day from which on metrics of a surface are measured otherwise. The
// tables of control arms were made before, those of treatment arms after it, where a
// test ran over it.
type redefinition struct {
	surface   string
	on        time.Time
	metric    string // "" is all of them
	old, new_ string
}

var redefinitions = []redefinition{
	{"stories", day(2025, 5, 12), "", "all traffic", "bots filtered"},
	{"search", day(2025, 10, 6), "cvr", "conversions within 1 day", "conversions within 7 days"},
}

// twins is how many tests of 2024 came over twice when the tool was changed that they
// had been run with: the second time under the old tool's id.
const twins = 6

// told adds to the history what its records tell.
func (g generator) told(past []Experiment) (again []Experiment) {
	for i := range past {
		e := &past[i]
		e.Decision = g.decide(*e)
		if newPlayer.reached(*e) {
			e.Overlap = newPlayer.what
		}
		for _, r := range redefinitions {
			if e.Surface == r.surface {
				e.define(r)
			}
		}
	}
	for len(again) < twins {
		e := past[g.IntN(len(past))]
		if e.Started.Before(firstAI) && e.Flaw == Sound && !e.twice(again) {
			e.Repeats, e.ID = e.ID, "legacy-"+e.ID[len("E-"):]
			again = append(again, e)
		}
	}
	slices.SortFunc(again, func(a, b Experiment) int { return strings.Compare(a.ID, b.ID) })
	return again
}

func (e Experiment) twice(again []Experiment) bool {
	return slices.ContainsFunc(again, func(a Experiment) bool { return a.Repeats == e.ID })
}

// define writes beside the outcomes by which definition they were measured.
func (e *Experiment) define(r redefinition) {
	for a, arm := range e.Arms {
		for m, o := range arm.Outcomes {
			if r.metric != "" && r.metric != o.Metric {
				continue
			}
			arm.Outcomes[m].Definition = r.old
			if e.Started.After(r.on) || a > 0 && (e.Ended.IsZero() || e.Ended.After(r.on)) {
				arm.Outcomes[m].Definition = r.new_
			}
		}
	}
}

func day(year int, month time.Month, of int) time.Time {
	return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
}
