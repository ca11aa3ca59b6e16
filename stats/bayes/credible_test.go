package bayes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

func TestIntervalsOfANormal(t *testing.T) {
	s := assert.Must(Summarise(Single(stats.Normal{Mean: 0.02, SD: 0.01}), 0.9))
	for _, in := range []stats.Interval{s.EqualTailed, s.Shortest} {
		assert.Near(t, "low", in.Low, 0.02-0.01644853626951, 1e-11)
		assert.Near(t, "high", in.High, 0.02+0.01644853626951, 1e-11)
	}
	assert.Near(t, "P(> 0)", s.ProbPositive, 0.97724986805182, 1e-13)
}

// TestShortestInterval: of an exponential it starts at 0, of Beta(2, 1), whose density
// rises, it ends at 1; with one mode inside, its ends are equally dense.
func TestShortestInterval(t *testing.T) {
	in := assert.Must(HighestDensity(Gamma{1, 2}, 0.9))
	assert.Near(t, "low", in.Low, 0, 1e-12)
	assert.Near(t, "high", in.High, -math.Log(0.1)/2, 1e-9)
	in = assert.Must(HighestDensity(Beta{2, 1}, 0.75))
	assert.Near(t, "low", in.Low, 0.5, 1e-9)
	assert.Near(t, "high", in.High, 1, 1e-12)
	rapid.Check(t, func(t *rapid.T) {
		b := Beta{rapid.Float64Range(2, 50).Draw(t, "a"), rapid.Float64Range(2, 50).Draw(t, "b")}
		level := rapid.Float64Range(0.3, 0.99).Draw(t, "level")
		in := assert.Must(HighestDensity(b, level))
		equal := assert.Must(EqualTailed(b, level))
		if mass := b.CDF(in.High) - b.CDF(in.Low); math.Abs(mass-level) > 1e-9 {
			t.Fatalf("it holds %g, not %g", mass, level)
		}
		if d := b.LogDensity(in.High) - b.LogDensity(in.Low); math.Abs(d) > 1e-6 {
			t.Fatalf("log densities at the ends differ by %g", d)
		}
		if in.High-in.Low > equal.High-equal.Low+1e-12 {
			t.Fatalf("%v is longer than %v", in, equal)
		}
	})
}

// TestShortestOfSeveralModes: no interval of a fine grid is shorter by more than a
// thousandth, whatever the modes and point masses.
func TestShortestOfSeveralModes(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 60 {
		var m Mixture
		for range 2 + rng.IntN(3) {
			n := stats.Normal{Mean: 4 * rng.NormFloat64(), SD: math.Exp(-4 + 4*rng.Float64())}
			if rng.Float64() < 0.15 {
				n.SD = 0
			}
			m.Weights, m.Components = append(m.Weights, 0.02+rng.Float64()), append(m.Components, n)
		}
		level := 0.5 + 0.49*rng.Float64()
		in := assert.Must(HighestDensity(m, level))
		for i := range 1001 {
			below := (1 - level) * float64(i) / 1000
			if other := m.Quantile(below+level) - m.Quantile(below); in.High-in.Low > other*(1+1e-3) {
				t.Fatalf("%+v: %+v is longer than %g, above a mass of %g", m, in, other, below)
			}
		}
		if inside := m.CDF(in.High) - m.CDF(in.Low) + m.PointMass(in.Low); inside < level-1e-12 {
			t.Fatalf("%+v: %+v holds %g only", m, in, inside)
		}
	}
	// From the point mass on, and no further than needed.
	m := Mixture{[]float64{0.6, 0.4}, []stats.Normal{{}, {Mean: 0.05, SD: 0.02}}}
	in := assert.Must(HighestDensity(m, 0.95))
	left := 0.4 * norm.CDF(-2.5)
	assert.Near(t, "low", in.Low, 0, 1e-15)
	assert.Near(t, "high", in.High, m.Quantile(0.95+left), 1e-9)
}

// TestBetaAndGammaQuantiles against their CDFs, into the tails.
func TestBetaAndGammaQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := math.Exp(rapid.Float64Range(-2, 12).Draw(t, "log a")), math.Exp(rapid.Float64Range(-2, 12).Draw(t, "log b"))
		q := rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "q")
		for _, d := range []Distribution{Beta{a, b}, Gamma{a, b}} {
			x := d.Quantile(q)
			if x < 1e-300 || x == 1 { // beyond what a number can tell
				continue
			}
			// A step of x by rounding moves the CDF by density·x·1e-16.
			slack := 1e-11 + math.Exp(d.LogDensity(x))*x*1e-15
			if got := d.CDF(x); math.Abs(got-q) > slack {
				t.Fatalf("%+v: CDF(quantile %g) = %.15g, want %.15g", d, x, got, q)
			}
			if total := d.CDF(x) + d.ProbAbove(x); math.Abs(total-1) > 1e-14 {
				t.Fatalf("%+v: tails sum to %g", d, total)
			}
		}
	})
	assert.Near(t, "uniform", Beta{1, 1}.Quantile(0.3), 0.3, 1e-14)
	assert.Near(t, "exponential", Gamma{1, 2}.Quantile(0.3), -math.Log(0.7)/2, 1e-14)
	assert.Near(t, "density", Gamma{3, 2}.LogDensity(1.5), math.Log(8*1.5*1.5/2)-3, 1e-14)
	assert.Near(t, "density", Beta{3, 2}.LogDensity(0.25), math.Log(12*0.0625*0.75), 1e-14)
}

