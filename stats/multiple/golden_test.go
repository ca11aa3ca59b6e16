package multiple

import (
	"math"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

func TestGoldenAdjust(t *testing.T) {
	golden.Groups(t, "multiple_testing.csv", []string{"vector"}, "i", func(c *golden.Check, rows []golden.Row) {
		var p []float64
		for _, r := range rows {
			p = append(p, r.Num("p"))
		}
		compare := func(column string, got []float64) {
			for i, r := range rows {
				c.At(r)
				c.Equal(column, got[i], r.Num(column), 1e-12)
			}
		}
		for _, correction := range []Correction{Bonferroni, Holm, Hochberg, Hommel, BH, BY} {
			compare(string(correction), assert.Must(Adjust(p, correction)))
		}
		if rows[0].Has("storey_q_pi0_1") { // the reference has none for a single p-value
			compare("storey_q_pi0_1", assert.Must(QValues(p, Storey{Pi0: 1})).Q)
		}
		if !rows[0].Has("storey_pi0_bootstrap") {
			if _, err := QValues(p, Storey{}); err == nil && len(p) > 1 {
				c.Error("the reference has no estimate of pi0, we have one")
			}
			return
		}
		estimated := assert.Must(QValues(p, Storey{}))
		compare("storey_q_bootstrap", estimated.Q)
		c.Equal("storey_pi0_bootstrap", estimated.Pi0, rows[0].Num("storey_pi0_bootstrap"), 1e-12)
	})
}

// TestGoldenOnline: every level and every decision of every stream. The reference's
// LORD3 is our LORD3Late (see Online.Level); TestLORD3ByHand and, where nothing is
// rejected, the same rows check LORD3.
func TestGoldenOnline(t *testing.T) {
	golden.Groups(t, "online_fdr.csv", []string{"stream", "algorithm", "alpha"}, "i", func(c *golden.Check, rows []golden.Row) {
		method := Method(rows[0].Text("algorithm"))
		if method != LORD3 {
			compareOnline(c, method, rows)
			return
		}
		compareOnline(c, LORD3Late, rows)
		if !slices.ContainsFunc(rows, func(r golden.Row) bool { return r.Num("reject") == 1 }) {
			compareOnline(c, LORD3, rows)
		}
	})
}

func compareOnline(c *golden.Check, method Method, rows []golden.Row) {
	o := assert.Must(NewOnline(Options{Method: method, Alpha: rows[0].Num("alpha")}))
	for i, r := range rows {
		c.At(r)
		if i+1 != int(r.Num("i")) {
			c.Fatalf("row %d of a stream is its number %g", i+1, r.Num("i"))
		}
		planned, rejected := o.Level(), r.Num("reject") == 1
		d := assert.Must(o.Next(r.Num("pval")))
		c.Equal(string(method)+" alphai", planned, r.Num("alphai"), 1e-10)
		if d.Reject != rejected && math.Abs(r.Num("pval")-planned) <= 1e-12*planned {
			c.Leave("the rest of a stream after a p-value that equals its level but for rounding")
			return
		}
		if d != (Decision{planned, rejected}) {
			c.Errorf("%v test %d: %+v, planned %g, reference rejects: %t", o.Options(), i+1, d, planned, rejected)
		}
	}
}
