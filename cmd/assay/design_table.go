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
	weekly, guards, relative := ans.question.traffic != "", ans.question.guards(), ans.relative()
	equal := ans.solved.Allocation == 1
	title := func(show bool, name string) string {
		if show {
			return name
		}
		return ""
	}
	// A number of 0 is one that the row does not have.
	number := func(name, title string, of func(designRow) float64, text func(float64) string) render.Column[designRow] {
		return render.Column[designRow]{Name: name, Title: title, Right: true,
			Value: func(r designRow) any {
				if x := of(r); x != 0 {
					return x
				}
				return nil
			},
			Text: func(r designRow) string {
				if x := of(r); x != 0 {
					return text(x)
				}
				return "–"
			}}
	}
	users := func(name, title string, of func(designRow) float64) render.Column[designRow] {
		return render.Column[designRow]{Name: name, Title: title, Right: true,
			Value: func(r designRow) any { return of(r) },
			Text: func(r designRow) string {
				if weekly { // weeks bring whole users at most, a size needs them at least
					return render.Thousands(math.Floor(of(r) + 1e-6))
				}
				return render.Thousands(math.Ceil(of(r) - 1e-6))
			}}
	}
	all := []render.Column[designRow]{
		{Name: "week", Title: title(weekly, "WEEK"), Right: true, Value: func(r designRow) any {
			if r.Week.Week == 0 {
				return nil
			}
			return r.Week.Week
		}},
		users("control_users", cmp.Or(title(equal, "USERS/ARM"), "CONTROL"), func(r designRow) float64 { return r.Control }),
		users("treatment_users", title(!equal, "TREATMENT"), func(r designRow) float64 { return r.Treatment }),
		users("total_users", "ALL ARMS", func(r designRow) float64 { return r.Total }),
		number("mde", title(!guards && !relative, "MDE"), func(r designRow) float64 { return r.MDE }, func(x float64) string { return plus(brief(x)) }),
		number("relative_mde", title(!guards && relative, "MDE"), func(r designRow) float64 { return r.RelativeMDE }, lift),
		number("margin", title(guards && !relative, "MARGIN"), func(r designRow) float64 { return r.Margin }, brief),
		number("relative_margin", title(guards && relative, "MARGIN"), func(r designRow) float64 { return r.RelativeMargin }, func(x float64) string { return strings.TrimPrefix(lift(x), "+") }),
		number("power", title(ans.powered(), "POWER"), func(r designRow) float64 { return r.Power }, powerText),
		{Name: "enough", Title: title(ans.powered(), " "), Value: func(r designRow) any { return r.Enough }, Text: ans.markText},
		{Name: "extrapolated", Value: func(r designRow) any { return r.Extrapolated }},
	}
	for i := range all {
		all[i].Style = ans.markStyle
	}
	return all
}

func (ans designAnswer) markStyle(r designRow) render.StyleName {
	switch {
	case r.fits:
		return render.Good
	case !r.Enough && ans.powered():
		return render.Dim
	}
	return render.Plain
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
