package power

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestAgainstR: sizes of R 4.2.2 (power.t.test, power.prop.test), pwr 1.3.0 and
// rpact 3.3.4, to the precision at which they stop searching.
func TestAgainstR(t *testing.T) {
	half := Design{Sides: stats.OneSided, Alpha: 0.025, Power: 0.9}
	guard, shifted := half, half
	guard.Metric, guard.MDE, guard.Margin, guard.LowerIsBetter, guard.Allocation = Proportion{0.1}, 0.02, 0.05, true, 2
	shifted.Metric, shifted.MDE, shifted.Margin, shifted.Allocation, shifted.Reference = Mean{SD: 1.5}, 0.5, 0.2, 2, StudentT
	shops := Cluster{Size: 20, ICC: 0.05}
	for what, c := range map[string]struct {
		design    Design
		n, within float64
	}{
		"rpact, Farrington & Manning":    {Design{Metric: Proportion{0.3}, Margin: 0.05}, 1317.94103293, 1e-7},
		"rpact, margin above, 2:1":       {guard, 1602.41922867, 1e-7},
		"rpact, margin of means, 2:1, t": {shifted, 73.0187722478, 1e-6},
		"rpact, t":                       {Design{Metric: Mean{SD: 1}, MDE: 1.2, Power: 0.9, Reference: StudentT}, 15.6196749268, 1e-5},
		"R, t of 4 users":                {Design{Metric: Mean{SD: 1}, MDE: 3, Power: 0.9, Reference: StudentT}, 3.62481804998, 1e-5},
		"R, t of 6 users, strict":        {Design{Metric: Mean{SD: 1}, MDE: 2, Power: 0.5, Alpha: 0.01, Strict: true, Reference: StudentT}, 5.14767764157, 1e-6},
		"R, rates":                       {Design{Metric: Proportion{0.15}, MDE: 0.05, Power: 0.9}, 1211.52891679, 1e-7},
		// A t-test of cluster means, whose SD is √((1 + 19·0.05)/20).
		"R, clusters": {Design{Metric: Mean{SD: 1}, MDE: 0.25, Reference: StudentT, Cluster: shops}, 509.7089, 1e-4},
	} {
		assert.Near(t, what, assert.Must(c.design.SampleSize()).Control, c.n, c.within)
	}
	two := Design{Metric: Mean{SD: 1}, MDE: 0.8, Reference: StudentT, Strict: true, Allocation: 0.5}
	assert.Near(t, "pwr.t2n.test", assert.Must(two.PowerAt(6)).Power, 0.165687471095, 1e-11)
	arcsine := Design{Metric: Proportion{0.2}, MDE: 0.05, Test: Stabilised, Strict: true, Allocation: 0.5}
	assert.Near(t, "pwr.2p2n.test", assert.Must(arcsine.PowerAt(800)).Power, 0.499259898699, 1e-11)
	few := Design{Metric: Mean{SD: 1}, Sides: stats.OneSided, Reference: StudentT}
	assert.Near(t, "power.t.test, delta", assert.Must(few.MDEAt(4)).MDE, 1.99552564332, 1e-10)
}
