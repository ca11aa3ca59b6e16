package dashboard

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/stats"
)

// axis places lifts on a drawing that is width units wide, the same for all
// rows of a table, so that rows can be compared by eye.
type axis struct {
	low, high float64
	Width     float64
	Ticks     []tick
	label     func(x, step float64) string
}

type tick struct {
	X      float64
	Label  string
	Anchor string // start, middle or end, so that labels stay inside
	Zero   bool
}

// axisOf spans zero and the intervals of the forecasts, but for the widest few
// in a hundred: fat tails would squeeze everything else into a point. What is
// beyond is drawn as cut off.
func axisOf(fs []planner.Forecast, width float64) axis {
	var lows, highs []float64
	for _, f := range fs {
		lows, highs = append(lows, f.Low), append(highs, f.High)
	}
	low, high := math.Min(0, quantile(lows, 0.03)), math.Max(0, quantile(highs, 0.97))
	return axisFrom(low, high, width, shortLift)
}

// axisFrom spans zero and both ends, with some room; label prints a tick.
func axisFrom(low, high, width float64, label func(x, step float64) string) axis {
	if high-low < 1e-6 {
		low, high = -0.001, 0.001
	}
	span := high - low // zero is never at the very edge
	a := axis{low: math.Min(low-0.06*span, -0.15*span), high: math.Max(high+0.06*span, 0.15*span), Width: width, label: label}
	a.Ticks = a.ticks()
	return a
}

// axisOver spans zero and all of the intervals.
func axisOver(all []stats.Interval, width float64, label func(x, step float64) string) axis {
	low, high := 0.0, 0.0
	for _, i := range all {
		low, high = math.Min(low, i.Low), math.Max(high, i.High)
	}
	return axisFrom(low, high, width, label)
}

func quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(xs))
	return sorted[int(math.Round(q*float64(len(sorted)-1)))]
}

// x places a lift, held at the edges.
func (a axis) x(lift float64) float64 {
	at := a.Width * (lift - a.low) / (a.high - a.low)
	return math.Round(10*math.Max(0, math.Min(a.Width, at))) / 10
}

// ticks are round numbers: zero and two to four others.
func (a axis) ticks() []tick {
	step := roundStep((a.high - a.low) / math.Max(3.2, a.Width/70))
	var all []tick
	for k := math.Ceil(a.low / step); k*step <= a.high; k++ {
		t := tick{X: a.x(k * step), Label: a.label(k*step, step), Anchor: "middle", Zero: k == 0}
		if t.X < a.Width*0.1 {
			t.Anchor = "start"
		} else if t.X > a.Width*0.9 {
			t.Anchor = "end"
		}
		all = append(all, t)
	}
	return all
}

// roundStep is the smallest of 1, 2, 5 times a power of ten that is not below x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// shortLift prints a tick with no more digits than its step has.
func shortLift(x, step float64) string {
	decimals := max(0, int(math.Ceil(-math.Log10(100*step)-1e-9)))
	text := trimmed(100*math.Abs(x), decimals)
	switch {
	case text == "0":
		return "0"
	case x < 0:
		return minus + text + "%"
	}
	return "+" + text + "%"
}

// interval is a forecast, or any estimate, drawn on an axis: its interval, the part
// below zero apart from the part above, and its mean.
type interval struct {
	axis
	Zero, Low, High, Mean float64
	Loss, Gain            span // parts of the interval on either side of zero
	CutLow, CutHigh       bool // goes on beyond the drawing
	Text                  string
}

type span struct{ X, Width float64 }

func between(from, to float64) span { return span{from, math.Round(10*(to-from)) / 10} }

// EndX is where the arrow begins that says "it goes on".
func (v interval) EndX() float64 { return v.Width - 4 }

func (a axis) interval(f planner.Forecast) interval {
	return a.estimate(f.Mean, f.Low, f.High, fmt.Sprintf("Expected lift %s; with 80%% probability between %s and %s", lift(f.Mean), lift(f.Low), lift(f.High)))
}

func (a axis) estimate(mean, low, high float64, text string) interval {
	v := interval{axis: a, Zero: a.x(0), Low: a.x(low), High: a.x(high), Mean: a.x(mean), CutLow: low < a.low, CutHigh: high > a.high, Text: text}
	if v.Low < v.Zero {
		v.Loss = between(v.Low, math.Min(v.High, v.Zero))
	}
	if v.High > v.Zero {
		v.Gain = between(math.Max(v.Low, v.Zero), v.High)
	}
	return v
}
