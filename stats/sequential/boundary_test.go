package sequential

import (
	"fmt"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func criticals(t *testing.T, d Design) (z []float64) {
	t.Helper()
	for _, s := range assert.Must(d.Plan()).Stages {
		z = append(z, s.Efficacy)
	}
	return z
}

// Recomputed values: five looks at 5% two-sided, by both conventions of spending, and
// the textbook's O'Brien and Fleming. Those with four digits come from a trapezoid
// rule: they are good to one of the last.
func TestPublishedBoundaries(t *testing.T) {
	for name, c := range map[string]struct {
		design Design
		want   []float64
		digits float64
	}{
		"OBF-type, per side":   {Design{}, []float64{4.8769, 3.3570, 2.6803, 2.2898, 2.0310}, 1e-4},
		"OBF-type, on |Z|":     {Design{SpendJointly: true}, []float64{4.3826, 3.0997, 2.5534, 2.2538, 2.0635}, 1e-4},
		"Pocock-type":          {Design{Efficacy: PocockSpending()}, []float64{2.4380, 2.4268, 2.4102, 2.3966, 2.3860}, 1e-4},
		"power 2":              {Design{Efficacy: KimDeMets(2)}, []float64{3.0902, 2.7141, 2.4728, 2.2799, 2.1140}, 1e-4},
		"power 2, on |Z|":      {Design{Efficacy: KimDeMets(2), SpendJointly: true}, []float64{3.0902, 2.7141, 2.4728, 2.2799, 2.1140}, 1e-4},
		"power 2, four looks":  {Design{Looks: 4, Efficacy: KimDeMets(2)}, []float64{2.9552, 2.5593, 2.3009, 2.0920}, 1e-4},
		"O'Brien-Fleming":      {Design{Efficacy: OBrienFleming()}, []float64{4.56, 3.23, 2.63, 2.28, 2.04}, 5e-3},
		"Pocock":               {Design{Efficacy: Pocock()}, []float64{2.413, 2.413, 2.413, 2.413, 2.413}, 5e-4},
		"OBF-type, one-sided":  {Design{Looks: 4, Sides: stats.OneSided}, []float64{3.74955, 2.53993, 2.01604, 1.72014}, 1e-3}, // SeqBounds.jl, a coarse grid
		"one look, two-sided":  {Design{Looks: 1}, []float64{1.95996398454005}, 1e-13},
		"one look, one-sided":  {Design{Looks: 1, Sides: stats.OneSided, Efficacy: Pocock()}, []float64{1.64485362695147}, 1e-12},
		"nothing spent early":  {Design{Efficacy: SpendFractions(0, 0, 0, 0, 1)}, []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1), 1.95996398454005}, 1e-12},
		"O'Brien-Fleming last": {Design{Efficacy: OBrienFleming()}, []float64{4.5617, 3.2256, 2.6337, 2.2809, 2.040}, 5e-4},
	} {
		for k, z := range criticals(t, c.design) {
			if z != c.want[k] {
				assert.Near(t, fmt.Sprintf("%s, look %d", name, k+1), z, c.want[k], c.digits)
			}
		}
	}
}

func TestPublishedSpending(t *testing.T) {
	p := assert.Must(Design{Looks: 4, Sides: stats.OneSided}.Plan())
	for k, want := range []float64{8.85754e-5, 0.00548602, 0.0180505, 0.0263749} { // SeqBounds.jl: spent at each look
		before := 0.0
		if k > 0 {
			before = p.Stages[k-1].Spent
		}
		assert.Near(t, fmt.Sprintf("look %d", k+1), (p.Stages[k].Spent-before)/want, 1, 1e-5)
	}
}

func TestPeeking(t *testing.T) {
	for looks, want := range map[int]float64{1: 0.05, 2: 0.0831, 3: 0.1073, 5: 0.1417, 10: 0.1934} {
		got := assert.Must(Peeking(looks, 0.05))
		assert.Near(t, fmt.Sprintf("%d looks", looks), got, want, 5e-5)
	}
}

