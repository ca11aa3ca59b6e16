package dashboard

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/returns"
)

// InsightsView is what past experiments teach: a report, or why there is none.
type InsightsView struct {
	Report *insights.Report
	At     time.Time // when it was learned
	// Learning says that one is being made: the first, or one of newer outcomes than those
	// of Report. The page asks again by itself.
	Learning bool
	Empty    bool // there is nothing to learn from yet
	// Metric and NorthStar are what was asked for; "" is the policy's choice.
	Metric, NorthStar string
	Problem           string // why what was asked for cannot be answered; "" is no problem
}

// Insights draws what past experiments teach together.
func Insights(w io.Writer, f Frame, v InsightsView) error {
	if v.Report == nil {
		return render(w, "insights", "Insights", f, drawnInsights{InsightsView: v})
	}
	return render(w, "insights", "Insights", f, v.draw())
}

// drawnInsights is a report with its drawings.
type drawnInsights struct {
	InsightsView
	Level     string
	Totals    []estimateRow
	TotalAxis axis
	Luck      string
	Wins      *chart
	Tail      *chart
	TailHigh  string
	Splits    []splitRow
	Kinds     []kind
	KindAxis  axis
	Stars     []starChart
	Weights   []weightRow
	Careful   []string
	Rules     []ruleRow
	RuleAxis  axis
	GainAxis  axis
	RuleText  string
}

// estimateRow is a number of a table with its interval, in words and drawn.
type estimateRow struct {
	Name, Value, Between string
	Drawn                interval
}

func (v InsightsView) draw() drawnInsights {
	r := v.Report
	d := drawnInsights{InsightsView: v, Level: percent(r.Shipped.Posterior.Interval.Level)}
	d.totals(*r.Shipped)
	d.Wins = winsChart(r.Wins.Periods)
	if r.Tail != nil {
		d.tail(*r.Tail)
	}
	d.kinds(r.Groups)
	if r.NorthStar != nil {
		d.northStar(*r.NorthStar)
	}
	if r.Rules != nil {
		d.rules(*r.Rules)
	}
	return d
}

func (d *drawnInsights) totals(s insights.Shipped) {
	type amount struct {
		name string
		insights.Amount
	}
	point := insights.Amount{Value: s.Measured, Interval: stats.Interval{Low: s.Measured, High: s.Measured}}
	amounts := []amount{{"as measured", point}, {"corrected, by posterior means", s.Posterior}}
	if s.LeeShen != nil {
		amounts = append(amounts, amount{"corrected, by Lee & Shen", *s.LeeShen})
	}
	var spans []stats.Interval
	for _, a := range amounts {
		spans = append(spans, a.Interval)
	}
	d.TotalAxis = axisOver(spans, 240, shortLift)
	for i, a := range amounts {
		row := estimateRow{Name: a.name, Value: lift(a.Value), Drawn: d.TotalAxis.estimate(a.Value, a.Interval.Low, a.Interval.High, a.name+" "+lift(a.Value))}
		if i > 0 {
			row.Between = liftBetween(a.Interval)
			row.Drawn.Text += ", interval " + row.Between
		}
		d.Totals = append(d.Totals, row)
	}
	if s.Measured > 0 && s.Posterior.Value < s.Measured {
		d.Luck = percent(math.Min(1, 1-s.Posterior.Value/s.Measured))
	}
}

func liftBetween(i stats.Interval) string { return lift(i.Low) + " … " + lift(i.High) }

// kind is a trait that ideas are told apart by, with what each of its values brought.
type kind struct {
	By, Name string
	Open     bool
	Rows     []kindRow
}

type kindRow struct {
	insights.Group
	Between string
	Drawn   interval
}

func (d *drawnInsights) kinds(groups []insights.Group) {
	var spans []stats.Interval
	for _, g := range groups {
		spans = append(spans, g.Mean.Interval)
	}
	d.KindAxis = axisOver(spans, 160, shortLift)
	for _, g := range groups {
		if n := len(d.Kinds); n == 0 || d.Kinds[n-1].By != g.By {
			d.Kinds = append(d.Kinds, kind{By: g.By, Name: kindName(g.By), Open: n < 2})
		}
		last := &d.Kinds[len(d.Kinds)-1]
		between := liftBetween(g.Mean.Interval)
		text := fmt.Sprintf("%s: mean true lift %s, interval %s", g.Name, lift(g.Mean.Value), between)
		last.Rows = append(last.Rows, kindRow{g, between, d.KindAxis.estimate(g.Mean.Value, g.Mean.Interval.Low, g.Mean.Interval.High, text)})
	}
}

func kindName(by string) string {
	if by == "change_type" {
		return "type of change"
	}
	if by == "segment" {
		return "segment of users"
	}
	return by
}

// ruleRow is a ship rule with what it returns, and its gain over the one in use.
type ruleRow struct {
	Name                  string
	InUse                 bool
	Ships                 string
	Return, Between, Seem string
	Gain, GainBetween     string
	Drawn, DrawnGain      interval
}

func (d *drawnInsights) rules(r insights.Rules) {
	text, label := lift, shortLift
	if r.Currency != "" {
		text = func(x float64) string { return signed(x, r.Currency) }
		label = func(x, _ float64) string { return signed(x, r.Currency) }
	}
	var totals, gains []stats.Interval
	for _, row := range r.Rows {
		totals, gains = append(totals, row.Total.Interval), append(gains, row.Gain.Interval)
	}
	d.RuleAxis, d.GainAxis = axisOver(totals, 180, label), axisOver(gains, 180, label)
	between := func(a returns.Amount) string { return text(a.Interval.Low) + " … " + text(a.Interval.High) }
	for _, row := range r.Rows {
		drawn := ruleRow{Name: row.Rule, InUse: row.Rule == r.Current, Ships: thousands(math.Round(row.Shipped)), Return: text(row.Total.Value), Between: between(row.Total), Seem: text(row.PlugIn.Value),
			Drawn: d.RuleAxis.estimate(row.Total.Value, row.Total.Interval.Low, row.Total.Interval.High, "returns "+text(row.Total.Value)+", interval "+between(row.Total))}
		if drawn.InUse {
			d.RuleText = ruleText(row, text)
		} else {
			drawn.Gain, drawn.GainBetween = text(row.Gain.Value), between(row.Gain)
			drawn.DrawnGain = d.GainAxis.estimate(row.Gain.Value, row.Gain.Interval.Low, row.Gain.Interval.High, "gain "+drawn.Gain+", interval "+drawn.GainBetween)
		}
		d.Rules = append(d.Rules, drawn)
	}
}
