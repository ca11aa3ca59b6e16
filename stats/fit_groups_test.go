package stats

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/google/go-cmp/cmp"
)

// simulate draws groups of about perGroup effects, with standard errors around
// se, and says how each group's true effects are distributed.
func simulate(rng *rand.Rand, h hyper, groups, perGroup int, se float64) (map[string][]Estimate, map[string]Normal) {
	data, truth := map[string][]Estimate{}, map[string]Normal{}
	for g := range groups {
		name := fmt.Sprintf("g%03d", g)
		own := Normal{h.mean + h.between*rng.NormFloat64(), h.within * math.Exp(h.spread*rng.NormFloat64())}
		truth[name] = own
		for range max(1, perGroup/2+rng.IntN(perGroup+1)) {
			s := se * math.Exp(0.5*rng.NormFloat64())
			data[name] = append(data[name], Estimate{own.Mean + own.SD*rng.NormFloat64() + s*rng.NormFloat64(), s})
		}
	}
	return data, truth
}

func TestFitGroupsIsMaximum(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for _, c := range []struct{ groups, each int }{{3, 10}, {10, 20}, {25, 4}} {
		data, _ := simulate(rng, hyper{0.002, 0.006, 0.01, 0.5}, c.groups, c.each, 0.006)
		fit := assert.Must(FitGroups(data))
		model := modelOf(data)
		for range 300 {
			other := hyper{
				fit.Mean + fit.MeanSE*rng.NormFloat64(), math.Abs(fit.Between * (1 + 0.3*rng.NormFloat64())),
				fit.Within * math.Exp(0.2*rng.NormFloat64()), min(maxSpread, max(minSpread, fit.WithinSpread+0.2*rng.NormFloat64())),
			}
			if l := model.logLikelihood(other); l > fit.LogLikelihood+1e-4 {
				t.Fatalf("%d groups: %+v has log likelihood %.8f, the fit %.8f", c.groups, other, l, fit.LogLikelihood)
			}
		}
	}
}

// TestFitGroupsRecovers holds fits of large samples against the truth; the
// intervals are about four standard errors of each hyperparameter.
func TestFitGroupsRecovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	truth := hyper{0.002, 0.004, 0.01, 0.4}
	data, _ := simulate(rng, truth, 200, 40, 0.01)
	fit := assert.Must(FitGroups(data))
	assert.Near(t, "mean", fit.Mean, truth.mean, 4*fit.MeanSE)
	assert.Near(t, "between", fit.Between, truth.between, 0.0012)
	assert.Near(t, "within", fit.Within, truth.within, 0.0015)
	assert.Near(t, "within spread", fit.WithinSpread, truth.spread, 0.12)
	if want := modelOf(data).n; fit.N != want || len(fit.Groups) != 200 {
		t.Errorf("%d estimates in %d groups", fit.N, len(fit.Groups))
	}
}

// TestPredictiveCoverage: 80% intervals of new ideas hold 80% of their true
// effects, in groups seen and not seen. The tolerance is four standard errors of
// the simulation plus 2 points for what the moment-matched normal and plug-in
// hyperparameters lose.
func TestPredictiveCoverage(t *testing.T) {
	sets := 400
	if os.Getenv("ASSAY_LONG") == "" {
		sets = 10
		t.Log("10 data sets of each kind; ASSAY_LONG=1 runs 400")
	}
	rng := rand.New(rand.NewPCG(6, 1))
	for _, c := range []struct {
		name         string
		truth        hyper
		groups, each int
		se           float64
	}{
		{"twenty groups", hyper{0.001, 0.005, 0.01, 0.4}, 20, 30, 0.01},
		{"many small groups", hyper{0.001, 0.005, 0.01, 0.3}, 60, 4, 0.008},
		{"equal groups", hyper{0.001, 0, 0.01, 0}, 20, 10, 0.01},
		{"few groups", hyper{0.001, 0.004, 0.01, 0.3}, 6, 40, 0.01},
	} {
		var seen, unseen share
		for range sets {
			data, truth := simulate(rng, c.truth, c.groups, c.each, c.se)
			fit := assert.Must(FitGroups(data))
			var seenHere, unseenHere share
			for _, name := range slices.Sorted(maps.Keys(truth)) {
				seenHere.add(covered(fit.Predict(name), truth[name]))
			}
			for range 50 {
				own := Normal{c.truth.mean + c.truth.between*rng.NormFloat64(), c.truth.within * math.Exp(c.truth.spread*rng.NormFloat64())}
				unseenHere.add(covered(fit.Predict("new"), own))
			}
			seen.add(seenHere.mean())
			unseen.add(unseenHere.mean())
		}
		t.Logf("%s: coverage %.4f seen, %.4f not seen", c.name, seen.mean(), unseen.mean())
		assert.Near(t, c.name+", seen", seen.mean(), 0.8, 0.02+4*seen.se())
		assert.Near(t, c.name+", not seen", unseen.mean(), 0.8, 0.02+4*unseen.se())
	}
}

