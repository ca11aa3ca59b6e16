package proxy

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Quality is how well true effects on short-term metrics predict the true effect on a
// long-term one.
type Quality struct {
	N int `json:"n"` // tests that measured any of the metrics
	// Correlation is that of the long-term effect with its best linear prediction: for
	// one short-term metric their correlation, with its sign; for several the multiple
	// one, 0 or above. 0 where a metric shows no spread of true effects.
	Correlation         float64        `json:"correlation"`
	CorrelationInterval stats.Interval `json:"correlation_interval"`
	// R2 is the share of the variance of long-term effects that the short-term ones
	// explain.
	R2         float64        `json:"r2"`
	R2Interval stats.Interval `json:"r2_interval"`
	// Weights are w = Λ_SS⁻¹Λ_SY: long-term effect for each unit of a short-term one,
	// the others fixed; of one metric, the slope. Intervals of a slope are by profile
	// likelihood, of several weights by the delta method. Ends may be infinite.
	Weights         []float64        `json:"weights"`
	WeightIntervals []stats.Interval `json:"weight_intervals"`
	// Naive is what estimates regressed on estimates say, errors and all, from the
	// tests that measured all of the metrics.
	Naive    Naive    `json:"naive"`
	Warnings []string `json:"warnings,omitempty"`
}

// Naive is the least-squares regression of estimates on estimates, with an intercept:
// flattened by the noise of the short-term ones, and turned towards the correlation
// of users' metrics by the noise that both share. All 0 where too few tests measured
// all of the metrics.
type Naive struct {
	N           int       `json:"n"`
	Correlation float64   `json:"correlation"`
	Weights     []float64 `json:"weights"`
}

// Assess says how well true effects on the short-term metrics predict the true effect
// on the long-term metric, by Fit's likelihood on these metrics alone:
//
//	R² = Λ_YS Λ_SS⁻¹ Λ_SY/Λ_YY
//
// Intervals of R² and of a single slope are by profile likelihood: all values that
// lose less than half the squared normal quantile. With s > 1 short-term metrics, that of R² begins at 0 unless
// Λ_SY = 0 loses more than half the χ² quantile with s degrees of freedom. Those
// of several weights, by the delta method, hold once the short-term metrics' spreads
// are several of their standard errors. All are too narrow where true effects have fat
// tails, or with a handful of tests. R² itself
// is high on average with many short-term metrics and few tests.
//
// Metrics that hardly differ in true effects share their weight in no sure way: the
// shortest weights, in units of the effects' standard deviations, are returned.
//
// The error is an *InputError, as of Fit, or naming short[i] or long.
//
// Source: Bibaut et al. (2024), as at Moments; profile likelihood: Pawitan (2001), In
// All Likelihood, §3.4.
func Assess(tests []Test, short []int, long int, o Options) (Quality, error) {
	level := cmp.Or(o.Level, 0.95)
	if err := input.First(
		input.Fraction("Level", level),
		input.OneOf("Method", cmp.Or(o.Method, Likelihood), Likelihood),
		checkMetrics(short, long),
	); err != nil {
		return Quality{}, err
	}
	d, err := only(tests, short, long)
	if err != nil {
		return Quality{}, err
	}
	best, settled := d.maximum()
	if best.mean == nil {
		return Quality{}, errApart(len(tests))
	}
	p := profile{d, best, critical(level), settled}
	b := bestPrediction(best.cov, d.k-1)
	q := Quality{N: len(d.tests), R2: b.r2(), Correlation: b.correlation(), Naive: d.naive()}
	q.CorrelationInterval = p.correlation(q.Correlation, level)
	q.R2Interval = squareOf(q.CorrelationInterval)
	ranges := p.weights(b.weights, level)
	if len(short) == 1 {
		ranges[0] = p.slope(b.weights[0], level)
	}
	for j, w := range b.weights {
		i := ranges[j]
		unit := d.unit[d.k-1] / d.unit[j]
		q.Weights = append(q.Weights, w*unit)
		q.WeightIntervals = append(q.WeightIntervals, stats.Interval{Low: i.Low * unit, High: i.High * unit, Level: level})
	}
	q.warn(d, b, p.settled)
	return q, nil
}

