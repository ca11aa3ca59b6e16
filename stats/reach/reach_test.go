package reach

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// pointsOf reads a curve at days.
func pointsOf(c Curve, days ...float64) []Point {
	var points []Point
	for _, d := range days {
		points = append(points, Point{d, c.Users(d)})
	}
	return points
}

func daysTo(last int) []float64 {
	var days []float64
	for d := range last {
		days = append(days, float64(d+1))
	}
	return days
}

// By hand: Beta(1, 1) is uniform, so that the share not seen by day d is 1/(d + 1);
// with B(2, 3), 1 − 3·4/((d + 3)(d + 4)).
func TestCurvesByHand(t *testing.T) {
	for _, c := range []struct {
		curve      Curve
		day, users float64
	}{
		{Curve{Model: BetaBinomial, Scale: 100, A: 1, B: 1}, 3, 75},
		{Curve{Model: BetaBinomial, Scale: 100, A: 1, B: 1}, 0.5, 100 * (1 - 1/1.5)},
		{Curve{Model: BetaBinomial, Scale: 100, A: 2, B: 3}, 5, 100 * (1 - 12.0/72)},
		{Curve{Model: BetaBinomial, Scale: 100, A: 1, B: 1e6}, 10, 100 * 10 / (1e6 + 10)},
		{Curve{Model: BetaBinomial, Scale: 100, A: 1, B: 30}, 1000, 100 * (1 - 30.0/1030)},
		{Curve{Model: Geometric, Scale: 100, Visit: 0.5}, 3, 87.5},
		{Curve{Model: Power, Scale: 10, Exponent: 0.5}, 9, 30},
		{Curve{Model: Line, Scale: 10}, 9, 90},
	} {
		assert.Near(t, string(c.curve.Model), c.curve.Users(c.day)/c.users, 1, 1e-11)
		day, ok := c.curve.Day(c.users)
		if !ok {
			t.Errorf("%+v: never %g users", c.curve, c.users)
		}
		assert.Near(t, string(c.curve.Model)+" day", day/c.day, 1, 1e-8)
	}
}

// Many alike: a Beta of mean 0.1 and hardly any spread is the geometric curve.
func TestBetaBinomialEndsInGeometric(t *testing.T) {
	wide, one := Curve{Model: BetaBinomial, Scale: 1, A: 1e7, B: 9e7}, Curve{Model: Geometric, Scale: 1, Visit: 0.1}
	for _, d := range []float64{0.5, 1, 7, 30} {
		assert.Near(t, "share", wide.Users(d)/one.Users(d), 1, 1e-6)
	}
}

// Whole days are a product: B(a, b + d)/B(a, b) = Π (b + i)/(a + b + i); so are
// whole a.
func TestLogUnseen(t *testing.T) {
	for _, b := range []float64{1e-6, 0.3, 2, 11.999999, 12, 20.5, 1e3, 1e6, 1e9} {
		for _, a := range []float64{1e-6, 0.02, 1, 30, 1e4} {
			for _, d := range []int{1, 3, 28, 400} {
				want := 0.0
				for i := range d {
					want += -math.Log1p(a / (b + float64(i)))
				}
				assert.Near(t, "days", logUnseen(a, b, float64(d))/want, 1, 1e-9)
				assert.Near(t, "exchanged", logUnseen(float64(d), b, a)/want, 1, 1e-9)
			}
		}
	}
}

// From day to day or at once: the same growth.
func TestGrowthAfter(t *testing.T) {
	for _, c := range []Curve{{Model: BetaBinomial, A: 0.5, B: 3}, {Model: BetaBinomial, A: 2, B: 1e4}, {Model: BetaBinomial, A: 100, B: 3}, {Model: Power, Exponent: 0.4}} {
		grown, before := 0.0, 0.0
		for _, day := range []float64{1, 2, 3.5, 7.5, 14.5, 28, 30} {
			grown = c.growthAfter(before, grown, day)
			assert.Near(t, "growth", grown/c.growth(day), 1, 1e-12)
			before = day
		}
	}
}

