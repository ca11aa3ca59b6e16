package meta

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"
)

// bcg are the 13 trials of Colditz et al. (1994) of a vaccine against tuberculosis:
// cases and others among the vaccinated, then among the controls.
var bcg = [][4]float64{
	{4, 119, 11, 128}, {6, 300, 29, 274}, {3, 228, 11, 209}, {62, 13536, 248, 12619}, {33, 5036, 47, 5761},
	{180, 1361, 372, 1079}, {8, 2537, 10, 619}, {505, 87886, 499, 87892}, {29, 7470, 45, 7232},
	{17, 1699, 65, 1600}, {186, 50448, 141, 27197}, {5, 2493, 3, 2338}, {27, 16886, 29, 17825},
}

// TestQProfileOfVaccineTrials: what metafor's confint prints for log risk ratios
// (Viechtbauer, 2010, J. Statistical Software 36(3), §3.2) and log odds ratios (its
// page on van Houwelingen et al., 2002). Its roots are right to 1e-4 (uniroot's
// default), ours to the last bits: see TestQProfileByHand.
func TestQProfileOfVaccineTrials(t *testing.T) {
	var risks, odds []stats.Estimate
	for _, c := range bcg {
		treated, control := c[0]+c[1], c[2]+c[3]
		risks = append(risks, stats.Estimate{Value: math.Log(c[0] / treated * control / c[2]), SE: math.Sqrt(1/c[0] - 1/treated + 1/c[2] - 1/control)})
		odds = append(odds, stats.Estimate{Value: math.Log(c[0] / c[1] * c[3] / c[2]), SE: math.Sqrt(1/c[0] + 1/c[1] + 1/c[2] + 1/c[3])})
	}
	h := assert.Must(QProfile(risks, 0.95))
	for what, x := range map[string][2]float64{
		"τ² low": {h.Tau2.Low, 0.1197}, "τ² high": {h.Tau2.High, 1.1115},
		"I² low, %/100": {h.I2.Low, 0.819177}, "I² high, %/100": {h.I2.High, 0.976781},
	} {
		assert.Near(t, what, x[0], x[1], 0.6e-4)
	}
	h = assert.Must(QProfile(odds, 0))
	assert.Near(t, "τ² of odds, low", h.Tau2.Low, 0.1302, 0.6e-4)
	assert.Near(t, "τ² of odds, high", h.Tau2.High, 1.1812, 0.6e-4)
	assert.Near(t, "level", h.I2.Level, 0.95, 0)
}

// TestQProfileByHand: with equal standard errors Q(τ²) is S/(1 + τ²), and with three
// studies χ² has two degrees of freedom and P(χ² > q) = exp(−q/2).
func TestQProfileByHand(t *testing.T) {
	es := []stats.Estimate{{Value: -2, SE: 1}, {Value: 0, SE: 1}, {Value: 5, SE: 1}} // S = 26
	for _, level := range []float64{0.5, 0.95, 0.999, 1 - 0x1p-40} {
		h, miss := assert.Must(QProfile(es, level)), (1-level)/2
		low, high := max(0, 26/(-2*math.Log(miss))-1), 26/(-2*math.Log1p(-miss))-1
		assert.Near(t, "low", h.Tau2.Low, low, 1e-12)
		assert.Near(t, "high", h.Tau2.High/high, 1, 1e-12)
		assert.Near(t, "I² high", h.I2.High, high/(1+high), 1e-12)
		assert.Near(t, "H² low", h.H2.Low, 1+low, 1e-12)
	}
	alike := []stats.Estimate{{Value: 1, SE: 1}, {Value: 1.001, SE: 1}, {Value: 1, SE: 1}}
	if h := assert.Must(QProfile(alike, 0.95)); h.Tau2.High != 0 || h.I2.High != 0 || h.H2.High != 1 || len(h.Warnings) != 1 {
		t.Errorf("%+v of estimates that no τ² explains", h)
	}
}

