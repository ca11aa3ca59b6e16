package anytime

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func FuzzMonitor(f *testing.F) {
	f.Add(uint8(0), 0.05, 0.0, 0.01, 0.01, 0.0, 0.0, 0, 1000, 0.02, 0.01, 2000, 0.01, 0.007)
	f.Add(uint8(1), 0.3, 1.0, 0.0, 0.0, 0.1, 0.0, 0, 0, 1e40, 1e-40, 0, -1e40, 1e40)
	f.Add(uint8(5), 1e-300, 0.0, 0.0, 1e-40, 1e40, 1e-40, 50, 10, 0.0, 1e-40, 60, 0.0, 1e40)
	f.Fuzz(func(t *testing.T, kind uint8, alpha, null, margin, mde, planned, tau float64, burnIn, n1 int, x1, se1 float64, n2 int, x2, se2 float64) {
		d := Design{
			Method: []Method{"", Yeast}[kind&1], Sides: []stats.Sides{"", stats.Greater, stats.Less, stats.TwoSided}[kind>>1&3],
			Alpha: alpha, Null: null, Margin: margin, MDE: mde, PlannedSE: planned, Tau: tau, BurnIn: burnIn,
		}
		r, err := d.Monitor([]Look{{n1, stats.Estimate{Value: x1, SE: se1}}, {n2, stats.Estimate{Value: x2, SE: se2}}})
		for i := range r.Steps { // infinite ends are answers here
			r.Steps[i].Interval, r.Steps[i].Running = known(t, r.Steps[i].Interval), known(t, r.Steps[i].Running)
		}
		r.Interval = known(t, r.Interval)
		if err == nil && r.Reason == "" {
			t.Fatal("no reason")
		}
		assert.Answered[Result](t)(r, err)
		assert.Answered[float64](t)(d.WidthRatio(se1))
	})
}

func known(t *testing.T, i stats.Interval) stats.Interval {
	if math.IsNaN(i.Low) || math.IsNaN(i.High) || i.Low > i.High {
		t.Fatalf("interval %v", i)
	}
	return stats.Interval{}
}

func FuzzPrice(f *testing.F) {
	f.Add(uint8(0), 0.05, 0.02, 0.0, 0.0, 0.8, 14, 0.01)
	f.Add(uint8(3), 0.3, -1e-40, 1e40, 0.0, 0.999, 2, 1e-40)
	f.Fuzz(func(t *testing.T, kind uint8, alpha, mde, planned, tau, power float64, looks int, se float64) {
		d := Design{Method: []Method{"", Yeast}[kind&1], Sides: []stats.Sides{"", stats.Greater, stats.Less, stats.TwoSided}[kind>>1&3], Alpha: alpha, MDE: mde, PlannedSE: planned, Tau: tau}
		assert.Answered[Price](t)(d.Price(power, looks%20))
		assert.Answered[float64](t)(d.PowerAt(se, looks%20))
	})
}

func FuzzMixture(f *testing.F) {
	f.Add(uint8(0), 100.0, 0.05, 2.0, 0.2, 0.8, 10.0, 100.0)
	f.Add(uint8(5), 1e-20, 1e-300, 1e20, 1e-20, 1e20, -1e40, 1e-40)
	f.Add(uint8(6), 1e20, 0.49, 1e-20, 1e20, 1e-20, 1e40, 1e40)
	f.Add(uint8(7), 1.0, 0.2, 1e-3, 1e-3, 0.5, -3.0, 1e6)
	f.Fuzz(func(t *testing.T, kind uint8, vOpt, alpha, c, g, h, s, v float64) {
		m := Mixture{Kind: []Kind{"", GammaExponential, GammaPoisson, BetaBinomial}[kind&3], OneSided: kind&4 > 0, VOpt: vOpt, Alpha: alpha, Scale: c, Below: g, Above: h}
		assert.Answered[float64](t)(m.LogE(s, v))
		assert.Answered[float64](t)(m.Bound(v))
		assert.Answered[float64](t)(Stitched{VMin: vOpt, Alpha: alpha, Scale: s, Power: c, Eta: g}.Bound(v))
	})
}
