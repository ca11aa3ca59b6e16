package health

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Day is the effect measured on one day of a test.
type Day struct {
	Day int `json:"day"` // since the start, or since a user's first exposure; the first is 0
	stats.Estimate
}

// Course says what an effect does as days pass.
type Course string

const (
	Stable   Course = "stable"  // no trend is established
	Fading   Course = "novelty" // the effect shrinks: users get used to what is new
	Emerging Course = "primacy" // the effect grows: users learn what is new
)

// Trend is a straight line through the daily effects, over a function x of the day.
type Trend struct {
	Slope   stats.Estimate `json:"slope"` // change of the effect per unit of x
	Z       float64        `json:"z"`
	P       float64        `json:"p"`        // two-sided p-value of no slope
	First   stats.Estimate `json:"first"`    // the line on the first day
	Last    stats.Estimate `json:"last"`     // the line on the last day
	LongRun stats.Estimate `json:"long_run"` // the line at NoveltyOptions.LongRun
	Misfit  float64        `json:"misfit"`   // Cochran's Q of the days about the line
	DF      int            `json:"df"`       // days − 2
	MisfitP float64        `json:"misfit_p"`
}

// NoveltyResult is the course of an effect over days.
type NoveltyResult struct {
	Course Course         `json:"course"` // by ByLogDay
	Mean   stats.Estimate `json:"mean"`   // the weighted mean effect of all days
	// ByDay is the trend over days, ByLogDay over ln(day + 1), which flattens, and
	// Plateau over 1/(day + 1), which ends at a level.
	ByDay    Trend `json:"by_day"`
	ByLogDay Trend `json:"by_log_day"`
	Plateau  Trend `json:"plateau"`
	// LongRun is the effect at NoveltyOptions.LongRun: the mean of ByLogDay's and
	// Plateau's, each weighed by how well it fits; its SE counts their
	// difference. A line over days is left out, because it runs off to any value.
	LongRun stats.Estimate `json:"long_run"`
	// Weekdays needs 14 days with each weekday at least twice; else it is nil.
	Weekdays   *Weekdays `json:"weekdays,omitempty"`
	WholeWeeks bool      `json:"whole_weeks"` // days without a gap that make whole weeks
	Warnings   []string  `json:"warnings,omitempty"`
}

// NoveltyOptions says how days hang together; the zero value is daily new users.
type NoveltyOptions struct {
	// Correlation ρ in [0, 1) of the errors of any two days. 0 is right if every
	// user counts on one day only. Where the same users return, daily effects share
	// their errors: ρ is then about the metric's correlation between two days of a user;
	// leaving it out makes the trend's test too cautious and the mean's SE too small.
	Correlation float64
	Alpha       float64 // level of the trend's test, two-sided, in (0, 1); zero means 0.05
	LongRun     int     // day to extrapolate to; zero means 90
}

// Novelty fits the course of an effect from n ≥ 3 daily estimates (increasing days,
// known standard errors), by generalised least squares with covariances
// ρ SEᵢ SEⱼ:
//
//	effect = a + b x + error      x = day, ln(day + 1) or 1/(day + 1)      z = b̂/SE(b̂)
//
// with SE(b̂) and the standard errors of all fitted and extrapolated effects from
// (XᵀV⁻¹X)⁻¹. The course is novelty if the trend in ln(day + 1) is significant and
// the fitted effect is nearer to 0 on the last day than on the first, primacy if
// it is farther.
//
// Two weeks cannot tell a course that goes on from one that has ended. The long run
// is therefore a mean over both forms m, with weights w ∝ exp(−Q_m/2) by their
// misfits and variance Σ w_m (SE_m² + (value_m − mean)²). In simulations of either
// form its 95% interval holds the effect of day 60 in 0.90 to 0.99 of tests; that of
// the log trend alone in none, where the effect has a level and is well measured.
//
// Weekdays adds seven levels to the log trend: Q is the drop in the weighted sum
// of squares, χ² with as many degrees of freedom as the levels add.
//
// Use effects by days since a user's first exposure if there are any: effects by
// calendar day mix users who are new with users who are not, which flattens the trend.
//
// Sources: Seber & Lee (2003), Linear Regression Analysis, §3.10; Cochran (1954),
// Biometrics 10:101–129; Kohavi, Tang & Xu (2020), Trustworthy Online Controlled
// Experiments, ch. 3 (novelty and primacy); Hoeting et al. (1999), "Bayesian Model
// Averaging", Statistical Science 14:382–417, §1 (the long run).
func Novelty(days []Day, o NoveltyOptions) (NoveltyResult, error) {
	alpha, longRun := cmp.Or(o.Alpha, 0.05), o.LongRun
	if longRun == 0 {
		longRun = 90
	}
	if err := input.First(input.Fraction("Alpha", alpha), checkDays(days),
		input.Check(o.Correlation >= 0 && o.Correlation <= 0.999, "Correlation", o.Correlation, "must lie from 0 to 0.999"),
		input.Check(longRun > 0 && longRun <= maxDay, "LongRun", float64(longRun), "must be from 1 to 100,000")); err != nil {
		return NoveltyResult{}, err
	}
	r := NoveltyResult{Course: Stable, WholeWeeks: wholeWeeks(days)}
	mean, err := regress(days, o.Correlation, func(Day) []float64 { return []float64{1} })
	if err != nil {
		return NoveltyResult{}, err
	}
	r.Mean = mean.at([]float64{1})
	if r.ByDay, err = trend(days, o.Correlation, longRun, func(day int) float64 { return float64(day) }); err != nil {
		return NoveltyResult{}, err
	}
	if r.ByLogDay, err = trend(days, o.Correlation, longRun, logDay); err != nil {
		return NoveltyResult{}, err
	}
	if r.Plateau, err = trend(days, o.Correlation, longRun, func(day int) float64 { return 1 / float64(day+1) }); err != nil {
		return NoveltyResult{}, err
	}
	r.LongRun = averaged(r.ByLogDay, r.Plateau)
	if r.ByLogDay.P < alpha {
		r.Course = Fading
		if math.Abs(r.ByLogDay.Last.Value) > math.Abs(r.ByLogDay.First.Value) {
			r.Course = Emerging
		}
	}
	if r.Weekdays, err = weekdays(days, o.Correlation); err != nil {
		return NoveltyResult{}, err
	}
	r.warn(days, longRun)
	return r, nil
}

