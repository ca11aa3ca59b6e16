package quantile

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

var fine = ratioEdges(0.01, 1e8, 1.01)

// binned counts values into the fine bins without a search.
func binned(values []float64) Histogram {
	h := Histogram{Edges: fine, Counts: make([]float64, len(fine)-1)}
	for _, y := range values {
		h.Counts[int(math.Log(y/0.01)/math.Log(1.01))]++
	}
	return h
}

// The interval covers the true quantile 95 times in 100, from histograms of 1% bins
// and from t-digests, for two shapes of tail.
func TestIntervalCovers(t *testing.T) {
	assert.Long(t)
	const runs, n = 2000, 10_000
	for name, from := range map[string]func(*rand.Rand) float64{"log-normal": logNormal, "Pareto": pareto} {
		r := rand.New(rand.NewPCG(21, 22))
		covered := map[float64]int{}
		byDigest := 0
		for run := range runs {
			values := draw(r, n, from)
			h := Sample{Sketch: binned(values)}
			for _, q := range []float64{0.5, 0.9, 0.99} {
				if assert.Must(h.Quantile(q, Options{})).Interval.Contains(truth(name, q)) {
					covered[q]++
				}
			}
			if run < runs/4 && assert.Must(Sample{Sketch: digestOf(values, 500)}.Quantile(0.99, Options{})).Interval.Contains(truth(name, 0.99)) {
				byDigest++
			}
		}
		for q, k := range covered {
			assert.Binomial(t, name, k, runs, 0.95)
			t.Logf("%s p%g: coverage %.4f", name, 100*q, float64(k)/runs)
		}
		assert.Binomial(t, name+" by digest", byDigest, runs/4, 0.95)
		t.Logf("%s p99 by digest: coverage %.4f", name, float64(byDigest)/(runs/4))
	}
}

func truth(name string, q float64) float64 {
	if name == "Pareto" {
		return 100 * math.Pow(1-q, -1/2.5)
	}
	return math.Exp(5 + 0.8*norm.Quantile(q))
}

