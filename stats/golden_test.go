package stats

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

func TestGoldenFitNormal(t *testing.T) {
	studies := map[string][]Estimate{}
	golden.Table(t, "meta_results.csv", func(c *golden.Check, r golden.Row) {
		if r.Text("method") != "ML" || r.Text("test") != "z" {
			c.Leave("not maximum likelihood (see stats/meta)")
			return
		}
		if !r.Has("tau2") {
			c.Leave("the reference did not converge")
			return
		}
		key := c.Dir + r.Text("dataset")
		if studies[key] == nil {
			studies[key] = readStudies(c, c.Dir, r.Text("dataset"))
		}
		fit := assert.Must(FitNormal(studies[key]))
		// The table's τ² is iterated until a step moves it by less than 1e-12. How far
		// it is from the root (see TestFitNormalExactRoot) moves the weights by no more
		// than the share moved, and the mean by swing standard errors (see stats/meta).
		tau2, least := fit.Prior.SD*fit.Prior.SD, math.Inf(1)
		for _, e := range studies[key] {
			least = min(least, e.SE*e.SE)
		}
		c.Within("tau2", tau2, r.Num("tau2"), max(r.Num("tau2"), 0.01), 1e-9)
		moved := math.Abs(tau2-r.Num("tau2")) / (least + min(tau2, r.Num("tau2")))
		swing := moved * 2 * math.Sqrt(float64(len(studies[key])))
		se := r.Num("se")
		c.Equal("se_tau2", fit.VarianceSE, r.Num("se_tau2"), 1e-9+2*moved)
		c.Within("mu", fit.Prior.Mean, r.Num("mu"), max(se, math.Abs(r.Num("mu"))), 1e-9+swing)
		c.Equal("se", fit.MeanSE, se, 1e-9+moved)
	})
}

func readStudies(t testing.TB, dir, dataset string) (es []Estimate) {
	for _, r := range golden.Read(t, filepath.Join(dir, "meta_studies.csv")) {
		if r.Text("dataset") == dataset {
			es = append(es, Estimate{r.Num("yi"), math.Sqrt(r.Num("vi"))})
		}
	}
	return es
}

// TestFitNormalExactRoot holds the fit of one data set against the root of its
// likelihood equation in 40-digit arithmetic (Python's mpmath); metafor's tau2,
// 2.53037548133341e-06, is 9.6e-7 above it.
func TestFitNormalExactRoot(t *testing.T) {
	es := readStudies(t, golden.Dir(t), "asos_shared_metric3_z")
	if len(es) != 50 {
		t.Skip("the tables have another selection of data sets")
	}
	fit := assert.Must(FitNormal(es))
	assert.Near(t, "tau2", fit.Prior.SD*fit.Prior.SD/2.53037305431163e-6, 1, 1e-12)
	assert.Near(t, "mu", fit.Prior.Mean/1.70604927398278e-5, 1, 1e-12)
}
