package forecast

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/assay-planner/assay/stats"
)

// claimed is a programme of ideas by four authors, whose claims are of SD 1% around +2% and
// correlate by worth with what the traits do not say of the true effect. Of records of its n
// past ideas a claim is known.
type claimed struct {
	n, records int
	worth      float64
	// inflated: one author of four, who writes half of the ideas, claims ten times as much,
	// and correlates by inflatedWorth.
	inflated      bool
	inflatedWorth float64
	good          bool // claims are made of ideas with a true effect above the mean only
}

const (
	claimSD = 0.01
	ownSD   = 0.006 // of the true effect beyond its traits: t with 4 degrees of freedom
)

// idea is the i-th of the programme, with a claim if it is one of the records.
func (w claimed) idea(rng *rand.Rand, i int, record bool) Past {
	surface, team, z, square := rng.IntN(4), rng.IntN(6), rng.NormFloat64(), 0.0
	for range 4 {
		x := rng.NormFloat64()
		square += x * x
	}
	z *= math.Sqrt(2 / square)
	delta, se := 0.002*float64(surface)+0.001*float64(team)-0.0045+ownSD*z, 0.004*(0.7+0.6*rng.Float64())
	author, worth, factor := fmt.Sprint("honest ", rng.IntN(3)), w.worth, 1.0
	if w.inflated && rng.IntN(2) == 0 {
		author, worth, factor = "inflating", w.inflatedWorth, 10
	}
	when := epoch.Add(time.Duration(i) * 24 * time.Hour)
	p := Past{Idea: Idea{ID: fmt.Sprint("h", i), Text: fmt.Sprint("Idea ", i%30), Traits: map[string]string{"surface": fmt.Sprint("s", surface), "team": fmt.Sprint("t", team), "author": author}},
		Metric: "rpm", Effect: stats.Estimate{Value: delta + se*rng.NormFloat64(), SE: se}, Started: when.AddDate(0, 0, -14), Ended: when}
	claim := factor * (0.02 + claimSD*(worth*max(-4, min(4, z))+math.Sqrt(1-worth*worth)*rng.NormFloat64()))
	if record && (!w.good || z > 0) {
		p.Claims = map[string]float64{"author": claim}
	}
	return p
}

// worthOf is what a model made of the claims of some programmes.
type worthOf struct {
	slope, rms, inflating float64 // mean slope of honest claims, its root mean square, mean slope of inflated ones
	gain, se              float64 // of log density for each later idea with a claim, over a model that saw none
	without               float64 // the same for ideas without
}

func (w claimed) try(programmes int, spec func([]Past) *Spec) (r worthOf) {
	var square float64
	for seed := range uint64(programmes) {
		rng := rand.New(rand.NewPCG(seed, 5))
		past, plain := make([]Past, w.n), make([]Past, w.n)
		for i := range past {
			past[i] = w.idea(rng, i, rng.Float64()*float64(w.n) < float64(w.records))
			plain[i] = past[i]
			plain[i].Claims = nil
		}
		m, without := must(Learn(context.Background(), past, Options{Spec: spec(past)})), must(Learn(context.Background(), plain, Options{Spec: spec(plain)}))
		slope := func(author string, from, to float64) float64 {
			at := func(claim float64) float64 {
				return must(m.Forecast(Idea{Traits: map[string]string{"surface": "s1", "team": "t1", "author": author}, Claims: map[string]float64{"author": claim}})).Mean()
			}
			return (at(to) - at(from)) / (to - from) / float64(programmes)
		}
		s := slope("honest 0", 0.01, 0.03)
		r.slope, r.rms, r.inflating = r.slope+s, r.rms+s*s*float64(programmes), r.inflating+slope("inflating", 0.1, 0.3)
		const later = 200
		gain := 0.0
		for k := range later {
			p := w.idea(rng, w.n+k, true)
			none := p.Idea
			none.Claims = nil
			base := must(without.Forecast(none)).Effect.LogMarginal(p.Effect.Value, p.Effect.SE)
			gain += (must(m.Forecast(p.Idea)).Effect.LogMarginal(p.Effect.Value, p.Effect.SE) - base) / later
			r.without += (must(m.Forecast(none)).Effect.LogMarginal(p.Effect.Value, p.Effect.SE) - base) / later / float64(programmes)
		}
		r.gain += gain / float64(programmes)
		square += gain * gain
	}
	r.rms = math.Sqrt(r.rms)
	r.se = math.Sqrt(max(0, square/float64(programmes)-r.gain*r.gain) / float64(programmes))
	return r
}

