package main

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/power"
)

// columns are those of the table by week or users. For people only those that say
// something; CSV has all.
func (ans designAnswer) columns() []render.Column[designRow] {
	d := ans.solved
	weekly, guards := ans.question.traffic != "", ans.question.guards()
	title := func(show bool, name string) string {
		if show {
			return name
		}
		return ""
	}
	relative := ans.relative()
	mark := func(r designRow) render.StyleName {
		switch {
		case r.fits:
			return render.Good
		case !r.Enough && ans.powered():
			return render.Dim
		}
		return render.Plain
	}
	effect := func(value func(designRow) float64, text func(float64) string) func(designRow) string {
		return func(r designRow) string {
			if x := value(r); x != 0 {
				return text(x)
			}
			return "–"
		}
	}
	value := func(f func(designRow) float64) func(designRow) any {
		return func(r designRow) any {
			if x := f(r); x != 0 {
				return x
			}
			return nil
		}
	}
	mde := func(r designRow) float64 { return r.MDE }
	relativeMDE := func(r designRow) float64 { return r.RelativeMDE }
	margin := func(r designRow) float64 { return r.Margin }
	relativeMargin := func(r designRow) float64 { return r.RelativeMargin }
	chance := func(r designRow) float64 { return r.Power }
	// Weeks bring whole users at most, a size needs them at least.
	count := func(x float64) string { return render.Thousands(math.Floor(x + 1e-6)) }
	if !weekly {
		count = func(x float64) string { return render.Thousands(math.Ceil(x - 1e-6)) }
	}
	all := []render.Column[designRow]{
		{Name: "week", Title: title(weekly, "WEEK"), Right: true, Value: func(r designRow) any {
			if r.Week.Week == 0 {
				return nil
			}
			return r.Week.Week
		}},
		{Name: "control_users", Title: cmp.Or(title(d.Allocation == 1, "USERS/ARM"), "CONTROL"), Right: true, Value: func(r designRow) any { return r.Control }, Text: func(r designRow) string { return count(r.Control) }},
		{Name: "treatment_users", Title: title(d.Allocation != 1, "TREATMENT"), Right: true, Value: func(r designRow) any { return r.Treatment }, Text: func(r designRow) string { return count(r.Treatment) }},
		{Name: "total_users", Title: "ALL ARMS", Right: true, Value: func(r designRow) any { return r.Total }, Text: func(r designRow) string { return count(r.Total) }},
		{Name: "mde", Title: title(!guards && !relative, "MDE"), Right: true, Value: value(mde), Text: effect(mde, func(x float64) string { return plus(brief(x)) })},
		{Name: "relative_mde", Title: title(!guards && relative, "MDE"), Right: true, Value: value(relativeMDE), Text: effect(relativeMDE, render.Lift)},
		{Name: "margin", Title: title(guards && !relative, "MARGIN"), Right: true, Value: value(margin), Text: effect(margin, brief)},
		{Name: "relative_margin", Title: title(guards && relative, "MARGIN"), Right: true, Value: value(relativeMargin), Text: effect(relativeMargin, func(x float64) string { return strings.TrimPrefix(render.Lift(x), "+") })},
		{Name: "power", Title: title(ans.powered(), "POWER"), Right: true, Value: value(chance), Text: effect(chance, render.Percent)},
		{Name: "enough", Title: title(ans.powered(), " "), Value: func(r designRow) any { return r.Enough }, Text: func(r designRow) string { return ans.markText(r) }},
		{Name: "extrapolated", Value: func(r designRow) any { return r.Extrapolated }},
	}
	for i := range all {
		all[i].Style = mark
	}
	return all
}

// relative says that effects are shown as fractions of the baseline.
func (ans designAnswer) relative() bool { return ans.solved.Relative && ans.Sizing.RelativeSE != 0 }

// powered says that rows have a power: the question stated an effect.
func (ans designAnswer) powered() bool { return ans.SolvedFor != "mde" && ans.SolvedFor != "margin" }

