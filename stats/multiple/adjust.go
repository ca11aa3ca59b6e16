package multiple

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Correction is a way to adjust p-values for their number.
type Correction string

// The corrections of Adjust, with what "adjusted p ≤ α" promises for true null
// hypotheses. "Any dependence" is of the p-values; PRDS is positive regression
// dependence on the true nulls, such as positively correlated one-sided normals.
const (
	Bonferroni Correction = "bonferroni" // FWER ≤ α, any dependence
	Sidak      Correction = "sidak"      // FWER ≤ α, independence, or two-sided tests of jointly normal estimates
	Holm       Correction = "holm"       // FWER ≤ α, any dependence; never worse than Bonferroni
	Hochberg   Correction = "hochberg"   // FWER ≤ α, independence or PRDS (Simes' inequality)
	Hommel     Correction = "hommel"     // FWER ≤ α, as Hochberg and never worse
	BH         Correction = "BH"         // FDR ≤ α, independence or PRDS (Benjamini & Hochberg)
	BY         Correction = "BY"         // FDR ≤ α, any dependence (Benjamini & Yekutieli)
)

// Adjust returns the adjusted p-value of each p in [0, 1], in the order given:
// the smallest level at which the procedure rejects it. With p₍₁₎ ≤ … ≤ p₍ₙ₎,
//
//	Bonferroni  n p
//	Sidak       1 − (1 − p)ⁿ
//	Holm        max over j ≤ i of (n + 1 − j) p₍ⱼ₎
//	Hochberg    min over j ≥ i of (n + 1 − j) p₍ⱼ₎
//	Hommel      closed testing with Simes' tests (see adjustHommel)
//	BH          min over j ≥ i of (n/j) p₍ⱼ₎
//	BY          as BH, times Σ 1/j, j = 1 … n
//
// each at most 1. Equal p-values get equal answers. The cost is that of sorting,
// O(n log n), for all of them.
//
// Source: Šidák (1967); Holm (1979); Hochberg (1988); Hommel (1988); Benjamini & Hochberg
// (1995); Benjamini & Yekutieli (2001); the same as R's p.adjust,
// which has no Šidák.
func Adjust(p []float64, c Correction) ([]float64, error) {
	adjust, known := corrections[c]
	if err := input.First(input.Check(known, "c", 0, fmt.Sprintf("%q is no known correction", string(c))), checkPs(p)); err != nil {
		return nil, err
	}
	sorted, order := ascending(p)
	adjust(sorted)
	adjusted := make([]float64, len(p))
	for rank, i := range order {
		adjusted[i] = sorted[rank]
	}
	return adjusted, nil
}

// corrections turn ascending p-values into adjusted ones, in place.
var corrections = map[Correction]func(p []float64){
	Bonferroni: func(p []float64) {
		for i := range p {
			p[i] = min(1, float64(len(p))*p[i])
		}
	},
	Sidak: func(p []float64) {
		for i := range p {
			p[i] = -math.Expm1(float64(len(p)) * math.Log1p(-p[i])) // keeps small p
		}
	},
	Holm: func(p []float64) {
		highest := 0.0
		for i := range p {
			highest = max(highest, float64(len(p)-i)*p[i])
			p[i] = min(1, highest)
		}
	},
	Hochberg: func(p []float64) { stepUp(p, func(rank float64) float64 { return float64(len(p)) + 1 - rank }) },
	Hommel:   adjustHommel,
	BH:       func(p []float64) { stepUp(p, func(rank float64) float64 { return float64(len(p)) / rank }) },
	BY: func(p []float64) {
		harmonic := 0.0
		for i := range p {
			harmonic += 1 / float64(i+1)
		}
		stepUp(p, func(rank float64) float64 { return harmonic * float64(len(p)) / rank })
	},
}

// stepUp takes, from the largest p-value down, the smallest of factor(rank)·p so far.
func stepUp(p []float64, factor func(rank float64) float64) {
	lowest := 1.0
	for i := len(p) - 1; i >= 0; i-- {
		lowest = min(lowest, factor(float64(i+1))*p[i])
		p[i] = lowest
	}
}

// ascending returns the p-values sorted, and where each stood.
func ascending(p []float64) (sorted []float64, order []int) {
	type placed struct {
		p float64
		i int
	}
	all := make([]placed, len(p))
	for i, x := range p {
		all[i] = placed{x, i}
	}
	slices.SortFunc(all, func(a, b placed) int {
		switch {
		case a.p < b.p:
			return -1
		case a.p > b.p:
			return 1
		}
		return a.i - b.i
	})
	sorted, order = make([]float64, len(p)), make([]int, len(p))
	for rank, a := range all {
		sorted[rank], order[rank] = a.p, a.i
	}
	return sorted, order
}

func checkPs(p []float64) error {
	if err := input.Check(len(p) > 0, "p", 0, "at least one p-value is needed"); err != nil {
		return err
	}
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return checkP(fmt.Sprintf("p[%d]", i), x)
		}
	}
	return nil
}

func checkP(field string, p float64) error {
	return input.Check(p >= 0 && p <= 1, field, p, "a p-value lies from 0 to 1")
}