func TestQProfileRefuses(t *testing.T) {
	ok := []stats.Estimate{{Value: 1, SE: 1}, {Value: 2, SE: 1}}
	for _, c := range []struct {
		field string
		es    []stats.Estimate
		level float64
	}{
		{"es", nil, 0}, {"es", ok[:1], 0}, {"es[1].SE", []stats.Estimate{ok[0], {Value: 1}}, 0},
		{"level", ok, 1}, {"level", ok, 95}, {"level", ok, -0.5}, {"level", ok, math.NaN()},
	} {
		_, err := QProfile(c.es, c.level)
		assert.Field(t, err, c.field)
	}
}

// TestQProfileLaws: both ends are the τ² at which Q is its quantile, a higher level
// gives a wider interval, and Paule and Mandel's τ² lies inside.
func TestQProfileLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		es := drawStudies(t)
		level := rapid.Float64Range(0.9, 0.999).Draw(t, "level")
		h, wider := assert.Must(QProfile(es, level)), assert.Must(QProfile(es, (1+level)/2))
		s, half := standardise(es), float64(len(es)-1)/2
		at := func(tau2 float64) float64 { return mathext.GammaIncReg(half, s.at(tau2/s.unit/s.unit).q/2) }
		if p := at(h.Tau2.Low); h.Tau2.Low > 0 && math.Abs(p-(1+level)/2) > 1e-9 || p > (1+level)/2+1e-9 {
			t.Fatalf("low end %+v: P = %g", h, p)
		}
		if p := at(h.Tau2.High); h.Tau2.High > 0 && math.Abs(p-(1-level)/2) > 1e-9 || p > (1-level)/2+1e-9 && h.Tau2.High == 0 {
			t.Fatalf("high end %+v: P = %g", h, p)
		}
		if wider.Tau2.Low > h.Tau2.Low || wider.Tau2.High < h.Tau2.High {
			t.Fatalf("%+v of a higher level than %+v", wider, h)
		}
		fit := assert.Must(Fit(es, Options{Method: PM}))
		if slack := 1e-9 * fit.Tau2; fit.Tau2 < h.Tau2.Low-slack || fit.Tau2 > h.Tau2.High+slack {
			t.Fatalf("τ² = %g outside %+v", fit.Tau2, h)
		}
	})
}

func FuzzQProfile(f *testing.F) {
	f.Add(1.0, 1.0, 2.0, 1.0, 3.0, 0.5, 0.95)
	f.Add(1e40, 1e-20, -1e39, 1e-20, 0.0, 1e40, 1e-16)
	f.Add(0.0, 1e-40, 0.0, 1e-40, 0.0, 1e-40, 1-0x1p-53)
	f.Add(1e40, 1e-20, -1e40, 1e-20, 1e40, 1e-20, 1-0x1p-53)
	f.Fuzz(func(t *testing.T, y1, s1, y2, s2, y3, s3, level float64) {
		es := []stats.Estimate{{Value: y1, SE: s1}, {Value: y2, SE: s2}, {Value: y3, SE: s3}}
		for k := range es {
			h, err := QProfile(es[:k+1], level)
			assert.Answered[Heterogeneity](t)(h, err)
			if err == nil && !(0 <= h.Tau2.Low && h.Tau2.Low <= h.Tau2.High && h.I2.High <= 1 && h.H2.Low >= 1) {
				t.Fatalf("%+v", h)
			}
		}
	})
}

// TestQProfileCoverage: the interval is exact, with few studies of unequal precision
// and with τ² at 0, where it misses on one side only, or not.
func TestQProfileCoverage(t *testing.T) {
	const runs = 4000
	rng := rand.New(rand.NewPCG(6, 3))
	for _, c := range []struct{ tau2, holds float64 }{{0, 0.95}, {0.05, 0.9}, {1, 0.9}, {25, 0.9}} {
		held := 0
		for range runs {
			var es []stats.Estimate
			for i := range 5 {
				se := 0.2 + 0.3*float64(i)
				es = append(es, stats.Estimate{Value: math.Hypot(math.Sqrt(c.tau2), se) * rng.NormFloat64(), SE: se})
			}
			held += count(assert.Must(QProfile(es, 0.9)).Tau2.Contains(c.tau2))
		}
		assert.Binomial(t, "Q-profile holds τ²", held, runs, c.holds)
	}
}
