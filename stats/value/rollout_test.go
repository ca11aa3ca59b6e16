package value

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestRolloutScalingLaws: n* grows like s√N/(2σ) for a large population, and tends to
// N/6 in each arm as the noise outweighs the prior (Feit & Berman 2019, §3.1).
func TestRolloutScalingLaws(t *testing.T) {
	symmetric := func(population, sigma, s float64) float64 {
		arm := RolloutArm{stats.Normal{Mean: 1, SD: sigma}, s}
		return assert.Must(Rollout{population, [2]RolloutArm{arm, arm}}.Optimum(0)).Users[0]
	}
	rapid.Check(t, func(t *rapid.T) {
		sigma, s := math.Exp(rapid.Float64Range(-3, 1).Draw(t, "log sigma")), math.Exp(rapid.Float64Range(-1, 4).Draw(t, "log s"))
		large := 1e14 * (s / sigma) * (s / sigma)
		if ratio := symmetric(large, sigma, s) / (s * math.Sqrt(large) / (2 * sigma)); math.Abs(ratio-1) > 1e-6 {
			t.Fatalf("large population: n*/(s√N/2σ) = %g", ratio)
		}
		if ratio := symmetric(1000, sigma*1e-6, s) / (1000.0 / 6); math.Abs(ratio-1) > 1e-6 {
			t.Fatalf("weak prior: n*/(N/6) = %g", ratio)
		}
		n := symmetric(10_000, sigma, s)
		if twice := symmetric(40_000, sigma, s); twice < n || twice > 4*n {
			t.Fatalf("n* from %g to %g for four times the population", n, twice)
		}
	})
}

// TestRolloutOptimumIsOne: no other sizes bring more, and the search finds the closed
// form where there is one.
func TestRolloutOptimumIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arm := func() RolloutArm {
			return RolloutArm{stats.Normal{Mean: rapid.Float64Range(-1, 1).Draw(t, "mean"), SD: rapid.Float64Range(0.1, 2).Draw(t, "sigma")}, math.Exp(rapid.Float64Range(0, 4).Draw(t, "log s"))}
		}
		r := Rollout{10_000, [2]RolloutArm{arm(), arm()}}
		best := assert.Must(r.Optimum(0))
		for range 20 {
			a := rapid.Float64Range(0, 10_000).Draw(t, "n1")
			b := rapid.Float64Range(0, 10_000-a).Draw(t, "n2")
			p := assert.Must(r.Plan(a, b))
			if p.Profit > best.Profit+1e-9*math.Abs(best.Profit) {
				t.Fatalf("%+v is better than %+v", p, best)
			}
			if p.ErrorRate < 0 || p.ErrorRate > 0.5+1e-9 || p.Profit > p.Perfect+1e-9 {
				t.Fatalf("%+v", p)
			}
		}
		r.Arms[0].Prior.Mean += 1e8 // what both arms bring changes nothing
		r.Arms[1] = r.Arms[0]
		n1, n2 := r.search()
		if want := r.symmetric(); math.Abs(n1/want-1) > 1e-6 || math.Abs(n2/want-1) > 1e-6 {
			t.Fatalf("search found %g and %g, the closed form is %g", n1, n2, want)
		}
	})
}

// TestRolloutErrorRate of equal arms is atan's closed form, of different ones what
// simple cases say.
func TestRolloutErrorRate(t *testing.T) {
	arm := RolloutArm{stats.Normal{Mean: 1, SD: 0.5}, 3}
	r := Rollout{1000, [2]RolloutArm{arm, arm}}
	p := assert.Must(r.Plan(40, 90))
	// The closed form is of the higher mean of the data; with unequal arms posterior
	// means err a little less often.
	if raw := 0.5 - math.Atan(math.Sqrt2*0.5*math.Sqrt(40*90/130.0)/3)/math.Pi; p.ErrorRate > raw || p.ErrorRate < raw-0.01 {
		t.Errorf("error rate %g, by the data's means %g", p.ErrorRate, raw)
	}
	same := assert.Must(r.Plan(65, 65))
	assert.Near(t, "equal arms", same.ErrorRate, 0.5-math.Atan(math.Sqrt2*0.5*math.Sqrt(65.0/2)/3)/math.Pi, 1e-14)
	r.Arms[1].Prior.Mean = 1.3
	swapped := Rollout{1000, [2]RolloutArm{r.Arms[1], r.Arms[0]}}
	assert.Near(t, "arms the other way round", assert.Must(swapped.Plan(90, 40)).ErrorRate, assert.Must(r.Plan(40, 90)).ErrorRate, 1e-11)
	none := assert.Must(r.Plan(0, 0))
	assert.Near(t, "no test: the better mean wins", none.ErrorRate, stats.Normal{Mean: 0.3, SD: 0.5 * math.Sqrt2}.CDF(0), 1e-12)
	tiny := assert.Must(r.Plan(1e-6, 1e-6))
	assert.Near(t, "next to no test", tiny.ErrorRate, none.ErrorRate, 1e-6)
	if full := assert.Must(r.Plan(500, 500)); full.ErrorRate >= none.ErrorRate || full.Regret <= 0 {
		t.Errorf("%+v", full)
	}
	_, err := r.Plan(600, 500)
	assert.Field(t, err, "n1 + n2")
	r.Arms[1].SD = 0
	_, err = r.Optimum(0)
	assert.Field(t, err, "Arms[1].SD")
}

// TestInformation: a sample is worth no more than the truth and no less than the best
// single measurement, and all of it as its noise vanishes.
func TestInformation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var arms []stats.Normal
		var ses, exactly, never []float64
		for range rapid.IntRange(2, 5).Draw(t, "k") {
			arms = append(arms, stats.Normal{Mean: rapid.Float64Range(-1, 1).Draw(t, "mean"), SD: rapid.Float64Range(0.05, 2).Draw(t, "sd")})
			ses = append(ses, rapid.Float64Range(0.05, 5).Draw(t, "se"))
			exactly, never = append(exactly, 1e-9), append(never, math.Inf(1))
		}
		info := assert.Must(OfInformation(arms, ses))
		if info.Sample > info.Perfect+1e-8 || info.Sample < -1e-12 {
			t.Fatalf("%+v", info)
		}
		for _, g := range info.Gradient {
			if g > info.Sample+1e-8 {
				t.Fatalf("one arm is worth more than all: %+v", info)
			}
		}
		all := assert.Must(OfInformation(arms, exactly))
		none := assert.Must(OfInformation(arms, never))
		if math.Abs(all.Sample-all.Perfect) > 1e-8 || none.Sample > 1e-12 {
			t.Fatalf("exact measurements %+v, none %+v", all, none)
		}
	})
	// Of two arms, by the closed form.
	info := assert.Must(OfInformation([]stats.Normal{{SD: 3}, {Mean: 1, SD: 4}}, []float64{1, 1}))
	assert.Near(t, "EVPI", info.Perfect, gradient(1, 5), 1e-8)
	assert.Near(t, "ENBS", info.Net(100, 10, 5), 90*info.Sample-5, 1e-12)
	_, err := OfInformation([]stats.Normal{{SD: 1}, {SD: -1}}, []float64{1, 1})
	assert.Field(t, err, "arms[1].SD")
	_, err = OfInformation([]stats.Normal{{SD: 1}, {SD: 1}}, []float64{1, 0})
	assert.Field(t, err, "ses[1]")
}