// Boundaries so far out that hardly anything is spent, held against 30-digit
// quadrature (Python's mpmath): O'Brien-Fleming-type spending of 0.025 on each side,
// 1.2e-23, 1.4e-12 and 5.4e-7 by information 0.05, 0.1 and 0.2.
func TestFarBoundaries(t *testing.T) {
	got := criticals(t, Design{Information: []float64{0.05, 0.1, 0.2, 0.6, 1}})
	for k, want := range []float64{9.95514557745584309, 6.9913517070779538, 4.87688515282511338} {
		assert.Near(t, fmt.Sprintf("look %d", k+1), got[k], want, 1e-13)
	}
}

// A grid of half the spacing changes nothing: the recursion has converged.
func TestRecursionHasConverged(t *testing.T) {
	for name, d := range map[string]Design{
		"two-sided":    {Looks: 12},
		"uneven":       {Information: []float64{0.001, 0.3, 0.3001, 0.31, 0.9, 0.9999, 1}, Sides: stats.OneSided, Efficacy: PocockSpending()},
		"hardly ever":  {Information: []float64{0.02, 0.03, 0.05, 1}, Alpha: 1e-6, Efficacy: HwangShihDeCani(-20)},
		"futile":       {Looks: 8, Sides: stats.OneSided, Efficacy: KimDeMets(3), Futility: KimDeMets(1), Binding: true},
		"then nothing": {Looks: 4, Sides: stats.OneSided, Efficacy: SpendFractions(0.5, 0.5, 0.5, 1)},
		"advice":       {Looks: 8, Efficacy: KimDeMets(3), Futility: KimDeMets(1)},
	} {
		d = assert.Must(d.filled())
		at := func(density float64) (course, endings) {
			p := d.problem(d.Information)
			p.drift, p.most, p.density = 4, 4, density
			c, null := p.walk()
			return c, c.along(null, 4, d.Binding)
		}
		a, pa := at(fine)
		b, pb := at(2 * fine)
		for k := range a.t {
			for what, pair := range map[string][2]float64{"efficacy": {a.efficacy[k], b.efficacy[k]}, "futility": {a.futility[k], b.futility[k]}} {
				if pair[0] != pair[1] { // infinities are equal
					assert.Near(t, name+": "+what, pair[0], pair[1], 1e-11)
				}
			}
			assert.Near(t, name+": tilted probability", pa[k].up, pb[k].up, 1e-12)
		}
		assert.Near(t, name+": tilted and own recursion", a.performance(4, d.Binding).power(false), pa.power(false), 1e-12)
	}
}

func TestSpendingFamiliesAgree(t *testing.T) {
	same := func(a, b Boundary) {
		t.Helper()
		x, y := criticals(t, Design{Efficacy: a}), criticals(t, Design{Efficacy: b})
		for k := range x {
			assert.Near(t, a.String()+" and "+b.String(), x[k], y[k], 1e-12)
		}
	}
	same(KimDeMets(1), HwangShihDeCani(0))
	same(KimDeMets(1), HwangShihDeCani(1e-14))
	same(KimDeMets(1), SpendFractions(0.2, 0.4, 0.6, 0.8, 1))
	same(KimDeMets(2), Spend(func(t, alpha float64) float64 { return alpha * t * t }))
	same(OBrienFleming(), WangTsiatis(0))
}

// A wide grid that happens to be symmetric carries an asymmetric law on.
func TestWideGridKeepsTheLaw(t *testing.T) {
	p := assert.Must(Design{Looks: 4, Sides: stats.OneSided, Efficacy: SpendFractions(0.5, 0.5, 0.5, 1)}.Plan())
	o := newOrdering(p.course(), 3, 2, false)
	for _, reach := range []float64{0, 5, 40} {
		above, below := o.on(o.around(0, reach), 0)
		assert.Near(t, "all", above+below, 1, 1e-13)
		assert.Near(t, "p", above, 0.025+o.path.tilted(3, 0).above(1, 0, 2), 1e-12)
		if even := o.around(0, reach).steps[3].even; even {
			t.Error("a law with one boundary is not even")
		}
	}
}

// A boundary that rises needs many times the fixed test's users: its effect lies
// beyond the grid of the path of no effect, and the power by look still adds up.
func TestRisingBoundary(t *testing.T) {
	p := plan(t, Design{Looks: 100, Efficacy: WangTsiatis(1)})
	at := assert.Must(p.At(p.Drift))
	assert.Near(t, "power", p.Stages[99].Power, 0.8, 1e-9)
	assert.Near(t, "expected", p.ExpectedH1, at.Expected, 1e-9)
}
