package reach

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
)

// Point is what was observed: different users seen from the start to the end of a
// day. The first day's users stand at day 1.
type Point struct {
	Day   float64 `json:"day"`   // above 0, at most 1e6
	Users float64 `json:"users"` // 0, or 1e-6 to 1e18
}

// Options of Fit.
type Options struct {
	Model    Model   // empty lets Fit choose
	Exponent float64 // of the power law through a single point; zero means 0.5
}

// Fit finds the curve through the cumulative users of days d₁ < d₂ < … of one
// test or segment.
//
// The new users yᵢ between two points are nearly independent, the cumulative
// ones are not, so the shape θ is the one of least quasi-Poisson deviance of
// the new users, to first order weighted least squares with weights 1/μᵢ:
//
//	D(θ) = 2 Σ yᵢ log(yᵢ/μᵢ)      μᵢ = Σy · (g(dᵢ) − g(dᵢ₋₁))/g(d_last)
//
// g is the model's growth per Scale. The best scale is closed-form: the curve goes
// through the last point. Shapes are searched one at a time over a grid and then by
// golden section; two of them (BetaBinomial) by the profile of the first.
//
// One point gives the power law with Options.Exponent, and a warning; two give the
// power law (Line where it is one). From three on it is BetaBinomial, unless the power
// law fits clearly better: by more than 6φ in D, an evidence ratio of e³ = 20 in
// QAIC, with φ ≥ 1 the smaller D/(n − parameters) of the two. The head start is
// measured: on simulated visits the forecast at four times the days has less than a
// third of the power law's error, also where p is not from a Beta (see the tests).
// Where the population itself grows by 1% a day, the power law is the better one.
// Geometric and Line are taken only if Options ask for them.
//
// Every curve grows ever more slowly. Users who grow faster than days, as in a
// ramp-up, are warned of: fit what comes after it, with days counted from there.
//
// A day that is not above the one before, fewer users than at the point before, or a
// last point without users is an error that names points[i].
//
// Sources: McCullagh & Nelder (1989), Generalized Linear Models, 2nd ed., §9.2;
// Burnham & Anderson (2002), Model Selection and Multimodel Inference, 2nd ed., §2.5.
func Fit(points []Point, o Options) (Curve, error) {
	if err := input.First(checkPoints(points), o.check(len(points))); err != nil {
		return Curve{}, err
	}
	c := best(points, o)
	if err := c.Check(); err != nil {
		return Curve{}, err
	}
	return c.report(points, o), nil
}

// headStart is how many φ the power law's deviance must be below.
const headStart = 6

func parameters(m Model) int {
	return map[Model]int{Line: 1, Power: 2, Geometric: 2, BetaBinomial: 3}[m]
}

// best is the chosen model, without its report.
func best(points []Point, o Options) Curve {
	n := len(points)
	if o.Model != "" {
		c, _ := fitted(o.Model, points, o)
		return c
	}
	power, powerDeviance := fitted(Power, points, o)
	if n < 3 {
		return power
	}
	visits, visitsDeviance := fitted(BetaBinomial, points, o)
	phi := powerDeviance / float64(n-2)
	if n > 3 {
		phi = min(phi, visitsDeviance/float64(n-3))
	}
	if visitsDeviance-powerDeviance > headStart*max(1, phi) {
		return power
	}
	return visits
}

func (c Curve) report(points []Point, o Options) Curve {
	n := len(points)
	last := points[n-1]
	c.Fit = Report{Points: n, Days: last.Day}
	seen := 0
	for _, p := range points {
		if p.Users > 0 {
			seen++
			off := c.Users(p.Day)/p.Users - 1
			c.Fit.Error += off * off
		}
	}
	c.Fit.Error = math.Sqrt(c.Fit.Error / float64(seen))
	half := 0
	for half < n && points[half].Day <= last.Day/2 {
		half++
	}
	if half > 0 && half >= parameters(c.Model) && points[half-1].Users > 0 {
		early, _ := fitted(c.Model, points[:half], o)
		c.Fit.Ahead = early.Users(last.Day)/last.Users - 1
	}
	c.Fit.Warnings = c.warnings(points, o)
	return c
}

func (c Curve) warnings(points []Point, o Options) []string {
	var all []string
	last := points[len(points)-1]
	switch {
	case len(points) == 1 && c.Model == Power:
		all = append(all, fmt.Sprintf("one point: the exponent %g is assumed", cmp.Or(o.Exponent, 0.5)))
	case len(points) == 1:
		all = append(all, "one point: the line is assumed")
	case len(points) == 2:
		all = append(all, "two points: the shape is that of a power law, whatever the truth is")
	}
	if c.Model == BetaBinomial && last.Users < c.Scale/5 {
		all = append(all, fmt.Sprintf("only %s of the %s users that the curve ends at were seen: this end is not known", words.Share(last.Users/c.Scale), words.About(c.Scale)))
	}
	if len(points) > 2 && last.Day < 14 {
		all = append(all, "less than two weeks: a weekend at the end looks like the end of growth")
	}
	if faster(points) {
		all = append(all, "users grow faster than days, which no curve does: a ramp-up, or a growing population; fit what comes after it")
	}
	return all
}

// faster reports whether the average number of users per day rises from its lowest
// to a later point by more than 5% and three standard errors of Poisson counts.
func faster(points []Point) bool {
	low := points[0]
	for _, p := range points {
		ratio := p.Day / low.Day
		if rise := p.Users - 1.05*ratio*low.Users; rise > 3*math.Sqrt(p.Users+ratio*ratio*low.Users) {
			return true
		}
		if p.Users*low.Day < low.Users*p.Day {
			low = p
		}
	}
	return false
}

func (o Options) check(points int) error {
	if err := input.Check(o.Exponent >= 0 && o.Exponent <= 1, "Exponent", o.Exponent, "must be above 0, at most 1; zero means 0.5"); err != nil || o.Model == "" {
		return err
	}
	need := parameters(o.Model)
	if o.Model == Power {
		need = 1 // the exponent can be assumed
	}
	return input.First(input.Check(need > 0, "Model", 0, "must be beta_binomial, geometric, power, line or empty"),
		input.Check(points >= need, "points", float64(points), fmt.Sprintf("the model %s has %d parameters and needs as many points", o.Model, need)))
}

func checkPoints(points []Point) error {
	if len(points) == 0 {
		return input.Check(false, "points", 0, "there are none")
	}
	var before Point
	for i, p := range points {
		day, users := fmt.Sprintf("points[%d].Day", i), fmt.Sprintf("points[%d].Users", i)
		if err := input.First(
			input.Check(p.Day >= 1e-6 && p.Day <= 1e6, day, p.Day, "must be above 0 (1e-6 to 1e6)"),
			input.Check(p.Day > before.Day, day, p.Day, "must be later than the point before"),
			input.Check(p.Users == 0 || p.Users >= 1e-6 && p.Users <= 1e18, users, p.Users, "must be 0, or 1e-6 to 1e18"),
			input.Check(p.Users >= before.Users, users, p.Users, "is below the point before: different users seen so far cannot fall")); err != nil {
			return err
		}
		before = p
	}
	return input.Check(before.Users > 0, fmt.Sprintf("points[%d].Users", len(points)-1), before.Users, "nobody was seen")
}
