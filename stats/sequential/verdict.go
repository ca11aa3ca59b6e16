package sequential

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// Action is what the stopping rule says at a look.
type Action string

const (
	Continue     Action = "continue"      // no boundary was crossed, looks are left
	StopEfficacy Action = "stop_efficacy" // the efficacy boundary was crossed: reject
	StopFutility Action = "stop_futility" // the futility boundary was crossed: do not reject
	EndReached   Action = "end_reached"   // the last look did not cross the efficacy boundary: do not reject
)

// Stops reports whether the action ends the test.
func (a Action) Stops() bool { return a != Continue }

// Verdict says whether to go on and why, with the numbers behind it.
type Verdict struct {
	Action    Action  `json:"action"`
	Reason    string  `json:"reason"`    // one sentence for people: the action, why, and what it means
	Direction int     `json:"direction"` // of a rejection: 1 an increase, −1 a decrease; else 0
	Look      int     `json:"look"`      // the look that decides, from 1
	Of        int     `json:"of"`        // looks so far and planned ones to come
	Z         float64 `json:"z"`         // the statistic at that look
	// Stage has the boundaries at this look for the times at which the looks
	// came; Next the one after it, nil if the test has ended.
	Stage Stage  `json:"stage"`
	Next  *Stage `json:"next"`
	// AlphaLeft is the part of α that the looks still to come can spend.
	AlphaLeft float64 `json:"alpha_left"`
	// Outlook is nil if no look is left or the test has rejected.
	Outlook  *Outlook `json:"outlook"`
	Warnings []string `json:"warnings,omitempty"`
}

// Outlook is the probability that the test still rejects (upwards, or in both
// directions if the design counts those as power), given the data so far.
type Outlook struct {
	Trend      float64 `json:"trend"`      // conditional power if the effect is the one estimated so far
	Design     float64 `json:"design"`     // conditional power if it is the one to be found
	Predictive float64 `json:"predictive"` // the mean of conditional power over the effect given the data, with a flat prior
}

// Monitor applies the plan to the looks so far, in order, and tells whether the
// test stops. Looks may come at other times than planned, more often or less
// often. A spending plan then spends at each look what its function allows by
// the information there (α is held as long as the times of looks do not depend
// on the results); a classical one is scaled anew over the looks to come. The
// rest of α is spent at the last look: the one with all of the planned
// information or more, or the one marked Last. A rejection stands, and so does a
// Binding stop: looks after it are not used, with a warning.
//
// Conditional power is P(reject at a later look | Z√t now), with the boundaries at
// the planned looks to come and futility followed; predictive power averages it
// over the effect's posterior N(z/√t, 1/t), as a drift, under a flat prior.
//
// Source: Lan & DeMets (1983), Biometrika 70:659–663; Jennison & Turnbull (2000),
// Group Sequential Methods with Applications to Clinical Trials, ch. 7 and 10.
func (p Plan) Monitor(looks ...Look) (Verdict, error) {
	r, err := p.read(looks)
	if err != nil {
		return Verdict{}, err
	}
	k := len(r.looks) - 1
	stages := p.Design.stages(r.c, r.c.performance(0, p.Design.Binding), r.c.performance(p.Drift, true))
	v := Verdict{Action: r.action, Look: k + 1, Of: len(r.c.t), Z: r.looks[k].z(), Stage: stages[k], Warnings: r.warnings}
	if k < len(stages)-1 && v.Action != StopEfficacy {
		v.AlphaLeft = math.Max(0, p.Design.Alpha-v.Stage.Spent)
		outlook := p.outlook(r.c, k, v.Z)
		v.Outlook = &outlook
	}
	if v.Action == Continue {
		v.Next = &stages[k+1]
	}
	if v.Action == StopEfficacy {
		v.Direction = 1
		if v.Z < 0 {
			v.Direction = -1
		}
	}
	v.Reason = v.reason(p.Design)
	return v, nil
}

// decide is what the rule says at look k, taken alone.
func (p Plan) decide(r record, k int) Action {
	z, up, futility := r.looks[k].z(), r.c.efficacy[k], r.c.futility[k]
	size := z
	if r.c.twoSided {
		size = math.Abs(z)
	}
	switch {
	case size >= up:
		return StopEfficacy
	case k == len(r.c.t)-1:
		return EndReached
	case size <= futility:
		return StopFutility
	}
	return Continue
}

