package main

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
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
	power := func(r designRow) float64 { return r.Power }
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
		{Name: "relative_mde", Title: title(!guards && relative, "MDE"), Right: true, Value: value(relativeMDE), Text: effect(relativeMDE, lift)},
		{Name: "margin", Title: title(guards && !relative, "MARGIN"), Right: true, Value: value(margin), Text: effect(margin, brief)},
		{Name: "relative_margin", Title: title(guards && relative, "MARGIN"), Right: true, Value: value(relativeMargin), Text: effect(relativeMargin, func(x float64) string { return strings.TrimPrefix(lift(x), "+") })},
		{Name: "power", Title: title(ans.powered(), "POWER"), Right: true, Value: value(power), Text: effect(power, chance)},
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
	case r.fits && (r.Week.Week > 0 || ans.SolvedFor == "users"):
		parts = append(parts, "◀ enough")
	case r.fits:
		parts = append(parts, "◀ as asked")
	}
	if r.Extrapolated {
		parts = append(parts, "extrapolated")
	}
	return strings.Join(parts, ", ")
}

// lift prints an effect with three significant digits: +0.0123%, +5.00%, +11.2%, +1,585%.
// They stand in a column that may span a factor of many.
func lift(x float64) string {
	percents := 100 * math.Abs(x)
	decimals := 2 - int(math.Floor(math.Log10(percents)))
	text := render.Thousands(percents)
	if decimals > 0 {
		text = strconv.FormatFloat(percents, 'f', decimals, 64)
	}
	if x < 0 {
		return "-" + text + "%"
	}
	return "+" + text + "%"
}

// powerText prints a power, none of which is quite 0% or 100%.
func powerText(p float64) string {
	switch {
	case p > 0 && p < 0.0005:
		return "<0.1%"
	case p >= 0.9995:
		return ">99.9%"
	}
	return render.Percent(p)
}
