package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// Joint is how the true effects of one idea on several metrics go together, learned from
// past tests that measured several. It survives JSON.
type Joint struct {
	Metrics     []string    `json:"metrics"` // sorted
	Correlation [][]float64 `json:"correlation"`
	// Errors is the correlation of the errors of one test, which the same users make: it
	// is taken out of Correlation.
	Errors   [][]float64 `json:"errors,omitempty"`
	Tests    int         `json:"tests"` // that measured two metrics or more
	Warnings []string    `json:"warnings,omitempty"`
}

// LearnJoint learns the correlations of true effects from past effects on any metrics;
// those with one ID are of one test. The same users make the errors of its metrics, so
// that test i's effects have the covariance
//
//	Λ + Ωᵢ      Ωᵢ,ₐ_b = ρₐ_b SEᵢₐ SEᵢ_b
//
// ρ is learned for each pair of metrics from tests of different sizes
// (proxy.ErrorCorrelation), moved towards independence as far as all of them need to fit
// together, and Λ given it by proxy.Fit. Metrics of which the same tests say little of ρ
// are warned of: their true effects may go together less than it seems. Metrics that no
// test measured together count as independent, with a warning.
func LearnJoint(past []Past) (Joint, error) {
	tests := map[string]map[string]stats.Estimate{}
	names := map[string]bool{}
	for _, p := range past {
		if tests[p.ID] == nil {
			tests[p.ID] = map[string]stats.Estimate{}
		}
		tests[p.ID][p.Metric] = p.Effect
		names[p.Metric] = true
	}
	j := Joint{Metrics: slices.Sorted(maps.Keys(names))}
	j.Correlation = identity(len(j.Metrics))
	var several []map[string]stats.Estimate
	for _, id := range slices.Sorted(maps.Keys(tests)) {
		if len(tests[id]) > 1 {
			several = append(several, tests[id])
		}
	}
	j.Tests = len(several)
	if len(several) == 0 && len(j.Metrics) < 2 {
		return j, nil
	}
	fit, err := j.learn(sampled(several))
	if err != nil {
		j.Errors = nil
		j.Warnings = append(j.Warnings, fmt.Sprintf("effects on different metrics count as independent: %v", err))
		return j, nil
	}
	for r := range fit.Correlation {
		for c := range fit.Correlation {
			if r != c {
				j.Correlation[r][c] = math.Max(-0.99, math.Min(0.99, fit.Correlation[r][c]))
			}
		}
	}
	return j, nil
}

// told is the largest standard error of a correlation of errors that says something.
const told = 0.25

func (j *Joint) learn(tests []map[string]stats.Estimate) (proxy.Effects, error) {
	if err := j.learnErrors(tests); err != nil {
		return proxy.Effects{}, err
	}
	all := make([]proxy.Test, len(tests))
	for i, of := range tests {
		t := &all[i]
		for k, name := range j.Metrics {
			if e, measured := of[name]; measured {
				t.Metrics, t.Estimates = append(t.Metrics, k), append(t.Estimates, e.Value)
			}
		}
		t.Cov = make([][]float64, len(t.Metrics))
		for r, a := range t.Metrics {
			t.Cov[r] = make([]float64, len(t.Metrics))
			for c, b := range t.Metrics {
				t.Cov[r][c] = j.Errors[a][b] * (of[j.Metrics[a]].SE * of[j.Metrics[b]].SE)
			}
		}
	}
	return proxy.Fit(all, proxy.Options{})
}

// learnErrors fills Errors. Metrics that no two tests measured together keep 0.
func (j *Joint) learnErrors(tests []map[string]stats.Estimate) error {
	j.Errors = identity(len(j.Metrics))
	for r, a := range j.Metrics {
		for c, b := range j.Metrics[:r] {
			var ea, eb []stats.Estimate
			for _, t := range tests {
				if x, measured := t[a]; measured {
					if y, measured := t[b]; measured {
						ea, eb = append(ea, x), append(eb, y)
					}
				}
			}
			if len(ea) < 2 {
				continue
			}
			rho, err := proxy.ErrorCorrelation(ea, eb)
			if err != nil {
				return err
			}
			j.Errors[r][c], j.Errors[c][r] = rho.Value, rho.Value
			if rho.SE > told {
				j.Warnings = append(j.Warnings, fmt.Sprintf("tests are of about one size, or few: how the errors of %s and %s go together is known to ±%.2f only, and with it their true effects", b, a, rho.SE))
			}
		}
	}
	together(j.Errors)
	return nil
}