func (q *Quality) warn(d *data, b prediction, settled bool) {
	if !settled {
		q.Warnings = append(q.Warnings, "the likelihood's maximum was not reached to all digits")
	}
	if b.variance <= negligible {
		q.Warnings = append(q.Warnings, "the long-term metric shows no spread of true effects: there is nothing to predict")
	}
	if b.explained <= negligible {
		q.Warnings = append(q.Warnings, "the short-term metrics show no spread of true effects that predicts the long-term one")
	}
	if q.N < 5*(d.k+1) {
		q.Warnings = append(q.Warnings, "fewer than 5 tests for each metric and one more: intervals are too narrow")
	}
}

func checkMetrics(short []int, long int) error {
	if err := input.First(
		input.Check(len(short) > 0, "short", 0, "at least one short-term metric is needed"),
		input.Check(long >= 0 && long < most, "long", float64(long), "must be a metric, 0 to 39"),
	); err != nil {
		return err
	}
	seen := [most]bool{}
	for i, s := range short {
		if s < 0 || s >= most || s == long || seen[s] {
			return &input.Error{Field: fmt.Sprintf("short[%d]", i), Value: float64(s), Reason: "must be a metric, 0 to 39, each once and not the long-term one"}
		}
		seen[s] = true
	}
	return nil
}

// only keeps the short-term metrics, in their order, and the long-term one as the last.
func only(tests []Test, short []int, long int) (*data, error) {
	place := [most]int{}
	for i, s := range short {
		place[s] = i + 1
	}
	place[long] = len(short) + 1
	var kept []Test
	seen := [most]bool{}
	for i, t := range tests {
		if err := t.check(""); err != nil {
			return nil, input.Within(fmt.Sprintf("tests[%d]", i), err)
		}
		t = t.keep(place)
		if len(t.Metrics) > 0 {
			kept = append(kept, t)
		}
		for _, k := range t.Metrics {
			seen[k] = true
		}
	}
	for i, s := range short {
		if !seen[i] {
			return nil, &input.Error{Field: fmt.Sprintf("short[%d]", i), Value: float64(s), Reason: "no test measures this metric"}
		}
	}
	if !seen[len(short)] {
		return nil, &input.Error{Field: "long", Value: float64(long), Reason: "no test measures this metric"}
	}
	return standardise(kept)
}

// keep is the test of the metrics that have a place, 1 for the first, and no others.
func (t Test) keep(place [most]int) Test {
	kept := Test{Metrics: []int{}}
	var from []int
	for i, y := range t.Estimates {
		if at := place[t.at(i)]; at > 0 {
			kept.Metrics = append(kept.Metrics, at-1)
			kept.Estimates = append(kept.Estimates, y)
			from = append(from, i)
		}
	}
	kept.Cov = square(len(from))
	for a, i := range from {
		for b, j := range from {
			kept.Cov[a][b] = t.Cov[i][j]
		}
	}
	return kept
}

// squareOf is the range of the squares of an interval's numbers.
func squareOf(i stats.Interval) stats.Interval {
	low, high := i.Low*i.Low, i.High*i.High
	if i.Low > 0 || i.High < 0 {
		return stats.Interval{Low: min(low, high), High: max(low, high), Level: i.Level}
	}
	return stats.Interval{Low: 0, High: max(low, high), Level: i.Level}
}

// naive regresses the last estimate on the others.
func (d *data) naive() Naive {
	k := d.k
	n := Naive{Weights: make([]float64, k-1)}
	mean, cov := make([]float64, k), make([]float64, k*k)
	sorted, change := make([]float64, k), make([]float64, k)
	for _, t := range d.tests {
		if len(t.metrics) < k {
			continue
		}
		n.N++
		for i, x := range t.metrics {
			sorted[x] = t.y[i]
		}
		for i := range k {
			change[i] = sorted[i] - mean[i]
			mean[i] += change[i] / float64(n.N)
		}
		for i := range k {
			for j := range k {
				cov[i*k+j] += change[i] * (sorted[j] - mean[j])
			}
		}
	}
	if n.N <= k {
		return n
	}
	for i := range k {
		for j := range i {
			cov[j*k+i] = cov[i*k+j]
		}
	}
	b := bestPrediction(cov, k-1)
	n.Correlation = b.correlation()
	for j, w := range b.weights {
		n.Weights[j] = w * (d.unit[k-1] / d.unit[j])
	}
	if math.IsNaN(n.Correlation) {
		return Naive{Weights: make([]float64, k-1)}
	}
	return n
}
