package health

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"gonum.org/v1/gonum/mat"
)

func dailyEffects(n int, se func(int) float64, effect func(int) float64) (days []Day) {
	for d := range n {
		days = append(days, Day{d, stats.Estimate{Value: effect(d), SE: se(d)}})
	}
	return days
}

func flat(x float64) func(int) float64 { return func(int) float64 { return x } }

// An effect that is exactly a line in ln(day + 1) is found exactly.
func TestNoveltyFindsItsCurve(t *testing.T) {
	curve := func(d int) float64 { return 0.1 - 0.03*math.Log1p(float64(d)) }
	for _, rho := range []float64{0, 0.6} {
		r := assert.Must(Novelty(dailyEffects(21, func(d int) float64 { return 0.01 + 0.001*float64(d) }, curve), NoveltyOptions{Correlation: rho, LongRun: 50}))
		assert.Near(t, "slope", r.ByLogDay.Slope.Value, -0.03, 1e-14)
		assert.Near(t, "long run", r.ByLogDay.LongRun.Value, curve(50), 1e-14)
		assert.Near(t, "averaged", averaged(Trend{LongRun: stats.Estimate{Value: 1, SE: 3}, Misfit: 2}, Trend{LongRun: stats.Estimate{Value: 5, SE: 3}, Misfit: 2}).SE, math.Sqrt(9+4), 1e-14)
		assert.Near(t, "misfit", r.ByLogDay.Misfit, 0, 1e-20)
		if r.Course != Fading || !r.WholeWeeks || len(r.Warnings) > 0 || r.Weekdays == nil || r.Weekdays.P < 0.999 {
			t.Errorf("%+v", r)
		}
	}
	r := assert.Must(Novelty(dailyEffects(14, flat(0.001), func(d int) float64 { return -0.01 * float64(d+1) }), NoveltyOptions{}))
	if r.Course != Emerging {
		t.Errorf("a growing loss: %+v", r)
	}
}

// Slopes and their errors against the matrix formula of the comment.
func TestRegressIsGLS(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, rho := range []float64{0, 0.3, 0.95} {
		days := dailyEffects(10, func(d int) float64 { return 0.5 + rng.Float64() }, func(int) float64 { return rng.NormFloat64() })
		row := func(d Day) []float64 { return []float64{1, float64(d.Day)} }
		fit := assert.Must(regress(days, rho, row))
		v, x, y := mat.NewDense(10, 10, nil), mat.NewDense(10, 2, nil), mat.NewVecDense(10, nil)
		for i, d := range days {
			x.SetRow(i, row(d))
			y.SetVec(i, d.Value)
			for j, e := range days {
				v.Set(i, j, rho*d.SE*e.SE)
			}
			v.Set(i, i, d.SE*d.SE)
		}
		var inverse, xv, information, covariance mat.Dense
		var score, beta mat.VecDense
		assert.Must(0, inverse.Inverse(v))
		xv.Mul(x.T(), &inverse)
		information.Mul(&xv, x)
		assert.Must(0, covariance.Inverse(&information))
		score.MulVec(&xv, y)
		beta.MulVec(&covariance, &score)
		var residual mat.VecDense
		residual.MulVec(x, &beta)
		residual.SubVec(y, &residual)
		for j := range 2 {
			assert.Near(t, "coefficient", fit.coefficients[j], beta.AtVec(j), 1e-12)
			assert.Near(t, "variance", fit.covariance.At(j, 1), covariance.At(j, 1), 1e-12)
		}
		assert.Near(t, "Q", fit.q, mat.Inner(&residual, &inverse, &residual), 1e-10)
	}
}

// The long run of an effect that ends at a level, or goes on as a logarithm, lies
// within its interval at about its level, though the form is not known.
func TestLongRunOfEitherForm(t *testing.T) {
	assert.Long(t)
	const runs, at = 4000, 60
	for name, curve := range map[string]func(int) float64{
		"plateau":   func(d int) float64 { return 0.01 + 0.02/float64(d+1) },
		"logarithm": func(d int) float64 { return 0.03 - 0.006*math.Log1p(float64(d)) },
	} {
		for _, se := range []float64{0.002, 0.01} {
			rng := rand.New(rand.NewPCG(4, 25))
			averaged, logOnly := 0, 0
			for range runs {
				days := dailyEffects(21, flat(se), func(d int) float64 { return curve(d) + se*rng.NormFloat64() })
				r := assert.Must(Novelty(days, NoveltyOptions{LongRun: at}))
				if math.Abs(r.LongRun.Value-curve(at)) < 1.959964*r.LongRun.SE {
					averaged++
				}
				if math.Abs(r.ByLogDay.LongRun.Value-curve(at)) < 1.959964*r.ByLogDay.LongRun.SE {
					logOnly++
				}
			}
			t.Logf("%s, SE %g: the average covers %.3f, the log trend alone %.3f", name, se, float64(averaged)/runs, float64(logOnly)/runs)
			assert.AtLeast(t, name+": long run covered", averaged, runs, 0.88)
		}
	}
}

