package returns

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func one(value, se float64) Experiment {
	return Experiment{Arms: []stats.Estimate{{Value: value, SE: se}}}
}

func two(a, b stats.Estimate) []stats.Estimate { return []stats.Estimate{a, b} }

// What ready-made rules choose, by hand.
func TestRulesChoose(t *testing.T) {
	prior := bayes.Single(stats.Normal{Mean: 0, SD: 0.01})
	for _, c := range []struct {
		what string
		rule Rule
		arms []stats.Estimate
		want int
	}{
		{"the larger of two significant", Significant(0.025), two(stats.Estimate{Value: 0.03, SE: 0.01}, stats.Estimate{Value: 0.04, SE: 0.01}), 1},
		{"not the larger, which is not significant", Significant(0.025), two(stats.Estimate{Value: 0.03, SE: 0.01}, stats.Estimate{Value: 0.04, SE: 0.03}), 0},
		{"none is significant", Significant(0.025), two(stats.Estimate{Value: 0.01, SE: 0.01}, stats.Estimate{Value: 0.04, SE: 0.03}), None},
		{"the default level", Significant(0), two(stats.Estimate{Value: 0.0195, SE: 0.01}, stats.Estimate{Value: 0.0197, SE: 0.01}), 1},
		{"the larger posterior mean, not estimate", PosteriorMean("", prior, 0), two(stats.Estimate{Value: 0.02, SE: 0.01}, stats.Estimate{Value: 0.03, SE: 0.03}), 0},
		{"posterior means 0.01 and 0.003", PosteriorMean("", prior, 0.0101), two(stats.Estimate{Value: 0.02, SE: 0.01}, stats.Estimate{Value: 0.03, SE: 0.03}), None},
		{"posterior means below 0", PosteriorMean("", prior, 0), two(stats.Estimate{Value: -0.02, SE: 0.01}, stats.Estimate{Value: -0.03, SE: 0.01}), None},
		{"the best, though bad", Best(), two(stats.Estimate{Value: -0.02, SE: 0.01}, stats.Estimate{Value: -0.03, SE: 0.01}), 0},
		{"never", Never(), two(stats.Estimate{Value: 1, SE: 0.01}, stats.Estimate{Value: 2, SE: 0.01}), None},
		{"the first of equals", Best(), two(stats.Estimate{Value: 1, SE: 0.01}, stats.Estimate{Value: 1, SE: 0.01}), 0},
	} {
		if got := c.rule.Choose(c.arms); got != c.want {
			t.Errorf("%s: arm %d, want %d", c.what, got, c.want)
		}
	}
}

// Sums by hand: plug-in, worth, cross-fitting and the standard error over experiments.
func TestTotalsByHand(t *testing.T) {
	es := []Experiment{one(0.03, 0.01), one(0.01, 0.01), one(-0.02, 0.01), one(0.05, 0.02)}
	es[3].Worth = 3
	got := assert.Must(Of(es, Significant(0), Options{Method: PlugIn, Level: 0.9}))
	assert.Near(t, "total", got.Total.Value, 0.03+3*0.05, 1e-15)
	assert.Near(t, "mean", got.Mean.Value, 0.045, 1e-15)
	// Values 0.03, 0, 0, 0.15 around 0.045: squares 0.015² + 2·0.045² + 0.105² = 0.0153.
	assert.Near(t, "SE", got.Total.SE, math.Sqrt(4./3*0.0153), 1e-12)
	// Student's t quantile at 0.95 with 3 degrees of freedom: 2.3534 (R 4.3, qt).
	assert.Near(t, "low", got.Total.Interval.Low, 0.18-2.353363434801823*math.Sqrt(4./3*0.0153), 1e-9)
	assert.Near(t, "mean's SE", got.Mean.SE, got.Total.SE/4, 1e-15)
	if got.Shipped != 2 || got.Experiments != 4 || got.Information != 1 || len(got.Warnings) != 1 {
		t.Errorf("%+v", got)
	}

	folded := Experiment{Arms: []stats.Estimate{{Value: 0.02, SE: 0.01}}, Folds: [][]stats.Estimate{
		{{Value: 0.05, SE: 0.02}}, {{Value: 0.01, SE: 0.02}}, {{Value: -0.03, SE: 0.01}}}}
	// Of the others: (0.01 − 4·0.03)/5 < 0, (0.05 − 4·0.03)/5 < 0 and (0.05 + 0.01)/2 > 0.
	positive := PosteriorMean("", bayes.Single(stats.Normal{SD: 1}), 0)
	cross := assert.Must(Of([]Experiment{folded, folded}, positive, Options{Method: CrossFit}))
	assert.Near(t, "cross-fit", cross.Total.Value, 2*-0.03/3, 1e-15)
	assert.Near(t, "ships", cross.Shipped, 2./3, 1e-15)
	assert.Near(t, "information", cross.Information, 2./3, 1e-15)
	pooled := without(folded.Folds, 0, 0)
	assert.Near(t, "pooled SE", pooled.SE, 0.02/math.Sqrt(5), 1e-15)
}

