package value

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Information is what knowing more about some arms is worth, per user to whom the
// chosen arm goes, in the unit of the arms.
type Information struct {
	Perfect float64 `json:"perfect"` // EVPI = E[max mₐ] − max E[mₐ]
	Sample  float64 `json:"sample"`  // EVSI = E[max Pₐ] − max E[mₐ], Pₐ the posterior means after measuring all
	// Gradient is what measuring one arm alone is worth (the knowledge gradient).
	Gradient []float64 `json:"gradient"`
}

// OfInformation returns what measuring arms is worth, where their means have
// independent normal beliefs and arm i would be measured with standard error ses[i]
// (+Inf: not at all). With x̃ᵢ = σᵢ²/√(σᵢ² + seᵢ²) the SD of arm i's posterior mean,
// EVSI is the EVPI of arms N(μᵢ, x̃ᵢ²), and
//
//	KGᵢ = x̃ᵢ (ζ Φ(ζ) + φ(ζ))      ζ = −|μᵢ − maxⱼ≠ᵢ μⱼ|/x̃ᵢ
//
// EVPI and EVSI are to 1e-9 of the largest SD, by quadrature (see [bayes.Compare]);
// the gradient is in closed form. The error is an *InputError for fewer
// than two arms, an invalid one, or a standard error that is not above 0.
//
// Source: Frazier, Powell & Dayanik (2009), "The Knowledge-Gradient Policy for
// Correlated Normal Beliefs", INFORMS J. Computing 21(4), §2, independent case;
// Raiffa & Schlaifer (1961), Applied Statistical Decision Theory, ch. 4.
func OfInformation(arms []stats.Normal, ses []float64) (Information, error) {
	if len(arms) < 2 || len(ses) != len(arms) {
		return Information{}, &stats.InputError{Field: "ses", Value: float64(len(ses)), Reason: "there must be as many as arms, at least two"}
	}
	after := make([]stats.Normal, len(arms))
	for i, a := range arms {
		field := fmt.Sprintf("arms[%d].", i)
		if err := input.First(input.Finite(field+"Mean", a.Mean), input.NonNegative(field+"SD", a.SD),
			input.Check(ses[i] >= 1/input.Max, fmt.Sprintf("ses[%d]", i), ses[i], "must be above 0 (1e-40)")); err != nil {
			return Information{}, err
		}
		after[i] = stats.Normal{Mean: a.Mean, SD: a.SD * (a.SD / math.Hypot(a.SD, ses[i]))}
	}
	perfect, err := excess(arms)
	if err != nil {
		return Information{}, err
	}
	sample, err := excess(after)
	if err != nil {
		return Information{}, err
	}
	info := Information{Perfect: perfect, Sample: sample, Gradient: make([]float64, len(arms))}
	for i, a := range after {
		info.Gradient[i] = gradient(math.Abs(a.Mean-bestOther(arms, i)), a.SD)
	}
	return info, nil
}

// Net returns the expected net benefit of the measurement: (population − users)·EVSI
// − cost, in the unit of the arms, where users were measured and the rest get the
// better arm. Finite numbers have a finite answer.
//
// Source: Willan & Pinto (2005), Statistics in Medicine 24:1791–1806.
func (i Information) Net(population, users, cost float64) float64 {
	return (population-users)*i.Sample - cost
}

// excess is E[max] − max E: the expected loss of the arm with the highest mean.
func excess(arms []stats.Normal) (float64, error) {
	singles := make([]bayes.Mixture, len(arms))
	for i, a := range arms {
		singles[i] = bayes.Single(a)
	}
	c, err := bayes.Compare(singles, bayes.CompareOptions{})
	if err != nil {
		return 0, err
	}
	return c.Arms[c.Choice].ExpectedLoss, nil
}

// gradient is E[(X − d)⁺] of X ~ N(0, sd²), for d ≥ 0 if sd is 0.
func gradient(d, sd float64) float64 {
	if sd < exact {
		return 0
	}
	return max(0, sd*norm.Density(d/sd)-d*norm.CDF(-d/sd))
}

func bestOther(arms []stats.Normal, i int) float64 {
	best := math.Inf(-1)
	for j, a := range arms {
		if j != i {
			best = max(best, a.Mean)
		}
	}
	return best
}