// together moves correlations that were told pair by pair towards independence until
// they are a correlation matrix, with eigenvalues of 0.05 or more.
func together(correlation [][]float64) {
	const least = 0.05
	n := len(correlation)
	m := mat.NewSymDense(n, slices.Concat(correlation...))
	var e mat.EigenSym
	e.Factorize(m, false) // fails for NaN only
	lowest := slices.Min(e.Values(nil))
	if lowest >= least {
		return
	}
	keep := (1 - least) / (1 - lowest)
	for r := range correlation {
		for c := range correlation {
			if r != c {
				correlation[r][c] *= keep
			}
		}
	}
}

// sampled are at most 5,000 tests, evenly by order of ID: a correlation is then known to
// a hundredth or two.
func sampled[T any](all []T) []T {
	const most = 5000
	if len(all) <= most {
		return all
	}
	out := make([]T, most)
	for i := range out {
		out[i] = all[i*len(all)/most]
	}
	return out
}

func identity(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		m[i][i] = 1
	}
	return m
}

// Guardrail is a metric that must not get worse by more than a margin.
type Guardrail struct {
	Metric   string
	Margin   float64 // the largest fall that is borne, a fraction: 0.01 is 1%; 0: any fall is a breach
	Forecast Forecast
}

// Breach is how likely an idea harms its guardrails.
type Breach struct {
	Each map[string]float64 `json:"each"` // P(effect < −margin), by metric
	Any  float64            `json:"any"`
	// AnyGivenGain is P(any breach | effect on the target > 0): what a test that wins on
	// its target is likely to hide.
	AnyGivenGain float64 `json:"any_given_gain"`
}

// Breach returns the probabilities that the idea's true effects on its guardrails fall
// below their margins. Each is that of the guardrail's own forecast. Together they are
// joined by a normal copula with the correlations that were learned,
//
//	P(G₁ > −m₁, G₂ > −m₂ …, T > 0) = Φ_R(z₁, z₂ …, z_T),   z = Φ⁻¹(P(alone))
//
// so that each keeps its distribution, tails and all. A metric unknown to Joint counts as
// independent of the others.
//
// Source: Nelsen (2006), An Introduction to Copulas, 2nd ed., §2.3; Φ_R as of
// proxy.Posterior.Probability.
func (j Joint) Breach(target string, forecast Forecast, guardrails []Guardrail) (Breach, error) {
	b := Breach{Each: map[string]float64{}}
	names, above := []string{target}, []float64{forecast.ProbAbove(0)}
	for _, g := range guardrails {
		if g.Metric == target {
			continue
		}
		b.Each[g.Metric] = g.Forecast.Effect.CDF(-g.Margin)
		names, above = append(names, g.Metric), append(above, g.Forecast.ProbAbove(-g.Margin))
	}
	if len(names) == 1 {
		return b, nil
	}
	p := proxy.Posterior{Mean: make([]float64, len(names)), Cov: identity(len(names))}
	for r, a := range names {
		for c, d := range names {
			p.Cov[r][c] = j.between(a, d)
		}
	}
	regions := make([]proxy.Region, len(names))
	for k, q := range above {
		regions[k] = proxy.Above(k, distuv.UnitNormal.Quantile(1-math.Max(1e-12, math.Min(1-1e-12, q))))
	}
	safe, err := p.Probability(regions[1:]...)
	if err != nil {
		return Breach{}, err
	}
	both, err := p.Probability(regions...)
	if err != nil {
		return Breach{}, err
	}
	unit := func(x float64) float64 { return math.Max(0, math.Min(1, x)) }
	b.Any, b.AnyGivenGain = unit(1-safe), unit(1-both/math.Max(above[0], 1e-12))
	if len(guardrails) == 1 {
		b.Any = cmp.Or(b.Each[guardrails[0].Metric], b.Any)
	}
	return b, nil
}

func (j Joint) between(a, b string) float64 {
	r, knownA := slices.BinarySearch(j.Metrics, a)
	c, knownB := slices.BinarySearch(j.Metrics, b)
	switch {
	case a == b:
		return 1
	case !knownA || !knownB:
		return 0
	}
	return j.Correlation[r][c]
}
