package analysis

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
	"github.com/assay-planner/assay/stats/quantile"
	"github.com/assay-planner/assay/stats/sequential"
)

// addDays adds what is only known by day: the confidence sequence or the planned
// looks, and the health of the course.
func (r *Report) addDays(c *Comparison, s series, o Options) error {
	looks, err := s.looks(c.Treatment, c.Control, o)
	if err != nil {
		return err
	}
	dated := len(s.instants()) > 0
	if o.Plan != nil && (dated || r.Days == "") { // of a test with days, only what is by day has looks
		if err := c.addSequential(looks, r.users(), o); err != nil {
			return err
		}
	} else if o.Plan == nil && dated && len(looks) > 0 {
		if err := c.addCourse(looks, o); err != nil {
			return err
		}
	}
	e := health.Experiment{Days: s.daily(c.Treatment, c.Control, o), Lifts: true}
	if whole, err := s.total(); err == nil {
		e.Treatment, e.Control = bins(whole[c.Treatment]), bins(whole[c.Control])
	}
	if len(e.Days) < 3 {
		e.Days = nil
	}
	r.addHealth(c, e)
	return nil
}

func (r *Report) users() (all int) {
	for _, a := range r.Arms {
		all += a.Users
	}
	return all
}

// seen is the lift of everybody up to a day.
type seen struct {
	day   float64
	users int // of both arms
	all   int // of all arms
	stats.Estimate
	gap stats.Estimate // of a guardrail, to its margin
}

// looks are the lifts at all days that have one; at the end only, without days.
func (s series) looks(treatment, control string, o Options) ([]seen, error) {
	instants := s.instants()
	if len(instants) == 0 {
		instants = []float64{0}
	}
	var all []seen
	for _, day := range instants {
		cells, err := s.until(s.everybody(), day)
		if err != nil {
			return nil, err
		}
		m, err := s.measure(cells, treatment, control, o)
		if err != nil {
			continue // too early for an answer
		}
		lift, ok := m.lift()
		if !ok {
			continue
		}
		users := 0
		for _, c := range cells {
			users += c.users()
		}
		look := seen{day: day, users: cells[treatment].users() + cells[control].users(), all: users, Estimate: lift}
		if s.Margin > 0 {
			look.gap, _ = s.gap(m) // a mean with a lift has one
		}
		all = append(all, look)
	}
	return all, nil
}

func (c *Comparison) addCourse(looks []seen, o Options) error {
	d := anytime.Design{Alpha: o.alpha(), Sides: o.Sides, MDE: o.MDE}
	if o.Sides != stats.TwoSided && d.Alpha >= 0.5 {
		return nil
	}
	course := Course{}
	var steps []anytime.Look
	for _, l := range looks {
		course.Day = append(course.Day, l.day)
		steps = append(steps, anytime.Look{Users: l.users, Estimate: l.Estimate})
	}
	var err error
	if course.Monitor, err = d.Monitor(steps); err != nil {
		c.Warnings = append(c.Warnings, "there is no confidence sequence: "+reason(err))
		return nil
	}
	c.Course = &course
	for _, w := range course.Monitor.Warnings {
		c.Warnings = append(c.Warnings, "looking at any time: "+w)
	}
	return nil
}

// daily are the lifts of the users of each day, where days are disjoint and whole.
func (s series) daily(treatment, control string, o Options) []health.Day {
	if s.days == Cumulative {
		return nil
	}
	var all []health.Day
	instants := s.instants()
	for _, day := range instants {
		if day != math.Trunc(day) {
			return nil
		}
		cells, err := s.on(s.everybody(), day)
		if err != nil {
			return nil
		}
		m, err := s.measure(cells, treatment, control, o)
		if err != nil {
			continue
		}
		if lift, ok := m.lift(); ok {
			all = append(all, health.Day{Day: int(day - instants[0]), Estimate: lift})
		}
	}
	return all
}