func TestSureRules(t *testing.T) {
	es := []Experiment{one(0.03, 0.01), one(-0.07, 0.02), one(0.01, 0.05)}
	for _, m := range []Method{PlugIn, Thinned, Extrapolated} {
		never := assert.Must(Of(es, Never(), Options{Method: m}))
		if never.Total.Value != 0 || never.Total.SE != 0 || never.Shipped != 0 || len(never.Warnings) != 0 {
			t.Errorf("%s: never: %+v", m, never)
		}
		always := assert.Must(Of(es, Best(), Options{Method: m}))
		assert.Near(t, string(m)+" of one arm, always", always.Total.Value, -0.03, 1e-15)
		assert.Near(t, "ships", always.Shipped, 3, 1e-15)
	}
}

// The same input gives the same bits; a worth of all experiments is a unit; opposite
// rules' paired gains are opposite; a rule gains nothing over itself.
func TestLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	es, _ := programme(rng, 50, 3, 4, func() float64 { return 0.01 * rng.NormFloat64() })
	worth := slices.Clone(es)
	for i := range worth {
		worth[i].Worth = 8
	}
	a, b := Significant(0.1), Best()
	for _, m := range []Method{PlugIn, Thinned, CrossFit, Extrapolated} {
		o := Options{Method: m, Draws: 20}
		once, again := assert.Must(Of(es, a, o)), assert.Must(Of(es, a, o))
		if once.Total != again.Total {
			t.Errorf("%s: %v, then %v", m, once.Total, again.Total)
		}
		if times := assert.Must(Of(worth, a, o)).Total; times != once.Total.times(8) {
			t.Errorf("%s: worth 8: %v, not 8 times %v", m, times, once.Total)
		}
		ab, ba := assert.Must(Compare(es, o, a, b)), assert.Must(Compare(es, o, b, a))
		gain, loss := rowOf(ab, b).Gain, rowOf(ba, a).Gain
		assert.Near(t, "opposite", gain.Value, -loss.Value, 1e-15)
		assert.Near(t, "difference of totals", gain.Value, rowOf(ab, b).Total.Value-rowOf(ab, a).Total.Value, 1e-12)
		if own := rowOf(ab, a).Gain; own.Value != 0 || own.SE != 0 || own.Interval.Low != 0 || own.Interval.High != 0 {
			t.Errorf("%s: gain over itself %+v", m, own)
		}
		if ab.Current != a.Name || ab.Rows[0].Total.Value < ab.Rows[1].Total.Value {
			t.Errorf("%s: %+v", m, ab)
		}
	}
}

