package effect

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

// Newcombe (1998), Statistics in Medicine 17:873–890, table II: contrasts (a) and (b) by
// methods 6 (Miettinen–Nurminen) and 10 (Newcombe), 4 digits; 10/10 − 0/20 is the
// example of Miettinen & Nurminen (1985). More digits of the score
// intervals come from the constrained likelihood in arithmetic with 30 digits.
func TestPublishedIntervals(t *testing.T) {
	for _, c := range []struct {
		t, c      Proportion
		m         Method
		low, high float64
		tolerance float64
	}{
		{Proportion{56, 70}, Proportion{48, 80}, Score, 0.0528, 0.3382, 5e-5},
		{Proportion{9, 10}, Proportion{3, 10}, Score, 0.1700, 0.8406, 5e-5},
		{Proportion{56, 70}, Proportion{48, 80}, Newcombe, 0.0524, 0.3339, 5e-5},
		{Proportion{9, 10}, Proportion{3, 10}, Newcombe, 0.1705, 0.8090, 5e-5},
		{Proportion{10, 10}, Proportion{0, 20}, Score, 0.7156, 1, 5e-5},
		{Proportion{56, 70}, Proportion{48, 80}, Score, 0.052829713245845, 0.33817294001587, 1e-12},
		{Proportion{9, 10}, Proportion{3, 10}, Score, 0.1700250164244, 0.84064954394333, 1e-12},
		{Proportion{7, 34}, Proportion{1, 34}, Score, 0.027041626583447, 0.34529121696622, 1e-12},
		{Proportion{5, 100}, Proportion{11, 100}, Score, -0.14325276932012, 0.016845447304307, 1e-12},
		{Proportion{0, 127}, Proportion{10, 7426}, Score, -0.0024773348849217, 0.028017482547609, 1e-12},
		{Proportion{0, 500}, Proportion{3, 480}, Score, -0.018221476230901, 0.0014064226921957, 1e-12},
		{Proportion{73, 36791}, Proportion{4, 3502}, Score, -0.00098035088986132, 0.0017340955888138, 1e-12},
	} {
		r := assert.Must(CompareProportions(c.t, c.c, Options{Difference: c.m})).Difference.Interval
		assert.Near(t, fmt.Sprint(c.t, c.c, c.m, " low"), r.Low, c.low, c.tolerance)
		assert.Near(t, fmt.Sprint(c.t, c.c, c.m, " high"), r.High, c.high, c.tolerance)
	}
}

// The null rates of both score tests maximise the likelihood under their
// null hypothesis, by a search that knows nothing of derivatives.
func TestScoreIsMaximumLikelihood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, c := drawProportion(t, "treatment"), drawProportion(t, "control")
		likelihood := func(pt, pc float64) float64 {
			return xlog(a.Successes, pt) + xlog(a.N-a.Successes, 1-pt) + xlog(c.Successes, pc) + xlog(c.N-c.Successes, 1-pc)
		}
		delta := rapid.Float64Range(-0.95, 0.95).Draw(t, "difference")
		pt, pc := nullRates(a, c, delta)
		best := likelihood(pt, pc)
		for _, step := range []float64{-1e-3, -1e-5, 1e-5, 1e-3} {
			if other := pc + step; other >= 0 && other <= 1 && other+delta >= 0 && other+delta <= 1 && likelihood(other+delta, other) > best+1e-9*math.Abs(best) {
				t.Errorf("difference %g: rates %g, %g have likelihood %.12g, less than %.12g at %g", delta, pt, pc, best, likelihood(other+delta, other), other)
			}
		}
		ratio := math.Exp(rapid.Float64Range(-3, 3).Draw(t, "log ratio"))
		pt, pc = nullRatio(a, c, ratio)
		best = likelihood(pt, pc)
		for _, step := range []float64{-1e-3, -1e-5, 1e-5, 1e-3} {
			if other := pc + step; other >= 0 && other <= 1 && other*ratio <= 1 && likelihood(other*ratio, other) > best+1e-9*math.Abs(best) {
				t.Errorf("ratio %g: rates %g, %g have likelihood %.12g, less than %.12g at %g", ratio, pt, pc, best, likelihood(other*ratio, other), other)
			}
		}
	})
}

