package dashboard

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/insights"
)

// winsChart is the share of arms that won by period; nil for fewer than two.
func winsChart(periods []insights.Period) *chart {
	if len(periods) < 2 {
		return nil
	}
	high := 0.0
	for _, p := range periods {
		high = math.Max(high, p.Interval.High)
	}
	c := newChart(scale{low: -0.5, high: float64(len(periods)) - 0.5}, scale{high: math.Max(0.01, high)}, nil, percentTick)
	c.Text = fmt.Sprintf("Share of arms that won, with its interval, from %s to %s", periods[0].Name, periods[len(periods)-1].Name)
	every := 1 + (len(periods)-1)/6 // names of more would run into each other
	for i, p := range periods {
		x := c.at(float64(i))
		if i%every == 0 {
			c.XTicks = append(c.XTicks, tick{X: x, Label: p.Name, Anchor: "middle"})
		}
		c.Bars = append(c.Bars, bar{x, c.up(p.Interval.Low), c.up(p.Interval.High)})
		c.Dots = append(c.Dots, dot{x, c.up(p.Rate), fmt.Sprintf("%s: %s of %s won, %s", p.Name, thousands(float64(p.Won)), plural(p.Arms, "arm", "arms"), percent(p.Rate))})
	}
	return c
}

func percentTick(x, step float64) string { return trimmed(100*x, decimalsOf(100*step)) + "%" }

// decimalsOf is how many decimals tell steps apart.
func decimalsOf(step float64) int { return max(0, int(math.Ceil(-math.Log10(step)-1e-9))) }

// splitRow is the users of all tests split over so many tests.
type splitRow struct {
	Tests, UsersEach, Brings, Normal string
	Now                              bool
	Bar                              float64 // of 100
}

func (d *drawnInsights) tail(t insights.Tail) {
	d.TailHigh = trimmed(t.Interval.High, 1)
	if t.Interval.High >= 1000 {
		d.TailHigh = "no upper end"
	}
	now, most := 0.0, 0.0
	for _, s := range t.Splits {
		most = math.Max(most, s.Fat)
		if s.Times == 1 {
			now = s.Fat
		}
	}
	for _, s := range t.Splits {
		row := splitRow{Tests: trimmed(s.Times, 2) + " ×", UsersEach: people(s.UsersEach), Brings: "–", Now: s.Times == 1}
		if now > 0 {
			row.Brings, row.Bar = trimmed(s.Fat/now, 2)+" ×", tenths(100*math.Max(0, s.Fat)/most)
		}
		d.Splits = append(d.Splits, row)
	}
	d.Tail = tailChart(t)
}

// tailChart is the survival of lifts, both axes logarithmic; nil where there is none.
func tailChart(t insights.Tail) *chart {
	if len(t.Survival) == 0 {
		return nil
	}
	first, last := t.Survival[0], t.Survival[len(t.Survival)-1]
	low := first.Measured
	for _, s := range t.Survival {
		if s.Measured > 0 {
			low = math.Min(low, s.Measured)
		}
		if s.True > 0 {
			low = math.Min(low, math.Max(s.True, 0.1/float64(t.Ideas)))
		}
	}
	c := newChart(scale{first.Lift, last.Lift, true}, scale{low / 1.5, 1, true}, percentTick, percentTick)
	c.XName, c.YName = "distance of the lift from the middle", "share beyond"
	c.Text = fmt.Sprintf("Share of lifts beyond a distance from the middle, both on logarithmic axes: of %s ideas as measured, and of true lifts by a fit with tail index %s", thousands(float64(t.Ideas)), trimmed(t.DF, 1))
	var high, lowest, truly, expected [][2]float64
	for _, s := range t.Survival {
		high, lowest = append(high, [2]float64{s.Lift, s.High}), append(lowest, [2]float64{s.Lift, s.Low})
		truly, expected = append(truly, [2]float64{s.Lift, s.True}), append(expected, [2]float64{s.Lift, s.Expected})
		if s.Measured > 0 {
			c.Dots = append(c.Dots, dot{c.at(s.Lift), c.up(s.Measured), fmt.Sprintf("%s of estimates are farther than %s from the middle", percent(s.Measured), percent(s.Lift))})
		}
	}
	c.area("between", high, lowest)
	c.line("fit", truly)
	c.line("noisy", expected)
	return c
}

// starChart is the lift of the north star against that of one short-term metric.
type starChart struct {
	insights.Proxy
	Chart   *chart
	Shown   int
	Verdict string
}

// weightRow is what a metric says of the north star, in numbers.
type weightRow struct {
	Short, Slope, Share, Weight string
}

// mostEllipses keep a drawing readable: those of the experiments that know most.
const mostEllipses = 60

