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

// An idea without a claim is known less well than one with: 80% intervals of both hold
// four fifths of true effects, whether most past ideas had claims or few, and those
// without are √10 times as wide. The bound is 1 in 10⁶ of the mean over six programmes, of
// which each is off by 0.03 (SD), since what it learned from is chance too.
func TestIntervalsOfIdeasWithoutClaimsHold(t *testing.T) {
	const programmes = 6
	for _, missing := range []float64{0.3, 0.8} {
		var n, held, width [2]float64
		for seed := range uint64(programmes) {
			past, truth := world{surface: 0.002, residual: normal(0.002), claim: 0.6, se: 0.002}.run(41+seed, 3000)
			rng := rand.New(rand.NewPCG(41, seed))
			for i := range past {
				if rng.Float64() < missing {
					past[i].Claims = nil
				}
			}
			m := must(Learn(context.Background(), past[:1500], Options{Spec: &Spec{Blocks: []string{"surface", "claims"}, Tail: "normal"}}))
			for i, p := range past[1500:] {
				f, kind := must(m.Forecast(p.Idea)), min(1, len(p.Claims))
				n[kind]++
				width[kind] += f.SD()
				if x := truth[1500+i]; f.Quantile(0.1) <= x && x <= f.Quantile(0.9) {
					held[kind]++
				}
			}
		}
		for kind, name := range []string{"without", "with"} {
			share := held[kind] / n[kind]
			t.Logf("%g without claims: %.3f of the intervals of those %s hold, SD %.5f", missing, share, name, width[kind]/n[kind])
			if math.Abs(share-0.8) > 4.9*0.03/math.Sqrt(programmes) {
				t.Errorf("%g without claims: %.3f of the intervals of those %s hold", missing, share, name)
			}
		}
		if w := width[0] / n[0] / (width[1] / n[1]); math.Abs(w/math.Sqrt(10)-1) > 0.1 {
			t.Errorf("%g without claims: intervals without are %.2f times as wide", missing, w)
		}
	}
}

// One author claims well, another wildly, a third never: the third's intervals are as wide
// as that author's effects are, though claims a hundred times as large as effects were made.
func TestIntervalsOfWhoNeverClaimsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 45))
	idea := func(i int) (Past, float64) {
		delta, author := 0.01*rng.NormFloat64(), []string{"good", "wild", "silent"}[i%3]
		p := Past{Idea: Idea{ID: fmt.Sprint(i), Traits: map[string]string{"author": author}}, Metric: "rpm", Effect: stats.Estimate{Value: delta + 0.003*rng.NormFloat64(), SE: 0.003}}
		switch author {
		case "good":
			p.Claims = map[string]float64{"author": delta + 0.002*rng.NormFloat64()}
		case "wild":
			p.Claims = map[string]float64{"author": math.Abs(rng.NormFloat64())}
		}
		return p, delta
	}
	past := make([]Past, 900)
	for i := range past {
		past[i], _ = idea(i)
	}
	m := must(Learn(context.Background(), past, Options{Spec: &Spec{Blocks: []string{"author", "claims", "claims by author"}, Tail: "normal"}}))
	silent := must(m.Forecast(Idea{Traits: map[string]string{"author": "silent"}}))
	fresh := must(m.Forecast(Idea{Traits: map[string]string{"author": "new"}}))
	if math.Abs(silent.SD()/0.01-1) > 0.2 || fresh.SD() > 0.015 {
		t.Errorf("who never claims has SD %.4f, who is new %.4f, of 0.01", silent.SD(), fresh.SD())
	}
	if missed := must(m.Forecast(Idea{Traits: map[string]string{"author": "good"}})); math.Abs(missed.Mean()) > 0.003 || missed.SD() < 0.008 {
		t.Errorf("who claims well and did not this once has %.4f ± %.4f", missed.Mean(), missed.SD())
	}
}

// A score such as ICE is learned from as well as a lift, whatever its size.
func TestScoresAreClaims(t *testing.T) {
	past, _ := world{surface: 0.002, residual: normal(0.003), claim: 0.5, se: 0.003}.run(43, 800)
	s := Spec{Blocks: []string{"surface", "claims"}, Tail: "normal"}
	lifts := must(Learn(context.Background(), past, Options{Spec: &s}))
	i := Idea{Traits: map[string]string{"surface": "s1"}, Claims: map[string]float64{"author": 0.01}}
	want := must(lifts.Forecast(i)).Mean()
	for k := range past {
		past[k].Claims = map[string]float64{"ice": 300 + 1e4*past[k].Claims["author"]}
	}
	scores := must(Learn(context.Background(), past, Options{Spec: &s}))
	i.Claims = map[string]float64{"ice": 400}
	if got := must(scores.Forecast(i)).Mean(); math.Abs(got-want) > 2e-5 {
		t.Errorf("by a score %.5f, by the lift that it is %.5f", got, want)
	}
}

// A driver has a name where the idea's trait is unknown.
func TestDriversOfUnknownTraitsHaveNames(t *testing.T) {
	past, _ := world{surface: 0.002, team: 0.002, residual: normal(0.003), claim: 0.5, se: 0.003}.run(44, 200)
	m := must(Learn(context.Background(), past, Options{Spec: &Spec{Blocks: []string{"surface", "team", "surface" + cross + "team", "claims", "claims by team"}, Tail: "normal"}}))
	names := map[string]string{}
	for _, d := range must(m.Forecast(Idea{Traits: map[string]string{"surface": "s1"}, Claims: map[string]float64{"author": 0.01}})).Drivers {
		names[d.Block] = d.Feature
	}
	for block, want := range map[string]string{"surface": "s1", "team": "unknown", "surface × team": "s1 × unknown", "claims by team": "author of team unknown"} {
		if names[block] != want {
			t.Errorf("%s is called %q, want %q", block, names[block], want)
		}
	}
}
