package shrink

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
)

// reference is one fit of the tables: its data, its grid, and what ash made of it.
type reference struct {
	es      []stats.Estimate
	options Options // as ash fitted: the grid as given, the null weight of the prior
	theirs  programme
	weights mixing
	fit     Fit // ours
}

var read = map[string]reference{}

// load reads a fit from the three tables of a directory.
func load(t testing.TB, dir, dataset, prior string) reference {
	key := filepath.Join(dir, dataset, prior)
	if r, ok := read[key]; ok {
		return r
	}
	var ref reference
	for _, r := range golden.Sorted(golden.Select(golden.Read(t, filepath.Join(dir, "ash_input.csv")), "dataset", dataset), "i") {
		ref.es = append(ref.es, stats.Estimate{Value: r.Num("betahat"), SE: r.Num("se")})
	}
	weight, known := map[string]float64{"nullbiased": 10, "uniform": 1}[prior]
	if !known {
		t.Fatalf("unknown prior %q", prior)
	}
	ref.options = Options{NullWeight: weight, NoPointMass: true}
	components := golden.Select(golden.Read(t, filepath.Join(dir, "ash_prior.csv")), "dataset", dataset)
	for _, r := range golden.Sorted(golden.Select(components, "prior", prior), "component") {
		if pi := r.Num("pi"); pi > 0 {
			ref.weights.support = append(ref.weights.support, int(r.Num("component"))-1)
			ref.weights.weights = append(ref.weights.weights, pi)
		}
		if sd := r.Num("sd"); sd == 0 {
			ref.options.NoPointMass = false
		} else {
			ref.options.SDs = append(ref.options.SDs, sd)
		}
	}
	f := ref.options.spreads(ref.es, 0)
	ref.theirs = programme{newMatrix(f, ref.es), ref.options.penalty(f)}
	ref.fit = assert.Must(Adaptive(ref.es, ref.options))
	read[key] = ref
	return ref
}

// objective of the reference's own weights.
func (r reference) objective() float64 {
	return r.theirs.expand(r.weights).value*r.theirs.total() + r.theirs.logScale
}

// converged: the reference's weights are as good as the optimum, which our fit is
// certified to be. They are to below 1e-8 of log likelihood, except where all
// components are nearly collinear because no estimate stands out: for all_null,
// uniform, the reference stops with all weight on the point mass, 2.3e-4 below
// the weights (0.611, 0.389) of the first two components. As the objective is
// concave and evaluated at the reference's weights it gives the table's loglik to
// 1e-11, this is the reference's shortfall. Posteriors of such a fit are compared
// under the reference's weights alone.
func (r reference) converged() bool { return r.fit.Objective-r.objective() < 1e-8 }

func TestGoldenPrior(t *testing.T) {
	golden.Groups(t, "ash_prior.csv", []string{"dataset", "prior"}, "component", func(c *golden.Check, rows []golden.Row) {
		r := rows[0]
		ref := load(c, c.Dir, r.Text("dataset"), r.Text("prior"))
		// The table's own fit: its log likelihood is without the penalty.
		theirs := ref.theirs.expand(ref.weights)
		loglik := theirs.value*ref.theirs.total() + ref.theirs.logScale
		for k, p := range ref.theirs.penalty {
			if p > 0 {
				loglik -= p * math.Log(weightOf(ref.weights, k))
			}
		}
		c.Within("loglik of its weights", loglik, r.Num("loglik"), 1, 1e-7)

		// Ours: at least as good, by the certificate and by evaluation.
		c.Within("certified gap", ref.fit.Gap, 0, 1, 1e-9*float64(len(ref.es)))
		if gain := ref.fit.Objective - ref.objective(); gain < -1e-6 {
			c.Errorf("%s/%s: an objective %g below the reference's", r.Text("dataset"), r.Text("prior"), -gain)
		}
		if ref.converged() {
			// Without the penalty it is not flat at the optimum: 1e-6 of π₀ is 1e-5 of it.
			c.Within("loglik", ref.fit.LogLikelihood, r.Num("loglik"), 1, 1e-3)
			c.Within("logLR", ref.fit.LogRatio, r.Num("logLR"), 1, 1e-3)
		} else {
			c.Logf("%s/%s: the reference is %.2g below the optimum", r.Text("dataset"), r.Text("prior"), ref.fit.Objective-ref.objective())
		}

		// The default grid, and the fit on it, which is the same.
		fit := assert.Must(Adaptive(ref.es, Options{NullWeight: ref.options.NullWeight, NoPointMass: ref.options.NoPointMass}))
		if len(fit.Components) != len(rows) {
			c.Fatalf("%s: %d components, the reference has %d", r.Text("dataset"), len(fit.Components), len(rows))
		}
		for k, row := range rows {
			c.Equal("sd", fit.Components[k].SD, row.Num("sd"), 1e-13)
			if ref.converged() {
				c.Within("pi", fit.Weights[k], row.Num("pi"), 1, 2e-3)
			}
		}
		c.Within("objective, default grid", fit.Objective, ref.fit.Objective, 1, 1e-9)
	})
}

