package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/sequential"
)

// watch plans how the test is looked at.
func (f *designFlags) watch(q *designQuestion) (err error) {
	if f.looks != "" && f.continuous {
		return usage("--looks and --continuous are two ways to look: keep one").next("--looks costs fewer users, --continuous lets you look at any time")
	}
	d := &q.test.Design
	q.spending, q.futility = f.spending, f.futility
	if f.looks == "" && !f.continuous {
		if f.spending != "obf" || f.futility != "none" || f.binding {
			return usage("--spending, --futility and --binding plan looks: there are none").next("add --looks 4")
		}
		return nil
	}
	if d.Treatments > 1 && d.Correction == "" {
		d.Correction = power.Bonferroni
		q.notes = append(q.notes, "several treatments with looks are corrected by Bonferroni: Dunnett's value does not hold over looks")
	}
	planned := *d
	if q.solve == "margin" {
		planned.Margin = 1 // any: that it is one-sided is what counts
	}
	if f.continuous {
		if f.spending != "obf" || f.futility != "none" || f.binding {
			return usage("--spending, --futility and --binding plan --looks: --continuous has no plan")
		}
		q.test.Monitoring, err = duration.Continuous(planned, 0)
		return err
	}
	s := sequential.Design{Binding: f.binding}
	if s.Looks, s.Information, err = parseLooks(f.looks); err != nil {
		return err
	}
	if s.Efficacy, err = parseSpending("spending", f.spending); err != nil {
		return err
	}
	if f.futility != "none" {
		if s.Futility, err = parseSpending("futility", f.futility); err != nil {
			return err
		}
	}
	q.test.Monitoring, err = duration.Looks(planned, s)
	return err
}

// parseLooks reads a number of looks, or their parts of the users.
func parseLooks(text string) (looks int, information []float64, err error) {
	bad := func(why string) error {
		return usage("--looks: %s: %s", text, why).next("give how many, as 4, or when in parts of the users: 25%%,50%%,100%%")
	}
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		if n < 1 || n > 100 {
			return 0, nil, bad("must be 1 to 100 looks")
		}
		return n, nil, nil
	}
	last := 0.0
	for part := range strings.SplitSeq(text, ",") {
		x, err := fractionKind.parse(part)
		switch {
		case err != nil && part == text:
			return 0, nil, bad(err.Error())
		case err != nil:
			return 0, nil, bad(fmt.Sprintf("%q: %v", strings.TrimSpace(part), err))
		case x < last+1e-6:
			return 0, nil, bad("must rise from look to look")
		}
		information, last = append(information, x), x
	}
	if last != 1 {
		return 0, nil, bad("the last look is at 100%")
	}
	return 0, information, nil
}

// parseSpending reads obf, pocock, hsd:γ or kd:γ.
func parseSpending(flag, text string) (sequential.Boundary, error) {
	name, parameter, has := strings.Cut(strings.ToLower(text), ":")
	gamma, err := parseNumber(parameter)
	switch {
	case name == "obf" && !has:
		return sequential.OBFSpending(), nil
	case name == "pocock" && !has:
		return sequential.PocockSpending(), nil
	case name == "hsd" && has && err == nil && math.Abs(gamma) <= 40:
		return sequential.HwangShihDeCani(gamma), nil
	case name == "kd" && has && err == nil && gamma > 0 && gamma <= 50:
		return sequential.KimDeMets(gamma), nil
	}
	return sequential.Boundary{}, usage("--%s: %s: is no spending function", flag, text).next("use obf, pocock, hsd:γ with γ in −40 to 40 (as hsd:-4), or kd:γ with γ above 0, at most 50 (as kd:3)")
}

// lookColumns are those of the table of looks. A narrow one leaves out what follows from
// the others.
func (ans designAnswer) lookColumns(width int) []render.Column[designLook] {
	wide := func(title string) string {
		if width < 80 {
			return ""
		}
		return title
	}
	z := func(f func(designLook) *float64) func(designLook) string {
		return func(l designLook) string {
			if x := f(l); x != nil {
				return fmt.Sprintf("%.3f", *x)
			}
			return "–"
		}
	}
	when, unit := "", 7.0
	if ans.question.traffic != "" {
		when = "WEEK"
	}
	if when != "" && ans.Duration.Reached && *ans.Duration.Days < 14 {
		when, unit = "DAY", 1
	}
	futility := ""
	if ans.question.futility != "none" {
		futility = "FUTILE z ≤"
	}
	stop := "STOP z ≥"
	if ans.question.twoSided() {
		stop = "STOP |z| ≥"
	}
	if futility != "" && ans.question.twoSided() {
		futility = "FUTILE |z| ≤"
	}
	return []render.Column[designLook]{
		{Title: "LOOK", Right: true, Value: func(l designLook) any { return l.Look }},
		{Title: wide("INFO"), Right: true, Text: func(l designLook) string { return render.Percent(l.Information) }},
		{Title: "ALL ARMS", Right: true, Text: func(l designLook) string { return render.Thousands(recruits(ans.solved, l.Users)) }},
		{Title: when, Right: true, Text: func(l designLook) string {
			if l.Days == nil {
				return "never"
			}
			return fmt.Sprintf("%.1f", *l.Days/unit)
		}},
		{Title: stop, Right: true, Text: z(func(l designLook) *float64 { return l.Efficacy })},
		{Title: wide("p ≤"), Right: true, Text: func(l designLook) string {
			if l.Efficacy == nil {
				return "–"
			}
			if l.P < 0.001 {
				return fmt.Sprintf("%.1e", l.P)
			}
			return fmt.Sprintf("%.4f", l.P)
		}},
		{Title: futility, Right: true, Text: z(func(l designLook) *float64 { return l.Futility })},
		{Title: "POWER", Right: true, Text: func(l designLook) string { return powerText(l.Power) }},
	}
}

// recruits are the users of all arms, rounded up to whole ones in each.
func recruits(d power.Design, total float64) float64 {
	whole := func(x float64) float64 { return math.Ceil(x - 1e-6) }
	control := total / armsOf(d)
	return whole(control) + float64(d.Treatments)*whole(control*d.Allocation)
}
