package mixed

import (
	"errors"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func TestBadInput(t *testing.T) {
	_, err := NewEffects(Block{Name: "a", Columns: 0})
	assert.Field(t, err, "blocks[0].Columns")
	_, err = NewEffects(Block{Name: "a", Columns: 1}, Block{Name: "a", Columns: 1})
	assert.Field(t, err, "blocks[1].Name")
	_, err = NewEffects(Block{Name: "a", Columns: 1, Usual: -1})
	assert.Field(t, err, "blocks[0].Usual")
	_, err = NewEffects(Block{Name: "a", Columns: 1, Fixed: true, Usual: 1})
	assert.Field(t, err, "blocks[0].Usual")
	e := assert.Must(NewEffects(Block{Name: "a", Columns: 2}))
	for field, err := range map[string]error{
		"effect.Value":       e.Add(stats.Estimate{Value: math.NaN(), SE: 1}, NoGroup),
		"effect.SE":          e.Add(stats.Estimate{SE: 0}, NoGroup),
		"group":              e.Add(stats.Estimate{SE: 1}, -2),
		"features[0].Block":  e.Add(stats.Estimate{SE: 1}, NoGroup, Feature{1, 0, 1}),
		"features[1].Column": e.Add(stats.Estimate{SE: 1}, NoGroup, Feature{0, 0, 1}, Feature{0, 2, 1}),
		"features[0].Value":  e.Add(stats.Estimate{SE: 1}, NoGroup, Feature{0, 0, math.Inf(1)}),
	} {
		assert.Field(t, err, field)
	}
	if e.Len() != 0 {
		t.Errorf("%d effects were added in error", e.Len())
	}
	_, err = Learn(e, Options{})
	assert.Field(t, err, "e")
	_, err = Learn(nil, Options{})
	assert.Field(t, err, "e")
	for range 2 {
		if err := e.Add(stats.Estimate{Value: 1, SE: 1}, NoGroup, Feature{0, 0, 1}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Learn(e, Options{Exact: -1})
	assert.Field(t, err, "Exact")
	_, err = Learn(e, Options{Iterations: -1})
	assert.Field(t, err, "Iterations")
	fit := assert.Must(Learn(e, Options{}))
	_, err = fit.Predict(Feature{0, 5, 1})
	assert.Field(t, err, "features[0].Column")
}

// Whatever the effects, a fit that is no error has finite forecasts.
func FuzzLearn(f *testing.F) {
	f.Add(0.1, 0.2, 0.3, 1.0, 1.0, 2.0, uint8(0))
	f.Add(1e30, -1e30, 0.0, 1e-30, 1e30, 1.0, uint8(7))
	f.Fuzz(func(t *testing.T, a, b, c, sa, sb, z float64, bits uint8) {
		e := assert.Must(NewEffects(Block{Name: "mean", Columns: 1, Fixed: bits&1 > 0}, Block{Name: "x", Columns: 3}))
		group := NoGroup
		if bits&2 > 0 {
			group = 1
		}
		added := e.Add(stats.Estimate{Value: a, SE: sa}, group, Feature{0, 0, 1}, Feature{1, 0, z}) == nil &&
			e.Add(stats.Estimate{Value: b, SE: sb}, group, Feature{0, 0, 1}, Feature{1, 1, z}) == nil &&
			e.Add(stats.Estimate{Value: c, SE: sa}, NoGroup, Feature{0, 0, 1}) == nil
		if !added {
			return
		}
		fit, err := Learn(e, Options{Tail: []Shape{Normal, Adaptive}[bits>>2&1], Exact: 1 + int(bits&8), Iterations: 20})
		if err != nil {
			return
		}
		p, err := fit.Predict(Feature{0, 0, 1}, Feature{1, 0, 1})
		if err != nil {
			t.Fatal(err)
		}
		if math.IsNaN(p.Mean) || math.IsNaN(p.SE) || math.IsInf(p.Mean, 0) {
			t.Errorf("forecast %+v of %+v", p, fit.Blocks)
		}
	})
}

func TestLearnStopsWhenAsked(t *testing.T) {
	e, asked, enough := newProgramme(9, 50).effects(t, 500), 0, errors.New("enough")
	_, err := Learn(e, Options{Stop: func() error {
		if asked++; asked == 3 {
			return enough
		}
		return nil
	}})
	if !errors.Is(err, enough) || asked != 3 {
		t.Errorf("after %d questions: %v", asked, err)
	}
}
