package mixed

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// programme draws effects of a random-intercept model: mean 0.01, levels of two
// factors with SDs 0.02 and 0, residual SD 0.015, standard errors 0.005 to 0.03.
type programme struct {
	levels [2][]float64
	rng    *rand.Rand
}

func newProgramme(seed uint64, levels int) programme {
	p := programme{rng: rand.New(rand.NewPCG(seed, 1))}
	p.levels[0], p.levels[1] = make([]float64, levels), make([]float64, levels)
	for i := range levels {
		p.levels[0][i] = 0.02 * p.rng.NormFloat64()
	}
	return p
}

func (p programme) draw() (features []Feature, truth float64, measured stats.Estimate) {
	a, b := p.rng.IntN(len(p.levels[0])), p.rng.IntN(len(p.levels[1]))
	truth = 0.01 + p.levels[0][a] + p.levels[1][b] + 0.015*p.rng.NormFloat64()
	se := 0.005 + 0.025*p.rng.Float64()
	return []Feature{{0, 0, 1}, {1, a, 1}, {2, b, 1}}, truth, stats.Estimate{Value: truth + se*p.rng.NormFloat64(), SE: se}
}

func (p programme) effects(t testing.TB, n int) *Effects {
	e := assert.Must(NewEffects(Block{Name: "mean", Columns: 1, Fixed: true}, Block{Name: "surface", Columns: len(p.levels[0])}, Block{Name: "team", Columns: len(p.levels[1])}))
	for range n {
		features, _, measured := p.draw()
		if err := e.Add(measured, NoGroup, features...); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// The variances come back, and a factor that explains nothing is shrunk to nothing
// that matters.
func TestLearnRecoversVariances(t *testing.T) {
	for seed := range uint64(5) {
		fit := assert.Must(Learn(newProgramme(seed, 60).effects(t, 6000), Options{}))
		if !fit.Converged || len(fit.Warnings) > 0 {
			t.Errorf("seed %d: %d iterations, warnings %q", seed, fit.Iterations, fit.Warnings)
		}
		// The SD of 60 levels is known to 9%, that of 6,000 residuals to 2%: four times that.
		assert.Near(t, "surface", fit.Blocks[1].SD, 0.02, 0.36)
		assert.Near(t, "residual", fit.Tail.SD(), 0.015, 0.08)
		if fit.Blocks[2].SD > 0.003 {
			t.Errorf("seed %d: team has SD %g, want about 0", seed, fit.Blocks[2].SD)
		}
		mean, sd, err := fit.Coefficient(0, 0)
		if err != nil || math.Abs(mean-0.01) > 5*0.02/math.Sqrt(60) || sd > 0.005 {
			t.Errorf("seed %d: mean %g ± %g, %v", seed, mean, sd, err)
		}
	}
}

// A balanced one-way layout has restricted maximum likelihood in closed form: with
// mean squares between and within m levels of k effects of equal noise,
// σ² = (MSB − MSW)/k and τ² = MSW − SE². Searle, Casella & McCulloch (1992), §3.6. With a
// usual size it is the mode of that likelihood times a half-normal, here from a grid.
func TestLearnIsREMLInABalancedLayout(t *testing.T) {
	const levels, each, se = 12, 8, 0.4
	rng := rand.New(rand.NewPCG(3, 3))
	for _, c := range []struct {
		exact int
		usual float64
	}{{256, 0}, {1, 0}, {256, 0.2}, {1, 0.2}} {
		exact := c.exact
		e := assert.Must(NewEffects(Block{Name: "mean", Columns: 1, Fixed: true}, Block{Name: "level", Columns: levels, Usual: c.usual}))
		var between, within, grand float64
		means := make([]float64, levels)
		all := make([][]float64, levels)
		for l := range levels {
			u := rng.NormFloat64()
			for range each {
				y := 3 + u + math.Hypot(1, se)*rng.NormFloat64()
				all[l] = append(all[l], y)
				means[l] += y / each
				grand += y / each / levels
				if err := e.Add(stats.Estimate{Value: y, SE: se}, NoGroup, Feature{0, 0, 1}, Feature{1, l, 1}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for l, ys := range all {
			between += each * (means[l] - grand) * (means[l] - grand) / (levels - 1)
			for _, y := range ys {
				within += (y - means[l]) * (y - means[l]) / (levels * (each - 1))
			}
		}
		tolerance := map[int]float64{256: 0.005, 1: 0.05}[exact] // 24 draws know a variance less well
		fit := assert.Must(Learn(e, Options{Exact: exact, Iterations: 1000}))
		sigma, tau := math.Sqrt((between-within)/each), math.Sqrt(within-se*se)
		if c.usual > 0 {
			free := sigma
			if sigma, tau = balancedMode(levels, each, between, within, se, c.usual); sigma > 0.8*free {
				t.Errorf("a usual size of %g leaves σ at %g of %g", c.usual, sigma, free)
			}
		}
		assert.Near(t, "σ", fit.Blocks[1].SD, sigma, tolerance)
		assert.Near(t, "τ", fit.Tail.SD(), tau, tolerance)
		mean, _, _ := fit.Coefficient(0, 0)
		assert.Near(t, "mean", mean, grand, 1e-6)
	}
}

// balancedMode is where the restricted likelihood of a balanced layout times a half-normal of
// σ is largest, by a grid of 0.001.
func balancedMode(levels, each int, between, within, se, usual float64) (sigma, tau float64) {
	b, w, top := float64(levels-1), float64(levels*(each-1)), math.Inf(-1)
	for s := 0.001; s < 2; s += 0.001 {
		for x := 0.5; x < 1.5; x += 0.001 {
			left := x*x + se*se
			between0 := left + float64(each)*s*s
			if log := -b/2*(math.Log(between0)+between/between0) - w/2*(math.Log(left)+within/left) - s*s/(2*usual*usual); log > top {
				sigma, tau, top = s, x, log
			}
		}
	}
	return sigma, tau
}

// A level of each group is free: adding any number to a group changes nothing, and
// neither does the order of effects but for rounding.
func TestGroupsAreFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		exact := rapid.SampledFrom([]int{256, 1}).Draw(t, "exact")
		plain := assert.Must(NewEffects(Block{Name: "words", Columns: 40}))
		moved := assert.Must(NewEffects(Block{Name: "words", Columns: 40}))
		for g := range 15 {
			level := 100 * rng.NormFloat64()
			for range 2 + rng.IntN(3) {
				z := []Feature{{0, rng.IntN(40), 1}, {0, rng.IntN(40), 1}}
				y, se := rng.NormFloat64(), 0.1+rng.Float64()
				if plain.Add(stats.Estimate{Value: y, SE: se}, g, z...) != nil || moved.Add(stats.Estimate{Value: y + level, SE: se}, 7*g, z...) != nil {
					t.Fatal("not added")
				}
			}
		}
		o := Options{Exact: exact, Iterations: 5}
		a, b := assert.Must(Learn(plain, o)), assert.Must(Learn(moved, o))
		fa, fb := assert.Must(a.Predict(Feature{0, 3, 1})), assert.Must(b.Predict(Feature{0, 3, 1}))
		if math.Abs(fa.Mean-fb.Mean) > 1e-5 || math.Abs(fa.SE-fb.SE) > 1e-5 {
			t.Errorf("got %+v and %+v", fa, fb)
		}
	})
}

// Both solvers answer alike: coefficients to the tolerance of the iteration, posterior
// SDs to what 24 draws can know.
func TestSolversAgree(t *testing.T) {
	e := newProgramme(1, 30).effects(t, 800)
	a, b := assert.Must(Learn(e, Options{})), assert.Must(Learn(e, Options{Exact: 1}))
	for level := range 30 {
		ma, sa, _ := a.Coefficient(1, level)
		mb, sb, _ := b.Coefficient(1, level)
		if math.Abs(ma-mb) > 0.3*sa || sb < sa/2 || sb > 2*sa {
			t.Errorf("level %d: %g ± %g exactly, %g ± %g by draws", level, ma, sa, mb, sb)
		}
	}
}

// The same effects give the same fit, to the last bit.
func TestLearnRepeats(t *testing.T) {
	for _, exact := range []int{256, 1} {
		o := Options{Exact: exact, Tail: Adaptive, Iterations: 30}
		a, b := assert.Must(Learn(newProgramme(2, 20).effects(t, 300), o)), assert.Must(Learn(newProgramme(2, 20).effects(t, 300), o))
		if d := cmp.Diff(a.Blocks, b.Blocks) + cmp.Diff(a.Tail, b.Tail); d != "" {
			t.Error(d)
		}
	}
}

// A column that never occurred is as uncertain as one drawn from its block; the same
// column twice is one column.
func TestPredictNewLevels(t *testing.T) {
	e := assert.Must(NewEffects(Block{Name: "a", Columns: 1, Fixed: true}, Block{Name: "b", Columns: 100}))
	for i := range 50 {
		if err := e.Add(stats.Estimate{Value: float64(i % 7), SE: 1}, NoGroup, Feature{0, 0, 1}, Feature{1, i % 10, 1}); err != nil {
			t.Fatal(err)
		}
	}
	fit := assert.Must(Learn(e, Options{}))
	old := assert.Must(fit.Predict(Feature{0, 0, 1}))
	fresh := assert.Must(fit.Predict(Feature{0, 0, 1}, Feature{1, 99, 1}, Feature{1, 99, 1}))
	assert.Near(t, "SE²", fresh.SE*fresh.SE, old.SE*old.SE+4*fit.Blocks[1].SD*fit.Blocks[1].SD, 1e-12)
	if fresh.Mean != old.Mean {
		t.Errorf("a new level moves the mean from %g to %g", old.Mean, fresh.Mean)
	}
}

// Residuals that are mostly nothing and sometimes much: the mixture foretells new
// ones better than one normal, and where residuals are normal, hardly worse.
func TestTails(t *testing.T) {
	for name, residual := range map[string]func(*rand.Rand) float64{
		"spike": func(r *rand.Rand) float64 {
			if r.Float64() < 0.8 {
				return 0
			}
			return 0.03 * r.NormFloat64()
		},
		"normal": func(r *rand.Rand) float64 { return 0.01 * r.NormFloat64() },
	} {
		rng := rand.New(rand.NewPCG(5, 5))
		e := assert.Must(NewEffects(Block{Name: "mean", Columns: 1, Fixed: true}))
		one := func() stats.Estimate {
			return stats.Estimate{Value: 0.002 + residual(rng) + 0.004*rng.NormFloat64(), SE: 0.004}
		}
		for range 1500 {
			if err := e.Add(one(), NoGroup, Feature{0, 0, 1}); err != nil {
				t.Fatal(err)
			}
		}
		normal := assert.Must(assert.Must(Learn(e, Options{})).Predict(Feature{0, 0, 1}))
		mixture := assert.Must(assert.Must(Learn(e, Options{Tail: Adaptive, Iterations: 300})).Predict(Feature{0, 0, 1}))
		gain := 0.0
		for range 2000 {
			next := one()
			gain += (mixture.Effect.LogMarginal(next.Value, next.SE) - normal.Effect.LogMarginal(next.Value, next.SE)) / 2000
		}
		if least := map[string]float64{"spike": 0.1, "normal": -0.005}[name]; gain < least {
			t.Errorf("%s: the mixture gains %.4f a test, want at least %g", name, gain, least)
		}
	}
}

// Without any feature there is one variance to learn, within groups and without.
func TestNoFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, grouped := range []bool{false, true} {
		e := assert.Must(NewEffects(Block{Name: "words", Columns: 3}))
		for i := range 4000 {
			group, level := NoGroup, 0.0
			if grouped {
				group, level = i/4, float64(i/4%9)
			}
			if err := e.Add(stats.Estimate{Value: level + math.Hypot(0.3, 0.4)*rng.NormFloat64(), SE: 0.4}, group); err != nil {
				t.Fatal(err)
			}
		}
		fit := assert.Must(Learn(e, Options{}))
		assert.Near(t, "τ", fit.Tail.SD(), 0.3, 0.05) // its SD is 0.011
		f := assert.Must(fit.Predict())
		if f.Mean != 0 || f.SE != 0 {
			t.Errorf("an idea without features: %+v", f)
		}
	}
}
