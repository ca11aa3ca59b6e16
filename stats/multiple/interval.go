package multiple

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Intervals returns an interval for each of m estimates such that all of them hold
// their true effects together with probability level in (0, 1), zero meaning 0.95:
//
//	δ̂ᵢ ± z₁₋ₐ/₂ seᵢ      a = (1 − level)/m            (Bonferroni, any dependence)
//	                     a = 1 − level^(1/m)          (Sidak, jointly normal estimates)
//
// Other corrections have no such intervals: an error. Each Interval carries the
// level of the family.
//
// Source: Šidák (1967), "Rectangular confidence regions for the means of
// multivariate normal distributions", JASA 62:626–633.
func Intervals(es []stats.Estimate, c Correction, level float64) ([]stats.Interval, error) {
	level = cmp.Or(level, 0.95)
	if err := input.First(input.Check(c == Bonferroni || c == Sidak, "c", 0, "only Bonferroni and Sidak give simultaneous intervals"),
		input.Fraction("level", level), checkEstimates("es", es)); err != nil {
		return nil, err
	}
	each := (1 - level) / float64(len(es))
	if c == Sidak {
		each = -math.Expm1(math.Log(level) / float64(len(es)))
	}
	intervals := make([]stats.Interval, len(es))
	for i, e := range es {
		intervals[i] = around(e, each, level)
	}
	return intervals, nil
}

// Selected is an estimate that passed a selection, with an interval that allows for it.
type Selected struct {
	Index    int            `json:"index"`    // its place in the list given
	Interval stats.Interval `json:"interval"` // at level 1 − R q/m
}

// SelectedIntervals selects, of m estimates, the R whose two-sided p-values
// 2Φ(−|δ̂/se|) the BH procedure rejects at FDR q in (0, 1), zero meaning 0.05, and
// returns for each
//
//	δ̂ᵢ ± z₁₋ₐ/₂ seᵢ      a = R q/m
//
// The expected share of intervals that miss, among those selected, is at most q
// (FCR ≤ q) for independent or positively dependent estimates; plain intervals of
// winners miss more often. None of them holds 0. The list is empty if nothing is
// selected.
//
// Source: Benjamini & Yekutieli (2005), "False discovery rate–adjusted multiple
// confidence intervals for selected parameters", JASA 100:71–81, Theorem 1.
func SelectedIntervals(es []stats.Estimate, q float64) ([]Selected, error) {
	q = cmp.Or(q, 0.05)
	if err := input.First(input.Fraction("q", q), input.Positive("q", q), checkEstimates("es", es)); err != nil {
		return nil, err
	}
	p := make([]float64, len(es))
	for i, e := range es {
		p[i] = 2 * norm.CDF(-math.Abs(e.Value/e.SE))
	}
	adjusted, err := Adjust(p, BH)
	if err != nil {
		return nil, err
	}
	selected := []Selected{}
	for i, a := range adjusted {
		if a <= q {
			selected = append(selected, Selected{Index: i})
		}
	}
	each := float64(len(selected)) * q / float64(len(es))
	for i, s := range selected {
		selected[i].Interval = around(es[s.Index], each, 1-each)
	}
	return selected, nil
}

// around is the two-sided normal interval that misses with probability miss.
func around(e stats.Estimate, miss, level float64) stats.Interval {
	half := -norm.Quantile(miss/2) * e.SE
	return stats.Interval{Low: e.Value - half, High: e.Value + half, Level: level}
}
