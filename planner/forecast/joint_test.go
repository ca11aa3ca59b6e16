package forecast

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// pairs are tests of two metrics whose true effects correlate by −0.6.
func pairsOf(n int) []Past {
	rng := rand.New(rand.NewPCG(3, 1))
	var past []Past
	for i := range n {
		a := rng.NormFloat64()
		b := -0.6*a + 0.8*rng.NormFloat64()
		for metric, x := range map[string]float64{"rpm": 0.01 * a, "hides": 0.02 * b} {
			past = append(past, Past{Idea: Idea{ID: fmt.Sprint(i)}, Metric: metric, Effect: stats.Estimate{Value: x, SE: 0.003}})
		}
	}
	for i := range past { // noise in a fixed order, not that of a map
		past[i].Effect.Value += 0.003 * rand.New(rand.NewPCG(uint64(i), 1)).NormFloat64()
	}
	return past
}

// Ideas that win on the target breach the guardrail more often than others where effects
// go against each other; the numbers are those of simulated effects.
func TestBreach(t *testing.T) {
	j := must(LearnJoint(pairsOf(2000)))
	if r := j.between("rpm", "hides"); math.Abs(r+0.6) > 0.1 { // its SD is about 0.016
		t.Fatalf("correlation %.3f, want −0.6", r)
	}
	j.Correlation = [][]float64{{1, -0.6}, {-0.6, 1}}
	target := Forecast{Effect: bayes.Single(stats.Normal{Mean: 0.002, SD: 0.01})}
	guard := Guardrail{"hides", 0.01, Forecast{Effect: bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{SD: 0.005}, {SD: 0.03}}}}}
	b := must(j.Breach("rpm", target, []Guardrail{guard, {Metric: "rpm"}}))
	each := guard.Forecast.Effect.CDF(-0.01)
	if b.Each["hides"] != each || math.Abs(b.Any-each) > 1e-4 || !(b.AnyGivenGain > 1.2*each) {
		t.Errorf("got %+v, alone %.4f", b, each)
	}
	// By simulation of the copula.
	rng := rand.New(rand.NewPCG(4, 4))
	cut, gains, both := stats.Normal{SD: 1}.Quantile(each), 0.0, 0.0
	for range 400_000 {
		z := rng.NormFloat64()
		if 0.002+0.01*z > 0 {
			gains++
			if -0.6*z+0.8*rng.NormFloat64() < cut {
				both++
			}
		}
	}
	if math.Abs(b.AnyGivenGain-both/gains) > 4.9*math.Sqrt(0.25/gains) {
		t.Errorf("P(breach | gain) %.4f, by simulation %.4f", b.AnyGivenGain, both/gains)
	}
	if b := must(j.Breach("rpm", target, nil)); b.Any != 0 {
		t.Errorf("no guardrail: %+v", b)
	}
	if b := must(j.Breach("rpm", target, []Guardrail{{Metric: "unheard of", Forecast: target}})); math.Abs(b.Any-b.AnyGivenGain) > 1e-3 {
		t.Errorf("a metric that was never measured: %+v", b)
	}
}

func TestLearnJointOfMetricsNeverTogether(t *testing.T) {
	past := pairsOf(20)
	for i := range past {
		past[i].ID = fmt.Sprint(i)
	}
	j := must(LearnJoint(past))
	if j.between("rpm", "hides") != 0 || len(j.Warnings) != 1 || j.Tests != 0 {
		t.Errorf("got %+v", j)
	}
	var again Joint
	if err := json.Unmarshal(must(json.Marshal(j)), &again); err != nil || !cmp.Equal(j, again) {
		t.Errorf("%v %s", err, cmp.Diff(j, again))
	}
}
