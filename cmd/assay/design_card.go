package main

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
)

// card is the design as a list.
func (ans designAnswer) card() []field {
	d, s, q := ans.solved, ans.Sizing, ans.question
	design := []field{
		{"metric", metricText(d)},
		{"effect", effectText(d, s)},
		{"errors", fmt.Sprintf("α %s %s, power %s; z to exceed %s, standard error %s", percent(s.Alpha), d.Sides, powerText(goalPower(d.Goal, s)), brief(s.Critical), errorText(s))},
		{"arms", armsText(d)},
		{"test", testText(d, s)},
		{"variance", varianceText(d, s)},
	}
	if q.traffic != "" {
		design = append(design, field{"traffic", ans.trafficText()})
	}
	if p := q.test.Monitoring.Plan; p != nil {
		text := fmt.Sprintf("%s, α spent by %s", render.Plural(len(p.Stages), "look", "looks"), q.spending)
		if q.futility != "none" {
			text += ", β by " + q.futility + " to stop for futility"
		}
		design = append(design, field{"looks", text})
	} else if !q.once() {
		design = append(design, field{"looks", fmt.Sprintf("any number, always-valid; sized with %d of them", q.test.Monitoring.Price.Looks)})
	}
	return design
}

func metricText(d power.Design) string {
	switch m := d.Metric.(type) {
	case power.Mean:
		text := "mean per user, standard deviation " + brief(m.SD)
		if m.Mean != 0 {
			text = fmt.Sprintf("mean per user of %s, standard deviation %s", brief(m.Mean), brief(m.SD))
		}
		if m.TreatmentSD != 0 && m.TreatmentSD != m.SD {
			text += " in control, " + brief(m.TreatmentSD) + " in treatment"
		}
		return text
	case power.Proportion:
		return "share of users, " + percent(m.Baseline) + " in control"
	case power.Ratio:
		return fmt.Sprintf("ratio of means per user %s/%s = %s, standard deviations %s and %s, covariance %s", brief(m.Numerator), brief(m.Denominator), brief(m.Numerator/m.Denominator),
			brief(math.Sqrt(m.NumeratorVariance)), brief(math.Sqrt(m.DenominatorVariance)), brief(m.Covariance))
	case power.Count:
		text := fmt.Sprintf("%s events per user and unit of exposure", brief(m.Rate))
		if m.Exposure > 0 && m.Exposure != 1 {
			text += fmt.Sprintf(", %s units each", brief(m.Exposure))
		}
		return text + fmt.Sprintf(", dispersion %s", brief(cmp.Or(m.Dispersion, 1)))
	}
	return ""
}

func effectText(d power.Design, s power.Sizing) string {
	var text string
	if s.MDE != 0 {
		text = both(s.MDE, s.RelativeMDE)
		if p, ok := d.Metric.(power.Proportion); ok {
			text = fmt.Sprintf("%s: %s", plus(percent(s.RelativeMDE)), fromTo(p.Baseline, p.Baseline+s.MDE))
		}
	}
	if s.Margin == 0 {
		return text
	}
	margin := "margin of " + strings.TrimPrefix(both(s.Margin, s.RelativeMargin), "+")
	if text == "" {
		return margin + ", no true effect"
	}
	return margin + ", true effect " + text
}

// fromTo is two rates, with the digits that tell them apart: 2% → 2.1%.
func fromTo(a, b float64) string {
	digits := func(x float64, n int) string { return strconv.FormatFloat(100*x, 'g', n, 64) }
	n := 4
	for near := math.Abs(b-a) / 20; n < 15; n++ {
		rounded, _ := strconv.ParseFloat(digits(b, n), 64)
		if math.Abs(rounded/100-b) <= near {
			break
		}
	}
	if n == 4 {
		return fmt.Sprintf("%s → %s", percent(a), percent(b))
	}
	return fmt.Sprintf("%s%% → %s%%", digits(a, n), digits(b, n))
}