func TestNeverReached(t *testing.T) {
	for _, c := range []Curve{{Model: BetaBinomial, Scale: 100, A: 1, B: 1}, {Model: Geometric, Scale: 100, Visit: 0.1}, {Model: Power, Scale: 100}} {
		if day, ok := c.Day(100.1); ok {
			t.Errorf("%+v: 100.1 users on day %g", c, day)
		}
		if day, ok := c.Day(0); !ok || day != 0 {
			t.Errorf("%+v: nobody on day %g, %v", c, day, ok)
		}
	}
	for _, users := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, ok := (Curve{Model: Line, Scale: 1}).Day(users); ok {
			t.Errorf("%g users", users)
		}
	}
}

func TestZeroCurveIsRefused(t *testing.T) {
	var c Curve
	assert.Field(t, c.Check(), "Scale")
	if _, ok := c.Day(1); ok || !math.IsNaN(c.Users(1)) {
		t.Error("a zero curve answers")
	}
	_, err := c.Share(0.5)
	assert.Field(t, err, "Scale")
	_, err = c.Schedule(3)
	assert.Field(t, err, "Scale")
	for field, c := range map[string]Curve{
		"Model":    {Model: "cubic", Scale: 1},
		"A":        {Model: BetaBinomial, Scale: 1, B: 1},
		"B":        {Model: BetaBinomial, Scale: 1, A: 1, B: math.NaN()},
		"Visit":    {Model: Geometric, Scale: 1, Visit: 1},
		"Exponent": {Model: Power, Scale: 1, Exponent: 1},
	} {
		assert.Field(t, c.Check(), field)
	}
}

// Points on a curve give it back, in each model, and say so in JSON.
func TestFitFindsItsOwn(t *testing.T) {
	for _, want := range []Curve{
		{Model: BetaBinomial, Scale: 1e6, A: 0.5, B: 3},
		{Model: BetaBinomial, Scale: 2e5, A: 4, B: 40},
		{Model: Geometric, Scale: 1e6, Visit: 0.08},
		{Model: Power, Scale: 1e5, Exponent: 0.6},
		{Model: Line, Scale: 1e5},
	} {
		got := assert.Must(Fit(pointsOf(want, daysTo(21)...), Options{Model: want.Model}))
		assert.Near(t, string(want.Model)+" scale", got.Scale/want.Scale, 1, 1e-3)
		assert.Near(t, "at four times the days", got.Users(84)/want.Users(84), 1, 1e-4)
		assert.Near(t, "error", got.Fit.Error, 0, 1e-6)
		assert.Near(t, "ahead", got.Fit.Ahead, 0, 1e-3)
		free := assert.Must(Fit(pointsOf(want, daysTo(21)...), Options{}))
		assert.Near(t, "chosen, at four times the days", free.Users(84)/want.Users(84), 1, 2e-2)
		var back Curve
		if err := json.Unmarshal(assert.Must(json.Marshal(got)), &back); err != nil || !cmp.Equal(got, back) {
			t.Errorf("JSON: %v\n%s", err, cmp.Diff(got, back))
		}
	}
}

// What few points identify, and what is assumed.
func TestFewPoints(t *testing.T) {
	one := assert.Must(Fit([]Point{{7, 1000}}, Options{}))
	assert.Near(t, "one point", one.Users(28), 2000, 1e-9)
	other := assert.Must(Fit([]Point{{7, 1000}}, Options{Exponent: 1}))
	assert.Near(t, "one point, a line", other.Users(28), 4000, 1e-9)
	two := assert.Must(Fit([]Point{{7, 1000}, {14, 1500}}, Options{}))
	assert.Near(t, "two points", two.Users(28), 2250, 1e-3)
	straight := assert.Must(Fit([]Point{{7, 1000}, {14, 2000}}, Options{}))
	flat := assert.Must(Fit([]Point{{7, 1000}, {14, 1000}}, Options{}))
	if !warned(one, "0.5 is assumed") || !warned(two, "two points") || other.Model != Line || straight.Model != Line || flat.Users(100) != 1000 {
		t.Errorf("%+v\n%+v\n%+v\n%+v\n%+v", one, two, other, straight, flat)
	}
	rising := assert.Must(Fit([]Point{{7, 1000}, {14, 3000}, {21, 6000}}, Options{Model: Power}))
	if rising.Model != Line || !warned(rising, "faster than days") || rising.Users(21) != 6000 {
		t.Errorf("a ramp-up: %+v", rising)
	}
	start := assert.Must(Fit([]Point{{1, 0}, {2, 0}, {3, 500}}, Options{}))
	assert.Near(t, "nobody at first", start.Users(3), 500, 1e-9)
}

