package forecast

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
)

// The slope of a claim is 0 without a record, and grows to what the record says: 0.5 of
// one author, nothing of another.
func TestClaimsAreBelievedByTheirRecord(t *testing.T) {
	slope := func(n int, seed uint64, truth, residual float64) float64 {
		past, _ := world{surface: 0.003, residual: normal(residual), claim: truth, se: 0.003}.run(seed, n)
		m := must(Learn(context.Background(), past, Options{Spec: &Spec{Blocks: []string{"surface", "claims"}, Tail: "normal"}}))
		i := Idea{Traits: map[string]string{"surface": "s1"}, Claims: map[string]float64{"author": 0.01}}
		with := must(m.Forecast(i))
		i.Claims = nil
		return (with.Mean() - must(m.Forecast(i)).Mean()) / 0.01
	}
	if s := slope(800, 31, 0.5, 0.003); math.Abs(s-0.5) > 0.1 { // its SD is 0.015
		t.Errorf("claims that are half right have a slope of %.3f", s)
	}
	if s := slope(800, 31, 0, 0.003); math.Abs(s) > 0.08 {
		t.Errorf("claims that say nothing have a slope of %.3f", s)
	}
	// Where least squares would know the slope to ±0.7, ±0.2 and ±0.07.
	means := map[int]float64{}
	for _, n := range []int{8, 100, 800} {
		for seed := range uint64(60) {
			means[n] += slope(n, seed, 0.3, 0.02) / 60
		}
	}
	t.Log("mean slopes by number of claims: ", means)
	if !(means[8] < 0.22 && means[100] < 0.3 && math.Abs(means[800]-0.3) < 0.05) {
		t.Errorf("mean slopes by number of claims: %v", means)
	}
}

// Each author's slope is pooled with the others': an author whose claims hold is believed
// more than one whose claims do not, and one who is new in between.
func TestClaimsByAuthorArePooled(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	var past []Past
	for i := range 900 {
		author := i % 6
		claim := 0.01 * rng.NormFloat64()
		delta := 0.002*rng.NormFloat64() + []float64{0.8, 0.1, 0.5, 0.3, 0.6, 0.2}[author]*claim
		past = append(past, Past{Idea: Idea{ID: fmt.Sprint(i), Traits: map[string]string{"author": fmt.Sprint("a", author)}, Claims: map[string]float64{"author": claim}},
			Metric: "rpm", Effect: stats.Estimate{Value: delta + 0.002*rng.NormFloat64(), SE: 0.002}})
	}
	m := must(Learn(context.Background(), past, Options{Spec: &Spec{Blocks: []string{"author", "claims", "claims by author"}, Tail: "normal"}}))
	slope := func(author string) float64 {
		i := Idea{Traits: map[string]string{"author": author}, Claims: map[string]float64{"author": 0.01}}
		with := must(m.Forecast(i))
		i.Claims = nil
		return (with.Mean() - must(m.Forecast(i)).Mean()) / 0.01
	}
	if good, bad, fresh := slope("a0"), slope("a1"), slope("a9"); !(good > fresh+0.1 && fresh > bad+0.1) {
		t.Errorf("slopes: good %.2f, bad %.2f, new %.2f", good, bad, fresh)
	}
}
