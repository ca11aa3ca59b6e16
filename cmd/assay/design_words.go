package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/power"
)

// words is the answer in a sentence or three: what so many users show, how long that
// takes, and what looks change.
func (ans designAnswer) words() string {
	sentences := []string{ans.finding()}
	if d := ans.Duration; d != nil {
		if ans.question.traffic != "" {
			sentences = append(sentences, ans.lasts())
		}
		if !ans.question.once() {
			sentences = append(sentences, ans.early())
		}
	}
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// finding is who shows what, how surely.
func (ans designAnswer) finding() string {
	d, s := ans.solved, ans.Sizing
	who := arms(d, s.ControlUsers, s.TreatmentUsers, s.TotalUsers)
	if ans.question.byEnd { // traffic brings whole users at most, a size needs them at least
		who = arms(d, int(s.Control), int(s.Treatment), int(s.Control*armsOf(d)))
	}
	if !ans.question.once() {
		who = "at most " + who
	}
	if ans.question.byEnd {
		who = fmt.Sprintf("by the end of week %d, %s", ans.question.weeks, who)
	}
	show := "show"
	if d.Treatments > 1 {
		show = map[power.Goal]string{power.OneArm: "show for a given one of the treatments", power.AnyArm: "show for at least one of the treatments", power.AllArms: "show for all treatments"}[d.Goal]
	}
	level := fmt.Sprintf("at %s %s", percent(s.Alpha), d.Sides)
	if ans.question.guards() {
		if d.Sides != stats.OneSided {
			level = fmt.Sprintf("at %s one-sided (the interval of %s)", percent(s.Alpha/2), percent(1-s.Alpha))
		}
		truth := "if the treatment changes nothing"
		if d.MDE != 0 {
			truth = fmt.Sprintf("if the true effect is %s", effectWords(d, s.MDE, s.RelativeMDE))
		}
		way := "falls"
		if d.LowerIsBetter {
			way = "rises"
		}
		return capital(fmt.Sprintf("%s %s that %s %s by less than %s, %s %s, %s.", who, show, baselineWords(d.Metric), way,
			marginWords(d, s), ans.often(), truth, level))
	}
	least := ""
	if ans.SolvedFor == "mde" {
		least = " (or more)"
	}
	return capital(fmt.Sprintf("%s %s %s%s of %s %s, %s.", who, show, changeWords(d, s), least, baselineWords(d.Metric), ans.often(), level))
}

// often is the power in words.
func (ans designAnswer) often() string {
	p := goalPower(ans.solved.Goal, ans.Sizing)
	for _, w := range []struct {
		p    float64
		said string
	}{{0.5, "half of the time"}, {0.75, "three times out of four"}, {0.8, "four times out of five"}, {0.9, "nine times out of ten"}, {0.95, "19 times out of 20"}, {0.99, "99 times out of 100"}} {
		if math.Abs(p-w.p) < 4e-4 {
			return w.said
		}
	}
	if p > 0.9995 {
		return "practically always"
	}
	return fmt.Sprintf("%s of the time", render.Percent(p))
}

func goalPower(g power.Goal, s power.Sizing) float64 {
	switch g {
	case power.AnyArm:
		return s.AnyPower
	case power.AllArms:
		return s.AllPower
	}
	return s.Power
}

// arms says how many users are where.
func arms(d power.Design, control, treatment, total int) string {
	all := fmt.Sprintf("(%s in all)", render.Thousands(float64(total)))
	switch {
	case control == treatment:
		return fmt.Sprintf("%s in each arm %s", render.Plural(control, "user", "users"), all)
	case d.Treatments == 1:
		return fmt.Sprintf("%s in control and %s in treatment %s", render.Plural(control, "user", "users"), render.Thousands(float64(treatment)), all)
	}
	return fmt.Sprintf("%s in control and %s in each of %d treatments %s", render.Plural(control, "user", "users"), render.Thousands(float64(treatment)), d.Treatments, all)
}

// baselineWords is the metric at its value in control.
func baselineWords(m power.Metric) string {
	switch m := m.(type) {
	case power.Mean:
		if m.Mean == 0 {
			return "a mean"
		}
		return "a mean of " + brief(m.Mean)
	case power.Proportion:
		return "a rate of " + percent(m.Baseline)
	case power.Ratio:
		return "a ratio of " + brief(m.Numerator/m.Denominator)
	case power.Count:
		return fmt.Sprintf("a rate of %s events per user", brief(m.Rate))
	}
	return "a metric"
}

// changeWords is "a lift of +5%", or "a change of +0.4 points".
func changeWords(d power.Design, s power.Sizing) string {
	if d.Relative {
		return "a lift of " + plus(percent(s.RelativeMDE))
	}
	return "a change of " + effectWords(d, s.MDE, s.RelativeMDE)
}

// effectWords is an effect in the unit that it was given in.
func effectWords(d power.Design, absolute, relative float64) string {
	if d.Relative {
		return plus(percent(relative))
	}
	if _, ok := d.Metric.(power.Proportion); ok {
		return plus(brief(100*absolute)) + " points"
	}
	return plus(brief(absolute))
}

// marginWords is a margin in the unit that it was given in.
func marginWords(d power.Design, s power.Sizing) string {
	return strings.TrimPrefix(effectWords(d, s.Margin, s.RelativeMargin), "+")
}

// lasts is when the users are there.
func (ans designAnswer) lasts() string {
	d := ans.Duration
	share := ""
	if s := ans.question.test.Share; s > 0 && s < 1 {
		share = fmt.Sprintf(" with %s of the traffic", percent(s))
	}
	switch {
	case ans.question.byEnd:
		return ""
	case d.Reached && ans.SolvedFor != "users":
		return fmt.Sprintf("They are there after %s%s.", days(*d.Days), share)
	case d.Reached:
		return fmt.Sprintf("That takes %s%s: to the end of week %s.", days(*d.Days), share, render.Thousands(float64(*d.Week)))
	case d.Most != nil:
		return fmt.Sprintf("The traffic never brings that many: it ends at %s users in the test%s.", render.Thousands(*d.Most), share)
	}
	return "The traffic never brings that many."
}

// early is what looks change.
func (ans designAnswer) early() string {
	d := ans.Duration
	on := func(users, length float64) string {
		if length > 0 {
			return fmt.Sprintf("%s users (%s)", render.Thousands(math.Ceil(users)), days(length))
		}
		return render.Thousands(math.Ceil(users)) + " users"
	}
	stops := "on average it stops"
	if ans.solved.Treatments > 1 {
		stops = "on average the comparison of a given treatment stops"
	}
	how := "Looked at continuously"
	if n := len(ans.Looks); n > 0 {
		how = "With " + render.Plural(n, "look", "looks")
	}
	effect, none := "with this effect", "without any"
	if ans.question.guards() { // what it is to show is the true effect, what it is to reject the margin
		effect, none = "if nothing changes", "if the whole margin is lost"
		if ans.solved.MDE != 0 {
			effect = "with that true effect"
		}
	}
	return fmt.Sprintf("%s it needs at most %s times the users of a test that is looked at once; %s at %s %s and at %s %s.",
		how, brief(d.Inflation), stops, on(d.Effect.Users, d.Effect.Days), effect, on(d.NoEffect.Users, d.NoEffect.Days), none)
}

// days is a length that people plan with.
func days(x float64) string {
	switch {
	case x < 1:
		return "less than a day"
	case x < 99.95:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") + " days"
	case x < 999.5:
		return fmt.Sprintf("%.0f days", x)
	case x < 36525:
		return fmt.Sprintf("%.1f years", x/365.25)
	}
	return fmt.Sprintf("%s years", render.Thousands(x/365.25))
}

// percent prints a fraction with up to three digits, and no more than it has: 2%, 0.314%.
func percent(x float64) string { return brief(100*x) + "%" }

// brief prints a number with up to four digits, and no exponent where people write none.
func brief(x float64) string {
	if a := math.Abs(x); a >= 9999.5 && a < 1e15 {
		return render.Thousands(x)
	}
	text := strconv.FormatFloat(x, 'g', 4, 64)
	if a := math.Abs(x); strings.Contains(text, "e") && a >= 1e-7 && a < 1 {
		rounded, _ := strconv.ParseFloat(text, 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return text
}

// plus puts + before what has no sign.
func plus(text string) string {
	if strings.HasPrefix(text, "-") {
		return text
	}
	return "+" + text
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