// reason is the sentence: the action, the numbers it rests on, what it means.
func (v Verdict) reason(d Design) string {
	at := fmt.Sprintf("at look %d of %d (%.3g%% of information)", v.Look, v.Of, 100*v.Stage.Information)
	n := digits(v.Z, v.Stage.Efficacy, v.Stage.Futility)
	z := fmt.Sprintf("%.*g", n, v.Z)
	up := "the efficacy boundary " + boundary(v.Stage.Efficacy, d.Sides, n)
	futility := "the futility boundary " + boundary(v.Stage.Futility, d.Sides, n)
	switch v.Action {
	case StopEfficacy:
		side := ""
		if d.Sides == stats.TwoSided {
			side = map[int]string{1: ": an increase", -1: ": a decrease"}[v.Direction]
		}
		return fmt.Sprintf("stop: z = %s crossed %s %s%s", z, up, at, side)
	case EndReached:
		return fmt.Sprintf("stop: z = %s did not cross %s %s, the last one: no effect is established", z, up, at)
	case StopFutility:
		advice := ""
		if !d.Binding {
			advice = " (advice: α holds if the test goes on)"
		}
		return fmt.Sprintf("stop: z = %s %s %s %s: no effect is established%s", z, fell(d.Sides), futility, at, advice)
	}
	next := fmt.Sprintf("the next boundary is %s at %.3g%% of information", boundary(v.Next.Efficacy, d.Sides, 4), 100*v.Next.Information)
	if !math.IsInf(v.Stage.Futility, -1) {
		return fmt.Sprintf("continue: z = %s lies between %s and %s %s; %s", z, futility, up, at, next)
	}
	return fmt.Sprintf("continue: z = %s did not cross %s %s; %s", z, up, at, next)
}

// fell says how z stands to a futility boundary that it crossed.
func fell(sides stats.Sides) string {
	if sides == stats.TwoSided {
		return "fell within"
	}
	return "fell below"
}

// digits are four, or as many as it takes to tell z from boundaries that it comes near
// to: "z = 2.413 did not cross 2.413" says nothing.
func digits(z float64, boundaries ...float64) int {
	for n := 4; n < 17; n++ {
		alike := func(b float64) bool {
			return math.Abs(z) != math.Abs(b) && fmt.Sprintf("%.*g", n, math.Abs(z)) == fmt.Sprintf("%.*g", n, math.Abs(b))
		}
		if !slices.ContainsFunc(boundaries, alike) {
			return n
		}
	}
	return 17
}

func boundary(z float64, sides stats.Sides, digits int) string {
	switch {
	case math.IsInf(z, 1):
		return "(none: nothing is spent here)"
	case sides == stats.TwoSided:
		return fmt.Sprintf("±%.*g", digits, z)
	}
	return fmt.Sprintf("%.*g", digits, z)
}

// outlook looks ahead from z at look k.
func (p Plan) outlook(c course, k int, z float64) Outlook {
	both, root := p.Design.both(), math.Sqrt(c.t[k])
	rest := course{c.t[k+1:], c.efficacy[k+1:], c.futility[k+1:], c.twoSided}
	ahead := func(c course, t, s, drift float64) float64 {
		path := (&path{drift: drift, least: drift, most: drift, density: fine}).from(t, s)
		ends := c.along(c.run(path, len(c.t)-1, true), drift, true)
		return math.Min(1, ends.power(both))
	}
	return Outlook{Trend: ahead(rest, c.t[k], z*root, z/root), Design: ahead(rest, c.t[k], z*root, p.Drift),
		Predictive: ahead(rest.predictive(c.t[k]), 0, z/root, 0)}
}

// predictive is the course in the scale of the estimate W = S/t. Under a flat prior
// and given the data at information t₀, later W have independent normal increments
// in the clock v = 1/t₀ − 1/t: predictive power is a crossing probability without
// drift, of boundaries z/√t.
func (c course) predictive(t0 float64) course {
	n := len(c.t)
	q := course{make([]float64, n), make([]float64, n), make([]float64, n), c.twoSided}
	for k, t := range c.t {
		q.t[k] = 1/t0 - 1/t
		scale := 1 / math.Sqrt(t*q.t[k])
		q.efficacy[k], q.futility[k] = c.efficacy[k]*scale, c.futility[k]*scale
	}
	return q
}