// both is an effect relatively and in the metric's unit, as far as it has both.
func both(absolute, relative float64) string {
	if relative == 0 {
		return plus(brief(absolute))
	}
	return fmt.Sprintf("%s (%s in the metric's unit)", plus(percent(relative)), plus(brief(absolute)))
}

func errorText(s power.Sizing) string {
	if s.RelativeSE != 0 {
		return fmt.Sprintf("%.3g%%", 100*s.RelativeSE)
	}
	return brief(s.SE)
}

func armsText(d power.Design) string {
	split := "equal"
	if d.Allocation != 1 {
		split = fmt.Sprintf("%s users of treatment per user of control", brief(d.Allocation))
	}
	if d.Treatments == 1 {
		return fmt.Sprintf("control and one treatment, %s", split)
	}
	return fmt.Sprintf("control and %d treatments, %s; corrected by %s, power that %s is found", d.Treatments, split, correctionText[d.Correction], goalText[d.Goal])
}

var (
	correctionText = map[power.Correction]string{power.Dunnett: "Dunnett", power.Holm: "Holm", power.Bonferroni: "Bonferroni", power.Uncorrected: "nothing"}
	goalText       = map[power.Goal]string{power.OneArm: "a given one", power.AnyArm: "at least one", power.AllArms: "every one"}
)

// testText is empty for the usual test.
func testText(d power.Design, s power.Sizing) string {
	var parts []string
	if d.Test != power.Score {
		parts = append(parts, string(d.Test)+" statistic")
	}
	if d.Reference == power.StudentT {
		parts = append(parts, fmt.Sprintf("t distribution with %s degrees of freedom", brief(s.DF)))
	}
	if d.Strict {
		parts = append(parts, "the wrong sign counts as power")
	}
	if d.LowerIsBetter {
		parts = append(parts, "lower is better")
	}
	return strings.Join(parts, ", ")
}

// varianceText is empty where nothing changes the variance.
func varianceText(d power.Design, s power.Sizing) string {
	var parts []string
	if d.Correlation != 0 {
		parts = append(parts, fmt.Sprintf("covariate with correlation %s takes %s off", brief(d.Correlation), percent(d.Correlation*d.Correlation)))
	}
	if d.Cluster.Size > 0 {
		parts = append(parts, fmt.Sprintf("clusters of %s users with intraclass correlation %s: %s in control, %s in each treatment", brief(d.Cluster.Size), brief(d.Cluster.ICC),
			render.Plural(s.ControlClusters, "cluster", "clusters"), render.Thousands(float64(s.TreatmentClusters))))
	}
	if len(parts) > 0 {
		parts = append(parts, fmt.Sprintf("%s times that of independent users", brief(s.DesignEffect)))
	}
	if d.Population > 0 {
		parts = append(parts, fmt.Sprintf("population of %s users", render.Thousands(d.Population)))
	}
	return strings.Join(parts, "; ")
}

func (ans designAnswer) trafficText() string {
	c := *ans.Traffic
	text := fmt.Sprintf("%s different users in week 1, %s in 4 weeks, %s in 12", render.Count(c.Users(7)), render.Count(c.Users(28)), render.Count(c.Users(84)))
	if s := ans.question.test.Share; s > 0 && s < 1 {
		text += fmt.Sprintf("; %s of them in the test", percent(s))
	}
	if c.Fit.Points == 0 {
		return text
	}
	text += fmt.Sprintf("; %s fitted to %s up to day %s, error %s", modelText[c.Model], render.Plural(c.Fit.Points, "point", "points"), brief(c.Fit.Days), render.Percent(c.Fit.Error))
	if c.Fit.Ahead != 0 {
		text += fmt.Sprintf(", forecast from the first half off by %s", render.Percent(math.Abs(c.Fit.Ahead)))
	}
	return text
}

var modelText = map[reach.Model]string{reach.BetaBinomial: "beta-binomial visits", reach.Geometric: "equal visits", reach.Power: "power law", reach.Line: "line"}