// TestRatesAgainstHighPrecision: tails and log densities in 40-digit arithmetic
// (mpmath), within the bounds that the documentation states.
func TestRatesAgainstHighPrecision(t *testing.T) {
	for _, r := range []struct {
		d                      Distribution
		x, below, above, logAt float64
	}{
		{Beta{0.01, 0.01}, 0.3, 0.49582361360238203, 0.50417638639761797, -3.7531139692036457},
		{Beta{0.01, 5}, 1e-20, 0.64419456693139306, 0.35580543306860694, 41.006777197949482},
		{Beta{2, 3}, 0.4, 0.52480000000000004, 0.47519999999999996, 0.54696467038186386},
		{Beta{100, 2000}, 0.06, 0.99385324277104236, 0.0061467572289576444, 1.1743952825279355},
		{Beta{1400, 1590}, 0.5, 0.99974586677843265, 0.00025413322156734878, -2.2672427831758843},
		{Beta{1000, 1999}, 0.3, 3.8687800345436691e-5, 0.99996131219965456, -3.9363871409943952},
		{Beta{0.02, 2990}, 1e-06, 0.90024080382218277, 0.099759196177817228, 9.7954641247724448},
		{Beta{10000, 1e+06}, 0.0101, 0.97778754330467248, 0.022212456695327515, 6.2730332154762593},
		{Beta{1e+06, 1e+06}, 0.501, 0.9976611505930685, 0.0023388494069315048, 3.0285333916040418},
		{Beta{1e+12, 1e+12}, 0.5000003, 0.80192804538704522, 0.19807195461295478, 13.576292795712212},
		{Gamma{0.01, 1}, 1e-09, 0.81746895666247862, 0.18253104333752138, 15.916553299534925},
		{Gamma{0.5, 1}, 3, 0.98569412156457036, 0.01430587843542964, -4.1216710872587549},
		{Gamma{30, 1}, 15, 0.00041844966832768697, 0.99958155033167231, -7.7235831352039171},
		{Gamma{30, 1}, 80, 0.9999999999509677, 4.903229555810753e-11, -24.178266561625442},
		{Gamma{3000, 1}, 3050, 0.81962203280262131, 0.18037796719737869, -5.3507735431269898},
		{Gamma{1e+06, 1}, 1000500, 0.69155047577149718, 0.30844952422850282, -7.9521521195138801},
		{Gamma{1e+09, 1}, 1000030000, 0.82860941259815861, 0.17139058740184139, -11.730592451513716},
		{Gamma{1e+12, 1}, 999998000000, 0.022750077957185699, 0.9772499220428143, -16.734449757837697},
	} {
		what := fmt.Sprintf("%+v at %g: ", r.d, r.x)
		rounding := 1e-16 + 2e-16*r.x*math.Exp(r.logAt) // of the result, and of x
		assert.Near(t, what+"CDF", r.d.CDF(r.x), r.below, 1e-11*min(r.below, r.above)+rounding)
		assert.Near(t, what+"ProbAbove", r.d.ProbAbove(r.x), r.above, 1e-11*min(r.below, r.above)+rounding)
		bound := 1e-12
		if r.d.Mean()/r.d.SD() > 1e3 {
			bound = 1e-9
		}
		assert.Near(t, what+"log density", r.d.LogDensity(r.x), r.logAt, bound*max(1, math.Abs(r.logAt)))
	}
}

