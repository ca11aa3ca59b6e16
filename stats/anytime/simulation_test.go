package anytime

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"gonum.org/v1/gonum/stat/distuv"
)

const runs = 100_000

// halfWidths are the distances at which a design establishes a difference at
// evenly spaced looks, the last with standard error se: read off Monitor.
func halfWidths(t *testing.T, d Design, se float64, looks int) []float64 {
	t.Helper()
	var at []Look
	for k := 1; k <= looks; k++ {
		at = append(at, look(0, se*math.Sqrt(float64(looks)/float64(k))))
	}
	var ws []float64
	for _, s := range assert.Must(d.Monitor(at)).Steps {
		ws = append(ws, math.Max(-s.Interval.Low, s.Interval.High))
		if math.IsInf(ws[len(ws)-1], 1) {
			ws[len(ws)-1] = math.Min(-s.Interval.Low, s.Interval.High)
		}
	}
	return ws
}

// crossings simulates runs of a test with normal increments and counts those in
// which the estimate leaves ±widths above, and below, first at any look.
func crossings(seed uint64, effect, se float64, widths []float64, oneSided bool) (above, below int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	looks := float64(len(widths))
	// Sums of increments of variance 1; an estimate at look k is sum·se·√K/k.
	drift := effect / (se * math.Sqrt(looks))
	bounds := make([]float64, len(widths))
	for k, w := range widths {
		bounds[k] = w * float64(k+1) / (se * math.Sqrt(looks))
	}
	for range runs {
		sum := 0.0
		for _, b := range bounds {
			sum += drift + rng.NormFloat64()
			if sum > b {
				above++
				break
			}
			if !oneSided && sum < -b {
				below++
				break
			}
		}
	}
	return above, below
}

// 10⁵ A/A tests, looked at 100 times: at most α of them alarm, whatever the
// method, and exactly as many as the recursion says; with an effect too.
func TestTypeIUnderContinuousLooking(t *testing.T) {
	assert.Long(t)
	const looks = 100
	seed := uint64(10)
	for name, d := range map[string]Design{
		"mSPRT":                      {Tau: 0.3},
		"normal mixture, by MDE":     {MDE: 0.25},
		"normal mixture, by SE":      {PlannedSE: 0.1, Alpha: 0.1},
		"normal mixture, one-sided":  {PlannedSE: 0.1, Sides: stats.Greater},
		"YEAST, two-sided":           {Method: Yeast, PlannedSE: 0.1},
		"YEAST, one-sided, level .1": {Method: Yeast, PlannedSE: 0.1, Sides: stats.Greater, Alpha: 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			b := assert.Must(d.prepare())
			widths := halfWidths(t, d, 0.1, looks)
			above, below := crossings(seed, 0, 0.1, widths, d.Sides == stats.Greater)
			assert.AtMost(t, "false alarms", above+below, runs, b.Alpha)
			times, bounds := b.schedule(0.1, looks)
			a0, b0 := crossing(times, bounds, 0, d.Sides != stats.Greater)
			assert.Binomial(t, "false alarms against the recursion", above+below, runs, a0[looks-1]+b0[looks-1])
			d.MDE = 0.25 // tunes only the design that had it already
			found, _ := crossings(seed+1, d.MDE, 0.1, widths, d.Sides == stats.Greater)
			power := assert.Must(d.PowerAt(0.1, looks))
			assert.Binomial(t, "power against the recursion", found, runs, power)
			t.Logf("%.4f of A/A tests alarm at α = %g; power %.4f, by the recursion %.4f",
				float64(above+below)/runs, b.Alpha, float64(found)/runs, power)
		})
		seed += 2
	}
}

