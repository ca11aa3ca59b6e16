package value

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestProductionOfFatTails holds E[δ⁺], f(n) and t* under t priors of location −0.2
// and scale 1, with σ = 10, against values recomputed from the model of Azevedo,
// Deng, Montiel Olea, Rao & Weyl (2020) by the trapezoidal rule over δ = M + s sinh u,
// to 6 and 4 decimals.
//
// That rule leaves out δ beyond s sinh 40, which for 1.31 degrees of freedom is
// worth 7.51e-6: E[δ⁺] is 1.31725898038537590 in 30-digit arithmetic (mpmath), against
// 1.317252. The part left out is taken off before comparing.
func TestProductionOfFatTails(t *testing.T) {
	for _, c := range []struct {
		df, positive float64
		gains, ts    [5]float64
	}{
		{1.31, 1.317252, [5]float64{0.781986, 1.034437, 1.227887, 1.302761, 1.315659}, [5]float64{0.3215, 0.2494, 0.1772, 0.0922, 0.0335}},
		{2.5, 0.510217, [5]float64{0.065114, 0.222350, 0.410009, 0.494164, 0.508475}, [5]float64{0.6808, 0.3363, 0.1798, 0.0794, 0.0273}},
		{3, 0.458648, [5]float64{0.036515, 0.172188, 0.356247, 0.442270, 0.456875}, [5]float64{0.8219, 0.3648, 0.1812, 0.0768, 0.0261}},
		{4, 0.407469, [5]float64{0.015944, 0.124356, 0.302264, 0.390669, 0.405657}, [5]float64{1.0539, 0.4102, 0.1837, 0.0736, 0.0246}},
		{8, 0.349647, [5]float64{0.003862, 0.075399, 0.240178, 0.332177, 0.347772}, [5]float64{1.5036, 0.5049, 0.1897, 0.0685, 0.0223}},
	} {
		prior := bayes.StudentT{Location: -0.2, Scale: 1, DF: c.df}
		beyond, _ := prior.Split(math.Sinh(40)-0.2, 0)
		positive, _ := prior.Split(0, 0)
		assert.Near(t, "E[δ⁺]", positive-beyond, c.positive, 6e-7)
		for i, users := range []float64{1, 10, 100, 1000, 10000} {
			v := assert.Must(Production{Prior: prior, Sigma: 10}.At(users))
			assert.Near(t, "f(n)", v.Gain-beyond, c.gains[i], 6e-7)
			assert.Near(t, "t*", v.TStat, c.ts[i], 6e-5)
			if v.Gain > positive || v.Value != v.Gain || v.Slope <= 0 {
				t.Errorf("df %g, %g users: %+v with E[δ⁺] = %g", c.df, users, v, positive)
			}
		}
	}
}

// TestProductionOfNormals holds f(n) under normal priors of SD 1, with σ = 10, against
// Azevedo, Mao, Montiel Olea & Velez (2023), recomputed to 6 decimals; the efficient
// size, the inflection (of a grid of ratio 1.005) and the p-value cut to 3 digits.
func TestProductionOfNormals(t *testing.T) {
	for _, c := range []struct {
		mean                        float64
		gains                       [5]float64
		efficient, inflection, pCut float64
	}{
		{0, [5]float64{.039696, .120286, .282095, .380377, .396962}, 0, 0, .5},
		{-0.5, [5]float64{.000000, .006099, .099821, .181512, .196050}, 38.5, 17.3, .210},
		{-1, [5]float64{.000000, .000036, .025127, .072325, .082118}, 104.1, 49.9, .163},
		{-2, [5]float64{.000000, .000000, .000489, .006208, .008225}, 291.5, 144.0, .121},
	} {
		normal := stats.Normal{Mean: c.mean, SD: 1}
		p := Production{Prior: bayes.Single(normal), Sigma: 10}
		for i, users := range []float64{1, 10, 100, 1000, 10000} {
			v := assert.Must(p.At(users))
			assert.Near(t, "f(n)", v.Gain, c.gains[i], 5.1e-7)
			assert.Near(t, "f(n) in closed form", v.Gain, stats.PosteriorMean{}.Gain(normal, v.SE), 1e-15)
		}
		shape := assert.Must(p.Shape())
		assert.Near(t, "argmax f/n", shape.Efficient, c.efficient, 0.005*c.efficient)
		assert.Near(t, "inflection", shape.Inflection, c.inflection, 0.005*c.inflection)
		v := assert.Must(p.At(max(1, shape.Efficient)))
		assert.Near(t, "p-value cut", v.PCut, c.pCut, 0.00065)
	}
}