// TestFarTailsOfRates: power series in 40-digit arithmetic (mpmath). Eight to twenty
// SDs out the smaller tail keeps its digits, up to the rounding of x.
func TestFarTailsOfRates(t *testing.T) {
	for _, r := range []struct {
		d       Distribution
		x, want float64
	}{
		{Gamma{400, 1}, 250, 1.649181254456405e-18},
		{Gamma{1e6, 1}, 980000, 1.837185732907133e-90},
		{Gamma{1e9, 1}, 999747017, 6.186242427522263e-16},
		{Beta{200, 101}, 0.4470837, 1.525140421347638e-14},
		{Beta{5e3, 1e5}, 0.0423614, 5.422016979129953e-17},
		{Beta{1e6, 1e9}, 0.000991013, 5.242160330107123e-16},
		{Beta{1e6, 3}, 0.9999623, 3.17301131620761e-14},
	} {
		assert.Near(t, fmt.Sprintf("%+v at %g", r.d, r.x), r.d.CDF(r.x)/r.want, 1, 1e-10)
	}
	for _, q := range []float64{1e-10, 1e-14} { // there and back
		for _, d := range []Distribution{Gamma{1e9, 1}, Gamma{1e12, 1e-3}, Beta{5e3, 1e5}} {
			assert.Near(t, fmt.Sprintf("%+v: CDF of quantile %g", d, q), d.CDF(d.Quantile(q))/q, 1, 1e-8)
		}
	}
}

// TestBetaOfManyUsers: references in 30-digit arithmetic (mpmath).
func TestBetaOfManyUsers(t *testing.T) {
	assert.Near(t, "a rare event", Beta{0.22313016014842982, 162754.79141900392}.CDF(1.4872168644065471e-06), 0.76562500003230729, 2e-14)
	assert.Near(t, "a rare event", Beta{0.22313016014842982, 162754.79141900392}.CDF(1.3e-06), 0.74679250207940945, 2e-14)
	v := math.Log(1.3e-06) - math.Log1p(-1.3e-06)
	_, above := Beta{162754.79141900392, 0.22313016014842982}.arm().tails(-v)
	assert.Near(t, "a sure event", above, 0.74679250207940945, 2e-14)
	assert.Near(t, "few users", Beta{30, 1000}.CDF(0.025), 0.22130320078965124, 1e-12)
	// Symmetric, and the normal limit with its third moment: P(rate ≤ mean) is
	// ½ + skewness/(6√2π) up to order 1/A.
	assert.Near(t, "median", Beta{5e8, 5e8}.CDF(0.5), 0.5, 1e-12)
	b := Beta{1e8, 9e8}
	skewness := 2 * (b.B - b.A) * math.Sqrt(b.A+b.B+1) / ((b.A + b.B + 2) * math.Sqrt(b.A*b.B))
	assert.Near(t, "at the mean", b.CDF(0.1), 0.5+skewness/(6*math.Sqrt(2*math.Pi)), 1e-8)
	c := assert.Must(Compare([]Beta{{1e8, 9e8}, {1.0002e8, 8.9998e8}}, CompareOptions{}))
	z := 2e-5 / math.Hypot(Beta{1e8, 9e8}.SD(), Beta{1.0002e8, 8.9998e8}.SD())
	assert.Near(t, "P(best), against the normal limit", c.Arms[1].ProbBest, norm.CDF(z), 1e-6)
}

// TestGammaOfManyEvents holds the incomplete gamma function against the integral of
// the density of the log rate.
func TestGammaOfManyEvents(t *testing.T) {
	for _, shape := range []float64{300, 1e5, 1e8} {
		a := Gamma{shape, 1}.arm()
		for _, z := range []float64{-3, -0.5, 0, 1} {
			v := math.Log(shape) + z/math.Sqrt(shape)
			want := smooth(a.knots[0], v, 3/math.Sqrt(shape), a.density)
			assert.Near(t, "CDF", Gamma{shape, 1}.CDF(math.Exp(v)), want, 1e-11)
		}
	}
}

func TestEquivalent(t *testing.T) {
	for _, c := range []struct {
		mean, sd float64
		want     string
	}{{0, 0.001, "equivalent"}, {0.02, 0.001, "different"}, {0.004, 0.004, "undecided"}, {0, 0.1, "undecided"}} {
		e := assert.Must(Equivalent(Single(stats.Normal{Mean: c.mean, SD: c.sd}), -0.005, 0.005, 0))
		if e.Verdict != c.want {
			t.Errorf("N(%g, %g²): %s, want %s", c.mean, c.sd, e.Verdict, c.want)
		}
		assert.Near(t, "total", e.Below+e.Inside+e.Above, 1, 1e-14)
	}
	_, err := Equivalent(spiked, 1, 1, 0)
	assert.Field(t, err, "high")
}

func TestSummariseRefuses(t *testing.T) {
	_, err := Summarise(StudentT{Scale: 1, DF: 2}, 0)
	assert.Field(t, err, "d.SD")
	_, err = Summarise(nil, 0)
	assert.Field(t, err, "d")
	_, err = Summarise(spiked, 1)
	assert.Field(t, err, "Level")
	in := assert.Must(EqualTailed(StudentT{Scale: 1, DF: 1}, 0.5)) // quartiles of Cauchy's are ±1
	assert.Near(t, "quartile", in.High, 1, 1e-13)
}
