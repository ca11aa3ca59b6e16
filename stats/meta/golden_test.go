package meta

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

// TestGoldenFit compares all columns to 1e-9, intervals and means on the scale of
// the standard error if that is larger. The table's τ² of PM, EB, ML and REML is an
// iterate that stopped once a halved step moved it by less than 1e-12: it is held
// to 1e-11 or 1e-9 of itself, and what depends on it to what its distance from
// our root, which TestExactRoots holds, explains.
func TestGoldenFit(t *testing.T) {
	studies := map[string][]stats.Estimate{}
	golden.Table(t, "meta_results.csv", func(c *golden.Check, r golden.Row) {
		es := readStudies(c, studies, r.Text("dataset"))
		if len(es) == 0 {
			c.Leave("studies are in the full table only")
			return
		}
		if !r.Has("tau2") {
			c.Leave("the reference did not converge")
			return
		}
		test := r.Text("test")
		if test != "z" && test != "knha" {
			c.Fatalf("unknown test %q", test)
		}
		fit := assert.Must(Fit(es, Options{Method: Method(r.Text("method")), KnappHartung: test == "knha"}))
		compareTau2(c, fit, r.Num("tau2"))
		moved, swing := distance(fit, r.Num("tau2"), es)
		onScale := func(column string, got, scale, explained float64) {
			if !r.Has(column) {
				return
			}
			c.Within(column, got, r.Num(column), max(scale, math.Abs(r.Num(column))), 1e-9+explained)
		}
		onScale("k", float64(fit.K), 0, 0)
		onScale("I2", 100*fit.I2, 1, 100*moved)
		onScale("H2", fit.H2, 0, moved)
		onScale("se_tau2", fit.Tau2SE, 0, 2*moved)
		onScale("Q", fit.Q, 0, 0)
		onScale("Q_p", fit.QP, 1e-290, 0)
		onScale("se", fit.SE, 0, moved)
		onScale("mu", fit.Mean, r.Num("se"), swing)
		onScale("ci_lb", fit.Interval.Low, r.Num("se"), swing)
		onScale("ci_ub", fit.Interval.High, r.Num("se"), swing)
		onScale("stat", fit.Statistic, 1, swing)
		// d log p/dz is about z in the tail, and z² turns a share of z into one of p.
		steep := max(1, fit.Statistic*fit.Statistic)
		c.Within("pval", fit.P, r.Num("pval"), max(1e-290, r.Num("pval")), steep*(1e-9+2*swing))
	})
}

// compareTau2 holds τ² to 1e-9 of itself and, where it is iterated, to 1e-11.
func compareTau2(c *golden.Check, fit Result, want float64) {
	c.Helper()
	scale := want
	if slices.Contains([]Method{PM, EB, ML, REML}, fit.Method) {
		scale = max(want, 0.01)
	}
	c.Within("tau2", fit.Tau2, want, max(scale, 1e-290), 1e-9)
}

// distance says what another τ² changes: weights, and by that standard errors, by no
// more than the share moved; the mean and bounds by no more than swing standard
// errors, as |Σ wᵢ²(yᵢ − μ)| ≤ max w √(Σ w) √(Σ w(y − μ)²), whose last sum is near k.
func distance(fit Result, tau2 float64, es []stats.Estimate) (moved, swing float64) {
	least := math.Inf(1)
	for _, e := range es {
		least = min(least, e.SE*e.SE)
	}
	moved = math.Abs(fit.Tau2-tau2) / (least + min(fit.Tau2, tau2))
	return moved, moved * (20 + 2*math.Sqrt(float64(fit.K)))
}

func TestGoldenShrink(t *testing.T) {
	studies := map[string][]stats.Estimate{}
	golden.Groups(t, "meta_blup.csv", []string{"dataset", "method"}, "study", func(c *golden.Check, rows []golden.Row) {
		es := readStudies(c, studies, rows[0].Text("dataset"))
		if len(es) == 0 {
			c.Leave("studies are in the full table only")
			return
		}
		fit := assert.Must(Fit(es, Options{Method: Method(rows[0].Text("method"))}))
		moved, swing := distance(fit, tau2Of(c, rows[0], fit), es)
		own := assert.Must(fit.Shrink(es))
		for _, r := range rows {
			c.At(r)
			i := int(r.Num("study")) - 1
			if i < 0 || i >= len(own) {
				c.Fatalf("no study %d", i+1)
			}
			se := r.Num("blup_se")
			// λ moves by no more than 1 − λ times the share moved.
			spread := math.Hypot(es[i].SE, math.Sqrt(fit.Tau2)) / se
			c.Within("blup_se", own[i].Estimate.SE, se, se, 1e-9+moved*(1+spread*spread/2))
			pull := 1e-9 + swing + moved*(math.Abs(es[i].Value-fit.Mean)/se+2*(1+spread*spread/2))
			for column, got := range map[string]float64{"blup": own[i].Estimate.Value, "pi_lb": own[i].Interval.Low, "pi_ub": own[i].Interval.High} {
				c.Within(column, got, r.Num(column), max(se, math.Abs(r.Num(column))), pull)
			}
		}
	})
}

// tau2Of is the table's τ² of a fit, from the results beside it; ours if they
// are not there.
func tau2Of(c *golden.Check, r golden.Row, fit Result) float64 {
	path := filepath.Join(c.Dir, "meta_results.csv")
	if _, err := os.Stat(path); err != nil {
		return fit.Tau2
	}
	for _, row := range golden.Read(c, path) {
		if row.Text("dataset") == r.Text("dataset") && row.Text("method") == r.Text("method") && row.Has("tau2") {
			return row.Num("tau2")
		}
	}
	return fit.Tau2
}

// readStudies are the estimates of a data set in the order of their numbers.
func readStudies(c *golden.Check, known map[string][]stats.Estimate, dataset string) []stats.Estimate {
	key := c.Dir + "/" + dataset
	if known[key] == nil {
		for _, r := range golden.Sorted(golden.Select(golden.Read(c, filepath.Join(c.Dir, "meta_studies.csv")), "dataset", dataset), "study") {
			known[key] = append(known[key], stats.Estimate{Value: r.Num("yi"), SE: math.Sqrt(r.Num("vi"))})
		}
	}
	return known[key]
}
