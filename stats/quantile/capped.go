package quantile

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/input"
)

// CappedMean is a mean that extreme values cannot dominate.
type CappedMean struct {
	Arm effect.Arm `json:"arm"` // units, mean and variance of the capped (or kept) values
	// Bound is how far Arm.Mean can be from the same mean of the raw values: 0
	// where bins end at the caps. For a digest it takes the events of a centroid
	// to lie between its neighbours, which t-digests keep only nearly.
	Bound     float64  `json:"bound"`
	ShareLow  float64  `json:"share_low"`  // of the units, below Limits.Low
	ShareHigh float64  `json:"share_high"` // of the units, above Limits.High
	Warnings  []string `json:"warnings,omitempty"`
}

// Winsorised returns the mean of min(max(y, Low), High) over the units of a
// sketch: one value per unit, since there is no room for clusters here.
//
//	mean = Σ capped / n      variance = (Σ capped² − n mean²)/(n − 1)
//
// Bins between the caps count with their own sums, bins beyond them with the cap:
// both are exact. In a bin that a cap divides, the values are taken to have a density
// with the bin's mean, a straight line or, for a mean near an end, a power; Bound
// tells the most that any values with this count and mean could differ (Jensen's
// inequality and its chord).
//
// The variance takes the caps as fixed. Caps from pooled data are estimates, but
// moving a common cap by δ moves the difference of two arms only by δ times the
// difference of their shares above it, which is 0 where the arms are alike: tests and
// intervals of the difference stay right (checked by simulation). One arm's mean on
// its own is less sure than its variance says, by ShareHigh times the cap's standard
// error.
//
// Source: Wilcox (2017), Introduction to Robust Estimation and Hypothesis Testing,
// 4th ed., §3.3, with caps in the metric's unit instead of each sample's ranks.
func Winsorised(s Sketch, limits Limits) (CappedMean, error) { return capped(s, limits, true) }

// Trimmed returns the mean of the units with Low ≤ y < High, and drops the others.
// N is the number kept (rounded), so that Variance/N is the squared standard error
// of the mean of those within fixed limits. In a bin that a limit divides, the kept
// part is interpolated as in Winsorised; Bound covers any share of the bin.
//
// A treatment that moves units across a limit changes who is averaged: prefer
// Winsorised to compare arms.
//
// Source: Tukey & McLaughlin (1963), Sankhyā A 25:331–352; the bins are our own.
func Trimmed(s Sketch, limits Limits) (CappedMean, error) { return capped(s, limits, false) }

func capped(s Sketch, limits Limits, keep bool) (CappedMean, error) {
	s = value(s)
	if err := input.First(input.Check(s != nil, "s", 0, "a mean needs a Histogram or a Digest"), limits.check()); err != nil {
		return CappedMean{}, err
	}
	cells, err := s.cells("s.")
	if err != nil {
		return CappedMean{}, err
	}
	var total tally
	for _, c := range cells {
		part, err := c.capped(limits)
		if err != nil {
			return CappedMean{}, err
		}
		total.add(part, limits, keep)
	}
	return total.mean(keep)
}

// tally adds the parts up.
type tally struct {
	all, count, sum, squares float64 // all units; those in the mean, with their sums
	below, above             float64 // units beyond the limits
	fewer, more              float64 // Σ of capped values at least and at most
	loose                    []part  // bins that a limit divides
}

func (t *tally) add(p part, limits Limits, keep bool) {
	t.all += p.inside.count + p.below + p.above
	t.below += p.below
	t.above += p.above
	t.count += p.inside.count
	t.sum += p.inside.sum
	t.squares += p.inside.squares
	t.fewer += p.fewer
	t.more += p.more
	if p.divided {
		t.loose = append(t.loose, p)
	}
	if !keep {
		return
	}
	for _, beyond := range []struct{ count, cap float64 }{{p.below, limits.Low}, {p.above, limits.High}} {
		if beyond.count > 0 {
			t.count += beyond.count
			t.sum += beyond.count * beyond.cap
			t.squares += beyond.count * beyond.cap * beyond.cap
		}
	}
}

func (t *tally) mean(keep bool) (CappedMean, error) {
	if err := input.Check(t.count >= 1.5 && t.count <= 1e18, "limits", t.count, "a variance needs at least 2 units in the mean (at most 1e18)"); err != nil {
		return CappedMean{}, err
	}
	mean := t.sum / t.count
	m := CappedMean{
		Arm:      effect.Arm{N: int(math.Round(t.count)), Mean: mean, Variance: max(0, t.squares/t.count-mean*mean) * t.count / (t.count - 1)},
		ShareLow: t.below / t.all, ShareHigh: t.above / t.all,
	}
	if keep {
		m.Bound = max(t.more, -t.fewer) / t.count
	} else {
		m.Bound = t.trimBound(mean)
	}
	if se := math.Sqrt(m.Arm.Variance / t.count); m.Bound > se {
		m.Warnings = append(m.Warnings, fmt.Sprintf("a limit divides a bin: the mean is known to ±%.3g only, more than its standard error %.3g; round the limit to a bin's edge", m.Bound, se))
	}
	return m, nil
}

// trimBound tries every corner: all or none of a divided bin kept, at its lowest or
// its highest value. The mean is monotone between corners.
func (t *tally) trimBound(mean float64) float64 {
	corners := []struct{ count, sum float64 }{{t.count, t.sum}}
	for _, p := range t.loose {
		for _, c := range corners {
			count, sum := c.count-p.inside.count, c.sum-p.inside.sum
			corners = append(corners, struct{ count, sum float64 }{count + p.whole, sum + p.whole*p.low}, struct{ count, sum float64 }{count + p.whole, sum + p.whole*p.high},
				struct{ count, sum float64 }{count, sum})
		}
	}
	bound := 0.0
	for _, c := range corners {
		if c.count >= 0.5 {
			bound = max(bound, math.Abs(c.sum/c.count-mean))
		}
	}
	for _, p := range t.loose { // nothing else kept: anything within the bin is possible
		if t.count-p.inside.count < 0.5 {
			bound = max(bound, mean-p.low, p.high-mean)
		}
	}
	return bound
}
