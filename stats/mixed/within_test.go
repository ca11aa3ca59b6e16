package mixed

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// stories are effects in groups of four, made of columns that count everywhere, with SD
// 0.1, of the same columns as they count in one group only, with SD 0.3, and of a rest of
// 0.1. As one block, the columns of each group are columns of their own.
func stories(t *testing.T, explicit bool) *Effects {
	const columns, groups = 12, 400
	e := assert.Must(NewEffects(Block{Name: "words", Columns: columns}, Block{Name: "here", Columns: columns * groups, Within: !explicit}))
	rng := rand.New(rand.NewPCG(11, 1))
	var everywhere [columns]float64
	for c := range everywhere {
		everywhere[c] = 0.1 * rng.NormFloat64()
	}
	for g := range groups {
		var here [columns]float64
		for c := range here {
			here[c] = 0.3 * rng.NormFloat64()
		}
		for range 4 {
			y, z := 5+0.1*rng.NormFloat64(), []Feature{}
			for _, c := range rng.Perm(columns)[:3] {
				y += everywhere[c] + here[c]
				column := c
				if explicit {
					column += columns * g
				}
				z = append(z, Feature{0, c, 1}, Feature{1, column, 1})
			}
			if err := e.Add(stats.Estimate{Value: y + 0.1*rng.NormFloat64(), SE: 0.1}, g, z...); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e
}

// Coefficients of a Within block are never solved for, and the fit is the one with a
// column for each of them.
func TestWithinIsAColumnForEachGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("fits 4,800 columns")
	}
	o := Options{Iterations: 200}
	a, b := assert.Must(Learn(stories(t, false), o)), assert.Must(Learn(stories(t, true), o))
	t.Logf("%+v %+v; with columns %+v %+v", a.Blocks, a.Tail.SD(), b.Blocks, b.Tail.SD())
	for k, want := range []float64{0.1, 0.3} {
		// Twelve columns know an SD to 20%, 4,800 to 3%.
		assert.Near(t, a.Blocks[k].Name, a.Blocks[k].SD, want, []float64{0.8, 0.12}[k])
		assert.Near(t, a.Blocks[k].Name+" with columns", b.Blocks[k].SD, a.Blocks[k].SD, 0.08)
	}
	for c := range 12 {
		ma, sa, _ := a.Coefficient(0, c)
		mb, _, _ := b.Coefficient(0, c)
		if math.Abs(ma-mb) > 0.3*sa {
			t.Errorf("column %d: %g ± %g, with columns %g", c, ma, sa, mb)
		}
	}
}

// What counts within a group only has no mean in another, and its variance; a stored fit
// says the same.
func TestPredictWithin(t *testing.T) {
	fit := assert.Must(Learn(stories(t, false), Options{Iterations: 30}))
	var again Fit
	if err := json.Unmarshal(assert.Must(json.Marshal(fit)), &again); err != nil {
		t.Fatal(err)
	}
	for _, f := range []Fit{fit, again} {
		p := assert.Must(f.Predict(Feature{1, 3, 1}, Feature{1, 4, 1}, Feature{1, 3, 1}))
		assert.Near(t, "SE²", p.SE*p.SE, 5*f.Blocks[1].SD*f.Blocks[1].SD, 1e-12)
		if p.Mean != 0 {
			t.Errorf("mean %g", p.Mean)
		}
	}
}

func TestWithinNeedsAGroup(t *testing.T) {
	e := assert.Must(NewEffects(Block{Name: "here", Columns: 3, Within: true}))
	assert.Field(t, e.Add(stats.Estimate{Value: 1, SE: 1}, NoGroup, Feature{0, 1, 1}), "group")
	_, err := NewEffects(Block{Name: "here", Columns: 3, Within: true, Fixed: true})
	assert.Field(t, err, "blocks[0].Within")
}
