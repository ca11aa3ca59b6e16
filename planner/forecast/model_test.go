package forecast

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/mixed"
)

var everything = Spec{Tail: mixed.Adaptive, HalfLife: 200, Spread: []string{"surface", "team"},
	Blocks: []string{"surface", "team", "surface × team", "claims", "claims by team", shapeBlock, kindBlock, wordBlock, endBlock, pairBlock,
		letterBlock, wordBlock + inSet, letterBlock + inSet}}

// A stored model forecasts the same, to the last bit; and so does one of the same past in
// another order.
func TestModelIsStoredAndOrderMattersNot(t *testing.T) {
	past, _ := world{surface: 0.005, team: 0.003, residual: normal(0.004), claim: 0.3, se: 0.003}.run(41, 300)
	for _, o := range []Options{{Spec: &everything}, {}} {
		m := must(Learn(context.Background(), past, o))
		shuffled := append([]Past{}, past...)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other := must(Learn(context.Background(), shuffled, o))
		text := must(json.Marshal(m))
		if d := cmp.Diff(string(text), string(must(json.Marshal(other)))); d != "" {
			t.Fatal("in another order: ", d)
		}
		var again Model
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		for _, i := range []Idea{past[7].Idea, {}, {Text: "Why you won't believe this: 7 ideas?", Traits: map[string]string{"surface": "new"}, Claims: map[string]float64{"author": 5, "x": 1}}} {
			f := must(m.Forecast(i))
			if d := cmp.Diff(f, must(again.Forecast(i))); d != "" {
				t.Fatal(d)
			}
			sum := 0.0
			for _, d := range f.Drivers {
				sum += d.Effect
			}
			if math.Abs(sum-f.Mean()) > 1e-12 {
				t.Errorf("drivers add up to %g, the mean is %g", sum, f.Mean())
			}
		}
	}
	for _, text := range []string{`{}x`, `{"blocks":[{"name":"mean"}]}`, `7`} {
		if err := json.Unmarshal([]byte(text), new(Model)); err == nil {
			t.Errorf("%s is read as a model", text)
		}
	}
}

// Whatever the past, a model is refused with a reason or its forecasts are finite numbers
// whose quantiles rise.
func TestForecastsAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", "?", "Why this? 7 ways", "…’’“", "ΑΒΓ déjà-vu", "\xff\xfe", "a a a a", "I WON"})
		level := rapid.SampledFrom([]string{"", "a", "b", " × ", "ü"})
		past := make([]Past, rapid.IntRange(2, 25).Draw(t, "n"))
		for i := range past {
			past[i] = Past{Idea: Idea{ID: fmt.Sprint(i), Set: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "set"), Text: text.Draw(t, "text"),
				Traits: map[string]string{"surface": level.Draw(t, "surface"), "team": level.Draw(t, "team")}},
				Effect: stats.Estimate{Value: rapid.Float64Range(-2, 2).Draw(t, "value"), SE: rapid.Float64Range(1e-6, 3).Draw(t, "se")},
				Ended:  epoch.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "day"))}
			if rapid.Bool().Draw(t, "claims") {
				past[i].Claims = map[string]float64{"author": rapid.SampledFrom([]float64{0, 0.1, -3, 1e300, math.Inf(1), math.NaN()}).Draw(t, "claim")}
			}
		}
		spec := everything
		spec.Tail = rapid.SampledFrom([]mixed.Shape{mixed.Normal, mixed.Student, mixed.Adaptive}).Draw(t, "tail")
		m, err := Learn(context.Background(), past, Options{Spec: &spec})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range append(past, Past{Idea: Idea{Text: "never seen", Claims: map[string]float64{"author": math.Inf(-1)}}}) {
			f, err := m.Forecast(p.Idea)
			if err != nil {
				t.Fatal(err)
			}
			low, high := f.Quantile(0.1), f.Quantile(0.9)
			for _, x := range []float64{f.Mean(), f.SD(), low, high, f.ProbAbove(0.1), f.Evidence} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("%+v has %g", f, x)
				}
			}
			if low > high {
				t.Fatalf("quantiles %g and %g", low, high)
			}
		}
	})
}

