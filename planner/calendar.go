package planner

import (
	"slices"
	"time"
)

const week = 7 * 24 * time.Hour

// calendar is the weeks of a plan. Week 0 begins tonight. Week 1 begins a week later or,
// where starts were announced, on the day of the week for which they were: so that a plan
// of the night after has the same weeks, and what was announced need not move by a day.
// Week 0 is then the rest of a week.
type calendar struct {
	at, next time.Time
	weeks    int
}

// newCalendar is that of a plan made at a time, around announced starts.
func newCalendar(at time.Time, horizon int, announced []Start) calendar {
	c := calendar{at, at.Add(week), horizon}
	var first time.Time
	for _, s := range announced {
		if s.From.After(at) && (first.IsZero() || s.From.Before(first)) {
			first = s.From
		}
	}
	if !first.IsZero() {
		if rest := first.Sub(at) % week; rest != 0 {
			c.next = at.Add(rest)
		}
	}
	return c
}

// calendar is that of the plan itself.
func (p Plan) calendar() calendar {
	c := calendar{p.At, p.NextWeek, p.Weeks}
	if c.next.IsZero() {
		c.next = p.At.Add(week)
	}
	return c
}

// begin is when a week begins.
func (c calendar) begin(k int) time.Time {
	if k == 0 {
		return c.at
	}
	return c.next.Add(time.Duration(k-1) * week)
}

// until counts the weeks, from tonight on, that the time before t touches.
func (c calendar) until(t time.Time) int {
	switch {
	case !t.After(c.at):
		return 0
	case !t.After(c.next):
		return 1
	}
	return 1 + int((t.Sub(c.next)+week-1)/week)
}

// slot is when a test runs: its exact begin, and the weeks of the plan that it touches.
// One that begins within a week touches one more than it lasts.
type slot struct {
	week, rows int
	from       time.Time
	wait       float64 // weeks from tonight to its begin
}

// end is the first week that is free of it.
func (s slot) end() int { return s.week + s.rows }

// late is how many days of the plan's first week are over when it begins; part of a day
// counts as one.
func (c calendar) late() int {
	return int((week - c.next.Sub(c.at) + 24*time.Hour - 1) / (24 * time.Hour))
}

// slot is that of a test of some weeks that begins at a time, tonight or later.
func (c calendar) slot(from time.Time, weeks int) slot {
	return c.span(from, from.Add(time.Duration(weeks)*week))
}

// span is the slot of a test that begins tonight or later.
func (c calendar) span(from, until time.Time) slot {
	first := c.until(from)
	if from.After(c.at) && !from.Equal(c.begin(first)) {
		first-- // within the week
	}
	return slot{first, c.until(until) - first, from, float64(from.Sub(c.at)) / float64(week)}
}

// spread is what a test takes of a pool in each week that its slot touches, at the
// highest rate of that week: as heldHours has it once it runs. Weeks of a test that begins
// within one lie across two.
func (s slot) spread(hours []float64, across bool) []float64 {
	if !across {
		return hours
	}
	out := make([]float64, len(hours)+1)
	for k, h := range hours {
		out[k], out[k+1] = max(out[k], h), h
	}
	return out[:min(s.rows, len(out))]
}

// announced lists the starts that a plan foresees, by start, then hypothesis.
func (p Plan) announced() []Start {
	all := []Start{}
	for _, e := range p.Entries {
		if e.Start != nil && e.Start.Week > 0 {
			all = append(all, *e.Start)
		}
	}
	slices.SortFunc(all, byBegin)
	return all
}