// A fitted rule never sees the experiments that it decides on.
func TestFitSeesOnlyOthers(t *testing.T) {
	var es []Experiment
	for i := range 25 {
		es = append(es, one(0.001*float64(i+1), 0.01))
	}
	for _, refits := range []int{0, 3, 25, 1000} {
		calls, seen := 0, map[float64]int{}
		watch := Rule{Name: "watch", Fit: func(others []Experiment) (Rule, error) {
			calls++
			known := map[float64]bool{}
			for _, e := range others {
				known[e.Arms[0].Value] = true
				seen[e.Arms[0].Value]++
			}
			return Rule{Choose: func(arms []stats.Estimate) int {
				if known[arms[0].Value] {
					t.Errorf("%d refits: it decides on %g, which it was fitted to", refits, arms[0].Value)
				}
				return 0
			}}, nil
		}}
		assert.Must(Of(es, watch, Options{Method: PlugIn, Refits: refits}))
		want := min(max(refits, 3), 25)
		if refits == 0 {
			want = 10
		}
		if calls != want {
			t.Errorf("%d refits: %d calls", refits, calls)
		}
		for value, times := range seen {
			if times != want-1 {
				t.Errorf("%d refits: %g was seen %d times of %d", refits, value, times, want)
			}
		}
	}
}

// The prior of the others, fitted without each experiment, returns nothing where there
// is nothing; fitted to all of them and scored on them, it seems to.
func TestRefittedPriorReturnsNothingWithoutEffects(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	es, _ := programme(rng, 1500, 2, 4, func() float64 { return 0 })
	wide := func([]stats.Estimate) (bayes.Prior, error) { return bayes.Single(stats.Normal{SD: 0.02}), nil }
	fit := func(arms []stats.Estimate) (bayes.Prior, error) {
		f, err := stats.FitNormal(arms)
		return bayes.Single(f.Prior), err
	}
	for _, m := range []Method{Thinned, CrossFit, Extrapolated} {
		within(t, string(m), assert.Must(Of(es, Refitted("fit", fit, 0), Options{Method: m, Draws: 20})).Total, 0)
		within(t, string(m), assert.Must(Of(es, Refitted("wide", wide, 0), Options{Method: m, Draws: 20})).Total, 0)
	}
	same := assert.Must(Of(es, PosteriorMean("wide", assert.Must(wide(nil)), 0), Options{Draws: 20}))
	if refitted := assert.Must(Of(es, Refitted("wide", wide, 0), Options{Draws: 20})); refitted.Total != same.Total {
		t.Errorf("a fit that ignores its data: %v, the rule itself: %v", refitted.Total, same.Total)
	}
}