func xlog(x int, p float64) float64 {
	if x == 0 {
		return 0
	}
	return float64(x) * math.Log(math.Max(p, 0))
}

func drawProportion(t *rapid.T, name string) Proportion {
	n := rapid.IntRange(2, 500).Draw(t, name+" n")
	return Proportion{rapid.IntRange(0, n).Draw(t, name), n}
}

// Every interval holds the estimate it is of; turning arms around turns intervals
// around; and swapping successes for failures mirrors those of the difference.
func TestProportionSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, c := drawProportion(t, "treatment"), drawProportion(t, "control")
		for _, m := range []Method{Score, Newcombe, AgrestiCaffo, Wald} {
			d := assert.Must(CompareProportions(a, c, Options{Difference: m})).Difference
			back := assert.Must(CompareProportions(c, a, Options{Difference: m})).Difference.Interval
			mirror := assert.Must(CompareProportions(Proportion{a.N - a.Successes, a.N}, Proportion{c.N - c.Successes, c.N}, Options{Difference: m})).Difference.Interval
			near(t, string(m)+" turned", back.Low, -d.Interval.High)
			near(t, string(m)+" turned", back.High, -d.Interval.Low)
			near(t, string(m)+" mirrored", mirror.Low, -d.Interval.High)
			near(t, string(m)+" mirrored", mirror.High, -d.Interval.Low)
			if m != AgrestiCaffo && !(d.Interval.Low <= d.Value+1e-15 && d.Value <= d.Interval.High+1e-15) {
				t.Errorf("%s %+v leaves out the estimate", m, d)
			}
		}
		for _, m := range []Method{Score, Log, LogAdjusted} {
			ratio, back := assert.Must(a.RatioOver(c, Options{Lift: m})), assert.Must(c.RatioOver(a, Options{Lift: m}))
			near(t, string(m)+" inverted", 1/(1+back.Low), ratio.High/(1+ratio.High))
			near(t, string(m)+" inverted", back.High/(1+back.High), 1/(1+ratio.Low))
		}
	})
}

func near(t *rapid.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-8 && !(math.IsNaN(got) && math.IsNaN(want)) { // ∞/(1 + ∞) of both
		t.Errorf("%s: got %.12g, want %.12g", what, got, want)
	}
}

// The answers where statsmodels has none: its cells are blank, NaN, infinite, or a division by 0.
func TestZeroCells(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		t, c      Proportion
		z, p      float64
		low, high float64 // score, difference
		from, to  float64 // score, ratio
		log       [2]float64
		hasLift   bool
		warning   string
	}{
		// Without successes the score limits are z²k/(n + z²k), k = 200/199; with
		// nothing else the ratio's are 1 + z²k/n and its inverse.
		{t: Proportion{0, 100}, c: Proportion{0, 100}, p: 1, low: -0.037173, high: 0.037173, to: inf, log: [2]float64{0, inf}, warning: "nothing to test"},
		{t: Proportion{100, 100}, c: Proportion{100, 100}, p: 1, low: -0.037173, high: 0.037173, from: 0.962827, to: 1.038608, log: [2]float64{1, 1}, hasLift: true, warning: "nothing to test"},
		{t: Proportion{0, 500}, c: Proportion{3, 480}, z: -1.770479, p: 0.076647, low: -0.018221, high: 0.001406, to: 1.226383, log: [2]float64{0, inf}, hasLift: true, warning: "expects 1.5"},
		{t: Proportion{3, 480}, c: Proportion{0, 500}, z: 1.770479, p: 0.076647, low: -0.001406, high: 0.018221, from: 0.815406, to: inf, log: [2]float64{0, inf}, warning: "no user of the control"},
	} {
		r := assert.Must(CompareProportions(c.t, c.c, Options{}))
		name := fmt.Sprint(c.t, c.c)
		assert.Near(t, name+" z", r.Statistic, c.z, 1e-6)
		assert.Near(t, name+" p", r.P, c.p, 1e-6)
		assert.Near(t, name+" low", r.Difference.Interval.Low, c.low, 1e-5)
		assert.Near(t, name+" high", r.Difference.Interval.High, c.high, 1e-5)
		if (r.Lift != nil) != c.hasLift || !strings.Contains(strings.Join(r.Warnings, ";"), c.warning) {
			t.Errorf("%s: lift %+v, warnings %q", name, r.Lift, r.Warnings)
		}
		score, log := assert.Must(c.t.RatioOver(c.c, Options{})), assert.Must(c.t.RatioOver(c.c, Options{Lift: Log}))
		assert.Near(t, name+" from", score.Low, c.from, 1e-5)
		if score.High != c.to {
			assert.Near(t, name+" to", score.High, c.to, 1e-5)
		}
		if [2]float64{log.Low, log.High} != c.log {
			t.Errorf("%s: log interval %+v, want %v", name, log, c.log)
		}
	}
}

