package analysis

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/effect"
)

// addSegments compares within each dimension of segments. What has no answer is
// a warning: segments are beside the main question.
func (c *Comparison) addSegments(s series, o Options) {
	whole, err := s.total()
	if err != nil {
		return
	}
	users := whole[c.Treatment].users() + whole[c.Control].users()
	for _, g := range s.segments() {
		name := g.dimension
		if name == "" {
			name = "segment"
		}
		segments, seen, left := g.arms(s, c.Treatment, c.Control)
		for _, l := range left {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s is left out of the segments: %s", l.name, l.why))
		}
		switch {
		case len(segments) < 2:
			continue
		case seen != users && s.Quantile == 0:
			c.Warnings = append(c.Warnings, fmt.Sprintf("the segments of %s hold %d users and the test %d: they overlap, or leave users out", name, seen, users))
		}
		split, err := effect.CompareSegments(segments, s.effect(o))
		if err != nil {
			c.Warnings = append(c.Warnings, "there is no comparison by "+name+": "+reason(err))
			continue
		}
		c.Warnings = append(c.Warnings, split.Warnings...)
		c.Segments = append(c.Segments, Split{Dimension: name, Segments: split})
	}
}

// leftOut is a segment without an answer.
type leftOut struct{ name, why string }

// arms are both arms by segment, with their users in all segments.
func (g group) arms(s series, treatment, control string) (all []effect.Segment, users int, left []leftOut) {
	for _, name := range g.names {
		cells, err := s.until(g.rows[name], math.Inf(1))
		if err != nil {
			left = append(left, leftOut{name, reason(err)})
			continue
		}
		users += cells[treatment].users() + cells[control].users()
		segment, err := s.segment(name, cells, treatment, control)
		if err != nil {
			left = append(left, leftOut{name, reason(err)})
			continue
		}
		all = append(all, segment)
	}
	return all, users, left
}

func (s series) segment(name string, cells byArm, treatment, control string) (effect.Segment, error) {
	for _, arm := range []string{treatment, control} {
		if cells[arm].empty() {
			return effect.Segment{}, errNoUsers(arm)
		}
	}
	t, err := s.arm(cells[treatment])
	if err != nil {
		return effect.Segment{}, err
	}
	c, err := s.arm(cells[control])
	if err != nil {
		return effect.Segment{}, err
	}
	// A segment in which nothing varies has no test of its own.
	_, err = effect.Compare(t, c, effect.Options{})
	return effect.Segment{Name: name, Treatment: t, Control: c}, err
}