// The confidence sequence holds the true effect at all looks together, p-values
// and decisions agree with it, and all of this as Monitor reports it.
func TestSimultaneousCoverage(t *testing.T) {
	assert.Long(t)
	const looks, effect = 12, 0.03
	for seed, d := range []Design{{PlannedSE: 0.02, Alpha: 0.1}, {MDE: 0.05, Margin: 0.05}, {Method: Yeast, PlannedSE: 0.02, Alpha: 0.2}} {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		missed, noEffect := 0, 0
		at := make([]Look, looks)
		for range runs {
			sum, missing := 0.0, false
			for k := range at {
				n := float64(k + 1)
				sum += effect + 0.02*math.Sqrt(looks)*rng.NormFloat64()
				at[k] = look(sum/n, 0.02*math.Sqrt(looks/n))
			}
			r := assert.Must(d.Monitor(at))
			for _, s := range r.Steps {
				missing = missing || !s.Interval.Contains(effect)
			}
			if missing {
				missed++
			}
			if r.Decision == NoEffect {
				noEffect++
			}
		}
		b := assert.Must(d.prepare())
		assert.AtMost(t, fmt.Sprintf("design %d: intervals that miss the effect at any look", seed), missed, runs, b.Alpha)
		times, bounds := b.schedule(0.02, looks)
		above, below := crossing(times, bounds, 0, true)
		assert.Binomial(t, "the same against the recursion", missed, runs, above[looks-1]+below[looks-1])
		t.Logf("design %d: %.4f miss at any of %d looks, level %g; %d stop for no effect", seed, float64(missed)/runs, looks, b.Alpha, noEffect)
	}
}

// purchases is a metric with skewness 16: most users spend nothing. Users who
// arrive at random (Poisson) make the counts of each spend independent Poissons.
var purchases = []struct{ spend, share float64 }{{0, 0.96}, {1, 0.03}, {5, 0.008}, {20, 0.002}}

// tally is the sums of one arm so far.
type tally struct{ n, sum, squares float64 }

func (a *tally) add(rng rand.Source, users float64) {
	for _, p := range purchases {
		c := distuv.Poisson{Lambda: users * p.share, Src: rng}.Rand()
		if p.share > 0.5 { // far from skewed: a normal count is quicker
			c = math.Round(users*p.share + math.Sqrt(users*p.share)*distuv.Normal{Sigma: 1, Src: rng}.Rand())
		}
		a.n += c
		a.sum += c * p.spend
		a.squares += c * p.spend * p.spend
	}
}

func (a tally) mean() (value, variance float64) {
	m := a.sum / a.n
	return m, (a.squares/a.n - m*m) / a.n
}

// skewedAlarms is the number of A/A tests of purchases, 90:10 and with estimated
// standard errors, that establish a lift (relative, with the delta method) or a
// difference at any of 20 looks, the first at the given users of the small arm.
func skewedAlarms(t *testing.T, seed uint64, runs int, first float64, lift bool) int {
	t.Helper()
	const looks = 20
	sd, mean := 1.009, 0.11
	se := sd * math.Sqrt((1+1./9)/(first*looks))
	if lift {
		se /= mean
	}
	d := Design{PlannedSE: se}
	src := rand.NewPCG(seed, 3)
	alarms := 0
	for range runs {
		var treatment, control tally
		at := make([]Look, looks)
		for k := range at {
			treatment.add(src, first)
			control.add(src, 9*first)
			mt, vt := treatment.mean()
			mc, vc := control.mean()
			at[k].Value, at[k].SE = mt-mc, math.Sqrt(vt+vc)
			if lift {
				at[k].Value, at[k].SE = mt/mc-1, math.Sqrt(vt+mt*mt/mc/mc*vc)/mc
			}
		}
		if assert.Must(d.Monitor(at)).Decision == Difference {
			alarms++
		}
	}
	return alarms
}

// With its documented burn-in the asymptotic sequence holds its level on skewed
// data; with a thousandth of that it does not, which shows that the burn-in matters.
func TestAsymptoticSequenceOnSkewedData(t *testing.T) {
	assert.Long(t)
	m1, m2, m3 := 0.0, 0.0, 0.0
	for _, p := range purchases {
		m1 += p.share * p.spend
		m2 += p.share * p.spend * p.spend
		m3 += p.share * math.Pow(p.spend, 3)
	}
	variance := m2 - m1*m1
	skewness := (m3 - 3*m1*variance - m1*m1*m1) / math.Pow(variance, 1.5)
	burnIn := 355 * skewness * skewness
	difference := skewedAlarms(t, 1, runs, burnIn, false)
	assert.AtMost(t, "false alarms of a difference", difference, runs, 0.05)
	relative := skewedAlarms(t, 2, runs, burnIn, true)
	assert.AtMost(t, "false alarms of a lift", relative, runs, 0.05)
	early := skewedAlarms(t, 3, runs/10, burnIn/1000, false)
	assert.AtLeast(t, "false alarms without a burn-in", early, runs/10, 0.05)
	t.Logf("skewness %.1f, burn-in %.0f users in the small arm: %.4f (difference), %.4f (lift); at a thousandth of it %.4f",
		skewness, burnIn, float64(difference)/runs, float64(relative)/runs, float64(early)/runs*10)
}

