package sequential

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// rpact 3.3.4, getDesignGroupSequential(alpha = 0.025, beta = 0.1, sided = 1,
// typeOfDesign = "asOF", gammaB = 1.5) and getDesignCharacteristics: binding and
// families that the tables do not have. Its drift is good to 1e-6.
func TestFutilityOfRpact(t *testing.T) {
	for name, c := range map[string]struct {
		futility           Boundary
		binding            bool
		critical, boundary []float64
		inflation          float64
		h1, h0             float64
	}{
		"bsOF, 2":           {OBFSpending(), false, []float64{2.96258804272755, 1.96859564632177}, []float64{0.267025013754386}, 1.025009595570, 0.881280619566, 0.714021493729},
		"bsOF, 5":           {OBFSpending(), false, []float64{4.87688494879076, 3.35701192170382, 2.68028006702662, 2.28981676771489, 2.03103206306696}, []float64{-1.977252282492152, -0.207043725531548, 0.764423065353185, 1.446753225754946}, 1.099368480280, 0.772992284407, 0.621410724866},
		"bsOF, 5, binding":  {OBFSpending(), true, []float64{4.87688494879076, 3.35701192170382, 2.68027751892805, 2.28821977227926, 1.96577020734549}, []float64{-2.002362062776645, -0.242554311174899, 0.720931618008763, 1.396429217886180}, 1.063345526093, 0.755860255146, 0.608467928051},
		"bsKD, 3":           {KimDeMets(1.5), false, []float64{3.71030287326250, 2.51142748445272, 1.99304748326540}, []float64{-0.109950613749876, 1.076256543863565}, 1.096429831076, 0.834717089815, 0.610759546658},
		"bsKD, 3, binding":  {KimDeMets(1.5), true, []float64{3.71030287326250, 2.51084461063147, 1.94001773744822}, []float64{-0.139061850125245, 1.035086582880467}, 1.064096104341, 0.816526848366, 0.600021025897},
		"bsHSD, 5":          {HwangShihDeCani(1.5), false, []float64{4.87688494879076, 3.35701192170382, 2.68028006702662, 2.28981677442789, 2.03103206306696}, []float64{-0.153298793904704, 0.598324802238494, 1.154294913168997, 1.601188500877470}, 1.343411143269, 0.846931867302, 0.519917521610},
		"bsHSD, 5, binding": {HwangShihDeCani(1.5), true, []float64{4.87688494879076, 3.35699612647295, 2.67685130983591, 2.25896997004747, 1.84637361019850}, []float64{-0.224955210147967, 0.496987328398973, 1.030180878471583, 1.457156953867525}, 1.231269832424, 0.799268714298, 0.500106901043},
	} {
		p := assert.Must(Design{Looks: len(c.critical), Alpha: 0.025, Power: 0.9, Sides: stats.OneSided, Futility: c.futility, Binding: c.binding}.Plan())
		for k, s := range p.Stages {
			assert.Near(t, fmt.Sprintf("%s: critical value %d", name, k+1), s.Efficacy, c.critical[k], 1e-6)
			if k < len(c.boundary) {
				assert.Near(t, fmt.Sprintf("%s: futility %d", name, k+1), s.Futility, c.boundary[k], 1e-6)
			}
		}
		assert.Near(t, name+": inflation", p.Inflation, c.inflation, 1e-6)
		assert.Near(t, name+": expected, effect", p.ExpectedH1, c.h1, 1e-6)
		assert.Near(t, name+": expected, no effect", p.ExpectedH0, c.h0, 1e-6)
	}
}

// A two-sided plan stops for |z| below its boundary. rpact 3.3.4 (typeBetaSpending
// "bsP", three looks; "experimental" there) gives the same as long as hardly any
// path rejects in the wrong direction.
func TestTwoSidedFutilityOfRpact(t *testing.T) {
	p := assert.Must(Design{Looks: 3, Power: 0.9, Futility: PocockSpending()}.Plan())
	for k, want := range []float64{0.441767274407681, 1.253666858481948} {
		assert.Near(t, fmt.Sprintf("futility %d", k+1), p.Stages[k].Futility, want, 1e-6)
	}
	assert.Near(t, "inflation", p.Inflation, 1.229375890179194, 1e-6)
	assert.Near(t, "expected, effect", p.ExpectedH1, 0.888197989946442, 1e-6)
	assert.Near(t, "expected, no effect", p.ExpectedH0, 0.748816122937220, 1e-6)
}
