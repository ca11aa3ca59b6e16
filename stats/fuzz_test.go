package stats

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/input"
)

func FuzzFits(f *testing.F) {
	f.Add(0.01, 0.02, -0.01, 0.01, 0.3, 1e-30, 0.0, 5.0)
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.0, 1.0, 1e-300, 1e-40)
	f.Add(math.NaN(), 1.0, 1.0, 0.0, math.Inf(1), -1.0, 1.0, math.NaN())
	f.Add(1.0, 1e-40, 1.0, 1e-40, 1.0, 1e40, 1.0, 1e40)
	f.Fuzz(func(t *testing.T, a, sa, b, sb, c, sc, d, sd float64) {
		es := []Estimate{{a, sa}, {b, sb}, {c, sc}, {d, sd}}
		assert.Answered[NormalFit](t)(FitNormal(es))
		assert.Answered[NormalFit](t)(FitNormal(es[:2]))
		assert.Answered[GroupsFit](t)(FitGroups(map[string][]Estimate{"a": es[:2], "b": es[2:]}))
		assert.Answered[GroupsFit](t)(FitGroups(map[string][]Estimate{"a": es[:1], "b": es[1:2], "c": es[2:]}))
	})
}

func FuzzRules(f *testing.F) {
	f.Add(0.01, 0.02, 0.01, 0.0, 0.05, 0.02)
	f.Add(-1e40, 1e40, 1e-320, 1e40, 1e-300, 1e-40)
	f.Add(1e40, 1e-320, math.Inf(1), -1e40, 0.0, 0.0)
	f.Add(0.0, 0.0, 0.0, 0.0, 1.0, math.NaN())
	f.Fuzz(func(t *testing.T, mean, sd, se, cut, alpha, delta float64) {
		prior := Normal{mean, sd}
		valid := prior.Check() == nil && se >= 0
		number := func(what string, valid bool, x float64) {
			t.Helper()
			if math.IsNaN(x) == valid || math.IsInf(x, 0) {
				t.Fatalf("%s = %g, input valid: %v", what, x, valid)
			}
		}
		deltaOK := math.Abs(delta) <= input.Max
		cutOK := math.Abs(cut) <= input.Max
		alphaOK := alpha >= 0 && alpha < 1
		number("PosteriorMean.Gain", valid && cutOK, PosteriorMean{cut}.Gain(prior, se))
		number("PosteriorMean.ProbShip", valid && cutOK && deltaOK, PosteriorMean{cut}.ProbShip(delta, prior, se))
		number("Significant.Gain", valid && alphaOK, Significant{alpha}.Gain(prior, se))
		number("Significant.ProbShip", valid && alphaOK && deltaOK, Significant{alpha}.ProbShip(delta, prior, se))
		number("Posterior", valid && deltaOK, prior.Posterior(delta, se).Mean)
		number("Posterior", valid && deltaOK, prior.Posterior(delta, se).SD)
		number("CDF", prior.Check() == nil && !math.IsNaN(delta), prior.CDF(delta))
		number("ProbAbove", prior.Check() == nil && !math.IsNaN(delta), prior.ProbAbove(delta))
	})
}
