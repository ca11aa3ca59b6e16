package planner

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/history"
)

// Snapshot is all that a plan may depend on. The order of its slices says
// nothing, and what happened after At is not seen (see asOf).
type Snapshot struct {
	At         time.Time        `json:"-"` // the night: week k of the plan is [At+7k days, At+7(k+1) days)
	Policy     Policy           `json:"policy"`
	Effects    []history.Effect `json:"effects"`
	Noise      []history.Noise  `json:"noise"`
	Hypotheses []Hypothesis     `json:"hypotheses"`
	Starts     []Start          `json:"starts"` // firm starts of all plans made before At
	// Announced is what the last plan made before At says of later weeks; nil: there is none.
	Announced *Announcement `json:"announced,omitempty"`

	seen    time.Time // see PlanRequest
	rests   []Rest    // follows from the rest
	filling bool      // for a backfill: a test that begins tonight may end with a week
}

// asOf returns the snapshot as it stood at At, in canonical order:
//
//   - effects of experiments that ended by then (an unknown end is taken as the
//     caller gave it);
//   - hypotheses submitted by then; a later withdrawal had not happened yet, and a stop
//     that was recorded later was not known;
//   - starts decided before then: a plan never sees its own night, so that
//     planning the same night again replaces the plan instead of adding to it. One that
//     was stopped ends there.
func (s Snapshot) asOf() Snapshot {
	s.At = s.At.UTC()
	s.Effects = keep(s.Effects, func(e history.Effect) bool { return !e.Ended.After(s.At) })
	s.Noise = slices.Clone(s.Noise)
	s.Hypotheses = keep(s.Hypotheses, func(h Hypothesis) bool { return !h.Submitted.After(s.At) || !h.Submitted.After(s.seen) })
	for i, h := range s.Hypotheses {
		if h.Withdrawn != nil && h.Withdrawn.After(s.At) && h.Withdrawn.After(s.seen) {
			s.Hypotheses[i].Withdrawn = nil
		}
		if h.Stopped != nil && h.Stopped.Recorded.After(s.At) {
			s.Hypotheses[i].Stopped = nil
		}
	}
	s.Starts = cutShort(keep(s.Starts, func(t Start) bool { return t.From.Before(s.At) }), s.Hypotheses)
	if s.Announced != nil && !s.Announced.At.Before(s.At) {
		s.Announced = nil
	}
	return s.sorted()
}

func (s Snapshot) sorted() Snapshot {
	slices.SortFunc(s.Effects, func(a, b history.Effect) int {
		return cmp.Or(strings.Compare(a.Experiment, b.Experiment), strings.Compare(a.Metric, b.Metric),
			strings.Compare(a.Arm, b.Arm), strings.Compare(a.Segment, b.Segment),
			cmp.Compare(a.Lift, b.Lift), cmp.Compare(a.SE, b.SE))
	})
	slices.SortFunc(s.Noise, func(a, b history.Noise) int {
		return cmp.Or(strings.Compare(a.Metric, b.Metric), strings.Compare(a.Surface, b.Surface))
	})
	slices.SortFunc(s.Hypotheses, func(a, b Hypothesis) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Starts, byBegin)
	return s
}

func byBegin(a, b Start) int {
	return cmp.Or(a.From.Compare(b.From), strings.Compare(a.Hypothesis, b.Hypothesis))
}

// calendar is the weeks of the plan.
func (s Snapshot) calendar() calendar {
	var announced []Start
	if s.Announced != nil {
		announced = s.Announced.Starts
	}
	return newCalendar(s.At, s.Policy.HorizonWeeks, announced)
}

// check refuses what has no plan.
func (s Snapshot) check() error {
	if s.At.IsZero() {
		return fmt.Errorf("plan: the snapshot has no time")
	}
	for i := 1; i < len(s.Hypotheses); i++ {
		if id := s.Hypotheses[i].ID; id == s.Hypotheses[i-1].ID {
			return fmt.Errorf("plan: the hypothesis %s occurs twice", id)
		}
	}
	if err := s.Policy.Check(); err != nil {
		return err
	}
	return s.unmoved()
}

// digest names the inputs: SHA-256 over their canonical JSON. Equal digests
// and times mean equal plans.
func (s Snapshot) digest() (string, error) {
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(s); err != nil {
		return "", fmt.Errorf("digest of the inputs: %w", err)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// queue returns the hypotheses that wait for a decision: neither withdrawn nor
// started on an earlier night.
func (s Snapshot) queue() []Hypothesis {
	started := map[string]bool{}
	for _, t := range s.Starts {
		started[t.Hypothesis] = true
	}
	return keep(s.Hypotheses, func(h Hypothesis) bool { return h.Withdrawn == nil && !started[h.ID] })
}

// running returns the starts of earlier nights that have not ended and were
// not withdrawn.
func (s Snapshot) running() []Start {
	withdrawn := map[string]bool{}
	for _, h := range s.Hypotheses {
		withdrawn[h.ID] = h.Withdrawn != nil
	}
	return keep(s.Starts, func(t Start) bool { return t.Until.After(s.At) && !withdrawn[t.Hypothesis] })
}

// ended returns the ids of hypotheses whose test was over by At; a test that
// was withdrawn while it ran never ends.
func (s Snapshot) ended() map[string]bool {
	ids := map[string]bool{}
	for _, t := range s.Starts {
		ids[t.Hypothesis] = !t.Until.After(s.At)
	}
	for _, h := range s.Hypotheses {
		if h.Withdrawn != nil && ids[h.ID] {
			ids[h.ID] = slices.ContainsFunc(s.Starts, func(t Start) bool {
				return t.Hypothesis == h.ID && !h.Withdrawn.Before(t.Until)
			})
		}
	}
	return ids
}

// keep returns a new slice, never nil, of the elements that pass.
func keep[T any](all []T, pass func(T) bool) []T {
	kept := make([]T, 0, len(all))
	for _, t := range all {
		if pass(t) {
			kept = append(kept, t)
		}
	}
	return kept
}