// A ramp-up is seen whatever the model, but not in noise, nor where every day has as
// many new users as the first.
func TestRampUp(t *testing.T) {
	for _, x := range []struct {
		points []Point
		want   bool
	}{
		{[]Point{{7, 1000}, {14, 3000}, {21, 6000}}, true},
		{[]Point{{1, 100}, {2, 300}, {3, 1000}, {4, 2000}, {7, 4500}, {14, 9000}, {21, 12000}}, true},
		{[]Point{{7, 10000}, {14, 12000}, {21, 25000}, {28, 30000}}, true}, // from a tenth to half after two weeks
		{[]Point{{7, 1e6}, {14, 2.12e6}}, true},
		{[]Point{{1, 0}, {2, 0}, {3, 500}}, true},
		{[]Point{{7, 1e6}, {14, 2.09e6}, {21, 2.9e6}}, false},
		{[]Point{{1, 4}, {2, 12}, {3, 18}}, false},
		{[]Point{{7, 1000}, {14, 2000}, {21, 3000}}, false},
		{[]Point{{7, 1000}}, false},
	} {
		for _, m := range []Model{"", Power, Line} {
			if c := assert.Must(Fit(x.points, Options{Model: m})); warned(c, "faster than days") != x.want {
				t.Errorf("%v by %q: %q", x.points, m, c.Fit.Warnings)
			}
		}
	}
}

// A stated curve was fitted to nothing, and says nothing of it.
func TestStatedJSON(t *testing.T) {
	text := string(assert.Must(json.Marshal(assert.Must(Weekly(700, 1)))))
	if text != `{"model":"line","scale":100}` {
		t.Error(text)
	}
}

// What the data cannot say is said.
func TestWarnings(t *testing.T) {
	week := assert.Must(Fit(pointsOf(Curve{Model: BetaBinomial, Scale: 1e6, A: 0.1, B: 5}, daysTo(7)...), Options{}))
	if !warned(week, "two weeks") || !warned(week, "this end is not known") {
		t.Errorf("%q", week.Fit.Warnings)
	}
	month := assert.Must(Fit(pointsOf(Curve{Model: BetaBinomial, Scale: 1e6, A: 1, B: 5}, daysTo(28)...), Options{}))
	if len(month.Fit.Warnings) > 0 || month.Extrapolated(56) || !month.Extrapolated(57) {
		t.Errorf("%+v", month.Fit)
	}
	line := assert.Must(Fit([]Point{{7, 1000}}, Options{Model: Line}))
	if !warned(line, "line is assumed") || line.Users(14) != 2000 {
		t.Errorf("%+v", line)
	}
}

func TestFitErrors(t *testing.T) {
	fit := func(o Options, points ...Point) error { _, err := Fit(points, o); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{fit(Options{}), "points"},
		{fit(Options{}, Point{1, 5}, Point{2, 4}), "points[1].Users"},
		{fit(Options{}, Point{1, 5}, Point{1, 6}), "points[1].Day"},
		{fit(Options{}, Point{0, 5}), "points[0].Day"},
		{fit(Options{}, Point{1, 5}, Point{2, math.NaN()}), "points[1].Users"},
		{fit(Options{}, Point{1, -5}), "points[0].Users"},
		{fit(Options{}, Point{1, 0}, Point{2, 0}), "points[1].Users"},
		{fit(Options{Model: "cubic"}, Point{1, 5}), "Model"},
		{fit(Options{Model: BetaBinomial}, Point{1, 5}, Point{2, 6}), "points"},
		{fit(Options{Exponent: 1.5}, Point{1, 5}), "Exponent"},
	} {
		assert.Field(t, c.err, c.field)
	}
}

// A planner's segment: users · wᵉ in w weeks.
func TestWeekly(t *testing.T) {
	for _, e := range []float64{0, 0.3, 0.5, 1} {
		c := assert.Must(Weekly(1e6, e))
		for w := 1.0; w < 20; w++ {
			assert.Near(t, "users", c.Users(7*w)/(1e6*math.Pow(w, e)), 1, 1e-13)
		}
	}
	_, err := Weekly(0, 0.5)
	assert.Field(t, err, "users")
	_, err = Weekly(1, 1.1)
	assert.Field(t, err, "exponent")
}

