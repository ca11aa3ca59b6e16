package sequential

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

func cdf(z float64) float64 { return norm.CDF(z) }

// rpact 3.3.4, getAnalysisResults with normalApproximation, cumulative data of sd 1
// and 100 users a look: final p-value, median-unbiased estimate, final interval,
// repeated interval. Its roots are good to 1e-6 (C_ANALYSIS_TOLERANCE_DEFAULT). Its
// two-sided p-value is ours; for a downward stop its estimate and interval are not
// the mirror image of the upward ones, so that they are not compared.
func TestInferenceOfRpact(t *testing.T) {
	one := Design{Looks: 3, Alpha: 0.025, Power: 0.9, Sides: stats.OneSided}
	pocockType, pocock, binding := one, one, one
	pocockType.Efficacy, pocock.Efficacy = PocockSpending(), Pocock()
	binding.Futility, binding.Binding = OBFSpending(), true
	for _, c := range []struct {
		design                                  Design
		z                                       []float64
		p, median, low, high, repLow, repeatedH float64
	}{
		{one, []float64{1.5, 3.5}, 0.000319089928027, 0.246442506527, 0.106598094884, 0.385437587586, 0.0699026091, 0.425072113888},
		{pocockType, []float64{1, 1.8, 2.6}, 0.0209900651633, 0.136313765391, 0.00548587730061, 0.255157586183, 0.0175549359543, 0.2826671765},
		{pocock, []float64{1, 1.8, 2.6}, 0.0208657155392, 0.136289873205, 0.00565004729966, 0.255127285645, 0.0179279695025, 0.28229414309},
		{Design{Looks: 3, Power: 0.9}, []float64{1.5, 3.5}, 0.000638179856054, 0.246442506527, 0.106598094884, 0.385437587586, 0.0699026091, 0.425072113888},
		{binding, []float64{1.5, 1.4, 2.3}, 0.0134187780256, 0.131215207572, 0.0152475814754, 0.246358059809, 0.0197000929565, 0.245881021109},
		{one, []float64{1.5, 1.4, 1.3}, 0.0971121140056, 0.0749774452227, -0.0382288184352, 0.188158298317, -0.0400132454788, 0.190124184717},
	} {
		p := plan(t, c.design)
		looks := looksAt(p, c.z)
		for k := range looks {
			n := 100 * float64(k+1)
			looks[k] = Look{Information: looks[k].Information, Estimate: stats.Estimate{Value: c.z[k] / math.Sqrt(n), SE: 1 / math.Sqrt(n)}}
		}
		f := assert.Must(p.Infer(looks...))
		assert.Near(t, "p", f.PValue, c.p, 1e-9)
		assert.Near(t, "median", f.MedianUnbiased, c.median, 1e-6)
		assert.Near(t, "low", f.Interval.Low, c.low, 1e-6)
		assert.Near(t, "high", f.Interval.High, c.high, 1e-6)
		assert.Near(t, "repeated low", f.Repeated.Low, c.repLow, 1e-6)
		assert.Near(t, "repeated high", f.Repeated.High, c.repeatedH, 1e-6)
	}
}

// The two directions of a two-sided test are mirror images.
func TestInferenceIsSymmetric(t *testing.T) {
	p := plan(t, Design{Looks: 4})
	up, down := assert.Must(p.Infer(looksAt(p, []float64{1, 3.4})...)), assert.Must(p.Infer(looksAt(p, []float64{-1, -3.4})...))
	assert.Near(t, "p", up.PValue, down.PValue, 1e-15)
	assert.Near(t, "median", up.MedianUnbiased, -down.MedianUnbiased, 1e-10)
	assert.Near(t, "interval", up.Interval.Low, -down.Interval.High, 1e-10)
	assert.Near(t, "bias", up.Bias, -down.Bias, 1e-12)
}

// A tiny p-value keeps its digits in either direction.
func TestTinyPValue(t *testing.T) {
	p := plan(t, Design{Looks: 3, Efficacy: SpendFractions(0, 0.01, 1)})
	for _, z := range []float64{12, -12, 30, -30} {
		f := assert.Must(p.Infer(looksAt(p, []float64{0, z})...))
		assert.Near(t, "p", f.PValue/(2*cdf(-math.Abs(z))), 1, 1e-9)
	}
}

// Futility that is advice: an interval reaches further up than one that ignores it,
// and not less far down than one that is bound by it.
func TestAdviceErrsToTheSafeSide(t *testing.T) {
	d := Design{Looks: 3, Alpha: 0.025, Sides: stats.OneSided, Futility: PocockSpending()}
	p := plan(t, d)
	looks := looksAt(p, []float64{0.9, 1.6, 1.7})
	f := assert.Must(p.Infer(looks...))
	c := p.course()
	bound, ignored := newOrdering(c, 2, 1.7, true), newOrdering(c, 2, 1.7, false)
	assert.Near(t, "low", f.Interval.Low, math.Min(ignored.drift(0.025), bound.drift(0.025)), 1e-12)
	assert.Near(t, "high", f.Interval.High, math.Max(ignored.drift(0.975), bound.drift(0.975)), 1e-12)
	if bound.drift(0.975) <= ignored.drift(0.975)+1e-4 {
		t.Error("following futility makes no difference")
	}
}

func TestRepeatedIntervalOfNothingSpent(t *testing.T) {
	p := plan(t, Design{Efficacy: SpendFractions(0, 1)})
	if f := assert.Must(p.Infer(Look{Information: 0.5, Z: 3})); f.Repeated != nil || len(f.Warnings) == 0 {
		t.Errorf("%+v", f)
	}
}
