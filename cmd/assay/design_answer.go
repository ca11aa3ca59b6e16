package main

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
)

// designAnswer is what assay design prints; its JSON shape is stable.
type designAnswer struct {
	Statement string       `json:"statement"`
	SolvedFor string       `json:"solved_for"`
	Inputs    designInputs `json:"inputs"`
	// Sizing is the test as it is designed; with looks or monitoring its users are the
	// most there can be, and its power theirs.
	Sizing power.Sizing `json:"sizing"`
	// Duration is null where there is neither traffic nor an early stop.
	Duration *designDuration  `json:"duration"`
	Traffic  *reach.Curve     `json:"traffic"`
	Weeks    []duration.Week  `json:"weeks"`    // with traffic
	ByUsers  []duration.Point `json:"by_users"` // without
	Looks    []designLook     `json:"looks"`
	Warnings []string         `json:"warnings"`

	question designQuestion
	solved   power.Design // with what was found filled in
}

// designDuration is a duration without the sizing, which stands beside it.
type designDuration struct {
	Reached      bool              `json:"reached"`
	Days         *float64          `json:"days"`       // null where the traffic never brings the users, or there is none
	Week         *int              `json:"week"`       // likewise
	Most         *float64          `json:"most_users"` // of all arms that the traffic ever brings; null where it grows without end
	Extrapolated bool              `json:"extrapolated"`
	Inflation    float64           `json:"inflation"`
	NoEffect     duration.Expected `json:"expected_no_effect"`
	Effect       duration.Expected `json:"expected_effect"`
}

// designLook is a planned look; a boundary that is never crossed is null.
type designLook struct {
	Look        int      `json:"look"`
	Information float64  `json:"information"`
	Users       float64  `json:"users"` // of all arms
	Days        *float64 `json:"days"`  // null where the traffic never brings them, or there is none
	Efficacy    *float64 `json:"efficacy_z"`
	P           float64  `json:"efficacy_p"` // at or below which the test stops: two-sided in a two-sided test
	Futility    *float64 `json:"futility_z"`
	Spent       float64  `json:"alpha_spent"`
	Power       float64  `json:"cumulative_power"`
}

// answer finds what is missing, then all the rest that follows from it.
func (q designQuestion) answer() (designAnswer, error) {
	ans := designAnswer{SolvedFor: q.solve, Warnings: []string{}, Looks: []designLook{}, Weeks: []duration.Week{}, ByUsers: []duration.Point{}}
	t, s, err := q.find()
	if err != nil {
		return ans, err
	}
	q.test.Monitoring = t.Monitoring
	ans.question, ans.Sizing, ans.solved = q, s, q.fill(s)
	rows := q.test
	t.Design = ans.solved
	if q.solve == "alpha" {
		rows.Design = ans.solved
	}
	if q.traffic != "" || !q.once() {
		l, err := t.Length(s.Control)
		if err != nil {
			return ans, err
		}
		ans.setDuration(l)
	}
	if q.traffic != "" {
		ans.Traffic = &t.Traffic
		// The weeks are of the question: if its answer is an effect, each week has its own.
		ans.Weeks, err = rows.Weeks(q.shown(ans.Duration))
	} else {
		ans.ByUsers, err = byUsers(rows, s, q.solve == "users")
	}
	if err != nil {
		return ans, err
	}
	ans.Inputs = q.inputs(ans.solved)
	ans.Warnings = append(ans.Warnings, q.notes...)
	for _, w := range s.Warnings {
		ans.Warnings = append(ans.Warnings, inFlags.Replace(w))
	}
	ans.Warnings = append(ans.Warnings, t.Traffic.Fit.Warnings...)
	if ans.Duration != nil && ans.Duration.Extrapolated {
		ans.Warnings = append(ans.Warnings, fmt.Sprintf("the test ends beyond twice the days that the traffic was fitted to (%.4g): its length is a guess", t.Traffic.Fit.Days))
	}
	ans.Statement = ans.words()
	return ans, nil
}

