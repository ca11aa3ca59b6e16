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
		key := c.Dir + r.Text("dataset")
		if studies[key] == nil {
			studies[key] = readStudies(c, c.Dir, r.Text("dataset"))
		}
		fit := assert.Must(FitNormal(studies[key]))
		c.Equal("tau2", fit.Prior.SD*fit.Prior.SD, r.Num("tau2"), 1e-5)
		c.Equal("se_tau2", fit.VarianceSE, r.Num("se_tau2"), 1e-5)
		// The table's tau2 is iterated and off by up to 1e-6 (see
		// TestFitNormalExactRoot), which moves a mu near 0 by more than 1e-6 of
		// itself: mu is compared on the scale of its standard error.
		se := r.Num("se")
		c.Within("mu", fit.Prior.Mean, r.Num("mu"), max(se, math.Abs(r.Num("mu"))), 1e-6)
		c.Equal("se", fit.MeanSE, se, 1e-6)
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
