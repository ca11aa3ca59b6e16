package meta

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

// TestGoldenFit compares all columns. The closed-form estimators agree to 1e-9,
// bounded by what is left of the table's 15 digits where Q is close to k − 1. For the others the
// table's τ² is an iterate that stopped up to 1e-6 from the root (see
// TestExactRoots): τ² and what is proportional to it is held to 1e-5, the rest to
// 1e-6, the mean and its bounds on the scale of its standard error if that is
// larger, because a shift of τ² moves a mean near 0 by more than 1e-6 of itself.
func TestGoldenFit(t *testing.T) {
	studies := map[string][]stats.Estimate{}
	golden.Table(t, "meta_results.csv", func(c *golden.Check, r golden.Row) {
		es := readStudies(c, studies, r.Text("dataset"))
		if len(es) == 0 {
			c.Leave("studies are in the full table only")
			return
		}
		method := Method(r.Text("method"))
		variance, mean := 1e-9, 1e-9
		if slices.Contains([]Method{PM, EB, ML, REML}, method) {
			variance, mean = 1e-5, 1e-6
		}
		fit := assert.Must(Fit(es, Options{Method: method, KnappHartung: r.Text("test") == "knha"}))
		compare := func(column string, got, tolerance float64) { c.Equal(column, got, r.Num(column), tolerance) }
		compare("k", float64(fit.K), 0)
		if variance > 1e-9 && fit.Tau2 == 0 {
			// The table's iterates halve their way to the boundary and stop short of
			// it: what is left is compared with the standard error of τ².
			c.Within("tau2", 0, r.Num("tau2"), r.Num("se_tau2"), variance)
			c.Within("I2", 0, r.Num("I2"), 100, variance)
		} else {
			compare("tau2", fit.Tau2, variance)
			compare("I2", 100*fit.I2, variance)
		}
		compare("H2", fit.H2, variance)
		if r.Has("se_tau2") {
			compare("se_tau2", fit.Tau2SE, variance)
		}
		compare("Q", fit.Q, 1e-9)
		compare("Q_p", fit.QP, 1e-9)
		compare("se", fit.SE, mean)
		onScale := func(column string, got, scale float64) {
			c.Within(column, got, r.Num(column), max(scale, math.Abs(r.Num(column))), mean)
		}
		onScale("mu", fit.Mean, r.Num("se"))
		onScale("ci_lb", fit.Interval.Low, r.Num("se"))
		onScale("ci_ub", fit.Interval.High, r.Num("se"))
		onScale("stat", fit.Statistic, 1)
		// d log p/dz is about z in the tail, and z² turns a share of z into one of p.
		c.Within("pval", fit.P, r.Num("pval"), r.Num("pval")*max(1, fit.Statistic*fit.Statistic), mean)
	})
}

func TestGoldenShrink(t *testing.T) {
	studies := map[string][]stats.Estimate{}
	golden.Groups(t, "meta_blup.csv", []string{"dataset", "method"}, func(c *golden.Check, rows []golden.Row) {
		es := readStudies(c, studies, rows[0].Text("dataset"))
		if len(es) == 0 {
			c.Leave("studies are in the full table only")
			return
		}
		method, tolerance := Method(rows[0].Text("method")), 1e-6
		if method == DL { // in closed form
			tolerance = 1e-9
		}
		own := assert.Must(assert.Must(Fit(es, Options{Method: method})).Shrink(es))
		for _, r := range rows {
			x := own[int(r.Num("study"))-1]
			se := r.Num("blup_se")
			c.Equal("blup_se", x.Estimate.SE, se, tolerance)
			for column, got := range map[string]float64{"blup": x.Estimate.Value, "pi_lb": x.Interval.Low, "pi_ub": x.Interval.High} {
				c.Within(column, got, r.Num(column), max(se, math.Abs(r.Num(column))), tolerance)
			}
		}
	})
}

func readStudies(c *golden.Check, known map[string][]stats.Estimate, dataset string) []stats.Estimate {
	key := c.Dir + "/" + dataset
	if known[key] == nil {
		for _, r := range golden.Read(c, filepath.Join(c.Dir, "meta_studies.csv")) {
			if r.Text("dataset") == dataset {
				known[key] = append(known[key], stats.Estimate{Value: r.Num("yi"), SE: math.Sqrt(r.Num("vi"))})
			}
		}
	}
	return known[key]
}