func (d *drawnInsights) northStar(n insights.NorthStar) {
	for _, p := range n.Pairs {
		if p.Long != n.Target {
			continue
		}
		c, shown := proxyChart(p)
		d.Stars = append(d.Stars, starChart{p, c, shown, verdict(p)})
		row := weightRow{Short: p.Short, Slope: slopeBetween(p.Slope, p.SlopeInterval.Low, p.SlopeInterval.High), Share: fmt.Sprintf("%s (%s … %s)", percent(p.R2), percent(p.R2Interval.Low), percent(p.R2Interval.High))}
		if x := n.Index; x != nil {
			k := slices.Index(x.Metrics, p.Short)
			row.Weight = slopeBetween(x.Weights[k], x.WeightIntervals[k].Low, x.WeightIntervals[k].High)
		}
		d.Weights = append(d.Weights, row)
	}
	d.Careful = n.Warnings()
}

func slopeBetween(x, low, high float64) string {
	return fmt.Sprintf("%s (%s … %s)", slope(x), slope(low), slope(high))
}

// slope prints a slope, weight or correlation with its sign.
func slope(x float64) string {
	text := fmt.Sprintf("%.2f", math.Abs(x))
	switch {
	case text == "0.00":
		return "0"
	case x < 0:
		return minus + text
	}
	return "+" + text
}

// verdict says what a short-term metric is good for.
func verdict(p insights.Proxy) string {
	switch i := p.CorrelationInterval; {
	case i.Contains(0):
		return "It cannot be told whether a lift of it raises or lowers " + p.Long + "."
	case i.High < 0:
		return "Ideas that lift it lower " + p.Long + "."
	case i.Low > 0.8:
		return "Shipping by it is nearly shipping by " + p.Long + "."
	case i.High > 0.8:
		return "It says something of " + p.Long + "; it is not known whether much."
	}
	return "It says something of " + p.Long + ", but cannot stand for it."
}

// proxyChart draws the experiments that know most of both metrics, with an ellipse of
// one standard error each, and the line of the slope through their middle.
func proxyChart(p insights.Proxy) (*chart, int) {
	points := slices.Clone(p.Points)
	if len(points) == 0 {
		return nil, 0
	}
	slices.SortStableFunc(points, func(a, b insights.Point) int { return cmp.Compare(a.Short.SE*a.Long.SE, b.Short.SE*b.Long.SE) })
	points = points[:min(mostEllipses, len(points))]
	x, y := scale{}, scale{}
	var weights, mx, my float64
	for _, e := range points {
		x.low, x.high = math.Min(x.low, e.Short.Value-e.Short.SE), math.Max(x.high, e.Short.Value+e.Short.SE)
		y.low, y.high = math.Min(y.low, e.Long.Value-e.Long.SE), math.Max(y.high, e.Long.Value+e.Long.SE)
		w := 1 / (e.Short.SE * e.Long.SE)
		weights, mx, my = weights+w, mx+w*e.Short.Value, my+w*e.Long.Value
	}
	mx, my = mx/weights, my/weights
	c := newChart(x, y, shortLift, shortLift)
	c.XName, c.YName = "lift of "+p.Short, "lift of "+p.Long
	c.Text = fmt.Sprintf("Lifts of %s against those of %s; slope of true lifts %s, interval %s to %s", p.Short, p.Long, slope(p.Slope), slope(p.SlopeInterval.Low), slope(p.SlopeInterval.High))
	at := func(slope, x float64) [2]float64 { return [2]float64{x, my + slope*(x-mx)} }
	low, high := p.SlopeInterval.Low, p.SlopeInterval.High
	ends := [2]float64{x.low, x.high}
	c.area("between", [][2]float64{at(high, ends[0]), {mx, my}, at(high, ends[1])}, [][2]float64{at(low, ends[0]), {mx, my}, at(low, ends[1])})
	c.line("fit", [][2]float64{at(p.Slope, ends[0]), at(p.Slope, ends[1])})
	for _, e := range points {
		c.spread(e.Short.Value, e.Long.Value, e.Short.SE, e.Long.SE, p.Users.Value)
	}
	return c, len(points)
}

// signed prints an amount of money with its sign.
func signed(x float64, currency string) string {
	if x > 0 {
		return "+" + planner.Money(x, currency)
	}
	return planner.Money(x, currency)
}

// ruleText says how much of what the rule in use seems to return is not there.
func ruleText(row insights.Rule, text func(float64) string) string {
	if !(row.Inflation > 0 && row.PlugIn.Value > 0) {
		return fmt.Sprintf("The rule in use returns %s.", text(row.Total.Value))
	}
	return fmt.Sprintf("The rule in use seems to return %s, by the very estimates by which it chose; %s of that is not there: luck, and a little for deciding on %s of the information.",
		text(row.PlugIn.Value), percent(row.Inflation/row.PlugIn.Value), percent(row.Information))
}
