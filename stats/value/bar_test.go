package value

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestMachineIdeas: people supply one idea per unit with forecasts N(0, ½²), a quarter
// can be tested; a generator adds four ideas for each of theirs. Values recomputed
// from the formulas, to the digits given.
func TestMachineIdeas(t *testing.T) {
	people := Source{1, stats.Normal{SD: 0.5}}
	alone := assert.Must(FindBar([]Source{people}, 0.25))
	assert.Near(t, "cut", alone.Cut, 0.33724, 5.1e-6)
	assert.Near(t, "value per slot", alone.PerSlot, 0.63555, 5.1e-6)
	for _, c := range []struct{ mean, sd, perSlot, gain, cut, share, gainDigits float64 }{
		{0, .10, .63570, .0002, .3394, .0055, 5.1e-5},
		{0, .25, .70059, .102, .4997, .3649, 5.1e-4},
		{0, .50, 1.03136, .623, .8224, .8000, 5.1e-4},
		{-.25, .25, .64535, .015, .3767, .0975, 5.1e-4},
		{-.25, .50, .85508, .345, .6404, .5995, 5.1e-4},
		{-.5, .25, .63597, .0007, .3397, .0063, 5.1e-5},
		{-.5, .50, .73456, .156, .4996, .3647, 5.1e-4},
		{-1, .50, .64414, .0135, .3583, .0528, 5.1e-5},
	} {
		b := assert.Must(FindBar([]Source{people, {4, stats.Normal{Mean: c.mean, SD: c.sd}}}, 0.25))
		assert.Near(t, "value per slot", b.PerSlot, c.perSlot, 5.1e-6)
		assert.Near(t, "gain", b.PerSlot/alone.PerSlot-1, c.gain, c.gainDigits)
		assert.Near(t, "cut", b.Cut, c.cut, 5.1e-5)
		assert.Near(t, "share", b.Sources[1].Share, c.share, 5.1e-5)
	}
	// Without validity no volume helps, unless the mean itself is above the cut.
	b := assert.Must(FindBar([]Source{people, {1e6, stats.Normal{Mean: 0.3}}}, 0.25))
	assert.Near(t, "value per slot", b.PerSlot, alone.PerSlot, 1e-12)
	if b.Sources[1] != (SourceShare{}) {
		t.Errorf("%+v", b.Sources[1])
	}
}

// TestBarLaws: slots are filled, by ideas of the value that is stated; the cut is the
// derivative of all value by capacity and a marginal that by its volume. All value is
// concave in both, so a derivative lies between the slopes before and after it.
func TestBarLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sources []Source
		volume := 0.0
		for range rapid.IntRange(1, 4).Draw(t, "k") {
			s := Source{rapid.Float64Range(0.1, 5).Draw(t, "volume"), stats.Normal{Mean: rapid.Float64Range(-1, 1).Draw(t, "mean"), SD: rapid.Float64Range(0.05, 1).Draw(t, "sd")}}
			sources, volume = append(sources, s), volume+s.Volume
		}
		capacity := volume * rapid.Float64Range(0.02, 0.9).Draw(t, "capacity")
		b := assert.Must(FindBar(sources, capacity))
		total := func(capacity float64) float64 { return capacity * assert.Must(FindBar(sources, capacity)).PerSlot }
		shares, h := 0.0, 1e-4
		before, after := (total(capacity)-total(capacity*(1-h)))/(h*capacity), (total(capacity*(1+h))-total(capacity))/(h*capacity)
		if !(after-1e-9 <= b.Cut && b.Cut <= before+1e-9) {
			t.Fatalf("one slot less costs %g, one more is worth %g, the cut is %g", before, after, b.Cut)
		}
		for i, s := range b.Sources {
			shares += s.Share
			was := sources[i].Volume
			sources[i].Volume = was * (1 + h)
			more := total(capacity)
			sources[i].Volume = was * (1 - h)
			less := total(capacity)
			sources[i].Volume = was
			before, after := (total(capacity)-less)/(h*was), (more-total(capacity))/(h*was)
			if !(after-1e-9 <= s.Marginal && s.Marginal <= before+1e-9) {
				t.Fatalf("one idea less costs %g, one more is worth %g, marginal %g", before, after, s.Marginal)
			}
		}
		if math.Abs(shares-1) > 1e-9 {
			t.Fatalf("shares sum to %g", shares)
		}
	})
}

// TestBarTies: at a point mass the ideas draw lots for the slots that are left.
func TestBarTies(t *testing.T) {
	b := assert.Must(FindBar([]Source{{1, stats.Normal{Mean: 2}}, {4, stats.Normal{Mean: 1}}, {4, stats.Normal{Mean: 1}}, {5, stats.Normal{}}}, 3))
	want := []SourceShare{{1. / 3, 1, 1}, {1. / 3, 0.25, 0}, {1. / 3, 0.25, 0}, {}}
	for i, s := range b.Sources {
		assert.Near(t, "share", s.Share, want[i].Share, 1e-15)
		assert.Near(t, "passing", s.Passing, want[i].Passing, 1e-15)
		assert.Near(t, "marginal", s.Marginal, want[i].Marginal, 1e-15)
	}
	assert.Near(t, "cut", b.Cut, 1, 0)
	assert.Near(t, "value per slot", b.PerSlot, 4./3, 1e-15)
}

func TestBarRefuses(t *testing.T) {
	one := []Source{{1, stats.Normal{SD: 1}}}
	_, err := FindBar(one, 1)
	assert.Field(t, err, "capacity")
	_, err = FindBar(nil, 1)
	assert.Field(t, err, "capacity")
	_, err = FindBar(one, math.NaN())
	assert.Field(t, err, "capacity")
	_, err = FindBar([]Source{{1, stats.Normal{SD: -1}}}, 0.5)
	assert.Field(t, err, "sources[0].Means.SD")
	_, err = FindBar([]Source{{Volume: -1}}, 0.5)
	assert.Field(t, err, "sources[0].Volume")
}

// TestPairs: pairwise accuracies of published forecasters of research ideas, as
// correlations to 3 digits.
func TestPairs(t *testing.T) {
	for accuracy, want := range map[float64]float64{0.644: 0.437, 0.77: 0.750, 0.636: 0.414, 0.489: -0.035, 0.56: 0.187, 0.5: 0, 1: 1, 0: -1} {
		r := assert.Must(PairCorrelation(accuracy))
		assert.Near(t, "correlation", r, want, 5.1e-4)
		assert.Near(t, "and back", assert.Must(PairAccuracy(r)), accuracy, 1e-9)
	}
	_, err := PairCorrelation(1.01)
	assert.Field(t, err, "accuracy")
	_, err = PairAccuracy(math.NaN())
	assert.Field(t, err, "correlation")
}

func FuzzBar(f *testing.F) {
	f.Add(1.0, 0.0, 0.5, 4.0, -0.25, 0.25, 0.25)
	f.Add(1.0, 1e40, 1e40, 1e40, -1e40, 0.0, 1e40)
	f.Add(1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0)
	f.Add(0.0, 1.0, 1e-40, 1.0, 2.0, 1e-300, 1e-40)
	f.Fuzz(func(t *testing.T, w1, m1, r1, w2, m2, r2, capacity float64) {
		assert.Answered[Bar](t)(FindBar([]Source{{w1, stats.Normal{Mean: m1, SD: r1}}, {w2, stats.Normal{Mean: m2, SD: r2}}}, capacity))
	})
}