func TestRefusals(t *testing.T) {
	good := []Experiment{one(0.01, 0.01), one(0.02, 0.01)}
	with := func(change func(e *Experiment)) []Experiment {
		es := slices.Clone(good)
		es[1].Arms = slices.Clone(es[1].Arms)
		change(&es[1])
		return es
	}
	choosing := func(k int) Rule {
		return Rule{Name: "mine", Choose: func([]stats.Estimate) int { return k }}
	}
	point := []stats.Estimate{{Value: 0.01, SE: 0.02}}
	for _, c := range []struct {
		field string
		es    []Experiment
		rule  Rule
		o     Options
	}{
		{"experiments", good[:1], Best(), Options{}},
		{"experiments[1].Arms", with(func(e *Experiment) { e.Arms = nil }), Best(), Options{}},
		{"experiments[1].Arms[0].SE", with(func(e *Experiment) { e.Arms[0].SE = 0 }), Best(), Options{}},
		{"experiments[1].Arms[0].Value", with(func(e *Experiment) { e.Arms[0].Value = math.NaN() }), Best(), Options{}},
		{"experiments[1].ControlSE", with(func(e *Experiment) { e.ControlSE = -1 }), Best(), Options{}},
		{"experiments[1].Worth", with(func(e *Experiment) { e.Worth = -1 }), Best(), Options{}},
		{"experiments[1].Arms[0].SE", with(func(e *Experiment) { e.ControlSE, e.Arms = 0.01, append(e.Arms, e.Arms...) }), Best(), Options{}},
		{"experiments[0].Folds", good, Best(), Options{Method: CrossFit}},
		{"experiments[0].Folds[1]", []Experiment{{Arms: point, Folds: [][]stats.Estimate{point, nil}}, good[0]}, Best(), Options{Method: CrossFit}},
		{"experiments[0].Folds[1][0].SE", []Experiment{{Arms: point, Folds: [][]stats.Estimate{point, {{}}}}, good[0]}, Best(), Options{Method: CrossFit}},
		{"Method", good, Best(), Options{Method: "magic"}},
		{"Noise", good, Best(), Options{Noise: -1}},
		{"Draws", good, Best(), Options{Draws: -1}},
		{"Refits", good, Best(), Options{Refits: 1}},
		{"Level", good, Best(), Options{Level: 1}},
		{`rule "mine": Choose`, good, Rule{Name: "mine"}, Options{}},
		{`rule "mine": Choose`, good, choosing(1), Options{}},
		{`rule "mine": Choose`, good, choosing(-2), Options{Method: PlugIn}},
		{`rule "significant at 200% one-sided": alpha`, good, Significant(2), Options{}},
		{`rule "posterior mean > 0, p": prior`, good, PosteriorMean("p", nil, 0), Options{}},
		{`rule "posterior mean > 0, p": prior.Scale`, good, PosteriorMean("p", bayes.StudentT{DF: 3}, 0), Options{}},
		{`rule "posterior mean > NaN, p": cut`, good, PosteriorMean("p", bayes.StudentT{DF: 3, Scale: 1}, math.NaN()), Options{}},
		{`rule "posterior mean > 0, p": fit`, good, Refitted("p", nil, 0), Options{}},
	} {
		_, err := Of(c.es, c.rule, c.o)
		assert.Field(t, err, c.field)
		_, err = Compare(c.es, c.o, c.rule)
		assert.Field(t, err, c.field)
	}
	_, err := Compare(good, Options{}, Best(), Never(), Best())
	assert.Field(t, err, "rules[2].Name")
	broken := errors.New("broken")
	_, err = Of(good, Refitted("p", func([]stats.Estimate) (bayes.Prior, error) { return nil, broken }, 0), Options{})
	if !errors.Is(err, broken) {
		t.Errorf("the fit's error is lost: %v", err)
	}
}

func FuzzOf(f *testing.F) {
	f.Add(0.01, 0.01, 0.02, 0.03, 0.001, 1.0, 0.5, 0.025, 0.01, uint8(1))
	f.Add(1e40, 1e-40, -1e40, 1e40, 0.0, 1e40, 100.0, 0.5, 1e-300, uint8(3))
	f.Add(-1.0, 0.01, 0.0, 0.01, 1.0, 0.0, 0.01, 1e-300, 1e40, uint8(2))
	f.Fuzz(func(t *testing.T, a, seA, b, seB, controlSE, worth, noise, alpha, sd float64, method uint8) {
		arms := two(stats.Estimate{Value: a, SE: seA}, stats.Estimate{Value: b, SE: seB})
		es := []Experiment{
			{Arms: arms, ControlSE: controlSE, Worth: worth, Folds: [][]stats.Estimate{arms, {arms[1], arms[0]}, arms}},
			{Arms: arms[:1], Folds: [][]stats.Estimate{arms[:1], arms[1:]}},
		}
		o := Options{Method: []Method{PlugIn, Thinned, CrossFit, Extrapolated}[method%4], Noise: noise, Draws: 4}
		assert.Answered[Table](t)(Compare(es, o, Significant(alpha), PosteriorMean("", bayes.Single(stats.Normal{SD: sd}), a/2), Best(), Never()))
	})
}
