package power

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// thresholds are what the statistics are compared with: one number, or for Holm
// one for each step, the largest first.
func (p plan) thresholds() []float64 {
	df, k := p.df(), p.Treatments
	switch {
	case k == 1 || p.Correction == Uncorrected:
		return []float64{critical(p.Sides, p.Alpha, df)}
	case p.Correction == Bonferroni:
		return []float64{critical(p.Sides, p.Alpha/float64(k), df)}
	case p.Correction == Holm:
		steps := make([]float64, k)
		for i := range steps {
			steps[i] = critical(p.Sides, p.Alpha/float64(k-i), df)
		}
		return steps
	}
	share := p.contrast.null.share(p.Allocation)
	// Rounding of the share, which no effect changes by more, is below what matters.
	if p.last.df != df || p.last.alpha != p.Alpha || math.Abs(p.last.share-share) > 1e-14 {
		*p.last = lastCritical{df, share, p.Alpha, p.family().critical(p.Alpha)}
	}
	return []float64{p.last.critical}
}

// family is the arms under the null hypothesis.
func (p plan) family() family {
	loadings := make([]float64, p.Treatments)
	for i := range loadings {
		loadings[i] = math.Sqrt(p.contrast.null.share(p.Allocation))
	}
	return family{loadings, p.df(), p.Sides}
}

// critical is the quantile of 1 − α/2 or 1 − α, from the lower tail, which keeps
// small α.
func critical(s stats.Sides, alpha, df float64) float64 {
	if s == stats.TwoSided {
		alpha /= 2
	}
	if math.IsInf(df, 1) {
		return -norm.Quantile(alpha)
	}
	return noncentral.Critical(alpha, df)
}

// level is the inverse of critical.
func level(s stats.Sides, critical, df float64) float64 {
	tail := noncentral.Tail(critical, df, 0)
	if s == stats.TwoSided {
		return 2 * tail
	}
	return tail
}

// level is the type I error of the whole design that has this one threshold.
func (p plan) level(threshold float64) float64 {
	switch k := float64(p.Treatments); {
	case k == 1 || p.Correction == Uncorrected:
		return level(p.Sides, threshold, p.df())
	case p.Correction == Bonferroni:
		return k * level(p.Sides, threshold, p.df())
	}
	return p.family().level(threshold)
}