// TestPortfolio splits 1,000 users over K tests of N(−1, 1) ideas; values recomputed
// from the closed form to 6 decimals.
func TestPortfolio(t *testing.T) {
	p := Production{Prior: bayes.Single(stats.Normal{Mean: -1, SD: 1}), Sigma: 10}
	values := map[int]float64{1: .072325, 2: .126414, 5: .217653, 8: .248311, 9: .251034, 10: .251273, 11: .249557, 12: .246311, 20: .195224, 50: .047788}
	for k, want := range values {
		v := assert.Must(p.At(1000 / float64(k)))
		assert.Near(t, "K·f(N/K)", float64(k)*v.Gain, want, 5.1e-7)
	}
	best := assert.Must(p.Portfolio(1000, 1000))
	if best.Tests != 10 || best.UsersEach != 100 {
		t.Errorf("%d tests of %g users, want 10 of 100", best.Tests, best.UsersEach)
	}
	assert.Near(t, "value", best.Value, .251273, 5.1e-7)
	if few := assert.Must(p.Portfolio(1000, 3)); few.Tests != 3 {
		t.Errorf("%d tests of three ideas", few.Tests)
	}
	lean := Production{Prior: bayes.StudentT{Scale: 1, DF: 1.31}, Sigma: 10}
	if all := assert.Must(lean.Portfolio(1000, 40)); all.Tests != 40 {
		t.Errorf("fat tails: %d tests of 40 ideas, want all", all.Tests)
	}
}

// rollouts are the three examples of Feit & Berman (2019), §4: website, display ad,
// catalog.
var rollouts = []Rollout{
	{100_000, [2]RolloutArm{{stats.Normal{Mean: .68, SD: .03}, math.Sqrt(.68 * .32)}, {stats.Normal{Mean: .68, SD: .03}, math.Sqrt(.68 * .32)}}},
	{1_000_000, [2]RolloutArm{{stats.Normal{Mean: 10.36044, SD: 4.39646}, 103.77}, {stats.Normal{Mean: 10.36044, SD: 4.39646}, 103.77}}},
	{100_000, [2]RolloutArm{{stats.Normal{Mean: 19.39, SD: 20.97}, 87.69}, {stats.Normal{Mean: 30.06 - 0.80, SD: 13.48}, 179.36}}},
}

// TestTestAndRoll holds the paper's Tables 1 to 3: sizes and profits, as the paper
// prints them and recomputed with more digits.
func TestTestAndRoll(t *testing.T) {
	web := assert.Must(rollouts[0].Optimum(0))
	assert.Near(t, "website n*", web.Users[0], 2283.890, 5e-4)
	assert.Near(t, "website profit", web.Profit, 69535.999, 5e-4)
	assert.Near(t, "website perfect", web.Perfect, 69693, 0.5)
	assert.Near(t, "website regret", web.Regret, .00224658, 5e-9)
	assert.Near(t, "website error", web.ErrorRate, .100128, 5e-7)
	ad := assert.Must(rollouts[1].Optimum(0))
	assert.Near(t, "display n*", ad.Users[0], 11391.105, 5e-4)
	assert.Near(t, "display profit", ad.Profit, 12727e3, 500)
	assert.Near(t, "display perfect", ad.Perfect, 12840e3, 1000)
	assert.Near(t, "display regret", ad.Regret, .00885408, 5e-9)
	assert.Near(t, "display error", ad.ErrorRate, .069279, 5e-7)
	catalog := assert.Must(rollouts[2].Optimum(2))
	if catalog.Users != [2]float64{588, 1884} {
		t.Errorf("catalog: %v users, want 588 and 1884", catalog.Users)
	}
	assert.Near(t, "catalog profit", catalog.Profit, 3463250.02, 0.005)
	if whole := assert.Must(rollouts[0].Optimum(1)); whole.Users != [2]float64{2284, 2284} {
		t.Errorf("website in whole users: %v", whole.Users)
	}

	// The sizes of hypothesis tests, and what such a test would bring.
	for _, c := range []struct {
		rollout              Rollout
		n1, n2               float64
		profit, regret, fail float64
		digits, regretDigits float64
	}{
		{rollouts[0], 18468, 18468, 69060, .0091, .036, 1, 5e-5},
		{rollouts[0], 13487, 13487, 69225, .0067, .042, 1, 5e-5},
		{rollouts[1], 452673, 452673, 10595e3, .175, .011, 500, 5e-4},
	} {
		p := assert.Must(c.rollout.Plan(c.n1, c.n2))
		assert.Near(t, "profit of a hypothesis test", p.Profit, c.profit, c.digits)
		assert.Near(t, "regret of a hypothesis test", p.Regret, c.regret, c.regretDigits)
		assert.Near(t, "error of a hypothesis test", p.ErrorRate, c.fail, 5e-4)
	}
	for n, want := range map[[2]float64]float64{{7822, 15996}: 3287e3, {6317, 12921}: 3328e3} {
		assert.Near(t, "profit of a catalog test", assert.Must(rollouts[2].Plan(n[0], n[1])).Profit, want, 500)
	}
}

// TestKnowledgeGradient: values recomputed from Frazier, Powell & Dayanik's formula.
func TestKnowledgeGradient(t *testing.T) {
	arms := []stats.Normal{{Mean: 0, SD: 1}, {Mean: .1, SD: math.Sqrt(.5)}, {Mean: -.2, SD: math.Sqrt2}}
	info := assert.Must(OfInformation(arms, []float64{2, 2, 2}))
	for i, want := range []float64{.132854, .052370, .197478} {
		assert.Near(t, "KG", info.Gradient[i], want, 5e-7)
	}
}
