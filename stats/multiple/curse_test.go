package multiple

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// TestTotalBias: Lee & Shen's formula at σ = 1 and b = z₀.₉₅, for two true effects.
func TestTotalBias(t *testing.T) {
	none, one := stats.Estimate{Value: 0, SE: 1}, stats.Estimate{Value: 1, SE: 1}
	assert.Near(t, "no effect", assert.Must(TotalBias([]stats.Estimate{none}, 0.05)), 0.103136, 5e-7)
	assert.Near(t, "one standard error", assert.Must(TotalBias([]stats.Estimate{one}, 0.05)), 0.324050, 5e-7)
	assert.Near(t, "both", assert.Must(TotalBias([]stats.Estimate{none, one}, 0.05)), 0.427186, 1e-6)
	assert.Near(t, "in another unit", assert.Must(TotalBias([]stats.Estimate{{Value: 0.01, SE: 0.01}}, 0.05)), 0.00324050, 5e-9)
}

// TestWinnersCurseIntegrals: the closed forms are the integrals that they stand for.
func TestWinnersCurseIntegrals(t *testing.T) {
	prior := stats.Normal{Mean: 0.3, SD: 0.8}
	for _, x := range []float64{-1, 0.5, 2.5} {
		e := stats.Estimate{Value: x, SE: 1.2}
		c := assert.Must(WinnersCurse([]stats.Estimate{e}, prior, 0.1))
		belief := prior.Posterior(e.Value, e.SE)
		beta := func(a float64) float64 { return assert.Must(TotalBias([]stats.Estimate{{Value: a, SE: e.SE}}, 0.1)) }
		expect := func(at stats.Normal, f func(float64) float64) float64 {
			integral, _ := quad.Integrate(-9, 9, 1e-12, func(z float64) float64 { return norm.Density(z) * f(at.Mean+at.SD*z) })
			return integral
		}
		posterior := expect(belief, beta)
		naive := expect(belief, func(a float64) float64 { return expect(stats.Normal{Mean: a, SD: e.SE}, beta) })
		assert.Near(t, "posterior", c.Posterior, posterior, 1e-9)
		assert.Near(t, "naive bias", c.NaiveBias, naive-posterior, 1e-9)
		assert.Near(t, "naive", c.Naive, beta(x), 1e-15)
		assert.Near(t, "shrunken", c.Shrunken, beta(belief.Mean), 1e-15)
		if launched := x > 1.2*1.2815515655446004; (c.Launched == 1) != launched || c.Corrected != c.Measured-c.Posterior {
			t.Errorf("x = %g: %+v", x, c)
		}
	}
	// The worked number of the comment: one experiment without effect.
	none := assert.Must(WinnersCurse([]stats.Estimate{{Value: 0, SE: 1}}, stats.Normal{}, 0.05))
	assert.Near(t, "β", none.Posterior, 0.103, 5e-4)
	assert.Near(t, "naive on average", none.Posterior+none.NaiveBias, 0.143, 5e-4)
}

// TestFalsePositiveRisk: Kohavi, Deng & Vermeer's table at α = 0.05 two-sided and
// power 0.8; and Berman & Van den Bulte's, at 70% true nulls.
func TestFalsePositiveRisk(t *testing.T) {
	for success, want := range map[float64]float64{0.08: .26437, 0.10: .21951, 0.15: .15044, 0.20: .11111, 0.33: .05966} {
		assert.Near(t, "risk", assert.Must(Programme{Success: success}.FalsePositiveRisk()), want, 5e-6)
	}
	for _, c := range []struct{ alpha, risk, power float64 }{{0.05, 0.25, .35}, {0.05, 0.18, .53}, {0.1, 0.37, .40}, {0.1, 0.28, .60}} {
		power := assert.Must(ImpliedPower(0.3, c.alpha, c.risk))
		assert.Near(t, "implied power", power, c.power, 5e-3)
		back := assert.Must(Programme{Success: 0.3, Power: power, Alpha: c.alpha}.FalsePositiveRisk())
		assert.Near(t, "risk of implied power", back, c.risk, 1e-14)
	}
	// At 30% and α = 0.05, full power has a risk of 0.035/0.335 = 0.10448.
	assert.Near(t, "full power", assert.Must(ImpliedPower(0.3, 0.05, 0.1045)), 0.99976, 1e-5)
	_, err := ImpliedPower(0.3, 0.05, 0.1044)
	assert.Field(t, err, "risk")
	_, err = Programme{}.FalsePositiveRisk()
	assert.Field(t, err, "Success")
	_, err = Programme{Success: 0.1, Power: 1.1}.FalsePositiveRisk()
	assert.Field(t, err, "Power")
}

func TestIntervalsByHand(t *testing.T) {
	es := []stats.Estimate{{Value: 5, SE: 1}, {Value: 0, SE: 2}, {Value: -4, SE: 1}, {Value: 1, SE: 1}}
	for c, z := range map[Correction]float64{
		Bonferroni: norm.Quantile(1 - 0.05/8), Sidak: norm.Quantile((1 + math.Pow(0.95, 0.25)) / 2),
	} {
		for i, x := range assert.Must(Intervals(es, c, 0)) {
			assert.Near(t, string(c), x.High, es[i].Value+z*es[i].SE, 1e-12)
			assert.Near(t, string(c), x.Low, es[i].Value-z*es[i].SE, 1e-12)
			assert.Near(t, string(c), x.Level, 0.95, 0)
		}
	}
	// Two of four are selected at q = 0.05: intervals at 97.5%.
	selected := assert.Must(SelectedIntervals(es, 0))
	if len(selected) != 2 || selected[0].Index != 0 || selected[1].Index != 2 {
		t.Fatalf("%+v", selected)
	}
	assert.Near(t, "level", selected[1].Interval.Level, 0.975, 1e-15)
	assert.Near(t, "bound", selected[1].Interval.High, -4+norm.Quantile(1-0.0125), 1e-12)
	if none := assert.Must(SelectedIntervals(es[1:2], 0)); none == nil || len(none) != 0 {
		t.Errorf("%+v selected of nothing", none)
	}
	_, err := Intervals(es, Holm, 0)
	assert.Field(t, err, "c")
	_, err = Intervals(nil, Sidak, 0)
	assert.Field(t, err, "es")
	_, err = SelectedIntervals([]stats.Estimate{{Value: 1}}, 0.1)
	assert.Field(t, err, "es[0].SE")
	_, err = WinnersCurse(es, stats.Normal{SD: -1}, 0)
	assert.Field(t, err, "prior.SD")
	_, err = TotalBias(es, 1)
	assert.Field(t, err, "alpha")
}
