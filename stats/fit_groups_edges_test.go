package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/google/go-cmp/cmp"
)

func TestFitGroupsEdges(t *testing.T) {
	t.Run("one group is FitNormal, and others differ as its ideas do", func(t *testing.T) {
		es := []Estimate{{0.01, 0.004}, {-0.02, 0.006}, {0.03, 0.002}, {0.004, 0.01}}
		fit, normal := assert.Must(FitGroups(map[string][]Estimate{"feed": es})), assert.Must(FitNormal(es))
		assert.Near(t, "mean", fit.Mean, normal.Prior.Mean, 1e-12)
		assert.Near(t, "within", fit.Within, normal.Prior.SD, 1e-12)
		assert.Near(t, "between", fit.Between, fit.Within, 0)
		assert.Near(t, "log likelihood", fit.LogLikelihood, normal.LogLikelihood, 1e-9)
		assert.Near(t, "predictive", fit.Predict("feed").SD, math.Hypot(normal.Prior.SD, normal.MeanSE), 1e-12)
		assert.Near(t, "evidence", fit.Evidence("feed"), 4, 1e-9)
		if fit.Predict("search").SD <= fit.Predict("feed").SD || fit.Evidence("search") >= 1 {
			t.Errorf("not seen: %+v, evidence %g", fit.Predict("search"), fit.Evidence("search"))
		}
	})
	t.Run("one effect in all", func(t *testing.T) {
		fit := assert.Must(FitGroups(map[string][]Estimate{"feed": {{0.03, 0.01}}}))
		if got := fit.Predict("feed"); !cmp.Equal(got, Normal{0.03, 0.01}, closeTo(1e-12)) {
			t.Errorf("predicts %v", got)
		}
	})
	t.Run("groups of one effect: the spread is within", func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 9))
		data, _ := simulate(rng, hyper{0, 0, 0.01, 0}, 30, 1, 0.002)
		for name, es := range data {
			data[name] = es[:1]
		}
		fit := assert.Must(FitGroups(data))
		assert.Near(t, "between", fit.Between, 0, 0)
		if fit.Within < 0.005 || fit.Within > 0.02 {
			t.Errorf("within %g", fit.Within)
		}
	})
	t.Run("tiny standard errors", func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		data, truth := simulate(rng, hyper{0, 0.01, 0.01, 0.3}, 10, 200, 1e-30)
		fit := assert.Must(FitGroups(data))
		for name, own := range truth {
			assert.Near(t, "group mean", fit.Predict(name).Mean, own.Mean, 5*own.SD/10)
			assert.Near(t, "group sd", fit.Predict(name).SD, own.SD, 0.3*own.SD)
		}
	})
	t.Run("identical exact effects", func(t *testing.T) {
		fit := assert.Must(FitGroups(map[string][]Estimate{"a": {{0.01, 1e-30}, {0.01, 1e-30}}, "b": {{0.01, 1e-30}}}))
		if got := fit.Predict("a"); got.SD > 1e-29 || math.Abs(got.Mean-0.01) > 1e-12 {
			t.Errorf("predicts %v", got)
		}
	})
	t.Run("noise only: nothing differs", func(t *testing.T) {
		fit := assert.Must(FitGroups(map[string][]Estimate{"a": {{0.1, 1}, {-0.2, 1}}, "b": {{0.2, 1}, {0.1, 1}}}))
		if fit.Between != 0 || fit.Within != 0 || fit.WithinSpread != 0 {
			t.Errorf("%+v", fit)
		}
		assert.Near(t, "evidence is all effects", fit.Evidence("a"), 4, 1e-9)
	})
	t.Run("groups differ, ideas within them do not", func(t *testing.T) {
		data := map[string][]Estimate{}
		for g, mean := range []float64{-0.02, 0.01, 0.03} {
			for i := range 20 {
				data[fmt.Sprint(g)] = append(data[fmt.Sprint(g)], Estimate{mean + 1e-4*float64(i%3-1), 0.001})
			}
		}
		fit := assert.Must(FitGroups(data))
		assert.Near(t, "within", fit.Within, 0, 0)
		assert.Near(t, "between", fit.Between, 0.0205, 0.001)
		assert.Near(t, "evidence is the group's own", fit.Evidence("0"), 20, 0.1)
	})
	t.Run("an empty group counts as not seen", func(t *testing.T) {
		es := []Estimate{{0.01, 0.004}, {-0.02, 0.006}}
		with := assert.Must(FitGroups(map[string][]Estimate{"a": es, "b": nil}))
		if diff := cmp.Diff(assert.Must(FitGroups(map[string][]Estimate{"a": es})), with); diff != "" {
			t.Error(diff)
		}
	})
}
