package proxy

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// data are all tests in units in which sums neither cancel nor overflow: the effect of
// metric k is origin[k] + y·unit[k].
type data struct {
	k            int
	origin, unit []float64 // one a metric
	tests        []measured
	pair         [][2]int
}

// measured is one test: metrics, estimates and their covariance by rows.
type measured struct {
	metrics  []int
	y, omega []float64
}

// standardise checks tests and takes as unit of a metric the root of the harmonic
// mean of its sampling variances, as origin its mean with weights 1/SE².
func standardise(tests []Test) (*data, error) {
	if err := input.Check(len(tests) > 0, "tests", 0, "at least one test is needed"); err != nil {
		return nil, err
	}
	d := &data{}
	size := 0
	for i, t := range tests {
		if err := t.check(""); err != nil {
			return nil, input.Within(fmt.Sprintf("tests[%d]", i), err)
		}
		for j := range t.Estimates {
			d.k = max(d.k, t.at(j)+1)
		}
		size += len(t.Estimates) * (len(t.Estimates) + 1)
	}
	d.pair = pairs(d.k)
	d.units(tests)
	if err := d.together(tests); err != nil {
		return nil, err
	}
	return d, d.fill(tests, make([]float64, 0, size))
}

func (d *data) units(tests []Test) {
	d.origin, d.unit = make([]float64, d.k), make([]float64, d.k)
	weights, counts := make([]float64, d.k), make([]float64, d.k)
	for _, t := range tests {
		for j, y := range t.Estimates {
			k, w := t.at(j), 1/t.Cov[j][j]
			weights[k] += w
			counts[k]++
			d.origin[k] += (y - d.origin[k]) * (w / weights[k])
		}
	}
	for k, w := range weights {
		d.unit[k] = math.Sqrt(counts[k] / w)
	}
}

// together wants each pair of metrics measured by one test at least: nothing else
// says how their effects go together.
func (d *data) together(tests []Test) error {
	seen := make([]bool, d.k*d.k)
	for _, t := range tests {
		for i := range t.Estimates {
			for j := range t.Estimates {
				seen[t.at(i)*d.k+t.at(j)] = true
			}
		}
	}
	for _, p := range d.pair {
		if !seen[p[0]*d.k+p[1]] {
			return &input.Error{Field: "tests", Value: float64(p[1]), Reason: fmt.Sprintf("no test measures metrics %d and %d together", p[0], p[1])}
		}
	}
	return nil
}

// apart is how many units estimates and standard errors may be from the others.

const apart = 1e6

func (d *data) fill(tests []Test, store []float64) error {
	all := make([]int, d.k)
	for k := range all {
		all[k] = k
	}
	d.tests = make([]measured, len(tests))
	for i, t := range tests {
		p := len(t.Estimates)
		m := measured{metrics: t.Metrics, y: store[:p], omega: store[p : p+p*p]}
		store = store[:p+p*p][p+p*p:]
		if t.Metrics == nil {
			m.metrics = all[:p]
		}
		for j, y := range t.Estimates {
			k := m.metrics[j]
			m.y[j] = (y - d.origin[k]) / d.unit[k]
			for l := range t.Estimates {
				m.omega[j*p+l] = t.Cov[j][l] / d.unit[k] / d.unit[m.metrics[l]]
			}
			if !(math.Abs(m.y[j]) <= apart && m.omega[j*p+j] <= apart*apart) {
				return &input.Error{Field: fmt.Sprintf("tests[%d].Estimates[%d]", i, j), Value: y, Reason: "lies more than 1e6 standard errors from the others, or is so much less precise"}
			}
		}
		d.tests[i] = m
	}
	return nil
}