// Two-sided limits at 90% are the one-sided ones at 95%.
func TestOneSidedLimits(t *testing.T) {
	a, c := Proportion{30, 1000}, Proportion{22, 900}
	for _, m := range []Method{Score, Newcombe, AgrestiCaffo, Wald} {
		both := assert.Must(CompareProportions(a, c, Options{Level: 0.9, Difference: m})).Difference.Interval
		above := assert.Must(CompareProportions(a, c, Options{Sides: stats.Greater, Difference: m})).Difference.Interval
		below := assert.Must(CompareProportions(a, c, Options{Sides: stats.Less, Difference: m})).Difference.Interval
		assert.Near(t, string(m), above.Low, both.Low, 1e-14)
		assert.Near(t, string(m), below.High, both.High, 1e-14)
		if above.Form != Above || below.Form != Below {
			t.Errorf("%s: %+v and %+v", m, above, below)
		}
	}
	for _, m := range []Method{Wilson, ClopperPearson, AgrestiCoull} {
		both := assert.Must(a.Interval(Options{Level: 0.9, Difference: m}))
		above, below := assert.Must(a.Interval(Options{Sides: stats.Greater, Difference: m})), assert.Must(a.Interval(Options{Sides: stats.Less, Difference: m}))
		assert.Near(t, string(m), above.Low, both.Low, 1e-14)
		assert.Near(t, string(m), below.High, both.High, 1e-14)
		if above.High != 1 || below.Low != 0 {
			t.Errorf("%s: %+v and %+v", m, above, below)
		}
	}
}

func TestProportionErrors(t *testing.T) {
	good := Proportion{3, 10}
	compare := func(a, c Proportion) error { _, err := CompareProportions(a, c, Options{}); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{compare(Proportion{1, 0}, good), "treatment.N"},
		{compare(good, Proportion{11, 10}), "control.Successes"},
		{compare(good, Proportion{-1, 10}), "control.Successes"},
		{compare(Proportion{1, 1}, good), "treatment.N"},
	} {
		assert.Field(t, c.err, c.field)
	}
	_, err := good.Interval(Options{Difference: Wald})
	assert.Field(t, err, "Difference")
	_, err = good.RatioOver(Proportion{}, Options{})
	assert.Field(t, err, "control.N")
	_, err = Proportion{2, 1}.Arm()
	assert.Field(t, err, "Successes")
}

// Ends at 0 and 1 are exact, and those next to them are found however small: z²k/n
// without successes among 10¹² users.
func TestExtremeCounts(t *testing.T) {
	for n := 1; n < 600; n++ {
		for _, m := range []Method{Wilson, ClopperPearson} {
			none, all := assert.Must(Proportion{0, n}.Interval(Options{Difference: m})), assert.Must(Proportion{n, n}.Interval(Options{Difference: m}))
			if none.Low != 0 || all.High != 1 {
				t.Fatalf("%s of %d users: %+v and %+v", m, n, none, all)
			}
		}
	}
	const n = 1e12
	r := assert.Must(CompareProportions(Proportion{0, n}, Proportion{0, n}, Options{})).Difference.Interval
	assert.Near(t, "score", r.High*n, 3.8414588, 1e-6)
	assert.Near(t, "score", r.Low*n, -3.8414588, 1e-6)
}