// checkPlan refuses a plan that cannot be the one of this test.
func (r *Report) checkPlan(p *Plan) error {
	if p == nil || float64(r.users()) <= 100*float64(p.Users) {
		return nil
	}
	return input.Check(false, "Options.Plan.Users", float64(p.Users),
		fmt.Sprintf("is far below the %s users that the test has", words.Count(float64(r.users()))))
}

// lookAt is a look of a plan. A million standard errors are as good as more, which a plan
// does not take: a metric that hardly varies has them.
func lookAt(information float64, e stats.Estimate) sequential.Look {
	e.SE = max(e.SE, math.Abs(e.Value)/1e6)
	return sequential.Look{Information: information, Estimate: e}
}

// addSequential reads the planned looks: each at the first day that has the users
// it was planned for.
func (c *Comparison) addSequential(days []seen, users int, o Options) error {
	d := o.Plan.Design
	d.Alpha, d.Sides = o.alpha(), stats.TwoSided
	sign := 1.0
	if o.Sides != stats.TwoSided {
		d.Sides = stats.OneSided
	}
	if o.Sides == stats.Less {
		sign = -1
	}
	plan, err := d.Plan()
	if err != nil {
		return err
	}
	l := Looks{PlannedUsers: o.Plan.Users, Users: users, Plan: planned(plan), Looks: []ObservedLook{}}
	var at, gaps []sequential.Look
	next := 0
	for _, day := range days {
		information := float64(day.all) / float64(o.Plan.Users)
		if next == len(plan.Stages) || information < plan.Stages[next].Information-1e-9 {
			continue
		}
		for next < len(plan.Stages) && information >= plan.Stages[next].Information-1e-9 {
			next++
		}
		l.Looks = append(l.Looks, ObservedLook{day.day, day.all, information, day.Estimate})
		at = append(at, lookAt(information, stats.Estimate{Value: sign * day.Value, SE: day.SE}))
		gaps = append(gaps, lookAt(information, day.gap))
	}
	c.Sequential = &l
	if len(days) == 1 && next > 1 {
		c.Warnings = append(c.Warnings, "only one look can be told from the file: give rows by day or snapshot, so that the earlier ones count")
	}
	if c.Guardrail != nil {
		return c.holdAtLooks(gaps, o)
	}
	if len(at) == 0 {
		return nil
	}
	verdict, err := plan.Monitor(at...)
	if err != nil {
		return err
	}
	inference, err := plan.Infer(at[:verdict.Look]...)
	if err != nil {
		return err
	}
	if sign < 0 {
		inference = mirrored(inference)
	}
	l.Verdict, l.Inference = &verdict, &inference
	c.Warnings = append(c.Warnings, verdict.Warnings...)
	return nil
}

// planned lists the looks of a plan.
func planned(plan sequential.Plan) (looks []PlannedLook) {
	for _, stage := range plan.Stages {
		look := PlannedLook{Information: stage.Information}
		if !math.IsInf(stage.Efficacy, 0) {
			look.Efficacy = stage.Efficacy
		}
		looks = append(looks, look)
	}
	return looks
}

// mirrored turns an inference about a fall into one about the lift.
func mirrored(f sequential.Inference) sequential.Inference {
	turn := func(i stats.Interval) stats.Interval {
		return stats.Interval{Low: -i.High, High: -i.Low, Level: i.Level}
	}
	f.Z, f.MedianUnbiased, f.Naive.Value, f.Bias = -f.Z, -f.MedianUnbiased, -f.Naive.Value, -f.Bias
	f.Interval, f.NaiveInterval = turn(f.Interval), turn(f.NaiveInterval)
	if f.Repeated != nil {
		r := turn(*f.Repeated)
		f.Repeated = &r
	}
	return f
}

// histogram is a sketch that knows the sums of its bars, over whole users.
func histogram(c cell) (quantile.Histogram, bool) {
	h, ok := c.sketch.(quantile.Histogram)
	if !ok || len(h.Sums) == 0 || len(h.Squares) == 0 || h.Under != 0 || h.Over != 0 || c.clusters.Users > 0 {
		return h, false
	}
	for _, n := range h.Counts {
		if n != math.Trunc(n) {
			return h, false
		}
	}
	return h, true
}