func TestShareAndSchedule(t *testing.T) {
	c := assert.Must(Fit(pointsOf(Curve{Model: BetaBinomial, Scale: 1e6, A: 0.5, B: 3}, daysTo(14)...), Options{}))
	half := assert.Must(c.Share(0.5))
	rows := assert.Must(half.Schedule(6))
	total := 0.0
	for i, row := range rows {
		total += row.New
		assert.Near(t, "users", row.Users, c.Users(7*float64(i+1))/2, 1e-6)
		assert.Near(t, "new users add up", total, row.Users, 1e-6)
		if row.Week != i+1 || row.Extrapolated != (i+1 > 4) {
			t.Errorf("row %+v", row)
		}
	}
	for _, share := range []float64{0, -1, 1.01, math.NaN()} {
		_, err := c.Share(share)
		assert.Field(t, err, "share")
	}
	_, err := c.Schedule(0)
	assert.Field(t, err, "weeks")
	tiny := Curve{Model: Line, Scale: 1e-40}
	_, err = tiny.Share(0.5)
	assert.Field(t, err, "Scale")
}

func genCurve(t *rapid.T) Curve {
	c := Curve{Model: rapid.SampledFrom([]Model{BetaBinomial, Geometric, Power, Line}).Draw(t, "model"), Scale: rapid.Float64Range(1, 1e8).Draw(t, "scale")}
	switch c.Model {
	case BetaBinomial:
		c.A, c.B = math.Exp(rapid.Float64Range(-4, 6).Draw(t, "log a")), math.Exp(rapid.Float64Range(-4, 8).Draw(t, "log b"))
	case Geometric:
		c.Visit = rapid.Float64Range(0.001, 0.9).Draw(t, "visit")
	case Power:
		c.Exponent = rapid.Float64Range(0.05, 0.99).Draw(t, "exponent")
	}
	return c
}

// Users never fall, grow ever more slowly, start at nobody, and Day undoes Users.
func TestCurvesAreConcave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := genCurve(t)
		day, step := rapid.Float64Range(0, 100).Draw(t, "day"), rapid.Float64Range(0.01, 30).Draw(t, "step")
		a, b, d := c.Users(day), c.Users(day+step), c.Users(day+2*step)
		slack := 1e-9 * c.Scale * max(1, day)
		if a < 0 || b < a-slack || d-b > b-a+slack || c.Users(0) != 0 {
			t.Fatalf("%+v: %g, %g, %g", c, a, b, d)
		}
		// Near the end of a saturating curve a day is not to be told from the next.
		if back, ok := c.Day(b); c.growth(day+step+1) > c.growth(day+step)*(1+1e-6) && (!ok || math.Abs(back/(day+step)-1) > 1e-6) {
			t.Fatalf("%+v: day %g, back %g %v", c, day+step, back, ok)
		}
		if back, ok := c.Day(c.Scale * 0.37); ok && math.Abs(c.Users(back)/(0.37*c.Scale)-1) > 1e-9 {
			t.Fatalf("%+v: %g users at day %g", c, c.Users(back), back)
		}
	})
}

// Every fit passes through the last point, is concave, and scales with users;
// days in other units do so for the power law.
func TestFitsKeepTheLastPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day, users := 0.0, 0.0
		var points, tenfold []Point
		for range rapid.IntRange(1, 8).Draw(t, "points") {
			day += float64(rapid.IntRange(1, 5).Draw(t, "days"))
			users += float64(rapid.IntRange(1, 1000).Draw(t, "new"))
			points, tenfold = append(points, Point{day, users}), append(tenfold, Point{10 * day, users})
		}
		c, err := Fit(points, Options{})
		if err != nil || math.Abs(c.Users(day)/users-1) > 1e-9 {
			t.Fatal(c, err)
		}
		if c.Users(2*day) > 2*users*(1+1e-9) || c.Users(2*day) < users*(1-1e-9) {
			t.Fatalf("%+v: %g then %g users", c, users, c.Users(2*day))
		}
		power, slow := assert.Must(Fit(points, Options{Model: Power})), assert.Must(Fit(tenfold, Options{Model: Power}))
		if math.Abs(power.Users(3*day)/slow.Users(30*day)-1) > 1e-5 {
			t.Fatal(power, slow)
		}
	})
}

func warned(c Curve, part string) bool {
	return slices.ContainsFunc(c.Fit.Warnings, func(w string) bool { return strings.Contains(w, part) })
}