const maxDay = 100_000

func logDay(day int) float64 { return math.Log1p(float64(day)) }

func checkDays(days []Day) error {
	if err := input.Check(len(days) >= 3, "days", float64(len(days)), "a trend needs at least 3 days"); err != nil {
		return err
	}
	for i, d := range days {
		name := fmt.Sprintf("days[%d].", i)
		if err := input.First(input.Finite(name+"Value", d.Value), input.Positive(name+"SE", d.SE),
			input.Check(d.Day >= 0 && d.Day <= maxDay, name+"Day", float64(d.Day), "must be from 0 to 100,000"),
			input.Check(i == 0 || d.Day > days[max(i-1, 0)].Day, name+"Day", float64(d.Day), "must be after the day before in the list"),
			input.Check(math.Abs(d.Value) <= 1e20*d.SE, name+"Value", d.Value, "is more than 1e20 standard errors")); err != nil {
			return err
		}
	}
	return nil
}

// trend fits a line over x(day), centred for the sake of rounding.
func trend(days []Day, rho float64, longRun int, x func(int) float64) (Trend, error) {
	centre := middle(days, x)
	row := func(day int) []float64 { return []float64{1, x(day) - centre} }
	fit, err := regress(days, rho, func(d Day) []float64 { return row(d.Day) })
	if err != nil {
		return Trend{}, err
	}
	t := Trend{Slope: fit.at([]float64{0, 1}), Misfit: fit.q, DF: fit.df}
	t.Z = t.Slope.Value / t.Slope.SE
	t.P = 2 * norm.CDF(-math.Abs(t.Z))
	t.First, t.Last = fit.at(row(days[0].Day)), fit.at(row(days[len(days)-1].Day))
	t.LongRun = fit.at(row(longRun))
	t.MisfitP = gamma.ChiSquareTail(t.Misfit, t.DF)
	return t, nil
}

// averaged is the long run by two trends, which have as many parameters.
func averaged(a, b Trend) stats.Estimate {
	w := 1 / (1 + math.Exp((a.Misfit-b.Misfit)/2)) // weight of a
	apart := a.LongRun.Value - b.LongRun.Value
	return stats.Estimate{
		Value: b.LongRun.Value + w*apart,
		SE:    math.Sqrt(w*a.LongRun.SE*a.LongRun.SE + (1-w)*b.LongRun.SE*b.LongRun.SE + w*(1-w)*apart*apart),
	}
}

func middle(days []Day, x func(int) float64) float64 {
	sum, weight := 0.0, 0.0
	for _, d := range days {
		w := (days[0].SE / d.SE) * (days[0].SE / d.SE)
		sum += w * x(d.Day)
		weight += w
	}
	return sum / weight
}

func (r *NoveltyResult) warn(days []Day, longRun int) {
	say := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	if !r.WholeWeeks {
		say("%d of the first %d days do not make whole weeks: weekdays count unequally", len(days), days[len(days)-1].Day+1)
	}
	if last := days[len(days)-1].Day; longRun > 4*(last+1) {
		say("day %d is far beyond the %d days seen: the long run rests on how the course goes on", longRun, last+1)
	}
	if r.ByLogDay.MisfitP < 0.01 {
		say("days scatter about the trend more than their standard errors say (p = %.2g): those are too small, or the course is no such trend", r.ByLogDay.MisfitP)
	}
}
