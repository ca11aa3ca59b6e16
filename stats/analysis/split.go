package analysis

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/words"
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
		found := g.arms(s, c.Treatment, c.Control, o)
		c.Warnings = append(c.Warnings, found.doubts...)
		switch {
		case len(found.segments) < 2:
			continue
		case found.users != users && s.Quantile == 0:
			c.Warnings = append(c.Warnings, fmt.Sprintf("the segments of %s hold %s users and the test %s: they overlap, or leave users out", name, words.Count(float64(found.users)), words.Count(float64(users))))
		}
		split, err := effect.CompareSegments(found.segments, s.effect(o))
		if err != nil {
			c.Warnings = append(c.Warnings, "there is no comparison by "+name+": "+reason(err))
			continue
		}
		c.Warnings = append(c.Warnings, split.Warnings...)
		part := Split{Dimension: name, Segments: split, Adjusted: found.adjusted}
		if len(part.Adjusted) > 0 {
			part.Adjustment = o.Adjustment
		}
		c.Segments = append(c.Segments, part)
	}
}

// parts are both arms of a comparison by segment.
type parts struct {
	segments []effect.Segment
	users    int      // of all segments, also of those without an answer
	adjusted []string // names of those that are adjusted for covariates
	doubts   []string
}

func (p *parts) doubt(format string, args ...any) {
	p.doubts = append(p.doubts, fmt.Sprintf(format, args...))
}

func (g group) arms(s series, treatment, control string, o Options) parts {
	var p parts
	for _, name := range g.names {
		cells, err := s.until(g.rows[name], math.Inf(1))
		if err == nil {
			p.users += cells[treatment].users() + cells[control].users()
			err = p.add(name, s, cells, treatment, control, o)
		}
		if err != nil {
			p.doubt("%s is left out of the segments: %s", name, reason(err))
		}
	}
	return p
}

// add adds a segment, adjusted by itself where it has covariates and users enough.
func (p *parts) add(name string, s series, cells byArm, treatment, control string, o Options) error {
	segment, err := s.segment(cells, treatment, control)
	if err != nil {
		return err
	}
	if o.Adjustment != None && s.hasCovariates(cells[treatment]) {
		a, err := s.adjust(cells[treatment], cells[control], o.Adjustment)
		if err == nil {
			_, err = a.Compare(effect.Options{})
		}
		if err == nil {
			segment = effect.Segment{Treatment: a.Treatment, Control: a.Control, Covariance: a.Covariance, DF: a.DF}
			p.adjusted = append(p.adjusted, name)
		} else {
			p.doubt("%s is not adjusted for covariates: %s", name, reason(err))
		}
		for _, w := range a.Warnings {
			p.doubt("%s: %s", name, w)
		}
	}
	segment.Name = name
	p.segments = append(p.segments, segment)
	return nil
}

func (s series) segment(cells byArm, treatment, control string) (effect.Segment, error) {
	for _, arm := range []string{treatment, control} {
		if cells[arm].empty() {
			return effect.Segment{}, errNoUsers(arm)
		}
	}
	t, _, err := s.arm(cells[treatment])
	if err != nil {
		return effect.Segment{}, err
	}
	c, _, err := s.arm(cells[control])
	if err != nil {
		return effect.Segment{}, err
	}
	// A segment in which nothing varies has no test of its own.
	_, err = effect.Compare(t, c, effect.Options{})
	return effect.Segment{Treatment: t, Control: c}, err
}
