package meta

import (
	"math"

	"github.com/assay-planner/assay/stats"
)

// Shrunken is a study's own true effect in the light of all studies.
type Shrunken struct {
	Estimate stats.Estimate `json:"estimate"` // best prediction of θᵢ and its standard error
	Interval stats.Interval `json:"interval"` // of θᵢ, at the level of the fit
}

// Shrink predicts the true effect of each study from its own estimate yᵢ, with
// variance vᵢ, and the fit (the best linear unbiased, or empirical Bayes, prediction):
//
//	λᵢ = τ²/(τ² + vᵢ)      λᵢyᵢ + (1 − λᵢ)μ      SE² = λᵢvᵢ + (1 − λᵢ)² SE(μ)²
//
// The variance counts the uncertainty of μ, not that of τ². The studies are those of
// the fit, or new ones of the same kind; with τ² = 0 each gets the mean.
//
// Source: Raudenbush & Bryk (1985), J. Educational Statistics 10:75–98; the same as
// metafor's blup.
func (r Result) Shrink(es []stats.Estimate) ([]Shrunken, error) {
	if err := checkEstimates(es); err != nil {
		return nil, err
	}
	all := make([]Shrunken, len(es))
	for i, e := range es {
		own := math.Hypot(math.Sqrt(r.Tau2), e.SE)
		trust, rest := math.Sqrt(r.Tau2)/own, e.SE/own // λ = trust², 1 − λ = rest²
		x := stats.Estimate{
			Value: r.Mean + trust*trust*(e.Value-r.Mean),
			SE:    math.Hypot(trust*e.SE, rest*rest*r.SE),
		}
		all[i] = Shrunken{x, r.around(x.Value, x.SE, r.Interval.Level)}
	}
	return all, nil
}
