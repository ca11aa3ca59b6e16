package health

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
)

// SampleRatioAlarm is the level below which a split is not what was designed. It
// is strict because a team runs the test on every experiment every day: at
// 0.05 every twentieth sound test would be thrown away. A broken assignment gives
// p-values far below it (Fabijan et al. 2019, §3).
const SampleRatioAlarm = 0.001

// SampleRatioResult is Pearson's test of the observed split of users over arms.
type SampleRatioResult struct {
	ChiSquare   float64 `json:"chi_square"`
	DF          int     `json:"df"`           // arms − 1
	P           float64 `json:"p"`            // probability of a split at least this uneven by chance
	MinExpected float64 `json:"min_expected"` // the smallest Eₐ
	// Exact is P from the multinomial distribution itself instead of χ²; only where
	// some Eₐ is below 5, and there are few enough possible splits to count (200,000).
	Exact    *float64 `json:"p_exact,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// SampleRatio tests whether users were split over the arms as designed:
//
//	χ² = Σ (Oₐ − Eₐ)²/Eₐ      Eₐ = (Σ O) wₐ/Σ w      P = Q((k − 1)/2, χ²/2)
//
// counts are the users Oₐ observed in each of the k ≥ 2 arms; weights wₐ > 0 are
// the designed shares in any scale; Q is the regularised upper incomplete gamma
// function. The approximation wants every Eₐ at least 5: below, a warning says so
// and Exact is the probability, under the multinomial, of a χ² as large. Where there is
// none, P can be far too small (two of three users in one of 500 arms: 6e-19 instead of
// 0.006); SequentialSampleRatio's holds for any number of users. A P below
// SampleRatioAlarm is the alarm: effects of such a test are not to be believed.
// It is one look; for more see SequentialSampleRatio.
//
// Source: Pearson (1900); Fabijan et al. (2019), "Diagnosing Sample Ratio
// Mismatch in Online Controlled Experiments", KDD.
func SampleRatio(counts []int, weights []float64) (SampleRatioResult, error) {
	shares, err := designed(weights)
	if err = input.First(checkCounts("counts", counts, weights), err); err != nil {
		return SampleRatioResult{}, err
	}
	users := 0.0
	for _, n := range counts {
		users += float64(n)
	}
	if users == 0 {
		return SampleRatioResult{}, input.Check(false, "counts", 0, "no users in any arm")
	}
	r := SampleRatioResult{DF: len(counts) - 1, MinExpected: math.Inf(1)}
	for a, n := range counts {
		expected := users * shares[a]
		r.ChiSquare += (float64(n) - expected) * (float64(n) - expected) / expected
		r.MinExpected = math.Min(r.MinExpected, expected)
	}
	if err := input.Finite("weights", r.ChiSquare); err != nil {
		return SampleRatioResult{}, err
	}
	r.P = gamma.ChiSquareTail(r.ChiSquare, r.DF)
	if r.MinExpected < 5 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the smallest arm expects only %s: the χ² approximation needs 5 users", words.Count(r.MinExpected)))
		r.Exact = exactSplit(int(users), shares, r.ChiSquare)
	}
	return r, nil
}

// p is the exact p-value where there is one.
func (r SampleRatioResult) p() float64 {
	if r.Exact != nil {
		return *r.Exact
	}
	return r.P
}

// designed are the shares that the weights stand for.
func designed(weights []float64) ([]float64, error) {
	total := 0.0
	for a, w := range weights {
		if !(w >= 1/input.Max && w <= input.Max) {
			return nil, input.Positive(fmt.Sprintf("weights[%d]", a), w)
		}
		total += w
	}
	shares := make([]float64, len(weights))
	for a, w := range weights {
		shares[a] = w / total
	}
	return shares, nil
}

func checkCounts(list string, counts []int, weights []float64) error {
	if err := input.First(input.Check(len(counts) >= 2, list, float64(len(counts)), "at least two arms are needed"),
		input.Check(len(weights) == len(counts), "weights", float64(len(weights)), "must be as many as counts")); err != nil {
		return err
	}
	for a, n := range counts {
		if n < 0 {
			return input.Check(false, fmt.Sprintf("%s[%d]", list, a), float64(n), "must be 0 or above")
		}
	}
	return nil
}

// exactSplit is the probability that users split by the shares give a χ² of at
// least chi2 (less a rounding error), by going through all splits; nil if those
// are too many.
func exactSplit(users int, shares []float64, chi2 float64) *float64 {
	splits := 1.0
	for a := 1; a < len(shares); a++ {
		splits *= float64(users+a) / float64(a)
	}
	if splits > 200_000 {
		return nil
	}
	p := 0.0
	var place func(arm, left int, lnP, so float64)
	place = func(arm, left int, lnP, so float64) {
		for n := range left + 1 {
			if arm == len(shares)-1 {
				n = left
			}
			expected := float64(users) * shares[arm]
			ln := lnP + float64(n)*math.Log(shares[arm]) - lnFactorial(n)
			sum := so + (float64(n)-expected)*(float64(n)-expected)/expected
			if arm < len(shares)-1 {
				place(arm+1, left-n, ln, sum)
				continue
			}
			if sum >= chi2*(1-1e-9) {
				p += math.Exp(ln)
			}
			return
		}
	}
	place(0, users, lnFactorial(users), 0)
	p = math.Min(1, p)
	return &p
}

func lnFactorial(n int) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}
