package stats

import (
	"fmt"

	"gonum.org/v1/gonum/mathext"
)

// SampleRatioResult is Pearson's test of the observed split of users over arms.
type SampleRatioResult struct {
	ChiSquare float64
	DF        int     // arms − 1
	P         float64 // probability of a split at least this uneven by chance
}

// SampleRatio tests whether users were split over the arms as designed:
//
//	χ² = Σ (Oₐ − Eₐ)²/Eₐ      Eₐ = (Σ O) wₐ/Σ w      P = Q((k − 1)/2, χ²/2)
//
// counts are the users Oₐ observed in each of the k ≥ 2 arms; weights wₐ > 0 are
// the designed shares in any scale; Q is the regularised upper incomplete gamma
// function. The approximation wants every Eₐ at least 5. A P below 0.001 is a
// common alarm: effects of such a test are not to be believed.
//
// Source: Pearson (1900); Fabijan et al. (2019), "Diagnosing Sample Ratio
// Mismatch in Online Controlled Experiments", KDD.
func SampleRatio(counts []int, weights []float64) (SampleRatioResult, error) {
	k := len(counts)
	if err := first(check(k >= 2, "counts", float64(k), "at least two arms are needed"),
		check(len(weights) == k, "weights", float64(len(weights)), "must be as many as counts")); err != nil {
		return SampleRatioResult{}, err
	}
	users, weight := 0.0, 0.0
	for a, n := range counts {
		if err := first(check(n >= 0, fmt.Sprintf("counts[%d]", a), float64(n), "must be 0 or above"),
			checkPositive(fmt.Sprintf("weights[%d]", a), weights[a])); err != nil {
			return SampleRatioResult{}, err
		}
		users += float64(n)
		weight += weights[a]
	}
	if users == 0 {
		return SampleRatioResult{}, &InputError{"counts", 0, "no users in any arm"}
	}
	chi2 := 0.0
	for a, n := range counts {
		expected := users * (weights[a] / weight)
		chi2 += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return SampleRatioResult{chi2, k - 1, mathext.GammaIncRegComp(float64(k-1)/2, chi2/2)}, nil
}
