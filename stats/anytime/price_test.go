package anytime

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// K equal looks at 1.96: the published rates of false alarms of peeking
// (Armitage, McPherson & Rowe 1969), recomputed to four digits.
func TestCrossingPublished(t *testing.T) {
	for looks, want := range map[int]float64{1: 0.05, 2: .0831, 3: .1073, 5: .1417, 10: .1934} {
		above, below := peeking(looks)
		assert.Near(t, "naive error", above+below, want, 5e-5)
		assert.Near(t, "sides", above, below, 1e-9)
	}
}

func peeking(looks int) (above, below float64) {
	times, bounds := make([]float64, looks), make([]float64, looks)
	for k := range times {
		times[k] = float64(k+1) / float64(looks)
		bounds[k] = 1.9599639845400545 * math.Sqrt(times[k])
	}
	a, b := crossing(times, bounds, 0, true)
	return a[looks-1], b[looks-1]
}

// A constant one-sided boundary is crossed in continuous time with probability
// 1 − Φ(b − μ) + exp(2μb)Φ(−b − μ). Looking n times, with the boundary lowered by
// 0.5826/√n, is the same but for a term in 1/n (Chernoff 1965; Siegmund 1985,
// Sequential Analysis, §X.2), which two values of n take out.
func TestCrossingTendsToContinuous(t *testing.T) {
	const b, drift = 2.0, 1.3
	at := func(looks int) float64 {
		times, bounds := make([]float64, looks), make([]float64, looks)
		for k := range times {
			times[k] = float64(k+1) / float64(looks)
			bounds[k] = b - 0.5825971579390106/math.Sqrt(float64(looks))
		}
		above, _ := crossing(times, bounds, drift, false)
		return above[looks-1]
	}
	want := norm.CDF(drift-b) + math.Exp(2*drift*b)*norm.CDF(-b-drift)
	assert.Near(t, "crossing", (4*at(1000)-at(250))/3, want, 2e-5)
}

// One look has no price beyond its wider boundary, and many looks cost less than
// "only the last one counts" says.
func TestPrice(t *testing.T) {
	for _, method := range []Method{NormalMixture, Yeast} {
		for _, sides := range []stats.Sides{stats.TwoSided, stats.Greater, stats.Less} {
			d := Design{Method: method, Sides: sides, MDE: 0.02, Null: 1}
			one := assert.Must(d.Price(0.8, 1))
			assert.Near(t, "one look", one.MaxUsers, one.LastLookUsers, 1e-6)
			assert.Near(t, "one look's mean", one.MeanUsers, one.MaxUsers, 1e-12)
			p := assert.Must(d.Price(0.8, 100))
			assert.Near(t, "power", assert.Must(d.PowerAt(p.SE, 100)), 0.8, 1e-7)
			if !(p.MaxUsers < p.LastLookUsers && p.MaxUsers > 1 && p.MeanUsers < 0.8*p.MaxUsers && p.MeanUsersNull > 0.95*p.MaxUsers && p.MeanUsersNull <= p.MaxUsers) {
				t.Errorf("%s %s: %+v", method, sides, p)
			}
		}
	}
	// Tuned to its last look, in the closed form that papers quote.
	d := Design{MDE: 1, PlannedSE: 0.26}
	p := assert.Must(d.Price(0.8, 20))
	k := p.WidthRatio * 1.959963984540054
	if math.Abs(p.WidthRatio-1.549) > 0.01 {
		t.Errorf("width ratio %g near the tuned look", p.WidthRatio)
	}
	assert.Near(t, "last look only", p.LastLookUsers, square((k+0.8416212)/(1.9599640+0.8416212)), 0.02)
}

// Another rule with far more nodes gives the same: the recursion has converged.
func TestPowerHasConverged(t *testing.T) {
	d := Design{MDE: 1}
	for _, looks := range []int{1, 2, 10} {
		b := assert.Must(d.prepare())
		times, bounds := b.schedule(0.3, looks)
		want := simpson(times, bounds, 1/0.3)
		assert.Near(t, "power", assert.Must(d.PowerAt(0.3, looks)), want, 1e-7)
	}
}

// simpson is crossing's probability above, by another rule on a fine grid.
func simpson(times, bounds []float64, drift float64) float64 {
	const n = 1200
	grid := func(k int) (xs, weights []float64) {
		lo, hi := math.Max(-bounds[k], drift*times[k]-9*math.Sqrt(times[k])), math.Min(bounds[k], drift*times[k]+9*math.Sqrt(times[k]))
		h := (hi - lo) / n
		for i := range n + 1 {
			xs = append(xs, lo+float64(i)*h)
			weights = append(weights, h/3*[]float64{2, 4}[i%2])
		}
		weights[0], weights[n] = h/3, h/3
		return xs, weights
	}
	xs, f, before, total := []float64{0}, []float64{1}, 0.0, 0.0
	for k, t := range times {
		sd, shift := math.Sqrt(t-before), drift*(t-before)
		ys, weights := grid(k)
		g := make([]float64, n+1)
		for j, x := range xs {
			total += f[j] * norm.CDF((x+shift-bounds[k])/sd)
			for i, y := range ys {
				g[i] += f[j] * norm.Density((y-x-shift)/sd) / sd * weights[i]
			}
		}
		xs, f, before = ys, g, t
	}
	return total
}