func weightOf(m mixing, k int) float64 {
	for j, s := range m.support {
		if s == k {
			return m.weights[j]
		}
	}
	return 0
}

func TestGoldenPosterior(t *testing.T) {
	golden.Groups(t, "ash_posterior.csv", []string{"dataset", "prior"}, "i", func(c *golden.Check, rows []golden.Row) {
		ref := load(c, c.Dir, rows[0].Text("dataset"), rows[0].Text("prior"))
		ours := assert.Must(ref.fit.Posteriors(ref.es))
		fit := Fit{Components: ref.fit.Components, Weights: make([]float64, len(ref.fit.Weights))}
		for j, k := range ref.weights.support {
			fit.Weights[k] = ref.weights.weights[j]
		}
		theirs := assert.Must(fit.Posteriors(ref.es))
		svalues, qvalues := lastOfTied(rows, "lfsr", "svalue"), lastOfTied(rows, "lfdr", "qvalue")
		for k, r := range rows {
			c.At(r)
			i := int(r.Num("i")) - 1
			if i < 0 || i >= len(ours) {
				c.Fatalf("no estimate %d of %s", i+1, r.Text("dataset"))
			}
			compare(c, r, "given weights: ", theirs[i], ref.es[i].SE, 1e-9, 1e-9)
			c.Within("given weights: svalue", theirs[i].SValue, svalues[k], 1, 1e-9)
			c.Within("given weights: qvalue", theirs[i].QValue, qvalues[k], 1, 1e-9)
			if ref.converged() {
				compare(c, r, "", ours[i], ref.es[i].SE, 1e-3, 2e-3)
				c.Within("svalue", ours[i].SValue, svalues[k], 1, 2e-3)
				c.Within("qvalue", ours[i].QValue, qvalues[k], 1, 2e-3)
			}
		}
	})
}

// compare takes means and standard deviations on the scale of the standard error.
func compare(c *golden.Check, r golden.Row, prefix string, p Posterior, se, mean, rate float64) {
	c.Helper()
	c.Within(prefix+"post_mean", p.Mean, r.Num("post_mean"), se, mean)
	c.Within(prefix+"post_sd", p.SD, r.Num("post_sd"), se, mean)
	c.Within(prefix+"lfdr", p.LFDR, r.Num("lfdr"), 1, rate)
	c.Within(prefix+"lfsr", p.LFSR, r.Num("lfsr"), 1, rate)
}

// lastOfTied are the reference's means of the rates up to each estimate's. It takes
// estimates of equal rates in order, we all of them together, which is its last.
func lastOfTied(rows []golden.Row, rate, mean string) []float64 {
	rates, last := make([]float64, len(rows)), make([]float64, len(rows))
	for i, r := range rows {
		rates[i], last[i] = r.Num(rate), r.Num(mean)
	}
	for i, own := range rates {
		for j, other := range rates {
			if math.Abs(other-own) <= 1e-12*own {
				last[i] = max(last[i], last[j])
			}
		}
	}
	return last
}
