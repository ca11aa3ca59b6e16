package planner

import (
	"context"
	"errors"
	"slices"
	"time"
)

// due is how far from the time of what was announced a plan may be made that is to start it.
// A job of the night gets to its plan some seconds or minutes sooner or later each time, and
// an hour where the clock of the job changes. A plan of one second after its announced starts
// would find them missed; one of a second before would leave them to a plan that is not made.
const due = 2 * time.Hour

// nightOf is the time of a plan that is made now: that of the announced start which is
// nearest to now, if one is due and no plan was made for it. Where none is, but tests that run
// end soon, it is when the last of these has ended, so that what they hold is free. Where
// a test has been ended since by a word, a plan that looks back would have it run: it is now.
func (p *Planner) nightOf(ctx context.Context, now time.Time) (time.Time, error) {
	current, err := p.registry.CurrentPlan(ctx)
	switch {
	case errors.Is(err, ErrNoPlan):
		return now, nil
	case err != nil:
		return now, err
	case current.At.After(now) && current.At.Sub(now) <= due: // it was made so, and is made again
		return current.At, nil
	case !current.At.Before(now):
		return now, nil
	}
	s, err := p.registered(ctx, now.Add(time.Nanosecond))
	if err != nil {
		return now, err
	}
	s = s.asOf()
	if at, found := nearest(current.announced(), now); found {
		if s.endedSince(at) {
			return now, nil
		}
		return at, nil
	}
	at := now
	for _, t := range s.running() {
		if t.Until.After(at) && t.Until.Sub(now) <= due {
			at = t.Until
		}
	}
	return at, nil
}

// nearest is the begin of the start that is due and nearest to now.
func nearest(announced []Start, now time.Time) (at time.Time, found bool) {
	for _, t := range announced {
		off := t.From.Sub(now).Abs()
		if off <= due && (!found || off < at.Sub(now).Abs()) {
			at, found = t.From, true
		}
	}
	return at, found
}

// endedSince tells whether a test was stopped after a time, or withdrawn while it ran.
func (s Snapshot) endedSince(at time.Time) bool {
	return slices.ContainsFunc(s.Hypotheses, func(h Hypothesis) bool {
		gone := h.Withdrawn != nil && h.Withdrawn.After(at) &&
			slices.ContainsFunc(s.Starts, func(t Start) bool { return t.Hypothesis == h.ID && t.Until.After(at) })
		return gone || h.Stopped != nil && h.Stopped.Recorded.After(at)
	})
}
