package planner

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
)

// ErrTaken is wrapped when what a test is to hold has been given to another one.
var ErrTaken = errors.New("given to others")

// Resume takes back what was said last of a hypothesis: that it was withdrawn, or else that
// its test was stopped. One that waited when it was withdrawn waits again. A test that was
// ended by it runs on as it was planned, and holds what it held, as if nothing had been said.
// What others have been given since is theirs; then it is refused with ErrTaken, and says
// whose that is. Once its weeks are over it is refused with ErrRequest: nothing of it could
// run on, and others may have begun where its treatment would rest. A test that was not
// stopped runs anyway, which is no error.
func (p *Planner) Resume(ctx context.Context, id string) (Row, error) {
	done, err := p.begin(ctx) // a plan that is being made may be giving away what it held
	if err != nil {
		return Row{}, err
	}
	defer done()
	h, d, err := p.deskOf(ctx, id)
	if err != nil {
		return Row{}, err
	}
	row, test := d.row(h), d.started[id]
	switch {
	case h.Withdrawn != nil && !h.Withdrawn.Before(test.Until): // it had no test, or that had ended
	case h.Withdrawn == nil && test.Hypothesis == "":
		return Row{}, fmt.Errorf("%w: resume %s: it was not withdrawn, and has no test that was stopped; it is %s", ErrRequest, id, row.Status)
	case h.Withdrawn == nil && h.Stopped == nil:
		return row, nil
	default:
		s, err := p.registered(ctx, d.now.Add(time.Nanosecond)) // with what begins now
		if err != nil {
			return Row{}, err
		}
		if err := s.resume(h); err != nil {
			return Row{}, err
		}
	}
	if _, err := p.registry.Resume(ctx, id, d.now); err != nil { // which looks at the buckets
		return Row{}, err
	}
	return p.Hypothesis(ctx, id)
}

// resumed is the hypothesis without what was said last of it, from when on its test did not
// run, and when that was said.
func (h Hypothesis) resumed() (again Hypothesis, from, said time.Time) {
	if at := h.Withdrawn; at != nil {
		h.Withdrawn = nil
		return h, *at, *at
	}
	st := h.Stopped
	h.Stopped = nil
	return h, st.At, st.Recorded
}

// resume refuses a test whose weeks are over, and one that others have taken the place of
// since it was ended, but for its buckets: by a conflict, by having waited for it, or by
// the machines that they use. Whether they run still does not matter: if the test has run all
// the while, both have had it.
func (s Snapshot) resume(h Hypothesis) error {
	again, from, said := h.resumed()
	s.Hypotheses = slices.Clone(s.Hypotheses)
	for i := range s.Hypotheses {
		if s.Hypotheses[i].ID == h.ID {
			s.Hypotheses[i] = again
		}
	}
	a := s.asOf().around()
	all := a.held()
	own, _ := find(all, func(t Start) bool { return t.Hypothesis == h.ID })
	if !own.Until.After(s.At) {
		return fmt.Errorf("%w: resume %s: its test would have ended on %s as planned: nothing is left of it to run on", ErrRequest, h.ID, night(own.Until))
	}
	taken := func(format string, args ...any) error {
		return fmt.Errorf("resume %s: %w: %s", h.ID, ErrTaken, fmt.Sprintf(format, args...))
	}
	since := keep(all, func(t Start) bool {
		return t.Hypothesis != h.ID && !t.From.Before(said) && t.From.Before(own.Until) && t.From.Before(t.Until)
	})
	for _, t := range since {
		if t.Segment == own.Segment && t.Layer != own.Layer && a.conflict(h, t.Hypothesis) {
			return taken("it must not meet %s on the same users, which began in %s on %s", t.Hypothesis, LayerKey(t.Segment, t.Layer), day(t.From))
		}
		if o, _ := find(a.Hypotheses, func(o Hypothesis) bool { return o.ID == t.Hypothesis }); slices.Contains(o.Requires, h.ID) {
			return taken("%s requires it, took it for tested, and began on %s", t.Hypothesis, day(t.From))
		}
	}
	pool, _ := s.Policy.pool(own.Design.Pool)
	for _, at := range begins(all, from, own.Until) {
		rivals := keep(since, func(t Start) bool { return weeklyRate([]Start{t}, pool.Name, at) > 0 })
		need, sum := weeklyRate([]Start{own}, pool.Name, at), weeklyRate(all, pool.Name, at)
		if need > 0 && len(rivals) > 0 && sum > math.Floor(pool.GPUHours) {
			return taken("it needs %s of %s a week on %s; with %s, begun since, all that runs would need %.0f of %.0f",
				count(int(math.Ceil(need)), allocator.GPUHour), pool.Name, day(at), strings.Join(experiments(rivals), ", "), sum, pool.GPUHours)
		}
	}
	return nil
}