// Power by looks of a test of 500 users an arm, effect 0.2 standard deviations, at
// 5% two-sided. Naive looking finds most and is invalid; Bonferroni is below the
// sequences once there are many looks, but above them with 14, where its
// critical value at the last look is 2.91 against their 3.03.
func TestPowerOrder(t *testing.T) {
	assert.Long(t)
	se := math.Sqrt(2. / 500)
	const effect = 0.2
	fixed := norm.CDF(effect/se - 1.959963984540054)
	seed := uint64(100)
	for _, looks := range []int{14, 28, 42, 56} {
		flat := func(z float64) (ws []float64) {
			for k := 1; k <= looks; k++ {
				ws = append(ws, z*se*math.Sqrt(float64(looks)/float64(k)))
			}
			return ws
		}
		widths := map[string][]float64{
			"naive":      flat(1.959963984540054),
			"bonferroni": flat(-norm.Quantile(0.025 / float64(looks))),
			"mSPRT":      halfWidths(t, Design{Tau: effect}, se, looks),
			"sequence":   halfWidths(t, Design{PlannedSE: se}, se, looks),
		}
		power := map[string]float64{}
		for _, name := range []string{"naive", "bonferroni", "mSPRT", "sequence"} {
			above, below := crossings(seed, 0, se, widths[name], false)
			if name == "naive" {
				assert.AtLeast(t, "naive false alarms", above+below, runs, 0.19)
			} else {
				assert.AtMost(t, name+" false alarms", above+below, runs, 0.05)
			}
			found, _ := crossings(seed+1, effect, se, widths[name], false)
			power[name] = float64(found) / runs
			seed += 2
		}
		t.Logf("%d looks: fixed %.3f, naive %.3f (invalid), sequence %.3f, mSPRT %.3f, Bonferroni %.3f",
			looks, fixed, power["naive"], power["sequence"], power["mSPRT"], power["bonferroni"])
		if !(power["naive"] > power["sequence"] && power["sequence"] > power["mSPRT"]-0.01) {
			t.Errorf("%d looks: %v", looks, power)
		}
		if looks >= 42 && !(power["sequence"] > power["bonferroni"]) || looks == 14 && !(power["bonferroni"] > power["sequence"]) {
			t.Errorf("%d looks: Bonferroni out of order: %v", looks, power)
		}
	}
}

// The users that Price promises have the power, through Monitor.
func TestPriceIsPaid(t *testing.T) {
	assert.Long(t)
	d := Design{MDE: 1, Alpha: 0.02}
	const looks = 10
	p := assert.Must(d.Price(0.9, looks))
	rng := rand.New(rand.NewPCG(7, 7))
	const n = 20_000
	found, users := 0, 0.0
	at := make([]Look, looks)
	for range n {
		sum := 0.0
		for k := range at {
			m := float64(k + 1)
			sum += 1 + p.SE*math.Sqrt(looks)*rng.NormFloat64()
			at[k] = Look{Estimate: stats.Estimate{Value: sum / m, SE: p.SE * math.Sqrt(looks/m)}}
		}
		r := assert.Must(d.Monitor(at))
		if r.Decision == Difference {
			found++
			users += float64(r.StoppedAt) / looks
		} else {
			users++
		}
	}
	assert.Binomial(t, "power", found, n, 0.9)
	assert.Near(t, "mean users", users/n*p.MaxUsers, p.MeanUsers, 5*0.3*p.MaxUsers/math.Sqrt(n))
}
