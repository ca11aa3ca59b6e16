package proxy

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Posterior is the joint normal distribution of one test's true effects on all
// metrics. Posterior{Mean: e.Mean, Cov: e.Cov} is that of a test not yet run.
type Posterior struct {
	Mean []float64   `json:"mean"`
	Cov  [][]float64 `json:"cov"`
}

// Posterior is what a test says about its true effects on all metrics, also those that
// it did not measure, in the light of what was learned, which counts as known:
//
//	A = Λ_·S (Λ_SS + Ω)⁻¹      mean = μ + A(δ̂ − μ_S)      Cov = Λ − A Λ_S·
//
// with S the metrics of the test. The error is an *InputError.
//
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., §3.5.
func (e Effects) Posterior(t Test) (Posterior, error) {
	if err := input.First(e.check(), input.Within("t", t.check(""))); err != nil {
		return Posterior{}, err
	}
	k, s := len(e.Mean), len(t.Estimates)
	for i := range s {
		if err := e.has(fmt.Sprintf("t.Metrics[%d]", i), t.at(i)); err != nil {
			return Posterior{}, err
		}
	}
	unit := make([]float64, s) // of the estimates' spread, so that no metric's unit matters
	for i := range s {
		unit[i] = math.Sqrt(e.Cov[t.at(i)][t.at(i)] + t.Cov[i][i])
	}
	total, inverse := make([]float64, s*s), make([]float64, s*s)
	for i := range s {
		for j := range s {
			total[i*s+j] = (e.Cov[t.at(i)][t.at(j)] + t.Cov[i][j]) / unit[i] / unit[j]
		}
	}
	if _, ok := invert(inverse, total, s); !ok {
		return Posterior{}, &input.Error{Field: "Cov", Reason: "must be positive semi-definite"}
	}
	gain := square(k) // A, in its first s columns
	for a := range k {
		for j := range s {
			for i := range s {
				gain[a][j] += e.Cov[a][t.at(i)] / unit[i] * inverse[i*s+j]
			}
			gain[a][j] /= unit[j]
		}
	}
	p := Posterior{Mean: append([]float64(nil), e.Mean...)}
	for a := range k {
		for j, y := range t.Estimates {
			p.Mean[a] += gain[a][j] * (y - e.Mean[t.at(j)])
		}
	}
	p.Cov = e.left(gain, t)
	return p, nil
}

// left is the covariance after a test, as (I − A)Λ(I − A)′ + AΩA′: a sum of two that
// cannot be negative, where Λ − AΛ may round to it.
func (e Effects) left(gain [][]float64, t Test) [][]float64 {
	k := len(e.Mean)
	keep, cov := square(k), square(k)
	for a := range k {
		keep[a][a] = 1
		for j := range t.Estimates {
			keep[a][t.at(j)] -= gain[a][j]
		}
	}
	for a := range k {
		for b := range a + 1 {
			sum := quadratic(keep[a], e.Cov, keep[b]) + quadratic(gain[a], t.Cov, gain[b])
			cov[a][b], cov[b][a] = sum, sum
		}
	}
	return cov
}

// quadratic is x′Ay over the rows of A.
func quadratic(x []float64, a [][]float64, y []float64) (sum float64) {
	for i, row := range a {
		for j, v := range row {
			sum += x[i] * v * y[j]
		}
	}
	return sum
}

// Of is the distribution of the true effect on one metric: {NaN, NaN} for a metric that
// is not there.
func (p Posterior) Of(metric int) stats.Normal {
	if metric < 0 || metric >= len(p.Mean) || metric >= len(p.Cov) || metric >= len(p.Cov[metric]) {
		return stats.Normal{Mean: math.NaN(), SD: math.NaN()}
	}
	return stats.Normal{Mean: p.Mean[metric], SD: math.Sqrt(p.Cov[metric][metric])}
}

// Given is the distribution of all effects if that on one metric were known: what a
// target lift of exactly 1% would say about the guardrails. A metric without spread
// says nothing, whatever its value.
//
// The error is an *InputError.
func (p Posterior) Given(metric int, value float64) (Posterior, error) {
	if err := input.First(checkJoint(p.Mean, p.Cov), p.has("metric", metric), input.Finite("value", value)); err != nil {
		return Posterior{}, err
	}
	k, variance := len(p.Mean), p.Cov[metric][metric]
	q := Posterior{Mean: append([]float64(nil), p.Mean...), Cov: square(k)}
	slope := make([]float64, k)
	for a := range k {
		if variance > 0 {
			slope[a] = p.Cov[a][metric] / variance
		}
		q.Mean[a] += slope[a] * (value - p.Mean[metric])
	}
	for a := range k {
		for b := range k {
			q.Cov[a][b] = p.Cov[a][b] - slope[a]*slope[b]*variance
		}
		q.Cov[a][a] = max(0, q.Cov[a][a])
	}
	if variance > 0 {
		q.Mean[metric] = value
		for a := range k {
			q.Cov[a][metric], q.Cov[metric][a] = 0, 0
		}
	}
	return q, nil
}

func (p Posterior) has(field string, k int) error {
	return input.Check(k >= 0 && k < len(p.Mean), field, float64(k), "no such metric")
}

// checkJoint wants finite means and a symmetric covariance with correlations in ±1.
func checkJoint(mean []float64, cov [][]float64) error {
	if err := input.First(
		input.Check(len(mean) > 0 && len(mean) <= most, "Mean", float64(len(mean)), "must be of 1 to 40 metrics"),
		input.Check(len(cov) == len(mean), "Cov", float64(len(cov)), "must have a row for each mean"),
	); err != nil {
		return err
	}
	for i, row := range cov {
		if len(row) != len(mean) {
			return &input.Error{Field: fmt.Sprintf("Cov[%d]", i), Value: float64(len(row)), Reason: "must have a column for each mean"}
		}
		if !(math.Abs(mean[i]) <= input.Max) {
			return input.Finite(fmt.Sprintf("Mean[%d]", i), mean[i])
		}
	}
	for i, row := range cov {
		for j, v := range row {
			most := math.Sqrt(cov[i][i]) * math.Sqrt(cov[j][j])
			if !(cov[i][i] >= 0 && math.Abs(v) <= most*(1+1e-9) && most <= 1e80 && math.Abs(v-cov[j][i]) <= most*1e-9) {
				return &input.Error{Field: fmt.Sprintf("Cov[%d][%d]", i, j), Value: v, Reason: "must be symmetric, with variances from 0 and correlations from -1 to 1"}
			}
		}
	}
	return nil
}
