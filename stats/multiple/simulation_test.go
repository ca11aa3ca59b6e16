package multiple

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// world makes one-sided z-tests: a share of them of a true effect, all with the same
// correlation ρ ≥ 0 with each other, which is positive dependence (PRDS).
type world struct {
	tests       int
	share, size float64 // of true effects, in standard errors
	correlation float64
}

func (w world) draw(rng *rand.Rand) (p []float64, null []bool) {
	common := math.Sqrt(w.correlation) * rng.NormFloat64()
	for range w.tests {
		z := common + math.Sqrt(1-w.correlation)*rng.NormFloat64()
		isNull := rng.Float64() >= w.share
		if !isNull {
			z += w.size
		}
		p, null = append(p, norm.CDF(-z)), append(null, isNull)
	}
	return p, null
}

// tally counts what error rates are about. An FDP, the false share of the
// rejections, becomes a success with that probability, so that successes are
// binomial with the FDR and exact bounds hold.
type tally struct{ runs, anyFalse, fdp, found int }

func (c *tally) add(rng *rand.Rand, rejected func(i int) bool, null []bool) {
	wrong, all := 0, 0
	for i := range null {
		if rejected(i) {
			all++
			if null[i] {
				wrong++
			}
		}
	}
	c.runs++
	c.found += all - wrong
	if wrong > 0 {
		c.anyFalse++
	}
	if all > 0 && rng.Float64()*float64(all) < float64(wrong) {
		c.fdp++
	}
}

func simulate(w world, runs int, seed uint64, procedure func(p []float64) []bool) (c tally) {
	rng := rand.New(rand.NewPCG(9, seed))
	for range runs {
		p, null := w.draw(rng)
		decisions := procedure(p)
		c.add(rng, func(i int) bool { return decisions[i] }, null)
	}
	return c
}

func adjusted(c Correction, alpha float64) func(p []float64) []bool {
	return func(p []float64) []bool { return upTo(assert.Must(Adjust(p, c)), alpha) }
}

func upTo(p []float64, alpha float64) []bool {
	reject := make([]bool, len(p))
	for i, x := range p {
		reject[i] = x <= alpha
	}
	return reject
}

func TestFamilywiseError(t *testing.T) {
	assert.Long(t)
	independent, positive := world{20, 0.3, 3, 0}, world{20, 0.3, 3, 0.5}
	for i, c := range []Correction{Bonferroni, Sidak, Holm, Hochberg, Hommel} {
		for j, w := range []world{independent, positive} {
			r := simulate(w, 20000, uint64(10*i+j), adjusted(c, 0.1))
			assert.AtMost(t, string(c)+" FWER", r.anyFalse, r.runs, 0.1)
		}
	}
	// With every hypothesis null and independent, Šidák and Hommel's Simes are exact.
	for i, c := range []Correction{Sidak, Hommel} {
		r := simulate(world{tests: 20}, 20000, uint64(100+i), adjusted(c, 0.1))
		assert.Binomial(t, string(c)+" under the global null", r.anyFalse, r.runs, 0.1)
	}
}

func TestFalseDiscoveryRate(t *testing.T) {
	assert.Long(t)
	// BH has FDR = α·(share of nulls), exactly, if independent.
	r := simulate(world{50, 0.3, 3, 0}, 20000, 1, adjusted(BH, 0.2))
	assert.Binomial(t, "BH FDR", r.fdp, r.runs, 0.2*0.7)
	r = simulate(world{50, 0.3, 3, 0.5}, 20000, 2, adjusted(BH, 0.2))
	assert.AtMost(t, "BH FDR, positive dependence", r.fdp, r.runs, 0.2)
	r = simulate(world{50, 0.3, 3, 0.5}, 20000, 3, adjusted(BY, 0.2))
	assert.AtMost(t, "BY FDR", r.fdp, r.runs, 0.2)

	storey := func(o Storey) func(p []float64) []bool {
		return func(p []float64) []bool { return upTo(assert.Must(QValues(p, o)).Q, 0.1) }
	}
	r = simulate(world{1000, 0.4, 2.5, 0}, 3000, 4, storey(Storey{Pi0: 0.6}))
	assert.Binomial(t, "Storey FDR, π₀ known", r.fdp, r.runs, 0.1)
	r = simulate(world{1000, 0.4, 2.5, 0}, 3000, 5, storey(Storey{}))
	assert.AtMost(t, "Storey FDR, bootstrap", r.fdp, r.runs, 0.1)
	r = simulate(world{1000, 0.4, 2.5, 0}, 3000, 6, storey(Storey{Smoother: true}))
	assert.AtMost(t, "Storey FDR, smoother", r.fdp, r.runs, 0.1)
}

