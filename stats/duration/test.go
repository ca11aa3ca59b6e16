package duration

import (
	"cmp"
	"errors"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
)

// Test is a design with the users that will come. Traffic is needed by Weeks and
// Length only.
type Test struct {
	// Design says what is compared. Without an MDE (and without a Margin) the weeks
	// tell what can be detected, but no power.
	Design power.Design
	// Guardrail makes the weeks tell the margin of non-inferiority that they can show,
	// instead of the effect that they can detect, also if Design has no Margin.
	Guardrail bool

	Traffic    reach.Curve // different users that could be in the test, by day
	Share      float64     // of them that are, over all arms together, in (0, 1]; zero means 1
	Monitoring Monitoring  // how it is looked at while it runs; zero means once, at its end
}

// SampleSize returns the users needed: at most, if the test may stop early. It is
// power.Design.SampleSize for the power
//
//	Φ(drift − z)
//
// where drift is the expected z that the monitored test needs and z the critical value
// of the test that looks once. For a statistic of one standard error this is the fixed
// size times the inflation, (drift/fixed drift)².
//
// Source: Jennison & Turnbull (2000), Group Sequential Methods with Applications to
// Clinical Trials, §2.3.
func (t Test) SampleSize() (power.Sizing, error) {
	d, err := t.equivalent()
	if err != nil {
		return power.Sizing{}, err
	}
	s, err := d.SampleSize()
	return t.monitored(s, err, t.target())
}

// MDEAt returns the smallest effect that the given users in control detect, in the
// direction of Design.MDE if that is not 0 (otherwise an increase, or a decrease if
// LowerIsBetter).
//
// Source: as SampleSize.
func (t Test) MDEAt(control float64) (power.Sizing, error) {
	d, err := t.equivalent()
	if err != nil {
		return power.Sizing{}, err
	}
	if d.MDE != 0 && d.Margin == 0 {
		d.LowerIsBetter = d.MDE < 0
	}
	s, err := d.MDEAt(control)
	return t.monitored(s, err, t.target())
}

// MarginAt returns the smallest margin of non-inferiority that the given users in
// control show, if the true effect is Design.MDE. A Monitoring must have been made for a
// design with a Margin: any one will do.
//
// Source: as SampleSize.
func (t Test) MarginAt(control float64) (power.Sizing, error) {
	t.Guardrail = true
	d, err := t.equivalent()
	if err != nil {
		return power.Sizing{}, err
	}
	s, err := d.MarginAt(control)
	return t.monitored(s, err, t.target())
}

// PowerAt returns the power with the given users in control at the planned end: of the
// fixed test if nobody looks before, and otherwise of the monitored one at the drift
//
//	z + Φ⁻¹(fixed power)
//
// Source: as SampleSize.
func (t Test) PowerAt(control float64) (power.Sizing, error) {
	if err := t.check(); err != nil {
		return power.Sizing{}, err
	}
	s, err := t.once(control)
	if err != nil || t.Monitoring.none() {
		return s, err
	}
	p, err := t.Monitoring.power(t.Monitoring.expected(s.Power))
	return t.monitored(s, err, p)
}

// once is the test that is looked at once with as many users.
func (t Test) once(control float64) (power.Sizing, error) {
	d := t.Design
	d.Strict = d.Strict && t.Monitoring.none()
	return d.PowerAt(control)
}

// drift is the expected z with so many users.
func (t Test) drift(control float64) (float64, error) {
	s, err := t.once(control)
	return t.Monitoring.expected(s.Power), err
}

// clamp keeps a probability off 0 and 1, where the normal quantile is infinite.
func clamp(p float64) float64 { return math.Min(math.Max(p, 1e-300), 1-1e-16) }

// equivalent is the design of the fixed test that needs as many users.
func (t Test) equivalent() (power.Design, error) {
	d := t.Design
	if err := t.check(); err != nil || t.Monitoring.none() {
		return d, err
	}
	d.Power, d.Strict = clamp(norm.CDF(t.Monitoring.drift-t.Monitoring.of.critical())), false
	return d, nil
}

// monitored puts the numbers of the monitored test into a fixed test's sizing.
func (t Test) monitored(s power.Sizing, err error, p float64) (power.Sizing, error) {
	if err != nil || t.Monitoring.none() {
		return s, err
	}
	s.Power, s.AnyPower, s.AllPower = p, 0, 0
	if t.Design.Treatments <= 1 {
		s.AnyPower, s.AllPower = p, p
	}
	s.Critical = t.Monitoring.last
	return s, nil
}

func (t Test) target() float64 { return cmp.Or(t.Design.Power, 0.8) }

// check checks what power.Design does not.
func (t Test) check() error {
	if err := input.First(input.Finite("MDE", t.Design.MDE),
		input.Check(t.Share >= 0 && t.Share <= 1, "Share", t.Share, "must lie in 0 to 1; 0 means 1")); err != nil || t.Monitoring.none() {
		return err
	}
	d := t.Design
	if t.guards() && d.Margin == 0 {
		d.Margin = 1 // any: that it is one-sided is what counts
	}
	now, err := aimOf(d)
	if err != nil {
		return err
	}
	return input.Check(now == t.Monitoring.of, "Monitoring", t.Monitoring.of.alpha, "was made for a design of other Alpha, Power or Sides")
}

// goal picks the power that the design asks for.
func (t Test) goal(s power.Sizing) float64 {
	switch {
	case !t.Monitoring.none():
		return s.Power
	case t.Design.Goal == power.AnyArm:
		return s.AnyPower
	case t.Design.Goal == power.AllArms:
		return s.AllPower
	}
	return s.Power
}

// arms are the users of all arms per user of control.
func (t Test) arms() float64 {
	return 1 + float64(max(1, t.Design.Treatments))*cmp.Or(t.Design.Allocation, 1)
}

// unanswered reports the error of a size at which the method has no answer: too few
// users, or so many that the effect is found without a margin.
func unanswered(err error, guards bool) bool {
	var bad *input.Error
	return errors.As(err, &bad) && (bad.Field == "control" || guards && bad.Field == "MDE")
}
