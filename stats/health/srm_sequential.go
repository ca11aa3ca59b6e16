package health

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
)

// SequentialResult is the test of the split at every look so far.
type SequentialResult struct {
	P              float64     `json:"p"`                // always-valid p-value at the last look
	LogBayesFactor float64     `json:"log_bayes_factor"` // of a mismatch against the design, at the last look
	AlarmAt        int         `json:"alarm_at"`         // number of the first look, from 1, with P below SampleRatioAlarm; 0: none
	Looks          []SplitLook `json:"looks"`
}

// SplitLook is what one look says of the split.
type SplitLook struct {
	Users          int     `json:"users"`
	LogBayesFactor float64 `json:"log_bayes_factor"`
	P              float64 `json:"p"` // the smallest of 1/BF so far, at most 1
}

// SequentialSampleRatio tests whether users are split over the arms as designed,
// at as many looks as one likes. looks[i][a] are the users of arm a up to look i,
// cumulative; weights wₐ > 0 are the designed shares θₐ in any scale:
//
//	BF = B(α + x)/(B(α) Πθₐ^xₐ)      αₐ = c θₐ      P = min over looks of 1/BF
//
// where x are the counts and B is the multivariate beta function: the Bayes factor
// of shares from a Dirichlet distribution around the design against the design
// itself. Under the design it is a martingale of mean 1, so that P ever falls below
// α with probability at most α; exactly, for any number of users. The
// concentration c > 0 says how near to the design a mismatch is looked for; zero
// means 10,000: shares that are off by about 1% of √(θ(1 − θ)) are found the soonest. 1 is a
// uniform-like prior, for gross errors in few users.
//
// Source: Lindon & Malek (2022), "Anytime-Valid Inference for Multinomial Count
// Data", NeurIPS, §3; the default concentration is that of their software, ssrm.
func SequentialSampleRatio(looks [][]int, weights []float64, concentration float64) (SequentialResult, error) {
	c := cmp.Or(concentration, 10_000)
	shares, err := designed(weights)
	if err := input.First(input.Check(len(looks) > 0, "looks", 0, "there is no look"), err,
		input.Check(len(weights) >= 2, "weights", float64(len(weights)), "at least two arms are needed"),
		input.Check(c >= 1e-6 && c <= 1e15, "concentration", c, "must lie between 1e-6 and 1e15")); err != nil {
		return SequentialResult{}, err
	}
	if a := slices.IndexFunc(shares, func(s float64) bool { return s < 1e-12 }); a >= 0 {
		return SequentialResult{}, input.Check(false, fmt.Sprintf("weights[%d]", a), weights[a], "is below 1e-12 of all weights")
	}
	r := SequentialResult{P: 1, Looks: make([]SplitLook, len(looks))}
	for i, counts := range looks {
		if err := checkLook(looks, i, weights); err != nil {
			return SequentialResult{}, err
		}
		look := SplitLook{LogBayesFactor: lnMismatch(counts, shares, c)}
		for _, n := range counts {
			look.Users += n
		}
		r.P = math.Min(r.P, math.Exp(-look.LogBayesFactor))
		look.P = r.P
		if r.AlarmAt == 0 && r.P < SampleRatioAlarm {
			r.AlarmAt = i + 1
		}
		r.LogBayesFactor, r.Looks[i] = look.LogBayesFactor, look
	}
	return r, nil
}

func checkLook(looks [][]int, i int, weights []float64) error {
	counts := looks[i]
	if len(counts) != len(weights) || slices.Min(counts) < 0 {
		return checkCounts(fmt.Sprintf("looks[%d]", i), counts, weights)
	}
	for a, n := range counts {
		switch field := func() string { return fmt.Sprintf("looks[%d][%d]", i, a) }; {
		case n > 1e15:
			return input.Check(false, field(), float64(n), "is more than 1e15 users")
		case i > 0 && n < looks[i-1][a]:
			return input.Check(false, field(), float64(n), "must not be below the look before: counts are cumulative and in order")
		}
	}
	return nil
}

// lnMismatch is ln BF, with Stirling's leading terms taken together: what is left
// of them is the divergence of the posterior mean from the design.
func lnMismatch(counts []int, shares []float64, c float64) float64 {
	users := 0.0
	for _, n := range counts {
		users += float64(n)
	}
	total := c + users
	ln := 0.5*math.Log(total/c) - gamma.Remainder(total) + gamma.Remainder(c)
	for a, n := range counts {
		prior, expected := c*shares[a], total*shares[a]
		posterior := prior + float64(n)
		ln += expected*gamma.Entropy((float64(n)-users*shares[a])/expected) -
			0.5*math.Log(posterior/prior) + gamma.Remainder(posterior) - gamma.Remainder(prior)
	}
	return ln
}