// Arms that are alike: p-values are uniform (5% below 0.05, 20% below 0.2), and the
// interval of the relative change covers 0; arms that differ by 10%: it covers 0.1.
func TestCompareCalibration(t *testing.T) {
	assert.Long(t)
	const runs, n = 2000, 10_000
	for name, from := range map[string]func(*rand.Rand) float64{"log-normal": logNormal, "Pareto": pareto} {
		r := rand.New(rand.NewPCG(23, 24))
		type counts struct{ at05, at20, zero, tenth int }
		found := map[float64]counts{}
		for range runs {
			control, same := draw(r, n, from), draw(r, n, from)
			better := slices.Clone(same)
			for i := range better {
				better[i] *= 1.1
			}
			a, b, c := Sample{Sketch: binned(control)}, Sample{Sketch: binned(same)}, Sample{Sketch: binned(better)}
			for _, q := range []float64{0.5, 0.9, 0.99} {
				k := found[q]
				null, real := assert.Must(Compare(b, a, q, Options{})), assert.Must(Compare(c, a, q, Options{}))
				k.at05 += b2i(null.P < 0.05)
				k.at20 += b2i(null.P < 0.2)
				k.zero += b2i(null.Relative.Interval.Contains(0))
				k.tenth += b2i(real.Relative.Interval.Contains(0.1))
				found[q] = k
			}
		}
		for q, k := range found {
			t.Logf("%s p%g: P < 0.05 %.4f, P < 0.2 %.4f, covers 0 %.4f, covers 0.1 %.4f", name, 100*q,
				float64(k.at05)/runs, float64(k.at20)/runs, float64(k.zero)/runs, float64(k.tenth)/runs)
			assert.Binomial(t, "P < 0.05", k.at05, runs, 0.05)
			assert.Binomial(t, "P < 0.2", k.at20, runs, 0.2)
			assert.Binomial(t, "covers 0", k.zero, runs, 0.95)
			assert.Binomial(t, "covers 0.1", k.tenth, runs, 0.95)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Users with several events each, whose level differs: with the sums per user intervals
// cover and p-values are uniform; without them, as if events were independent,
// the p-values are wrong several times over.
func TestClusteredEvents(t *testing.T) {
	assert.Long(t)
	const runs, users = 1500, 2500
	r := rand.New(rand.NewPCG(25, 26))
	for _, q := range []float64{0.5, 0.9, 0.99} {
		at05, naive, covered, deff := 0, 0, 0, 0.0
		want := math.Exp(5 + norm.Quantile(q)*math.Hypot(0.6, 0.6))
		for range runs {
			a, b := clustered(r, users, q), clustered(r, users, q)
			c := assert.Must(Compare(a, b, q, Options{}))
			at05 += b2i(c.P < 0.05)
			covered += b2i(c.Control.Interval.Contains(want))
			deff += c.Control.DesignEffect / runs
			naive += b2i(assert.Must(Compare(Sample{Sketch: a.Sketch}, Sample{Sketch: b.Sketch}, q, Options{})).P < 0.05)
		}
		t.Logf("p%g, design effect %.2f: P < 0.05 %.4f, coverage %.4f; as if independent P < 0.05 %.4f", 100*q, deff,
			float64(at05)/runs, float64(covered)/runs, float64(naive)/runs)
		assert.Binomial(t, "P < 0.05", at05, runs, 0.05)
		assert.Binomial(t, "covers", covered, runs, 0.95)
		if naive < 2*at05 && q < 0.99 {
			t.Errorf("p%g: the simulation has no dependence to speak of: %d against %d", 100*q, naive, at05)
		}
	}
}

// clustered draws users with 1 to 9 events, whose level (SD 0.6) and events (SD
// 0.6) are log-normal; more events do not mean slower ones.
func clustered(r *rand.Rand, users int, q float64) Sample {
	var values []float64
	var ends []int
	for range users {
		level := 5 + 0.6*r.NormFloat64()
		for range 1 + r.IntN(9) {
			values = append(values, math.Exp(level+0.6*r.NormFloat64()))
		}
		ends = append(ends, len(values))
	}
	s := Sample{Sketch: binned(values)}
	threshold := assert.Must(s.Quantile(q, Options{})).Value
	from := 0
	for _, to := range ends {
		below := 0.0
		for _, y := range values[from:to] {
			below += float64(b2i(y <= threshold))
		}
		s.Clusters = s.Clusters.plus(float64(to-from), below)
		from = to
	}
	return s
}

// The cap is the p99 of both arms together, estimated anew in each run, while the
// variance takes it as fixed. Alike arms: p-values of the difference are uniform. A
// treatment that makes the upper tail 30% longer: the interval covers the difference
// at the population's pooled cap.
func TestPooledCapIsCalibrated(t *testing.T) {
	assert.Long(t)
	const runs, n = 2000, 10_000
	r := rand.New(rand.NewPCG(27, 28))
	longer := func(r *rand.Rand) float64 {
		y := pareto(r)
		if y > 300 {
			y = 300 + 1.3*(y-300)
		}
		return y
	}
	test := func(treatment, control Histogram) (difference, se float64) {
		limits := assert.Must(PooledLimits(0, 0.99, treatment, control))
		a, b := assert.Must(Winsorised(treatment, limits)).Arm, assert.Must(Winsorised(control, limits)).Arm
		return a.Mean - b.Mean, math.Sqrt(a.Variance/float64(a.N) + b.Variance/float64(b.N))
	}
	// The population's difference: a very large sample, with error 0.3% of a run's SE.
	truth, _ := test(summed(draw(r, 10_000_000, longer)), summed(draw(r, 10_000_000, pareto)))
	at05, covered := 0, 0
	for range runs {
		control, same, long := summed(draw(r, n, pareto)), summed(draw(r, n, pareto)), summed(draw(r, n, longer))
		d, se := test(same, control)
		at05 += b2i(math.Abs(d) > 1.959964*se)
		d, se = test(long, control)
		covered += b2i(math.Abs(d-truth) <= 1.959964*se)
	}
	t.Logf("pooled cap: P < 0.05 %.4f; longer tail (difference %.2f) covered %.4f", float64(at05)/runs, truth, float64(covered)/runs)
	assert.Binomial(t, "P < 0.05", at05, runs, 0.05)
	assert.Binomial(t, "covers the difference", covered, runs, 0.95)
}

// summed is binned with sums.
func summed(values []float64) Histogram {
	edges := fine
	h := Histogram{Edges: edges, Counts: make([]float64, len(edges)-1), Sums: make([]float64, len(edges)-1), Squares: make([]float64, len(edges)-1)}
	for _, y := range values {
		i := int(math.Log(y/0.01) / math.Log(1.01))
		// The logarithm may round across an edge.
		for y < edges[i] {
			i--
		}
		for y >= edges[i+1] {
			i++
		}
		h.Counts[i]++
		h.Sums[i] += y
		h.Squares[i] += y * y
	}
	return h
}
