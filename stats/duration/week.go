package duration

import (
	"cmp"
	"errors"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/reach"
)

// Point is what a test shows with some number of users. A number that the design does
// not ask for, or that so few users do not have, is 0 and absent in JSON.
type Point struct {
	Control   float64 `json:"control"`   // users, not rounded
	Treatment float64 `json:"treatment"` // users of each treatment arm
	Total     float64 `json:"total"`     // users of all arms
	// MDE is the smallest effect that is detected with the power asked for, in the
	// metric's unit and in the direction of Design.MDE; RelativeMDE its fraction of
	// |baseline|, 0 if that is 0. Tests of non-inferiority have Margin, the smallest that
	// is shown not to be exceeded, instead.
	MDE            float64 `json:"mde,omitempty"`
	RelativeMDE    float64 `json:"relative_mde,omitempty"`
	Margin         float64 `json:"margin,omitempty"`
	RelativeMargin float64 `json:"relative_margin,omitempty"`
	// Power is that of what Design.Goal says, at Design.MDE and Design.Margin.
	Power float64 `json:"power,omitempty"`
}

// Week is a row of the schedule.
type Week struct {
	Week int `json:"week"` // 1 is the first; numbers are of its end
	Point
	Extrapolated bool `json:"extrapolated"` // traffic beyond twice the days that it was fitted to
	Enough       bool `json:"enough"`       // the sample size is reached
}

// At returns what the given users in control show: the effect (or margin) that is
// detected with the power asked for, and the power for the one stated.
//
// Source: as SampleSize.
func (t Test) At(control float64) (Point, error) {
	if err := input.First(t.check(), input.Positive("control", control)); err != nil {
		return Point{}, err
	}
	d := t.Design
	p := Point{Control: control, Treatment: control * cmp.Or(d.Allocation, 1), Total: control * t.arms()}
	if err := input.Check(d.Population == 0 || p.Total <= d.Population, "Population", d.Population, "more users come than there are"); err != nil {
		return Point{}, err
	}
	if err := t.smallest(&p); err != nil && !unanswered(err, t.guards()) {
		return Point{}, err
	}
	if !t.stated() {
		return p, nil
	}
	s, err := t.PowerAt(control)
	if err != nil && !unanswered(err, false) {
		return Point{}, err
	} else if err == nil {
		p.Power = t.goal(s)
	}
	return p, nil
}

// smallest fills in the MDE, or the margin of a test of non-inferiority.
func (t Test) smallest(p *Point) error {
	if t.guards() {
		s, err := t.MarginAt(p.Control)
		p.Margin, p.RelativeMargin = s.Margin, s.RelativeMargin
		return err
	}
	s, err := t.MDEAt(p.Control)
	p.MDE, p.RelativeMDE = s.MDE, s.RelativeMDE
	return err
}

// guards reports a test of non-inferiority, and stated one that has a power.
func (t Test) guards() bool { return t.Guardrail || t.Design.Margin != 0 }
func (t Test) stated() bool { return t.Design.Margin != 0 || t.Design.MDE != 0 && !t.Guardrail }

// Weeks returns what the test shows by the end of each week from 1 to weeks, at most
// 5,200. Power never falls and the MDE never rises from one week to the next.
func (t Test) Weeks(weeks int) ([]Week, error) {
	inTest, err := t.inTest()
	if err != nil {
		return nil, err
	}
	schedule, err := inTest.Schedule(weeks)
	if err != nil {
		return nil, err
	}
	needed, err := t.needed()
	if err != nil {
		return nil, err
	}
	rows := make([]Week, 0, len(schedule))
	for _, s := range schedule {
		row := Week{Week: s.Week, Extrapolated: s.Extrapolated}
		if s.Users > 0 {
			if row.Point, err = t.At(s.Users / t.arms()); err != nil {
				return nil, err
			}
		}
		row.Enough = row.Control >= needed
		rows = append(rows, row)
	}
	return rows, nil
}

// needed is the sample size in control: infinite if there is no effect to find, or if no
// users, or not those of the population, would find it.
func (t Test) needed() (float64, error) {
	if !t.stated() {
		return math.Inf(1), nil
	}
	s, err := t.SampleSize()
	var bad *input.Error
	if errors.As(err, &bad) && (bad.Field == "MDE" || bad.Field == "Population") {
		return math.Inf(1), nil // PowerAt says so if these are not even valid
	}
	return s.Control, err
}

// inTest is the curve of the users in the test.
func (t Test) inTest() (reach.Curve, error) {
	if err := t.check(); err != nil {
		return reach.Curve{}, err
	}
	return t.Traffic.Share(cmp.Or(t.Share, 1))
}