// fill is the design with what was found, and with its defaults.
func (q designQuestion) fill(s power.Sizing) power.Design {
	d := q.test.Design
	unit := func(absolute, relative float64) float64 {
		if d.Relative {
			return relative
		}
		return absolute
	}
	switch q.solve {
	case "mde":
		d.MDE = unit(s.MDE, s.RelativeMDE)
	case "margin":
		d.Margin = unit(s.Margin, s.RelativeMargin)
	case "alpha":
		d.Alpha = s.Alpha
	}
	d.Alpha, d.Power = cmp.Or(d.Alpha, 0.05), cmp.Or(d.Power, 0.8)
	d.Sides, d.Test, d.Correction = cmp.Or(d.Sides, stats.TwoSided), cmp.Or(d.Test, power.Score), cmp.Or(d.Correction, power.Dunnett)
	d.Goal, d.Reference = cmp.Or(d.Goal, power.OneArm), cmp.Or(d.Reference, power.Normal)
	d.Treatments, d.Allocation = max(1, d.Treatments), cmp.Or(d.Allocation, 1)
	return d
}

func (q designQuestion) once() bool {
	return q.test.Monitoring.Plan == nil && q.test.Monitoring.Price == nil
}

// guards reports a test of non-inferiority.
func (q designQuestion) guards() bool { return q.test.Guardrail || q.test.Design.Margin != 0 }

// shown is how many weeks the table has.
func (q designQuestion) shown(d *designDuration) int {
	if q.weeks > 0 {
		return q.weeks
	}
	if d != nil && d.Reached && *d.Week > 10 && *d.Week <= 24 {
		return *d.Week + 2
	}
	return 12
}

// byUsers is what a fifth of the users up to twice as many show. A size that was found
// is the one to recruit, rounded up.
func byUsers(t duration.Test, s power.Sizing, found bool) ([]duration.Point, error) {
	control := s.Control
	if recruit := float64(s.ControlUsers); found && (t.Design.Population == 0 || recruit*armsOf(t.Design) <= t.Design.Population) {
		control = recruit
	}
	points := []duration.Point{}
	for i := 1; i <= 10; i++ {
		n := control * float64(i) / 5
		if i != 5 {
			n = math.Ceil(n)
		}
		if i < 5 && n >= control || len(points) > 0 && n <= points[len(points)-1].Control {
			continue // a few users have fewer fifths
		}
		if t.Design.Population > 0 && n*armsOf(t.Design) > t.Design.Population {
			break
		}
		p, err := t.At(n)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}

func (ans *designAnswer) setDuration(l duration.Length) {
	ans.Duration = &designDuration{l.Reached, known(l.Reached, l.Days), known(l.Reached, l.Week), known(l.Most > 0, l.Most), l.Extrapolated, l.Inflation, l.NoEffect, l.Effect}
	plan := ans.question.test.Monitoring.Plan
	if plan == nil {
		return
	}
	sides := 1.0
	if ans.question.twoSided() {
		sides = 2
	}
	for i, s := range plan.Stages {
		row := designLook{Look: i + 1, Information: s.Information, Users: l.Looks[i].Users, Days: known(l.Looks[i].Reached, l.Looks[i].Days),
			Efficacy: known(!math.IsInf(s.Efficacy, 0), s.Efficacy), Futility: known(!math.IsInf(s.Futility, 0), s.Futility), P: s.NominalP * sides, Spent: s.Spent, Power: l.Looks[i].Power}
		ans.Looks = append(ans.Looks, row)
	}
}

// twoSided says that a test rejects in both directions: non-inferiority never does.
func (q designQuestion) twoSided() bool {
	return !q.guards() && q.test.Design.Sides != stats.OneSided
}

// known is nil for a number that there is not.
func known[N int | float64](there bool, x N) *N {
	if !there {
		return nil
	}
	return &x
}
