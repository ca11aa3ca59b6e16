package reach

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// audience is a way that users differ, seen for some days, and the relative
// errors (root mean square over runs) that a forecast at twice and at four times the
// days may have.
type audience struct {
	name         string
	visit        func(*rand.Rand) float64
	week         []float64
	days         int
	twice, fours float64
}

// Users who visit day by day: forecasts at two and four times the days seen. The bounds
// are stated, not fitted: 2% and 5% where the model is true and two weeks are
// seen, 5% and 12% where p is of another distribution or weekends are slack, or
// only one week is seen. Beside it are measured the power law, and a constant rate by
// the mean of the days seen or by the last week's new users.
func TestForecastsOfSimulatedVisits(t *testing.T) {
	assert.Long(t)
	one := func(*rand.Rand) float64 { return 0.1 }
	poisson := func(r *rand.Rand) float64 { return -math.Expm1(-math.Exp(-3 + 1.5*r.NormFloat64())) }
	twoKinds := func(r *rand.Rand) float64 {
		if r.Float64() < 0.3 {
			return 0.6
		}
		return 0.04
	}
	for _, a := range []audience{
		{"Beta(0.5, 2)", beta(0.5, 2), nil, 14, 0.02, 0.05},
		{"Beta(0.5, 2)", beta(0.5, 2), nil, 7, 0.05, 0.12},
		{"Beta(1, 5)", beta(1, 5), nil, 14, 0.02, 0.05},
		{"Beta(1, 5)", beta(1, 5), nil, 7, 0.05, 0.12},
		{"Beta(3, 20)", beta(3, 20), nil, 14, 0.02, 0.05},
		{"Beta(0.2, 3)", beta(0.2, 3), nil, 14, 0.02, 0.05},
		{"all alike, p = 0.1", one, nil, 14, 0.02, 0.05},
		{"log-normal rates", poisson, nil, 14, 0.05, 0.12},
		{"log-normal rates", poisson, nil, 28, 0.05, 0.12},
		{"Beta(0.5, 2), weekends", beta(0.5, 2), workWeek, 28, 0.05, 0.12},
		{"two kinds, weekends", twoKinds, workWeek, 28, 0.05, 0.12},
		{"log-normal rates, weekends", poisson, workWeek, 28, 0.05, 0.12},
	} {
		const runs, users = 20, 40_000
		var twice, fours, power, mean, last spread
		for run := range runs {
			points := visits(rand.New(rand.NewPCG(uint64(run), 31)), users, 4*a.days, a.visit, a.week)
			c := assert.Must(Fit(points[:a.days], Options{}))
			seen, far := points[a.days-1].Users, points[4*a.days-1].Users
			before := 0.0
			if a.days > 7 {
				before = points[a.days-8].Users
			}
			twice.add(c.Users(float64(2*a.days))/points[2*a.days-1].Users - 1)
			fours.add(c.Users(float64(4*a.days))/far - 1)
			power.add(assert.Must(Fit(points[:a.days], Options{Model: Power})).Users(float64(4*a.days))/far - 1)
			mean.add(4*seen/far - 1)
			last.add((seen+(seen-before)*float64(3*a.days)/7)/far - 1)
		}
		t.Logf("%-26s %2d days: error %.1f%% at twice, %.1f%% at four times; power law %.0f%%, constant rate %+.0f%%, rate of the last week %+.0f%%",
			a.name, a.days, 100*twice.rms(), 100*fours.rms(), 100*power.rms(), 100*mean.rms(), 100*last.rms())
		if twice.rms() > a.twice || fours.rms() > a.fours {
			t.Errorf("%s, %d days: errors %.3f and %.3f, stated %.3f and %.3f", a.name, a.days, twice.rms(), fours.rms(), a.twice, a.fours)
		}
		if mean.rms() < 3*fours.rms() || power.rms() < 3*fours.rms() {
			t.Errorf("%s: a constant rate has %.3f only, the power law %.3f", a.name, mean.rms(), power.rms())
		}
	}
}

type spread struct{ squares, n float64 }

func (s *spread) add(x float64) { s.squares, s.n = s.squares+x*x, s.n+1 }
func (s spread) rms() float64   { return math.Sqrt(s.squares / s.n) }

// The parameters of many users' visits come back: those of Beta(0.5, 2) and the
// population, from four weeks of 300,000 users, to a few percent.
func TestParametersOfSimulatedVisits(t *testing.T) {
	assert.Long(t)
	points := visits(rand.New(rand.NewPCG(5, 32)), 300_000, 28, beta(0.5, 2), nil)
	c := assert.Must(Fit(points, Options{}))
	t.Logf("%+v", c)
	if c.Model != BetaBinomial {
		t.Fatalf("chose %s", c.Model)
	}
	assert.Near(t, "population", c.Scale/300_000, 1, 0.03)
	assert.Near(t, "a", c.A, 0.5, 0.05)
	assert.Near(t, "b", c.B, 2, 0.2)
	one := visits(rand.New(rand.NewPCG(6, 33)), 100_000, 28, func(*rand.Rand) float64 { return 0.05 }, nil)
	g := assert.Must(Fit(one, Options{Model: Geometric}))
	assert.Near(t, "one probability", g.Visit, 0.05, 0.001)
	assert.Near(t, "its population", g.Scale/100_000, 1, 0.02)
}

// Ahead, the error that week 1 made of week 2, foretells how large the error of
// twice the days is, where neither the model nor the weeks are simple.
func TestAheadMeasuresTheForecast(t *testing.T) {
	assert.Long(t)
	var ahead, made spread
	for run := range 30 {
		points := visits(rand.New(rand.NewPCG(uint64(run), 34)), 20_000, 28, beta(0.5, 10), workWeek)
		c := assert.Must(Fit(points[:14], Options{}))
		ahead.add(c.Fit.Ahead)
		made.add(c.Users(28)/points[27].Users - 1)
	}
	t.Logf("ahead %.3f, made %.3f", ahead.rms(), made.rms())
	if made.rms() > 2*ahead.rms() {
		t.Errorf("the error made, %.3f, is far above the one foretold, %.3f", made.rms(), ahead.rms())
	}
}