func (ans designAnswer) markText(r designRow) string {
	var parts []string
	switch {
	case r.fits && r.Week.Week > 0:
		parts = append(parts, "◀ enough from here")
	case r.fits && ans.SolvedFor == "users":
		parts = append(parts, "◀ enough")
	case r.fits:
		parts = append(parts, "◀ as asked")
	}
	if r.Extrapolated {
		parts = append(parts, "extrapolated")
	}
	return strings.Join(parts, ", ")
}

func (ans designAnswer) lookColumns() []render.Column[designLook] {
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
	if when != "" && ans.Duration.Days > 0 && ans.Duration.Days < 14 {
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
		{Title: "INFO", Right: true, Text: func(l designLook) string { return render.Percent(l.Information) }},
		{Title: "ALL ARMS", Right: true, Text: func(l designLook) string { return render.Thousands(recruits(ans.solved, l.Users)) }},
		{Title: when, Right: true, Text: func(l designLook) string {
			if l.Days == 0 {
				return "never"
			}
			return fmt.Sprintf("%.1f", l.Days/unit)
		}},
		{Title: stop, Right: true, Text: z(func(l designLook) *float64 { return l.Efficacy })},
		{Title: "p ≤", Right: true, Text: func(l designLook) string {
			if l.Efficacy == nil {
				return "–"
			}
			if l.P < 0.001 {
				return fmt.Sprintf("%.1e", l.P)
			}
			return fmt.Sprintf("%.4f", l.P)
		}},
		{Title: futility, Right: true, Text: z(func(l designLook) *float64 { return l.Futility })},
		{Title: "POWER", Right: true, Text: func(l designLook) string { return render.Percent(l.Power) }},
	}
}

// recruits are the users of all arms, rounded up to whole ones in each.
func recruits(d power.Design, total float64) float64 {
	whole := func(x float64) float64 { return math.Ceil(x - 1e-6) }
	control := total / armsOf(d)
	return whole(control) + float64(d.Treatments)*whole(control*d.Allocation)
}

// chart is the power by week, or what can be detected where no effect was stated;
// by users where there are no weeks.
func (ans designAnswer) chart() render.Chart {
	c := render.Chart{XLabel: "week", Title: "Power by week"}
	rows := ans.rows()
	unit := 1.0
	if ans.question.traffic == "" {
		c.XLabel, c.Title, unit = "users in control", "Power by users", 1
		if most := rows[len(rows)-1].Control; most >= 1e6 {
			c.XLabel, unit = "users in control, millions", 1e6
		} else if most >= 1e3 {
			c.XLabel, unit = "users in control, thousands", 1e3
		}
	}
	name, y := "power", func(r designRow) float64 { return r.Power }
	c.Y.Percent = true
	if !ans.powered() {
		name = "MDE"
		if ans.question.guards() {
			name = "margin"
		}
		c.Title = strings.Replace(c.Title, "Power", strings.ToUpper(name[:1])+name[1:], 1)
		relative := ans.relative()
		y = func(r designRow) float64 {
			if relative {
				return r.RelativeMDE + r.RelativeMargin
			}
			return r.MDE + r.Margin
		}
		c.Y.Percent = relative
	}
	c.YLabel = name
	line, aim := render.Line{Name: name}, render.Line{Name: "power asked for"}
	for _, r := range rows {
		x := r.Control / unit
		if ans.question.traffic != "" {
			x = float64(r.Week.Week)
		}
		v := y(r)
		if v == 0 {
			v = math.NaN()
		}
		c.X, line.Y, aim.Y = append(c.X, x), append(line.Y, v), append(aim.Y, ans.solved.Power)
	}
	// The last line is drawn over the others.
	if ans.powered() {
		c.Lines = append(c.Lines, aim)
	}
	c.Lines = append(c.Lines, line)
	return c
}
