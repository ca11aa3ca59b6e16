package analysis

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/internal/words"
)

// verdict is a comparison in one sentence.
func (r Report) verdict(c Comparison) string {
	if c.Result == nil {
		return "no answer: " + c.Problem
	}
	text := change(*c.Result)
	decision := r.corrected(c) + ": " + c.conclusion()
	switch {
	case c.Guardrail != nil:
		text += "; " + c.Guardrail.words(c.LowerIsBetter, c.Sequential)
	case c.Sequential == nil:
		text += ", p " + probability(c.P) + decision
	}
	switch {
	case c.Sequential != nil && c.Guardrail == nil:
		text += "; " + c.Sequential.words()
		if !c.undecided() {
			text += decision
		}
	case c.Course != nil:
		text += "; " + c.Course.words()
	}
	for _, f := range r.Findings {
		if f.Name == "sample-ratio" && f.Status == health.Fail {
			text += "; not to be believed before the split of users is explained"
		}
	}
	return text
}

// change is the effect with its interval: relative if there is a relative one.
func change(r effect.Result) string {
	if r.Lift == nil {
		d := r.Difference
		return fmt.Sprintf("%+.4g in the metric's unit (%s)", d.Value, span(d.Interval, func(x float64) string { return fmt.Sprintf("%+.4g", x) }))
	}
	text := words.Lift
	if width := 400 * r.Lift.SE; width > 0 && width < 1 { // two digits of it, where words.Lift has fewer
		digits := int(min(6, 1-math.Floor(math.Log10(width))))
		text = func(x float64) string { return fmt.Sprintf("%+.*f%%", digits, 100*x) }
	}
	return fmt.Sprintf("%s (%s)", text(r.Lift.Value), span(r.Lift.Interval, text))
}

// span writes an interval as "95%: +0.2% to +2.8%".
func span(i effect.Interval, text func(float64) string) string {
	level := fmt.Sprintf("%.4g%%: ", 100*i.Level)
	switch i.Form {
	case effect.All:
		return level + "excludes nothing"
	case effect.Outside:
		return level + "below " + text(i.Low) + " or above " + text(i.High)
	}
	switch {
	case math.IsInf(i.Low, -1) && math.IsInf(i.High, 1):
		return level + "excludes nothing"
	case math.IsInf(i.Low, -1):
		return level + "at most " + text(i.High)
	case math.IsInf(i.High, 1):
		return level + "at least " + text(i.Low)
	}
	return level + text(i.Low) + " to " + text(i.High)
}

// probability writes p with its sign of comparison: "= 0.02", "< 1e-99".
func probability(p float64) string {
	switch {
	case p < 1e-99:
		return "< 1e-99"
	case p < 1e-4:
		return fmt.Sprintf("= %.0e", p)
	case p < 0.0995:
		return fmt.Sprintf("= %.2g", p)
	}
	return fmt.Sprintf("= %.2f", p)
}

func (r Report) corrected(c Comparison) string {
	if r.Family.Correction == Uncorrected || r.Family.Size < 2 || c.AdjustedP == nil {
		return ""
	}
	name := string(r.Family.Correction)
	if name != strings.ToUpper(name) {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	metrics := map[string]bool{}
	for _, other := range r.Comparisons {
		metrics[other.Metric] = true
	}
	unit := "comparisons"
	if len(metrics) == len(r.Comparisons) {
		unit = "metrics"
	}
	return fmt.Sprintf(", %s after %s over %d %s", strings.TrimPrefix(probability(*c.AdjustedP), "= "), name, r.Family.Size, unit)
}

func (c Comparison) conclusion() string {
	switch {
	case !c.Established:
		return "not established"
	case c.Better:
		return "established, better"
	}
	return "established, worse"
}

func (g Guard) words(lower bool, looks *Looks) string {
	when := ""
	switch {
	case looks != nil && g.Look == 0:
		return looks.words()
	case looks != nil:
		when = fmt.Sprintf(" at look %d of %d", g.Look, g.Looks)
	}
	direction := "below −"
	if lower {
		direction = "above +"
	}
	limit := fmt.Sprintf("%s%.3g%%", direction, 100*g.Margin)
	switch {
	case g.Holds:
		return fmt.Sprintf("not %s%s, p %s: the guardrail holds", limit, when, probability(g.P))
	case g.Broken:
		return fmt.Sprintf("%s%s: the guardrail is broken", limit, when)
	case looks != nil && g.Look < g.Looks:
		return fmt.Sprintf("a change %s is not excluded%s: the guardrail is not shown to hold yet", limit, when)
	}
	return fmt.Sprintf("a change %s is not excluded%s, p %s: the guardrail is not shown to hold", limit, when, probability(g.P))
}

func (c Course) words() string {
	m := c.Monitor
	if day := c.contradicted(); day > 0 {
		return fmt.Sprintf("looking at any time: day %.4g contradicts the days before it, the effect has changed", day)
	}
	_, bounds, _ := strings.Cut(span(effect.Interval{Interval: m.Interval}, words.Lift), ": ")
	text := fmt.Sprintf("looking at any time: %s, always-valid p %s: ", bounds, probability(m.P))
	if m.Decision == anytime.Difference {
		return text + fmt.Sprintf("a difference since day %.4g, the test may stop", c.Day[m.StoppedAt-1])
	}
	return text + "no reason to stop yet"
}

// contradicted is the first day whose bounds exclude all that those before it had
// left, of which the monitor warns; 0: none.
func (c Course) contradicted() float64 {
	for i, s := range c.Monitor.Steps {
		if s.Interval.Low > s.Running.High || s.Interval.High < s.Running.Low {
			return c.Day[i]
		}
	}
	return 0
}

func (l Looks) words() string {
	if l.Verdict == nil {
		return fmt.Sprintf("as planned: no look yet, %.0f%% of the planned users are in", 100*float64(l.Users)/float64(l.PlannedUsers))
	}
	f := l.Inference
	text := fmt.Sprintf("as planned: look %d of %d at %.0f%% of the users, ", l.Verdict.Look, l.Verdict.Of, 100*l.Looks[l.Verdict.Look-1].Information)
	switch {
	case l.Verdict.Direction != 0:
		text += "stop, a boundary is crossed"
	case l.Verdict.Action.Stops():
		text += "stop, no boundary was crossed"
	default:
		return text + "go on"
	}
	return text + fmt.Sprintf("; adjusted for the looks %s (%.4g%%: %s to %s), p %s", words.Lift(f.MedianUnbiased), 100*f.Interval.Level, words.Lift(f.Interval.Low), words.Lift(f.Interval.High), probability(f.PValue))
}
