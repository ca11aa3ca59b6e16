package sequential

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Look is what was seen when the data were analysed.
type Look struct {
	// Information is the fraction of the plan's maximum information so far: users
	// so far over users planned, or (SE at full information/SE now)². It need not
	// be a planned fraction, and is above 1 if the test ran on past its end.
	Information float64
	// Z is the test statistic, of magnitude up to 1e6; positive for an increase.
	Z float64
	// Estimate may be given instead of Z: the effect and its standard error. Then
	// Z = Value/SE, and inference is in the effect's unit.
	Estimate stats.Estimate
	// Last says that no further look will come, whatever this one shows. A look
	// with all of the information is the last one anyway.
	Last bool
}

func (l Look) check(field string) error {
	if l.Estimate != (stats.Estimate{}) {
		if err := input.First(input.Finite(field+".Estimate.Value", l.Estimate.Value),
			input.Positive(field+".Estimate.SE", l.Estimate.SE),
			input.Check(l.Z == 0, field+".Z", l.Z, "must be 0 if an Estimate is given")); err != nil {
			return err
		}
	}
	return input.First(
		input.Check(l.Information >= minStep && l.Information <= 100, field+".Information", l.Information, "must be a fraction of the planned information, from 1e-6 to 100"),
		input.Check(math.Abs(l.z()) <= 1e6, field+".Z", l.z(), "must be a number of magnitude at most 1e6"))
}

func (l Look) z() float64 {
	if l.Estimate.SE > 0 {
		return l.Estimate.Value / l.Estimate.SE
	}
	return l.Z
}

// unit is the standard error at full information in the effect's unit, or 1.
func (l Look) unit() float64 {
	if l.Estimate.SE > 0 {
		return l.Estimate.SE * math.Sqrt(l.Information)
	}
	return 1
}

// ends reports whether no look follows.
func (l Look) ends() bool { return l.Last || l.Information >= 1-minStep }

// record is a test so far: the looks up to the one that decides, with the
// boundaries of those and of the planned looks still to come.
type record struct {
	looks    []Look
	c        course
	action   Action
	warnings []string
}

// read checks the looks, finds the boundaries at the times at which they came,
// and the look at which the rule stopped: the last one given, or an earlier one.
func (p Plan) read(looks []Look) (record, error) {
	if err := p.checkLooks(looks); err != nil {
		return record{}, err
	}
	r := record{looks: looks}
	if i := slices.IndexFunc(looks, Look.ends); i >= 0 && i < len(looks)-1 {
		r.looks = looks[:i+1]
		r.warnings = append(r.warnings, fmt.Sprintf("look %d was the last one: the looks after it are not used", i+1))
	}
	t := make([]float64, len(r.looks))
	for i, l := range r.looks {
		t[i] = l.Information
	}
	n := len(t)
	var err error
	if r.c, err = p.boundaries(t, r.looks[n-1].ends()); err != nil {
		return record{}, err
	}
	for k := range r.looks {
		r.action = p.decide(r, k)
		if r.action.Stops() && k < n-1 {
			if r.action == StopFutility && !p.Design.Binding {
				z, futility := r.looks[k].z(), r.c.futility[k]
				n := digits(z, futility)
				r.warnings = append(r.warnings, fmt.Sprintf("z = %.*g %s the futility boundary %s at look %d, and the test went on: α holds, as futility is advice in this plan",
					n, z, fell(p.Design.Sides), boundary(futility, p.Design.Sides, n), k+1))
				continue
			}
			r.warnings = append(r.warnings, fmt.Sprintf("the rule stopped at look %d: the looks after it are not used", k+1))
			r.looks = r.looks[:k+1]
			break
		}
	}
	return r, nil
}

func (p Plan) checkLooks(looks []Look) error {
	if err := input.First(
		p.check(),
		input.Check(len(looks) > 0 && len(looks) <= maxLooks, "looks", float64(len(looks)), "needs 1 to 1000 looks")); err != nil {
		return err
	}
	before := 0.0
	for i, l := range looks {
		field := fmt.Sprintf("looks[%d]", i)
		if err := input.First(l.check(field), input.Check(l.Information >= before+minStep, field+".Information", l.Information, "must exceed the look before by at least 1e-6")); err != nil {
			return err
		}
		before = l.Information
	}
	return nil
}

// boundaries are those at looks at fractions t, followed by the planned looks that
// lie beyond them unless the last of t ends the test.
//
// A spending boundary spends at each look what its function allows by then, and
// the rest at the end. A classical boundary keeps what was used, and scales the
// looks still to come so that all together spend α; it does so again whenever a
// look comes at another time than planned.
func (p Plan) boundaries(t []float64, ended bool) (course, error) {
	d := p.Design
	n := len(t)
	all := p.schedule(t, ended)
	if err := d.checkSpending(all); err != nil {
		return course{}, err
	}
	asPlanned := 0
	for asPlanned < n && asPlanned < len(p.Stages) && math.Abs(t[asPlanned]-p.Stages[asPlanned].Information) < 1e-9 {
		asPlanned++
	}
	if asPlanned == n && len(all) == len(p.Stages) {
		return p.course(), nil
	}
	if !d.Efficacy.classical() {
		c, _ := p.problem(all).walk()
		return c, nil
	}
	c := p.course()
	for j := min(asPlanned, n-1) + 1; j <= n; j++ {
		pr := p.problem(p.schedule(t[:j], ended && j == n))
		pr.fixed = c.efficacy[:j-1]
		c, _ = pr.classical(d.Efficacy.parameter, d.Alpha)
	}
	return c, nil
}

// schedule is the fractions of the looks so far and of the planned ones to come.
func (p Plan) schedule(t []float64, ended bool) []float64 {
	all := slices.Clone(t)
	for _, s := range p.Stages {
		if !ended && (len(t) == 0 || s.Information >= t[len(t)-1]+minStep) {
			all = append(all, s.Information)
		}
	}
	return all
}

// problem is the plan's, at other times.
func (p Plan) problem(t []float64) problem {
	pr := p.Design.problem(t)
	pr.drift = p.Drift
	return pr
}

// course is the plan's own.
func (p Plan) course() course {
	n := len(p.Stages)
	c := course{make([]float64, n), make([]float64, n), make([]float64, n), p.Design.Sides == stats.TwoSided}
	for k, s := range p.Stages {
		c.t[k], c.efficacy[k], c.futility[k] = s.Information, s.Efficacy, s.Futility
	}
	return c
}
