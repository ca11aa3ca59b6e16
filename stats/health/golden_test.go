package health

import (
	"testing"

	"github.com/assay-planner/assay/stats/internal/golden"
)

func TestGoldenSampleRatio(t *testing.T) {
	golden.Table(t, "srm.csv", func(c *golden.Check, r golden.Row) {
		var counts []int
		for _, n := range r.Nums("counts") {
			counts = append(counts, int(n))
		}
		result, err := SampleRatio(counts, r.Nums("weights"))
		if err != nil {
			c.Fatal(err)
		}
		c.Equal("chi2", result.ChiSquare, r.Num("chi2"), 1e-10)
		c.Equal("p_value", result.P, r.Num("p_value"), 1e-10)
		c.Equal("df", float64(result.DF), r.Num("df"), 0)
	})
}
