package anytime

import (
	"fmt"
	"math"
	"strconv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/words"
)

// reason says in words what the numbers say.
func (b boundary) reason(r Result) string {
	at := len(r.Steps)
	if r.StoppedAt > 0 {
		at = r.StoppedAt
	}
	step := r.Steps[at-1]
	where := fmt.Sprintf("at look %d", at)
	if step.Users > 0 {
		where += fmt.Sprintf(" (%s users)", words.Count(float64(step.Users)))
	}
	possible := describe(step.Running)
	switch r.Decision {
	case Difference:
		side := "above"
		if step.Value < b.Null {
			side = "below"
		}
		text := fmt.Sprintf("stop, a difference is established: %s the always-valid p-value reached %s, at most α = %g; the effect is %s %g, %s",
			where, beside(step.P, b.Alpha), b.Alpha, side, b.Null, possible)
		if b.Margin > 0 && b.within(step.Running) {
			text += fmt.Sprintf(", yet within ±%g, which does not matter", b.Margin)
		}
		return text
	case NoEffect:
		return fmt.Sprintf("stop, no effect that matters is possible any more: %s the effect is %s, within %g ± %g", where, possible, b.Null, b.Margin)
	}
	if !step.Used {
		return "continue: " + where + " " + b.unused(step)
	}
	text := fmt.Sprintf("continue: %s the always-valid p-value is %s, above α = %g; the effect is %s, which includes %g", where, beside(r.P, b.Alpha), b.Alpha, possible, b.Null)
	if b.Margin > 0 {
		text += fmt.Sprintf(" and effects beyond ±%g", b.Margin)
	}
	return text
}

func (b boundary) within(i stats.Interval) bool {
	return i.Low >= b.Null-b.Margin && i.High <= b.Null+b.Margin
}

func (b boundary) unused(s Step) string {
	if b.late(s.SE) {
		return fmt.Sprintf("the standard error %.4g is below the planned %.4g: the boundary holds only up to there", s.SE, b.PlannedSE)
	}
	return fmt.Sprintf("fewer than the %s users of the burn-in are in", words.Count(float64(b.BurnIn)))
}

// beside is p with two digits, or as many as it takes to stay on its side of alpha:
// 0.05003 is not "0.05, above 0.05".
func beside(p, alpha float64) string {
	for digits := 2; ; digits++ {
		text := fmt.Sprintf("%.*g", digits, p)
		if rounded, _ := strconv.ParseFloat(text, 64); digits == 17 || (rounded <= alpha) == (p <= alpha) {
			return text
		}
	}
}

// describe is an interval in words: the confidence is that of all looks together.
func describe(i stats.Interval) string {
	level := fmt.Sprintf("with %g%% confidence over all looks", math.Round(i.Level*1e8)/1e6)
	switch {
	case math.IsInf(i.Low, -1) && math.IsInf(i.High, 1):
		return "not bounded yet"
	case math.IsInf(i.High, 1):
		return fmt.Sprintf("at least %.4g %s", i.Low, level)
	case math.IsInf(i.Low, -1):
		return fmt.Sprintf("at most %.4g %s", i.High, level)
	}
	return fmt.Sprintf("between %.4g and %.4g %s", i.Low, i.High, level)
}

// fewUsers is where a first look begins to need a burn-in.
const fewUsers = 1000

func (b boundary) warnings(r Result, contradiction int) []string {
	var w []string
	say := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	first, late, risen := 0, 0, 0
	for i, s := range r.Steps {
		if s.Used && first == 0 {
			first = i + 1
		}
		if late == 0 && b.late(s.SE) {
			late = i + 1
		}
		if risen == 0 && i > 0 && s.SE > 1.05*r.Steps[i-1].SE {
			risen = i + 1
		}
	}
	if first > 0 && r.Steps[first-1].Users > 0 && r.Steps[first-1].Users < fewUsers {
		say("look %d has %d users: the guarantee is asymptotic; set a burn-in of 355 times the metric's squared skewness in the smallest arm", first, r.Steps[first-1].Users)
	}
	if late > 0 {
		say("look %d is past the planned end (standard error %.4g below %.4g): it and later ones are not used", late, r.Steps[late-1].SE, b.PlannedSE)
	}
	if risen > 0 {
		say("the standard error rose from %.4g to %.4g at look %d: looks must be cumulative, and a metric that loses precision with more users has outliers that need a cap", r.Steps[risen-2].SE, r.Steps[risen-1].SE, risen)
	}
	if contradiction > 0 {
		say("look %d excludes all that the looks before had left: the effect changed with time, or the data did", contradiction)
	}
	return w
}