// Scores count in the unit of effects, which is never as small as nothing: where most are
// 0, slopes of scores would have no bound. Claims that differ by nothing tell nothing.
func TestScalesOfNothing(t *testing.T) {
	past := make([]Past, 5)
	for k := range past {
		past[k] = Past{Idea: Idea{Claims: map[string]float64{"ice": float64(100 * k), "author": 1e-170 * float64(k)}},
			Effect: stats.Estimate{Value: []float64{2e-47, 1.4, -2, -3e-191, 0}[k], SE: 0.5}}
	}
	author, ice := claimScales(past)[0], claimScales(past)[1]
	if ice.Unit != leastUnit*0.5 {
		t.Errorf("scores count in units of %g", ice.Unit)
	}
	if author.Scale != 0 {
		t.Errorf("claims of nothing differ by %g", author.Scale)
	}
}

// What all ideas of a set share moves none of them, and makes none uncertain.
func TestForecastSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	vocabulary := []string{"free", "new", "cat", "dog", "war", "peace", "love", "rain"}
	var past []Past
	for set := range 300 {
		for range 3 {
			a, b := rng.IntN(8), rng.IntN(8)
			value := 0.2*float64(a%2) + 0.2*float64(b%2) + 0.1*rng.NormFloat64()
			past = append(past, Past{Idea: Idea{ID: fmt.Sprint(len(past)), Set: fmt.Sprint(set), Text: vocabulary[a] + " " + vocabulary[b]},
				Effect: stats.Estimate{Value: value, SE: 0.1}, Ended: epoch.AddDate(0, 0, set)})
		}
	}
	m := must(Learn(context.Background(), past, Options{Spec: &Spec{Blocks: []string{wordBlock}, Tail: "normal"}}))
	set := []Idea{{Set: "z", Text: "free unheard of things"}, {Set: "z", Text: "new unheard of things"}}
	together := must(m.ForecastSet(set))
	alone := must(m.Forecast(set[0]))
	if !(together[0].SD() < 0.8*alone.SD()) {
		t.Errorf("together ± %.3f, alone ± %.3f", together[0].SD(), alone.SD())
	}
	if d := together[1].Mean() - together[0].Mean(); math.Abs(d-0.2) > 0.08 {
		t.Errorf("the odd word is better by %.3f, want 0.2", d)
	}
}

// Headlines of one story that differ by a word are alike, which other stories do not tell:
// their difference is forecast narrower than that of headlines with no word in common.
func TestIdeasOfASetThatAreAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var past []Past
	for set := range 250 {
		var worth [40]float64 // of words, in this story only
		for w := range worth {
			worth[w] = 0.15 * rng.NormFloat64()
		}
		for range 4 {
			text, value := "", 0.02*rng.NormFloat64()
			for _, w := range rng.Perm(12)[:6] {
				text += fmt.Sprint(" word", w)
				value += worth[w]
			}
			past = append(past, Past{Idea: Idea{ID: fmt.Sprint(len(past)), Set: fmt.Sprint(set), Text: text},
				Effect: stats.Estimate{Value: value + 0.1*rng.NormFloat64(), SE: 0.1}, Ended: epoch.AddDate(0, 0, set)})
		}
	}
	width := func(m *Model, a, b string) float64 {
		f := must(m.ForecastSet([]Idea{{Set: "z", Text: a}, {Set: "z", Text: b}}))
		return math.Hypot(f[0].SD(), f[1].SD())
	}
	m := must(Learn(context.Background(), past, Options{}))
	if !slices.Contains(m.Spec.Blocks, wordBlock+inSet) {
		t.Fatalf("chose %+v", m.Spec)
	}
	near := width(m, "word1 word2 word3 word4 word5 word6", "word1 word2 word3 word4 word5 word7")
	far := width(m, "word1 word2 word3 word4 word5 word6", "word7 word8 word9 word10 word11 word0")
	t.Logf("%+v: %.3f and %.3f", m.Spec, near, far)
	// The truth is 0.15 √2 = 0.21 and 0.15 √12 = 0.52.
	if math.Abs(near/0.21-1) > 0.35 || math.Abs(far/0.52-1) > 0.25 {
		t.Errorf("differences are forecast ± %.3f and ± %.3f", near, far)
	}
}