// worst makes all-null p-values, each uniform, on which BH errs most: k of the n lie
// together in ((k − 1)α/n, kα/n] with probability α/k.
//
// Source: Guo & Rao (2008), "On control of the false discovery rate under no
// assumption of dependency", J. Statistical Planning and Inference 138:3176–3188.
func worst(rng *rand.Rand, n int, alpha float64) []float64 {
	together, u := 0, rng.Float64()
	for k := 1; k <= n; k++ {
		if u -= alpha / float64(k); u < 0 {
			together = k
			break
		}
	}
	p := make([]float64, n)
	for i, at := range rng.Perm(n) {
		if i < together {
			p[at] = (float64(together-1) + rng.Float64()) * alpha / float64(n)
		} else {
			p[at] = alpha + (1-alpha)*rng.Float64()
		}
	}
	return p
}

func TestArbitraryDependence(t *testing.T) {
	assert.Long(t)
	const runs, n, alpha = 20000, 20, 0.1
	rng := rand.New(rand.NewPCG(9, 7))
	harmonic := 0.0
	for k := 1.0; k <= n; k++ {
		harmonic += 1 / k
	}
	rejects := map[Correction]int{}
	for range runs {
		// BY at α tests BH at α/harmonic: its own worst case.
		for c, p := range map[Correction][]float64{BH: worst(rng, n, alpha), BY: worst(rng, n, alpha/harmonic), Holm: worst(rng, n, alpha)} {
			if slices.Min(assert.Must(Adjust(p, c))) <= alpha {
				rejects[c]++
			}
		}
	}
	assert.Binomial(t, "BH FDR at its worst", rejects[BH], runs, alpha*harmonic)
	assert.Binomial(t, "BY FDR at its worst", rejects[BY], runs, alpha)
	assert.AtMost(t, "Holm FWER", rejects[Holm], runs, alpha)
}

func online(t *testing.T, o Options) func(p []float64) []bool {
	return func(p []float64) []bool {
		stream := assert.Must(NewOnline(o))
		reject := make([]bool, len(p))
		for i, x := range p {
			reject[i] = assert.Must(stream.Next(x)).Reject
		}
		return reject
	}
}

func TestOnlineErrorRates(t *testing.T) {
	assert.Long(t)
	const alpha, runs = 0.1, 4000
	independent, positive := world{200, 0.3, 3, 0}, world{200, 0.3, 3, 0.5}
	for i, method := range allMethods {
		r := simulate(independent, runs, uint64(50+i), online(t, Options{Method: method, Alpha: alpha}))
		switch method {
		case LORD3, LORD3Late: // promise nothing
		case AlphaSpending, ADDISSpending:
			assert.AtMost(t, string(method)+" FWER", r.anyFalse, r.runs, alpha)
		default:
			assert.AtMost(t, string(method)+" FDR", r.fdp, r.runs, alpha)
		}
		if r.found < runs {
			t.Errorf("%s found %d effects in %d streams of 60: hardly a procedure", method, r.found, runs)
		}
	}
	for i, method := range []Method{LOND, LORDDep} {
		r := simulate(positive, runs, uint64(70+i), online(t, Options{Method: method, Alpha: alpha}))
		assert.AtMost(t, string(method)+" FDR, positive dependence", r.fdp, r.runs, alpha)
	}
	r := simulate(positive, runs, 72, online(t, Options{Method: AlphaSpending, Alpha: alpha}))
	assert.AtMost(t, "alpha spending FWER, positive dependence", r.anyFalse, r.runs, alpha)
}

// TestOverlappingTests: tests start one after the other and run for random times.
// With independent p-values FDR ≤ α; with copies of one p-value among tests that run
// together, E[false] ≤ α E[max(1, rejected)], the mFDR.
func TestOverlappingTests(t *testing.T) {
	assert.Long(t)
	const alpha, runs, n = 0.1, 4000, 200
	rng := rand.New(rand.NewPCG(9, 8))
	for _, method := range []Method{LORD, SAFFRON} {
		var independent tally
		sum, squares := 0.0, 0.0
		for range runs {
			p, null := world{n, 0.3, 3, 0}.draw(rng)
			decisions := overlapping(method, alpha, p, func(int, int) bool { return rng.IntN(10) == 0 })
			independent.add(rng, func(i int) bool { return decisions[i] }, null)

			// Batches of ten that share their p-value and truth.
			for i := range p {
				p[i], null[i] = p[i-i%10], null[i-i%10]
			}
			decisions = overlapping(method, alpha, p, func(started, _ int) bool { return started%10 == 0 })
			wrong, all := 0.0, 0.0
			for i, rejected := range decisions {
				if rejected {
					all++
					if null[i] {
						wrong++
					}
				}
			}
			excess := wrong - alpha*max(1, all)
			sum, squares = sum+excess, squares+excess*excess
		}
		assert.AtMost(t, string(method)+" FDR", independent.fdp, runs, alpha)
		if independent.found < runs {
			t.Errorf("%s found %d effects in %d streams", method, independent.found, runs)
		}
		mean := sum / runs
		if se := math.Sqrt((squares/runs - mean*mean) / runs); mean > 5*se {
			t.Errorf("%s: E[false − α max(1, rejected)] = %g ± %g", method, mean, se)
		}
	}
}

