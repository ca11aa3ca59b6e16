package value

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Source is a supply of ideas of one origin, people or a generator, before any test.
type Source struct {
	Volume float64 `json:"volume"` // ideas, 0 or above, in the unit of the capacity
	// Means is the distribution of its ideas' forecasts, their posterior means before a
	// test. Its SD is the correlation of forecast and truth (see PairCorrelation) times
	// the SD of true effects: without validity it is 0, however much the ideas differ.
	Means stats.Normal `json:"means"`
}

// Bar is what ideas must reach where more are proposed than can be tested, and those
// with the highest forecasts are.
type Bar struct {
	Cut     float64       `json:"cut"`      // c: the lowest forecast tested, the price of one more slot
	PerSlot float64       `json:"per_slot"` // mean forecast of the ideas tested
	Sources []SourceShare `json:"sources"`  // as they were given
}

// SourceShare is one source before the bar.
type SourceShare struct {
	Share    float64 `json:"share"`    // of the slots, a fraction
	Passing  float64 `json:"passing"`  // of its ideas, a fraction
	Marginal float64 `json:"marginal"` // E[(forecast − c)⁺], what one more of its ideas adds
}

// FindBar returns the bar for sources of volumes w and forecasts N(m, r²), with a
// capacity κ of tests, in the unit of the volumes:
//
//	cut        Σ w (1 − Φ(z)) = κ                        z = (c − m)/r
//	marginal   r φ(z) − (c − m)(1 − Φ(z))
//	per slot   c + Σ w·marginal/κ
//
// Volume without validity is worth nothing: ideas of a source with an SD of 0 pass
// only if their mean does, and at the cut itself by lot. The cut is exact to 1e-15 of
// the largest |m| + r, the others are in closed form. The cut may be below 0: then
// there are more slots than ideas worth one.
//
// The error is an *InputError for an invalid source, or a capacity that is not above 0
// or not below the volume of all sources, where nothing is left out.
//
// Source: truncated normal means, Johnson, Kotz & Balakrishnan (1994), Continuous
// Univariate Distributions, vol. 1, ch. 13; the marginal is the envelope theorem's.
func FindBar(sources []Source, capacity float64) (Bar, error) {
	volume := 0.0
	for i, s := range sources {
		field := fmt.Sprintf("sources[%d].", i)
		if err := input.First(input.NonNegative(field+"Volume", s.Volume), input.Finite(field+"Means.Mean", s.Means.Mean), input.NonNegative(field+"Means.SD", s.Means.SD)); err != nil {
			return Bar{}, err
		}
		volume += s.Volume
	}
	if err := input.First(input.Positive("capacity", capacity), input.Check(capacity < volume, "capacity", capacity, "must be below the volume of all sources")); err != nil {
		return Bar{}, err
	}
	b := Bar{Cut: cut(sources, capacity)}
	b.PerSlot = b.Cut
	above, at := demand(sources, b.Cut)
	lot := 0.0 // the chance of an idea whose forecast is the cut
	if at > 0 {
		lot = min(1, max(0, (capacity-above)/at))
	}
	for _, s := range sources {
		over, tie := passing(s.Means, b.Cut)
		share := SourceShare{Passing: over + lot*tie, Marginal: gain(s.Means, b.Cut)}
		share.Share = s.Volume * share.Passing / capacity
		b.PerSlot += s.Volume / capacity * share.Marginal
		b.Sources = append(b.Sources, share)
	}
	return b, nil
}

// cut is where the demand for slots is the capacity, at a point mass if it jumps there.
func cut(sources []Source, capacity float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, s := range sources {
		if above, at := demand(sources, s.Means.Mean); s.Means.SD < exact && above <= capacity && capacity <= above+at && at > 0 {
			return s.Means.Mean
		}
		lo, hi = min(lo, s.Means.Mean-40*s.Means.SD), max(hi, s.Means.Mean+40*s.Means.SD)
	}
	return solve.Bisect(lo, hi, func(c float64) bool {
		above, _ := demand(sources, c)
		return above > capacity
	})
}

// demand is the volume of ideas with forecasts above c, and at c.
func demand(sources []Source, c float64) (above, at float64) {
	for _, s := range sources {
		over, tie := passing(s.Means, c)
		above, at = above+s.Volume*over, at+s.Volume*tie
	}
	return above, at
}

func passing(n stats.Normal, c float64) (over, tie float64) {
	switch {
	case n.SD >= exact:
		return norm.CDF((n.Mean - c) / n.SD), 0
	case n.Mean > c:
		return 1, 0
	case n.Mean == c:
		return 0, 1
	}
	return 0, 0
}

// gain is E[(X − c)⁺].
func gain(n stats.Normal, c float64) float64 {
	if n.SD < exact {
		return max(0, n.Mean-c)
	}
	return gradient(c-n.Mean, n.SD)
}