// Claims of known worth, through the fit that forecasts use. Without a record a claim moves
// nothing; slopes grow with the record to what claims are worth, and not far beyond where it
// is small; one author who claims ten times as much neither moves ideas ten times as much nor
// takes the slope from the others; and the density of later effects is never worse than
// without claims, beyond noise. A model made of what the past chooses (ASSAY_LONG) does the
// same, and is tried on more programmes.
func TestClaimsOfKnownWorth(t *testing.T) {
	programmes, long := 10, os.Getenv("ASSAY_LONG") != ""
	spec := func(past []Past) *Spec {
		s := Base(past)
		s.Tail = "t"
		return &s
	}
	if long {
		programmes, spec = 40, func([]Past) *Spec { return nil }
	}
	const right = ownSD / claimSD // slope of claims of worth 1
	for _, c := range []struct {
		claimed
		low, high float64 // bounds of the mean slope of honest claims
		gain      float64 // least mean gain
	}{
		{claimed{n: 200, records: 0, worth: 0.8}, 0, 0, 0},
		{claimed{n: 10, records: 10, worth: 0}, -0.05, 0.05, 0},
		{claimed{n: 200, records: 10, worth: -0.05}, -0.05, 0.05, 0},
		{claimed{n: 200, records: 10, worth: 0.8}, 0, 0.5 * right, 0},
		{claimed{n: 200, records: 50, worth: 0}, -0.05, 0.05, 0},
		{claimed{n: 200, records: 50, worth: 0.3}, 0, 0.3 * right, 0},
		{claimed{n: 50, records: 50, worth: 0.8}, 0.4 * right, 0.9 * right, 0.1},
		{claimed{n: 200, records: 200, worth: -0.05}, -0.08, 0.02, 0},
		{claimed{n: 200, records: 200, worth: 0.3}, 0.1 * right, 0.35 * right, 0},
		{claimed{n: 200, records: 200, worth: 0.8}, 0.6 * right, 0.9 * right, 0.15},
		{claimed{n: 200, records: 200, worth: 0.8, good: true}, 0.2 * right, 0.9 * right, 0.02},
		{claimed{n: 200, records: 50, worth: 0.8, inflated: true, inflatedWorth: 0.8}, 0.25 * right, 0.9 * right, 0.1},
		{claimed{n: 200, records: 200, worth: 0.8, inflated: true}, 0.15 * right, 0.9 * right, 0.02},
		{claimed{n: 200, records: 200, worth: 0, inflated: true}, -0.05, 0.05, 0},
	} {
		r := c.try(programmes, spec)
		what := fmt.Sprintf("%d records of %d of worth %g", c.records, c.n, c.worth)
		if c.inflated {
			what += fmt.Sprintf(", one inflates, of worth %g", c.inflatedWorth)
		}
		if c.good {
			what += ", of good ideas only"
		}
		t.Logf("%s: slope %.3f of %.3f, root mean square %.3f, of the inflating %.4f; gain %.4f ± %.4f, where there is no claim %.4f", what, r.slope, c.worth*right, r.rms, r.inflating, r.gain, r.se, r.without)
		if r.slope < c.low || r.slope > c.high {
			t.Errorf("%s: slope %.3f, want %.3f to %.3f", what, r.slope, c.low, c.high)
		}
		if math.Abs(c.worth) < 0.1 && r.rms > 0.08 {
			t.Errorf("%s: slopes of %.3f (root mean square)", what, r.rms)
		}
		if c.inflated && math.Abs(r.inflating) > 0.1*right {
			t.Errorf("%s: a slope of %.3f for who inflates", what, r.inflating)
		}
		if r.gain < c.gain-0.002 && r.gain < c.gain-3*r.se {
			t.Errorf("%s: log density %.4f ± %.4f, want %.4f", what, r.gain, r.se, c.gain)
		}
	}
}
