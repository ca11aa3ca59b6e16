package multiple

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// TotalBias returns by how much the measured effects of the launched experiments
// together overstate the true ones, in expectation, if the true effects are known:
//
//	β = E[S − T] = Σ σᵢ φ(b − aᵢ/σᵢ)      b = z₁₋α
//
// An experiment is launched if its estimate exceeds bσᵢ. S sums the estimates and
// T the true effects of what was launched; the sum β runs over all experiments,
// launched or not, because each could have been. truth[i].Value is aᵢ and SE is σᵢ,
// the standard error of its estimate, both in the metric's unit; alpha is the
// one-sided level in (0, 1), zero meaning 0.025, 0.5 "launch whatever is positive".
//
// Source: Lee & Shen (2018), "Winner's Curse: Bias Estimation for Total Effects of
// Features in Online Controlled Experiments", KDD, §3.
func TotalBias(truth []stats.Estimate, alpha float64) (float64, error) {
	b, err := launchBar(alpha)
	if err := input.First(err, checkEstimates("truth", truth)); err != nil {
		return 0, err
	}
	bias := 0.0
	for _, e := range truth {
		bias += e.SE * norm.Density(b-e.Value/e.SE)
	}
	return bias, nil
}

// Curse is the total effect of what was launched, as measured and corrected. All
// but Launched are sums of effects, in the unit of the effects.
type Curse struct {
	Launched int     `json:"launched"`
	Measured float64 `json:"measured"` // S: the launched estimates' sum, overstated
	// Naive is β at aᵢ = the estimates. It is biased itself, because the estimates
	// spread more than the truth: NaiveBias is the expectation of Naive − β under
	// the prior, given the estimates.
	Naive     float64 `json:"naive"`
	NaiveBias float64 `json:"naive_bias"`
	// Shrunken is β at aᵢ = the posterior means, which spread less than the truth.
	Shrunken float64 `json:"shrunken"`
	// Posterior is the posterior expectation of β: right on average if the prior is.
	Posterior float64 `json:"posterior"`
	// Corrected is Measured − Posterior.
	Corrected float64 `json:"corrected"`
}

// WinnersCurse estimates the total bias of what was launched when the true effects
// are not known, from all experiments of the programme, launched or not, and the
// prior their true effects come from (stats.FitNormal learns it from the same
// estimates). With posterior N(mᵢ, sᵢ²) of the i-th effect,
//
//	Naive      Σ σᵢ φ(b − δ̂ᵢ/σᵢ)
//	NaiveBias  Σ σᵢ (φ(b − mᵢ/σᵢ; 2 + sᵢ²/σᵢ²) − φ(b − mᵢ/σᵢ; 1 + sᵢ²/σᵢ²))
//	Shrunken   Σ σᵢ φ(b − mᵢ/σᵢ)
//	Posterior  Σ σᵢ φ(b − mᵢ/σᵢ; 1 + sᵢ²/σᵢ²)
//
// where φ(x; v) is the density of N(0, v); alpha is as in TotalBias. For one
// experiment with a = 0, σ = 1 and b = 1.645, β is 0.103 and Naive 0.143 on average.
//
// Source: Lee & Shen (2018), KDD, who bootstrap; the normal means are
// E φ(x + Y) = φ(x; 1 + v) for Y ~ N(0, v).
func WinnersCurse(es []stats.Estimate, prior stats.Normal, alpha float64) (Curse, error) {
	b, err := launchBar(alpha)
	if err := input.First(err, checkEstimates("es", es),
		input.Finite("prior.Mean", prior.Mean), input.NonNegative("prior.SD", prior.SD)); err != nil {
		return Curse{}, err
	}
	var c Curse
	for _, e := range es {
		if e.Value > b*e.SE {
			c.Launched++
			c.Measured += e.Value
		}
		belief := prior.Posterior(e.Value, e.SE)
		gap, spread := b-belief.Mean/e.SE, (belief.SD/e.SE)*(belief.SD/e.SE)
		expected := e.SE * density(gap, 1+spread)
		c.Naive += e.SE * norm.Density(b-e.Value/e.SE)
		c.NaiveBias += e.SE*density(gap, 2+spread) - expected
		c.Shrunken += e.SE * norm.Density(gap)
		c.Posterior += expected
	}
	c.Corrected = c.Measured - c.Posterior
	return c, nil
}

// density is φ(x; v), the density of N(0, v) at x.
func density(x, v float64) float64 {
	sd := math.Sqrt(v)
	return norm.Density(x/sd) / sd
}

func launchBar(alpha float64) (float64, error) {
	alpha = cmp.Or(alpha, 0.025)
	if err := input.Fraction("alpha", alpha); err != nil {
		return 0, err
	}
	// −Φ⁻¹(α) rather than Φ⁻¹(1 − α), which loses small α.
	return -norm.Quantile(alpha), nil
}

func checkEstimates(list string, es []stats.Estimate) error {
	if err := input.Check(len(es) > 0, list, 0, "at least one effect is needed"); err != nil {
		return err
	}
	for i, e := range es {
		if err := input.Estimate(list, i, e.Value, e.SE); err != nil {
			return err
		}
	}
	return nil
}