// overlapping runs the stream; after each start, ends says of each running test
// whether it finishes.
func overlapping(method Method, alpha float64, p []float64, ends func(started, number int) bool) []bool {
	stream := assert.Must(NewOnline(Options{Method: method, Alpha: alpha}))
	reject := make([]bool, len(p))
	for i := range p {
		assert.Must(stream.Start())
		for _, test := range stream.Running() {
			if ends(i+1, test.Number) || i == len(p)-1 {
				reject[test.Number-1] = assert.Must(stream.Finish(test.Number, p[test.Number-1])).Reject
			}
		}
	}
	return reject
}

// TestWinnersCurseOnAverage: over programmes with the effects of a prior, the launched
// estimates overstate by β; the posterior estimate of β is right on average, the
// naive one off by what NaiveBias says.
func TestWinnersCurseOnAverage(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(9, 9))
	prior := stats.Normal{Mean: 0.2, SD: 0.7}
	const runs = 20000
	differences := map[string][]float64{}
	for range runs {
		var truth, measured []stats.Estimate
		launched := 0.0
		for i := range 30 {
			se := 0.3 + 0.05*float64(i%10)
			a := prior.Mean + prior.SD*rng.NormFloat64()
			x := a + se*rng.NormFloat64()
			truth, measured = append(truth, stats.Estimate{Value: a, SE: se}), append(measured, stats.Estimate{Value: x, SE: se})
			if x > 1.6448536269514722*se {
				launched += x - a
			}
		}
		beta, c := assert.Must(TotalBias(truth, 0.05)), assert.Must(WinnersCurse(measured, prior, 0.05))
		for what, d := range map[string]float64{
			"measured − true − β": launched - beta, "posterior − β": c.Posterior - beta, "naive − β − its bias": c.Naive - beta - c.NaiveBias,
		} {
			differences[what] = append(differences[what], d)
		}
	}
	for what, ds := range differences {
		sum, squares := 0.0, 0.0
		for _, d := range ds {
			sum, squares = sum+d, squares+d*d
		}
		mean := sum / runs
		assert.Near(t, what, mean, 0, 5*math.Sqrt((squares/runs-mean*mean)/runs))
	}
}

// TestIntervalsTogether: all simultaneous intervals hold at once as often as they
// say, and of those that BH selects a share of at most q misses.
func TestIntervalsTogether(t *testing.T) {
	assert.Long(t)
	rng := rand.New(rand.NewPCG(9, 10))
	const runs, m = 10000, 10
	var bonferroni, sidak, missed, plain int
	for range runs {
		var es []stats.Estimate
		truth := make([]float64, m)
		for i := range truth {
			truth[i] = float64(i) / 3
			es = append(es, stats.Estimate{Value: truth[i] + rng.NormFloat64(), SE: 1})
		}
		bonferroni += allHold(assert.Must(Intervals(es, Bonferroni, 0.9)), truth)
		sidak += allHold(assert.Must(Intervals(es, Sidak, 0.9)), truth)
		selected := assert.Must(SelectedIntervals(es, 0.2))
		wrong, wrongPlain := 0, 0
		for _, s := range selected {
			if !s.Interval.Contains(truth[s.Index]) {
				wrong++
			}
			if math.Abs(es[s.Index].Value-truth[s.Index]) > 1.2815515655446004 {
				wrongPlain++
			}
		}
		u := rng.Float64() * float64(max(1, len(selected)))
		if u < float64(wrong) {
			missed++
		}
		if u < float64(wrongPlain) {
			plain++
		}
	}
	assert.AtLeast(t, "Bonferroni", bonferroni, runs, 0.9)
	assert.Binomial(t, "Šidák", sidak, runs, 0.9)
	assert.AtMost(t, "FCR", missed, runs, 0.2)
	if plain <= runs/5 {
		t.Errorf("plain intervals of the selected miss %d of %d: the test has no teeth", plain, runs)
	}
}

func allHold(intervals []stats.Interval, truth []float64) int {
	for i, x := range intervals {
		if !x.Contains(truth[i]) {
			return 0
		}
	}
	return 1
}
