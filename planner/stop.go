package planner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Stop says that the test of a hypothesis ended before its time: by a rule that watches
// it, or by hand. Unlike a withdrawn one it was tested, what required it may begin, and
// its outcome counts as far as the history's screens let it.
type Stop struct {
	At       time.Time `json:"at"` // when it ended; in a request zero is now
	Reason   string    `json:"reason,omitempty"`
	Recorded time.Time `json:"recorded_at,omitzero"` // when that was said: plans made before did not know it
}

// maxStopReason is the most characters of a reason.
const maxStopReason = 500

// check refuses what cannot be said of a test.
func (st Stop) check(t Start, now time.Time) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: stop %s: %s", ErrRequest, t.Hypothesis, fmt.Sprintf(format, args...))
	}
	switch {
	case len([]rune(st.Reason)) > maxStopReason:
		return wrong("reason has %d characters; at most %d fit", len([]rune(st.Reason)), maxStopReason)
	case strings.ContainsFunc(st.Reason, unprintable):
		return wrong("reason %q holds a character that cannot be printed, or the end of a line", st.Reason)
	case st.At.After(now):
		return wrong("at is %s, which is yet to come: say it when the test has ended", night(st.At))
	case !st.At.After(t.From):
		return wrong("at is %s, and its test began on %s: withdraw it if it was never tested", night(st.At), night(t.From))
	case !st.At.Before(t.Until):
		return wrong("at is %s, and its test was over on %s as planned", night(st.At), night(t.Until))
	}
	return nil
}

// Stop ends the test of a hypothesis that runs: what it holds is free from then on for the
// next plan. The first stop counts; another is no error.
func (p *Planner) Stop(ctx context.Context, id string, st Stop) (Row, error) {
	h, d, err := p.deskOf(ctx, id)
	if err != nil {
		return Row{}, err
	}
	row := d.row(h)
	switch {
	case h.Stopped != nil && row.Start != nil && row.Start.Until.Equal(h.Stopped.At):
		return row, nil
	case row.Status == Withdrawn:
		return Row{}, fmt.Errorf("%w: stop %s: it was withdrawn on %s, which ended its test if there was one", ErrRequest, id, day(*h.Withdrawn))
	case d.started[id].Hypothesis == "":
		return Row{}, fmt.Errorf("%w: stop %s: it has no test that runs; it is %s. To take the idea back, withdraw it", ErrRequest, id, row.Status)
	}
	st.Recorded, st.Reason = d.now.Truncate(time.Second), strings.TrimSpace(st.Reason)
	if st.At = st.At.UTC().Truncate(time.Second); st.At.IsZero() {
		st.At = st.Recorded
	}
	if err := st.check(d.started[id], st.Recorded); err != nil {
		return Row{}, err
	}
	if h.Stopped != nil { // of a start of a night that was then planned again without it
		if _, err := p.registry.Resume(ctx, id, st.Recorded); err != nil {
			return Row{}, err
		}
	}
	if _, err := p.registry.Stop(ctx, id, st); err != nil {
		return Row{}, err
	}
	return p.Hypothesis(ctx, id)
}

// cut is a start as its hypothesis's stop, if there is one within it, has left it.
func (h Hypothesis) cut(t Start) Start {
	if st := h.Stopped; st != nil && t.Hypothesis == h.ID && t.From.Before(st.At) && st.At.Before(t.Until) {
		t.Until = st.At
	}
	return t
}

// cutShort shortens the starts whose tests were stopped.
func cutShort(starts []Start, hs []Hypothesis) []Start {
	of := map[string]Hypothesis{}
	for _, h := range hs {
		if h.Stopped != nil {
			of[h.ID] = h
		}
	}
	if len(of) == 0 {
		return starts
	}
	starts = slices.Clone(starts)
	for i, t := range starts {
		starts[i] = of[t.Hypothesis].cut(t)
	}
	return starts
}
