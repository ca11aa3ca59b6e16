package quantile

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
)

// Sample is one arm.
type Sample struct {
	Sketch   Sketch   // a Histogram or a Digest of the arm's events
	Clusters Clusters // sums per user where users have several events; zero means independent events
}

// Options of Quantile and Compare.
type Options struct {
	Level float64 // of intervals, in (0, 1); zero means 0.95
}

// Estimate is the quantile of one arm.
type Estimate struct {
	Q            float64        `json:"q"`        // which quantile: 0.95
	Value        float64        `json:"value"`    // in the metric's unit
	SE           float64        `json:"se"`       // its standard error, in the same unit
	Interval     stats.Interval `json:"interval"` // by order statistics, not symmetric
	Units        int            `json:"units"`    // users, or events where these are independent
	Events       float64        `json:"events"`
	DesignEffect float64        `json:"design_effect"` // 1 for independent events
	Resolution   float64        `json:"resolution"`    // width of the bin, or distance of the centroids, in which Value lies
	Warnings     []string       `json:"warnings,omitempty"`
}

// Quantile estimates the q-quantile of the arm, 0 < q < 1, from n events with design
// effect d (as if there were n/d independent ones):
//
//	value    = F⁻¹(q)
//	interval = F⁻¹(mass k_L − ½) … F⁻¹(mass k_U − ½), the binomial interval of the rank
//	SE       = √(d q(1 − q)/n) · (F⁻¹(q + h) − F⁻¹(q − h)) / (q(1 − q)(logit(q + h) − logit(q − h)))
//
// F⁻¹ is the sketch's quantile function (package comment), k_L and k_U are the
// order statistics of the exact binomial interval for n/d events, with
// fractions, and h is the bandwidth of Hall & Sheather for n/d events, at most
// half the distance of q to 0 or 1. The slope is taken over logit q = log(q/(1 − q)),
// in which a quantile function with a tail is nearly straight; over q itself the
// SE of a p99 of 10,000 events would be 7% too large (and is the same at the median).
// The interval needs no density and so holds in tails and near point masses where
// the SE is rough; use the SE to compare arms.
//
// An end of the interval beyond the known values stands at the last known one,
// with a warning. A quantile that lies beyond them itself is an error.
//
// Sources: Woodruff (1952), JASA 47:635–646; Hutson (1999), Journal of
// Applied Statistics 26:343–353; Hall & Sheather (1988), JRSS B 50:381–391; for
// clusters Deng, Knoblich & Lu (2018), KDD, §4.
func (s Sample) Quantile(q float64, o Options) (Estimate, error) { return s.quantile("", q, o) }

func (s Sample) quantile(prefix string, q float64, o Options) (Estimate, error) {
	level, sketch := cmp.Or(o.Level, 0.95), value(s.Sketch)
	if err := input.First(input.Fraction("q", q), input.Fraction("Level", level),
		input.Check(sketch != nil, prefix+"Sketch", 0, "an arm needs a Histogram or a Digest")); err != nil {
		return Estimate{}, err
	}
	c, err := sketch.curve(prefix + "Sketch.")
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{Q: q, Value: c.at(q * c.total), Units: int(math.Round(c.total)), Events: c.total, DesignEffect: 1, Resolution: c.resolution(q * c.total)}
	if s.Clusters != (Clusters{}) {
		if e.DesignEffect, err = s.Clusters.designEffect(prefix + "Clusters."); err != nil {
			return Estimate{}, err
		}
		e.Units = s.Clusters.Users
	}
	if err := input.First(
		input.Check(q*c.total >= c.low, "q", q, "lies below the first known value of "+prefix+"Sketch: begin the bins lower, or give Min"),
		input.Check(q*c.total <= c.high, "q", q, "lies above the last known value of "+prefix+"Sketch: end the bins higher, or give Max")); err != nil {
		return Estimate{}, err
	}
	return e.uncertainty(c, level).warn(s.Clusters), nil
}

// uncertainty adds the interval and the standard error.
func (e Estimate) uncertainty(c curve, level float64) Estimate {
	// Users that all answer alike leave a design effect of 0: as good as any number of events.
	scale := max(e.DesignEffect, 1e-9)
	n := c.total / scale
	low, high, openLow, openHigh := ranks(n, e.Q, level)
	low, high = low*scale, high*scale
	e.Interval = stats.Interval{Low: min(c.at(low), e.Value), High: max(c.at(high), e.Value), Level: level}
	if openLow || low < c.low {
		e.Interval.Low = min(c.knots[0].value, e.Value)
		e.Warnings = append(e.Warnings, "the interval is open below: its low end is the lowest known value, not a limit")
	}
	if openHigh || high > c.high {
		e.Interval.High = max(c.knots[len(c.knots)-1].value, e.Value)
		e.Warnings = append(e.Warnings, "the interval is open above: its high end is the highest known value, not a limit")
	}
	h := bandwidth(n, e.Q, level)
	from, to := max((e.Q-h)*c.total, c.low), min((e.Q+h)*c.total, c.high)
	if to > from {
		e.SE = (c.at(to) - c.at(from)) / (logit(to/c.total) - logit(from/c.total)) / math.Sqrt(n*e.Q*(1-e.Q))
	}
	return e
}

func logit(q float64) float64 { return math.Log(q / (1 - q)) }

func (e Estimate) warn(c Clusters) Estimate {
	say := func(format string, args ...any) { e.Warnings = append(e.Warnings, fmt.Sprintf(format, args...)) }
	if width := e.Interval.High - e.Interval.Low; e.Resolution > width && width > 0 {
		say("the resolution dominates: the interval (width %.3g) lies inside one bin or gap of width %.3g, and no value in it is known better than that", width, e.Resolution)
	}
	if beyond := e.Events / max(e.DesignEffect, 1e-9) * min(e.Q, 1-e.Q); beyond < 30 {
		say("only %s independent events lie beyond the quantile: the standard error is rough below 30", words.Count(beyond))
	}
	if e.SE == 0 {
		say("the quantile is a point mass and its standard error 0: compare the share of events at or below it instead")
	}
	if c == (Clusters{}) {
		return e
	}
	if p := c.Below / c.Events; math.Abs(p-e.Q) > 0.2*min(e.Q, 1-e.Q) {
		say("the sums per user are of a threshold with %.4g%% of the events below it, far from %.4g%%: the design effect is that of another quantile", 100*p, 100*e.Q)
	}
	if math.Abs(c.Events-e.Events) > 0.01*e.Events {
		say("the sums per user count %s events, the sketch %s", words.Count(c.Events), words.Count(e.Events))
	}
	if c.Users < 100 {
		say("%d users: the design effect is rough below 100", c.Users)
	}
	return e
}

// Arm presents the quantile as a mean, so that the comparisons of stats/effect
// answer for it: N are the units, Mean is the quantile, and Variance/N is its
// squared standard error.
func (e Estimate) Arm() effect.Arm {
	return effect.Arm{N: e.Units, Mean: e.Value, Variance: e.SE * e.SE * float64(e.Units)}
}