// covered is the exact probability that the 80% interval of a forecast holds a
// draw from the group's true distribution.
func covered(forecast, own Normal) float64 {
	return own.CDF(forecast.Quantile(0.9)) - own.CDF(forecast.Quantile(0.1))
}

type share struct{ n, sum, squares float64 }

func (s *share) add(x float64) { s.n, s.sum, s.squares = s.n+1, s.sum+x, s.squares+x*x }
func (s share) mean() float64  { return s.sum / s.n }
func (s share) se() float64    { return math.Sqrt((s.squares/s.n - s.mean()*s.mean()) / s.n) }

// TestUnseenGroupIsWider than the average group that was seen.
func TestUnseenGroupIsWider(t *testing.T) {
	data, _ := simulate(rand.New(rand.NewPCG(10, 1)), hyper{0.002, 0.01, 0.01, 0}, 10, 50, 0.005)
	fit := assert.Must(FitGroups(data))
	for _, g := range fit.Groups {
		if g.Predictive.SD >= fit.Population.SD {
			t.Errorf("%s: %g not below %g", g.Name, g.Predictive.SD, fit.Population.SD)
		}
		if g.Evidence < float64(g.N) || g.Evidence > float64(fit.N) {
			t.Errorf("%s: evidence %g of %d own effects", g.Name, g.Evidence, g.N)
		}
	}
}

func TestGroupsFitJSON(t *testing.T) {
	data, _ := simulate(rand.New(rand.NewPCG(11, 1)), hyper{0.002, 0.01, 0.01, 0.4}, 10, 20, 0.005)
	fit := assert.Must(FitGroups(data))
	var back GroupsFit
	if err := json.Unmarshal(assert.Must(json.Marshal(fit)), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fit, back); diff != "" {
		t.Error(diff)
	}
	if back.Predict("g003") != fit.Predict("g003") || back.Evidence("nowhere") != fit.Evidence("nowhere") {
		t.Error("predictions changed on the way")
	}
}

// TestFitGroupsSameBits: maps iterate in random order; the fit does not.
func TestFitGroupsSameBits(t *testing.T) {
	data, _ := simulate(rand.New(rand.NewPCG(12, 1)), hyper{0.002, 0.01, 0.01, 0.4}, 12, 10, 0.005)
	want := assert.Must(FitGroups(data))
	for range 5 {
		if diff := cmp.Diff(want, assert.Must(FitGroups(data))); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestFitGroupsErrors(t *testing.T) {
	fit := func(groups map[string][]Estimate) error { _, err := FitGroups(groups); return err }
	good := Estimate{0.1, 0.1}
	assert.Field(t, fit(nil), "groups")
	assert.Field(t, fit(map[string][]Estimate{"a": {}}), "groups")
	assert.Field(t, fit(map[string][]Estimate{"a": {good}, "b": {good, {0.1, 0}}}), `groups["b"][1].SE`)
	assert.Field(t, fit(map[string][]Estimate{"a": {{math.NaN(), 0.1}}, "b": {{0.1, 0}}}), `groups["a"][0].Value`)
}

// TestFitGroupsIsFast keeps the nightly fit interactive: 5,000 effects in 20
// groups in well under a second. The bound leaves room for a busy machine.
func TestFitGroupsIsFast(t *testing.T) {
	data, _ := simulate(rand.New(rand.NewPCG(13, 1)), hyper{0.002, 0.004, 0.01, 0.4}, 20, 250, 0.01)
	start := time.Now()
	fit := assert.Must(FitGroups(data))
	if elapsed := time.Since(start); elapsed > 3*time.Second {
		t.Errorf("%d effects took %v", fit.N, elapsed)
	}
}

func BenchmarkFitGroups(b *testing.B) {
	for _, c := range []struct{ groups, each int }{{20, 20}, {20, 250}, {300, 5}, {20, 5000}} {
		b.Run(fmt.Sprintf("groups=%d/each=%d", c.groups, c.each), func(b *testing.B) {
			data, _ := simulate(rand.New(rand.NewPCG(13, 1)), hyper{0.002, 0.004, 0.01, 0.4}, c.groups, c.each, 0.01)
			for b.Loop() {
				assert.Must(FitGroups(data))
			}
		})
	}
}