func TestNoveltyWarns(t *testing.T) {
	r := assert.Must(Novelty(dailyEffects(10, flat(1), flat(2)), NoveltyOptions{}))
	if r.Course != Stable || r.WholeWeeks || r.Weekdays != nil || len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "whole weeks") || !strings.Contains(r.Warnings[1], "day 90") {
		t.Errorf("%+v", r)
	}
	assert.Near(t, "mean", r.Mean.Value, 2, 1e-14)
	assert.Near(t, "its SE", r.Mean.SE, math.Sqrt(0.1), 1e-14)
	// Days that alternate by ten standard errors are no trend.
	r = assert.Must(Novelty(dailyEffects(28, flat(1), func(d int) float64 { return 10 * float64(d%2) }), NoveltyOptions{}))
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "scatter") {
		t.Errorf("%q", r.Warnings)
	}
	for field, call := range map[string]func() error{
		"days":       func() error { _, err := Novelty(dailyEffects(2, flat(1), flat(0)), NoveltyOptions{}); return err },
		"days[0].SE": func() error { _, err := Novelty(dailyEffects(3, flat(0), flat(0)), NoveltyOptions{}); return err },
		"days[0].Value": func() error {
			_, err := Novelty(dailyEffects(3, flat(1), flat(math.NaN())), NoveltyOptions{})
			return err
		},
		"days[1].Day": func() error { _, err := Novelty(make3(1, 1, 2), NoveltyOptions{}); return err },
		"Correlation": func() error { _, err := Novelty(make3(0, 1, 2), NoveltyOptions{Correlation: 1}); return err },
		"LongRun":     func() error { _, err := Novelty(make3(0, 1, 2), NoveltyOptions{LongRun: -1}); return err },
		"Alpha":       func() error { _, err := Novelty(make3(0, 1, 2), NoveltyOptions{Alpha: 2}); return err },
	} {
		assert.Field(t, call(), field)
	}
}

func make3(a, b, c int) (days []Day) {
	for _, d := range []int{a, b, c} {
		days = append(days, Day{d, stats.Estimate{SE: 1}})
	}
	return days
}

// Without a trend both slopes' tests and the weekdays' reject at their level, for
// independent days and for ones that share users; intervals of the long run cover.
func TestNoveltySize(t *testing.T) {
	assert.Long(t)
	const runs = 20_000
	for seed, rho := range []float64{0, 0.7} {
		rng := rand.New(rand.NewPCG(uint64(seed), 24))
		var log, linear, weekday, covered, averaged, misfit int
		days := dailyEffects(21, func(d int) float64 { return 0.01 * (1 + float64(d%5)) }, flat(0))
		for range runs {
			shared := rng.NormFloat64() * math.Sqrt(rho)
			for i := range days {
				days[i].Value = 0.02 + days[i].SE*(shared+rng.NormFloat64()*math.Sqrt(1-rho))
			}
			r := assert.Must(Novelty(days, NoveltyOptions{Correlation: rho}))
			for count, p := range map[*int]float64{&log: r.ByLogDay.P, &linear: r.ByDay.P, &weekday: r.Weekdays.P, &misfit: r.ByDay.MisfitP} {
				if p < 0.05 {
					*count++
				}
			}
			if math.Abs(r.ByLogDay.LongRun.Value-0.02) < 1.959964*r.ByLogDay.LongRun.SE {
				covered++
			}
			if math.Abs(r.LongRun.Value-0.02) < 1.959964*r.LongRun.SE {
				averaged++
			}
		}
		assert.Binomial(t, "trend in ln day", log, runs, 0.05)
		assert.Binomial(t, "trend in day", linear, runs, 0.05)
		assert.Binomial(t, "weekdays", weekday, runs, 0.05)
		assert.Binomial(t, "misfit", misfit, runs, 0.05)
		assert.Binomial(t, "long run by the log trend covered", covered, runs, 0.95)
		assert.AtLeast(t, "long run covered", averaged, runs, 0.95)
		t.Logf("ρ = %g: trends reject in %.4f and %.4f, weekdays %.4f; long run covered %.4f, averaged %.4f", rho, float64(log)/runs, float64(linear)/runs, float64(weekday)/runs, float64(covered)/runs, float64(averaged)/runs)
	}
}
