package sequential

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func TestBadDesigns(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		d     Design
		field string
	}{
		{Design{Looks: -1}, "Looks"},
		{Design{Looks: 1001}, "Looks"},
		{Design{Looks: 2, Information: []float64{1}}, "Looks"},
		{Design{Information: []float64{0, 1}}, "Information[0]"},
		{Design{Information: []float64{0.5, 0.4, 1}}, "Information[1]"},
		{Design{Information: []float64{0.5, 0.5, 1}}, "Information[1]"},
		{Design{Information: []float64{0.5, 0.9}}, "Information[1]"},
		{Design{Information: []float64{0.5, nan, 1}}, "Information[1]"},
		{Design{Information: []float64{0.5, 1.1}}, "Information[1]"},
		{Design{Alpha: 1}, "Alpha"},
		{Design{Alpha: nan}, "Alpha"},
		{Design{Power: 0.04}, "Power"},
		{Design{Power: 1}, "Power"},
		{Design{Sides: stats.Less}, "Sides"},
		{Design{Binding: true}, "Binding"},
		{Design{Efficacy: KimDeMets(0)}, "Efficacy"},
		{Design{Efficacy: KimDeMets(nan)}, "Efficacy"},
		{Design{Efficacy: HwangShihDeCani(41)}, "Efficacy"},
		{Design{Efficacy: WangTsiatis(math.Inf(1))}, "Efficacy"},
		{Design{Efficacy: Spend(nil)}, "Efficacy"},
		{Design{Efficacy: Spend(func(t, a float64) float64 { return a * (1 - t) })}, "Efficacy"},
		{Design{Efficacy: Spend(func(t, a float64) float64 { return a * t / 2 })}, "Efficacy"},
		{Design{Efficacy: Spend(func(t, a float64) float64 { return nan })}, "Efficacy"},
		{Design{Looks: 3, Efficacy: SpendFractions(0.1, 1)}, "Efficacy"},
		{Design{Efficacy: SpendFractions(0.1, 0.9)}, "Efficacy"},
		{Design{Efficacy: SpendFractions(0.5, 0.4, 1)}, "Efficacy"},
		{Design{Futility: OBrienFleming()}, "Futility"},
		{Design{Futility: KimDeMets(-1)}, "Futility"},
		{Design{Futility: SpendFractions(0.5, 1, 1), Looks: 3}, "Futility"},
		{Design{Futility: HwangShihDeCani(40)}, "Futility"},
	} {
		_, err := c.d.Plan()
		assert.Field(t, err, c.field)
	}
}

func TestBadLooks(t *testing.T) {
	p := plan(t, Design{})
	for _, c := range []struct {
		looks []Look
		field string
	}{
		{nil, "looks"},
		{[]Look{{Z: 1}}, "looks[0].Information"},
		{[]Look{{Information: math.NaN()}}, "looks[0].Information"},
		{[]Look{{Information: 0.5}, {Information: 0.5}}, "looks[1].Information"},
		{[]Look{{Information: 0.5}, {Information: 0.4}}, "looks[1].Information"},
		{[]Look{{Information: 0.5, Z: math.NaN()}}, "looks[0].Z"},
		{[]Look{{Information: 0.5, Z: math.Inf(1)}}, "looks[0].Z"},
		{[]Look{{Information: 0.5, Z: 1, Estimate: stats.Estimate{Value: 1, SE: 1}}}, "looks[0].Z"},
		{[]Look{{Information: 0.5, Estimate: stats.Estimate{Value: 1}}}, "looks[0].Estimate.SE"},
		{[]Look{{Information: 0.5, Estimate: stats.Estimate{Value: math.NaN(), SE: 1}}}, "looks[0].Estimate.Value"},
	} {
		_, err := p.Monitor(c.looks...)
		assert.Field(t, err, c.field)
		_, err = p.Infer(c.looks...)
		assert.Field(t, err, c.field)
	}
	_, err := Plan{}.Monitor(Look{Information: 1})
	assert.Field(t, err, "Plan.Stages")
	_, err = Plan{}.At(0)
	assert.Field(t, err, "Plan.Stages")
	_, err = p.At(math.NaN())
	assert.Field(t, err, "drift")
	_, err = p.Differences(0)
	assert.Field(t, err, "se")
	_, err = Peeking(0, 0.05)
	assert.Field(t, err, "looks")
	_, err = Peeking(3, 1)
	assert.Field(t, err, "alpha")
}

func TestBadSpendingOnTheWay(t *testing.T) {
	odd := Spend(func(t, a float64) float64 {
		if t == 0.3 {
			return math.NaN()
		}
		return a * t
	})
	_, err := plan(t, Design{Efficacy: odd}).Monitor(Look{Information: 0.3})
	assert.Field(t, err, "Efficacy")
}