// begins lists the moments of [from, to) at which the demand of tests may rise: the first,
// and where a week of some test begins.
func begins(all []Start, from, to time.Time) []time.Time {
	moments := []time.Time{from}
	for _, t := range all {
		for k := range t.Design.GPUHours {
			if at := t.From.Add(time.Duration(k) * week); at.After(from) && at.Before(to) {
				moments = append(moments, at)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return moments
}

// held lists all starts, each until it let go of what it held.
func (s Snapshot) held() []Start {
	all := slices.Clone(s.Starts)
	for i, t := range all {
		if h, _ := find(s.Hypotheses, func(h Hypothesis) bool { return h.ID == t.Hypothesis }); h.Withdrawn != nil && h.Withdrawn.Before(t.Until) {
			all[i].Until = *h.Withdrawn
		}
	}
	return all
}

func experiments(starts []Start) []string {
	var ids []string
	for _, t := range starts {
		ids = append(ids, t.Experiment)
	}
	return ids
}

// Resumed returns the lines that taking back a stop or a withdrawal adds: a test that was
// ended by it holds what it held, for all its weeks, and its treatment rests no more. Of what
// others hold of that the error, which wraps ErrTaken, tells.
func (l Ledger) Resumed(h Hypothesis, at time.Time) ([]Lease, error) {
	var lines []Lease
	resumed := map[string]bool{}
	for _, line := range l.last() {
		switch {
		case line.Hypothesis != h.ID:
		case line.Event == TestStopped && h.Stopped == nil, line.Event == TestWithdrawn && h.Withdrawn == nil:
			line = l.begun(line)
			line.At, line.Event = at.UTC(), TestResumed
			if err := l.Untaken(line); err != nil {
				return nil, fmt.Errorf("resume %s: %w", h.ID, err)
			}
			lines, resumed[line.Experiment] = append(lines, line), true
		case line.Event == RestBegun && line.holds(at) && resumed[line.Experiment]:
			line.At, line.Event, line.Until = at.UTC(), RestLifted, at.UTC()
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// begun is the last line of a test's lease by which it begins or goes on.
func (l Ledger) begun(lease Lease) Lease {
	for _, line := range l {
		if line.begins() && line.Key() == lease.Key() && line.Experiment == lease.Experiment {
			lease = line
		}
	}
	return lease
}

// Untaken refuses a lease of buckets that another test has at some time of it, with
// ErrTaken.
func (l Ledger) Untaken(lease Lease) error {
	own := slices.Concat(lease.Control, lease.Treatment)
	for _, t := range l.last() {
		if !t.test() || t.Key() != lease.Key() || t.Experiment == lease.Experiment || t.partition().Hash() != lease.partition().Hash() ||
			!t.From.Before(lease.Until) || !lease.From.Before(t.Until) || !t.From.Before(t.Until) {
			continue
		}
		if b, shared := cohort.Meet(own, slices.Concat(t.Control, t.Treatment)); shared {
			return fmt.Errorf("%w: %s has bucket %d of %s from %s until %s", ErrTaken, t.Experiment, b, t.Key(), night(t.From), night(t.Until))
		}
	}
	return nil
}
