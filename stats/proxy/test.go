package proxy

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Test is one past test: estimated effects of its metrics, relative lifts as
// fractions or any unit that a metric keeps in all tests, and their covariance.
type Test struct {
	// Metrics says which metric each estimate is of, by its position 0 … K − 1. Nil:
	// all of them in order. A metric that the test did not measure is left out.
	Metrics   []int       `json:"metrics,omitempty"`
	Estimates []float64   `json:"estimates"`
	Cov       [][]float64 `json:"cov"` // Ω: square, symmetric, positive definite; SE² on its diagonal
}

// NewTest joins estimates and the correlation of their errors to a Test of all
// metrics; set Metrics for fewer.
//
// The correlation is that of users' metrics, within an arm: the errors of two means
// over the same users correlate as the users' values do. For relative lifts of both
// metrics that is so up to the square of the lift. Nil means independent errors.
//
// The error is an *InputError, naming es[i].SE, or correlation[i][j].
func NewTest(es []stats.Estimate, correlation [][]float64) (Test, error) {
	t := Test{Estimates: make([]float64, len(es))}
	ses := make([]float64, len(es))
	for i, e := range es {
		if err := input.Estimate("es", i, e.Value, e.SE); err != nil {
			return Test{}, err
		}
		t.Estimates[i], ses[i] = e.Value, e.SE
	}
	var err error
	t.Cov, err = covariance("es[%d].SE", ses, correlation)
	return t, err
}

// Covariance is that of errors with these standard errors and correlations:
//
//	Ωᵢⱼ = seᵢ seⱼ ρᵢⱼ
//
// ρ is symmetric with ones on its diagonal and positive definite; nil means
// independent errors. The error is an *InputError.
func Covariance(ses []float64, correlation [][]float64) ([][]float64, error) {
	return covariance("ses[%d]", ses, correlation)
}

func covariance(name string, ses []float64, correlation [][]float64) ([][]float64, error) {
	cov := square(len(ses))
	for i, se := range ses {
		if err := input.Positive(fmt.Sprintf(name, i), se); err != nil {
			return nil, err
		}
		cov[i][i] = se * se
	}
	if correlation == nil {
		return cov, nil
	}
	if err := checkCovariance("correlation", correlation, len(ses)); err != nil {
		return nil, err
	}
	for i, row := range correlation {
		for j, rho := range row {
			if i == j && math.Abs(rho-1) > 1e-9 {
				return nil, &input.Error{Field: fmt.Sprintf("correlation[%d][%d]", i, i), Value: rho, Reason: "must be 1: a metric is its own"}
			}
			if i != j {
				cov[i][j] = ses[i] * rho * ses[j]
			}
		}
	}
	return cov, nil
}

// at is the metric of estimate i.
func (t Test) at(i int) int {
	if t.Metrics == nil {
		return i
	}
	return t.Metrics[i]
}

// most is how many metrics are taken. A fit takes time and memory with the
// fourth power of their number.
const most = 40

func (t Test) check(name string) error {
	if err := input.First(
		input.Check(len(t.Estimates) > 0, name+".Estimates", 0, "at least one estimate is needed"),
		input.Check(len(t.Estimates) <= most, name+".Estimates", float64(len(t.Estimates)), "more than 40 metrics"),
		input.Check(t.Metrics == nil || len(t.Metrics) == len(t.Estimates), name+".Metrics", float64(len(t.Metrics)), "must be as many as the estimates"),
	); err != nil {
		return err
	}
	seen := [most]bool{}
	for i, x := range t.Estimates {
		if !(math.Abs(x) <= input.Max) {
			return input.Finite(fmt.Sprintf("%s.Estimates[%d]", name, i), x)
		}
		k := t.at(i)
		if k < 0 || k >= most || seen[k] {
			return &input.Error{Field: fmt.Sprintf("%s.Metrics[%d]", name, i), Value: float64(k), Reason: "must be 0 to 39, each metric once"}
		}
		seen[k] = true
	}
	return checkCovariance(name+".Cov", t.Cov, len(t.Estimates))
}

// dependent is the share of an estimate's variance that must be its own, beyond
// the errors of those before it. Rounding alone leaves about 1e-15.
const dependent = 1e-8

// checkCovariance wants a symmetric, positive definite matrix of this size.
func checkCovariance(name string, cov [][]float64, size int) error {
	if len(cov) != size {
		return &input.Error{Field: name, Value: float64(len(cov)), Reason: "must have a row for each estimate"}
	}
	scale := [most]float64{}
	for i, row := range cov {
		if len(row) != size {
			return &input.Error{Field: fmt.Sprintf("%s[%d]", name, i), Value: float64(len(row)), Reason: "must have a column for each estimate"}
		}
		if !(row[i] >= 1e-80 && row[i] <= 1e80) {
			return &input.Error{Field: fmt.Sprintf("%s[%d][%d]", name, i, i), Value: row[i], Reason: "must be a variance above 0 (1e-80 to 1e80)"}
		}
		scale[i] = math.Sqrt(row[i])
	}
	flat := make([]float64, size*size)
	for i, row := range cov {
		for j, v := range row {
			r, mirrored := v/scale[i]/scale[j], cov[j][i]/scale[i]/scale[j]
			if !(math.Abs(r) <= 1+1e-9 && math.Abs(r-mirrored) <= 1e-9) {
				return &input.Error{Field: fmt.Sprintf("%s[%d][%d]", name, i, j), Value: v, Reason: "must be symmetric, with correlations from -1 to 1"}
			}
			flat[i*size+j] = r
		}
	}
	if bad := factor(flat, size, dependent); bad >= 0 {
		return &input.Error{Field: fmt.Sprintf("%s[%d]", name, bad), Value: cov[bad][bad], Reason: "must be positive definite: this error follows from those before it"}
	}
	return nil
}

func square(n int) [][]float64 {
	all := make([]float64, n*n)
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = all[i*n : (i+1)*n : (i+1)*n]
	}
	return rows
}
